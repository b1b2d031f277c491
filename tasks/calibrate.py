"""An ensemble to the same with calibration, thresholds and scores, from validation and test examples."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from models.calibration import UNCHANGED
from models.networks.ensemble_card import EnsembleCard, Member, View, ensemble_text, read_ensemble
from models.runtime.ensemble import Ensemble
from storage.locations import write_text
from tasks.certify import LINES, fit
from tasks.ensemble import FaultNetworks, trained_examples, used_examples
from tasks.evaluate import Pairs, predict_example, refuse_shared_seeds, score
from tasks.fan_out import Progress
from tasks.network import keras_network
from tasks.synthesize import ExampleRecipe

VOLUMES = ExampleRecipe(seed=204, count=8, size=(96, 96, 96), preset="mixed")
"""Cubes that fix calibration and threshold for volumes."""

TESTS = {
    False: ExampleRecipe(seed=304, count=4, size=(96, 96, 96), preset="holdout"),
    True: ExampleRecipe(seed=304, count=12, size=(288, 1, 224), preset="holdout"),
}
"""What an ensemble is scored on, by whether it is lines."""


def calibrate(
    path: Path,
    *,
    threads: int,
    volumes: ExampleRecipe = VOLUMES,
    lines: ExampleRecipe = LINES,
    tests: dict[bool, ExampleRecipe] = TESTS,
    progress: Progress | None = None,
) -> EnsembleCard:
    """Fix calibration and thresholds of an ensemble, score it, and write its card.

    Parameters
    ----------
    path
        The ensemble, ``.json``; the hashes of its networks become those of the files beside it.
    threads
        Of TensorFlow.
    volumes, lines
        Validation examples.
    tests
        Examples to score, of lines or not.
    progress
        Told after every example.

    Raises
    ------
    WeightsError
        If the ensemble or its networks cannot be used.
    ParameterError
        If an example shares its seed with those of training or of another purpose.
    """
    card = _uncalibrated(_named(path, read_ensemble(path)))
    networks = FaultNetworks(path.absolute().parent, card, "tensorflow")
    for trained in trained_examples(networks):
        refuse_shared_seeds(trained, [volumes, lines], list(tests.values()))
    refuse_shared_seeds(used_examples(networks), list(tests.values()))
    done, total = 0, sum(each.count for each in (volumes, lines, *tests.values()))

    def told() -> None:
        nonlocal done
        done += 1
        if progress:
            progress(done, total)

    views: dict[bool, View] = {}
    scores = {}
    for line, recipe in ((False, volumes), (True, lines)):
        runtime = networks.view(line=line).with_threads(threads).load()
        calibration, threshold = fit(_predicted(runtime, recipe, told), line=line)
        runtime.calibration = calibration
        test = tests[line]
        pairs = _predicted(runtime, test, told)
        scores["lines" if line else "volumes"] = {
            f"{test.preset} seed {test.seed}": score(pairs, threshold).as_dict()
        }
        view = card.lines if line else card.volumes
        views[line] = replace(view, calibration=calibration, threshold=threshold)
    data = {
        "validation": [volumes.as_identity(), lines.as_identity()],
        "test": [each.as_identity() for each in tests.values()],
    }
    card = EnsembleCard(card.name, views[False], views[True], data, scores)
    write_text(path, ensemble_text(card))
    return card


def _named(path: Path, card: EnsembleCard) -> EnsembleCard:
    """Return the card with the hashes of the networks that lie beside it."""

    def named(view: View) -> View:
        return replace(view, members=tuple(map(hashed, view.members)))

    def hashed(member: Member) -> Member:
        network = keras_network(path.absolute().parent / member.weights)
        return replace(member, sha256=network.card.sha256)

    return replace(card, volumes=named(card.volumes), lines=named(card.lines))


def _uncalibrated(card: EnsembleCard) -> EnsembleCard:
    """Return the card without an earlier calibration, which is not built upon."""
    return replace(
        card,
        volumes=replace(card.volumes, calibration=UNCHANGED),
        lines=replace(card.lines, calibration=UNCHANGED),
    )


def _predicted(runtime: Ensemble, recipe: ExampleRecipe, told: Callable[[], None]) -> Pairs:
    """Return (probability, label) of all examples of a recipe."""
    pairs = []
    for index in range(recipe.count):
        pairs.append(predict_example(runtime, recipe, index))
        told()
    return pairs
