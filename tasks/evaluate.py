"""Weights to scores, on examples that were never seen, at a threshold that was fixed elsewhere.

Every example is treated like a survey of its own: one scale, reflection at its edges, one tile. The table
that sets networks beside classical attributes is made in `tasks.score_table`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.averaging import ONE_PASS
from models.earth.example import make_example
from models.errors import ParameterError
from models.metrics import (
    average_precision,
    calibration_error,
    counts_at,
    surest_threshold,
)
from models.networks.card import read_card
from models.normalize import normalize, scale_of
from models.runtime.ensemble import Ensemble
from models.runtime.protocol import Runtime
from models.statistics import amplitude_histogram
from models.tiles import Tile, Tiling, missing_axis
from tasks.fan_out import Progress
from tasks.infer import predict_tile
from tasks.network import keras_network
from tasks.synthesize import ExampleRecipe

Pairs = list[tuple[NDArray[np.float32], NDArray[np.uint8]]]

THRESHOLDS = tuple(round(0.02 * step, 2) for step in range(1, 49))
"""Candidates for the threshold, tried on validation examples."""

WITHIN = {False: 0.01, True: 0.05}
"""A threshold is the highest whose F1 on validation examples is that close to the best one, by whether it is
for lines. Around the best the score of sections hardly changes, and real ones hold more than synthetic ones
that looks like a fault; nobody has labelled real volumes, and synthetic ones lose faults by it."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of one set of examples; precision, recall and F1 within two samples, at a threshold.

    Attributes
    ----------
    examples
        How many.
    fault_share
        Share of labelled samples, which is what chance reaches in average precision.
    average_precision
        Over all samples together, exact.
    threshold, precision, recall, f1
        The threshold, and tolerance scores at it.
    calibration_error
        Expected, 15 bins.
    """

    examples: int
    fault_share: float
    average_precision: float
    threshold: float
    precision: float
    recall: float
    f1: float
    calibration_error: float

    def as_dict(self) -> dict[str, float]:
        """Return the scores as plain numbers of four digits."""
        return {name: round(value, 4) for name, value in asdict(self).items()}


def evaluate(
    weights: Path,
    recipes: Sequence[ExampleRecipe],
    *,
    threads: int,
    threshold: float | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Score weights on examples drawn for the purpose.

    Parameters
    ----------
    weights
        A ``.keras`` file with its card.
    recipes
        Examples to draw; each recipe is scored apart.
    threads
        Of TensorFlow.
    threshold
        None: the card's, which was fixed on validation examples.
    progress
        Told after every example.

    Returns
    -------
    dict
        Recipe, as "PRESET seed N", to its scores.

    Raises
    ------
    WeightsError
        If the weights cannot be used.
    ParameterError
        If a recipe has a seed of the examples that decided weights or threshold.
    """
    card = read_card(weights)
    refuse_shared_seeds(card.used_examples, recipes)
    runtime = replace(keras_network(weights), threads=threads).load()
    fixed = card.threshold if threshold is None else threshold
    total = sum(recipe.count for recipe in recipes)
    done, table = 0, {}
    for recipe in recipes:
        pairs: Pairs = []
        for index in range(recipe.count):
            pairs.append(predict_example(runtime, recipe, index))
            done += 1
            if progress:
                progress(done, total)
        table[f"{recipe.preset} seed {recipe.seed}"] = score(pairs, fixed).as_dict()
    return table


def refuse_shared_seeds(
    trained: Sequence[Mapping[str, Any]], *purposes: Sequence[ExampleRecipe]
) -> None:
    """Check that no seed serves two purposes.

    Parameters
    ----------
    trained
        Recipes of the training examples, as a card has them.
    purposes
        Recipes of the examples for each other purpose.

    Raises
    ------
    ParameterError
        Naming the seeds that do.
    """
    seen = {recipe["seed"] for recipe in trained}
    for recipes in purposes:
        seeds = {recipe.seed for recipe in recipes}
        if shared := seen & seeds:
            raise ParameterError(
                name="seed",
                value=", ".join(map(str, sorted(shared))),
                mend="Training, validation and test examples need seeds of their own.",
            )
        seen |= seeds


def predict_example(
    runtime: Runtime, recipe: ExampleRecipe, index: int
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Return probability and label of one example of a recipe."""
    example = make_example(recipe.seed, index, size=recipe.size, preset=recipe.preset)
    return predict_survey(runtime, example.amplitude), example.fault_label


def predict_survey(runtime: Runtime, amplitude: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the probabilities of a small survey, which has one scale of its own and is one tile.

    Parameters
    ----------
    runtime
        One network, which makes one pass, or an ensemble for surveys of this kind.
    amplitude
        (n0, n1, n2); n1 = 1 is a section.
    """
    if not isinstance(runtime, Ensemble):
        line = missing_axis(amplitude.shape) is not None
        runtime = Ensemble([(runtime, ONE_PASS)], line=line)
    scaled = normalize(amplitude, scale_of(amplitude_histogram(amplitude)))
    n0, n1, n2 = amplitude.shape
    whole = (slice(0, n0), slice(0, n1), slice(0, n2))
    tiling = Tiling((n0, n1, n2), runtime.stride, runtime.halo, 1, (n0, n1), n2)
    return predict_tile(scaled, Tile(whole, whole), tiling, runtime)


def choose_threshold(pairs: Pairs, *, line: bool) -> float:
    """Return the threshold of a network for volumes or for lines, from validation examples; see `WITHIN`."""
    return surest_threshold(pairs, THRESHOLDS, WITHIN[line])


def score(pairs: Pairs, threshold: float) -> Scores:
    """Return the scores of (probability, label) pairs at a fixed threshold."""
    probability = np.concatenate([each.ravel() for each, _ in pairs])
    label = np.concatenate([each.ravel() for _, each in pairs])
    (counts,) = counts_at(pairs, [threshold])
    return Scores(
        examples=len(pairs),
        fault_share=float(label.mean()),
        average_precision=average_precision(probability, label),
        threshold=threshold,
        precision=counts.precision,
        recall=counts.recall,
        f1=counts.f1,
        calibration_error=calibration_error(probability, label),
    )
