"""The ratchet: average precision of committed weights on a fixed set, which may rise and not fall.

``scores.json`` beside the weights holds what was measured last. A survey on which a network has beaten the
best attribute is one on which it has to go on doing so.
"""

import json
from pathlib import Path
from typing import Any

from storage.errors import OutputError
from storage.locations import write_text
from tasks.ensemble import FaultNetworks, used_examples
from tasks.evaluate import refuse_shared_seeds
from tasks.methods import Method, baselines, of_networks
from tasks.score_table import LabelledSet, average_precision_of, surveys_in, synthetic_set
from tasks.synthesize import ExampleRecipe

FILE = "scores.json"

ALLOWED_FALL = 0.005
"""Of average precision, as sums are taken in another order on other processors."""

CUBES = ExampleRecipe(seed=303, count=4, size=(96, 96, 96), preset="holdout")
"""The synthetic part of the fixed set; the other is a folder of labelled sections."""

Scores = dict[str, Any]


def measure(
    networks: FaultNetworks, surveys: Path, *, threads: int, cubes: ExampleRecipe = CUBES
) -> Scores:
    """Return what the ratchet holds of one ensemble: its hash, and its place on every survey.

    Parameters
    ----------
    networks
        The ensemble.
    surveys
        Folder of labelled sections.
    threads
        Of TensorFlow, and of attributes.
    cubes
        Synthetic examples that are scored too.
    """
    refuse_shared_seeds(used_examples(networks), [cubes])
    method = of_networks(networks.card.name, networks, threads=threads)
    scores: Scores = {"sha256": networks.card.sha256, "surveys": {}}
    for labelled in [*surveys_in(surveys), synthetic_set(cubes)]:
        scores["surveys"][labelled.name] = _place(method, labelled, threads)
    return scores


def _place(network: Method, labelled: LabelledSet, threads: int) -> Scores:
    """Return the network's average precision on one survey, and the best attribute's."""
    beaten = {
        method.name: average_precision_of(method, labelled, threads=threads)
        for method in baselines()
    }
    best = max(beaten, key=lambda name: beaten[name])
    precision = average_precision_of(network, labelled, threads=threads)
    return {
        "average_precision": round(precision, 4),
        "best_attribute": best,
        "average_precision_of_attribute": round(beaten[best], 4),
        "beats_attributes": precision > beaten[best],
    }


def falls(recorded: Scores, measured: Scores) -> list[str]:
    """Return a line for each survey on which less was measured than is recorded."""
    lines = []
    for survey, before in recorded["surveys"].items():
        now = measured["surveys"].get(survey)
        if now is None:
            lines.append(f"{survey} was not measured")
        elif not now["average_precision"] >= _highest(before) - ALLOWED_FALL:  # nan is none
            lines.append(
                f"{survey}: average precision is {now['average_precision']:.3f} "
                f"and was {_highest(before):.3f}"
            )
        elif before["beats_attributes"] and not now["beats_attributes"]:
            lines.append(f"{survey}: {now['best_attribute']} is better, and was beaten before")
    return lines


def _highest(place: Scores) -> float:
    """Return the highest average precision ever recorded of a survey."""
    return float(place["highest" if "highest" in place else "average_precision"])


def recorded_scores(folder: Path) -> Scores:
    """Return what is recorded in a folder by the name of the weights; nothing where there is no record."""
    path = folder / FILE
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}


def record(folder: Path, name: str, measured: Scores) -> Path:
    """Write scores of an ensemble beside the weights; other ensembles keep theirs.

    Raises
    ------
    OutputError
        If they are worse than what is recorded.
    """
    path = folder / FILE
    scores = recorded_scores(folder)
    if worse := falls(scores.get(name, {"surveys": {}}), measured):
        raise OutputError(
            path,
            "; ".join(worse),
            f"Take the entry {name} out of the file if that is meant.",
        )
    before = scores.get(name, {"surveys": {}})["surveys"]
    for survey, place in measured["surveys"].items():
        # What is allowed to fall is counted from the highest, so that many small falls are not.
        if (highest := _highest(before.get(survey, place))) > place["average_precision"]:
            place["highest"] = highest
    scores[name] = measured
    write_text(path, json.dumps(scores, indent=2) + "\n")
    return path
