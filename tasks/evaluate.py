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

from models.averaging import Averaging, averaged
from models.earth.example import make_example
from models.errors import ParameterError
from models.metrics import (
    average_precision,
    best_threshold,
    calibration_error,
    counts_at,
)
from models.networks.card import read_card
from models.normalize import normalize, scale_of
from models.runtime.protocol import Runtime
from models.statistics import amplitude_histogram
from models.tiles import Tile, Tiling, crop_to_core, network_input
from tasks.fan_out import Progress
from tasks.network import keras_network
from tasks.synthesize import ExampleRecipe

Pairs = list[tuple[NDArray[np.float32], NDArray[np.uint8]]]

THRESHOLDS = tuple(round(0.02 * step, 2) for step in range(1, 49))
"""Candidates for the threshold, tried on validation examples."""

EXTRUSION = 24
"""Crosslines of a section that a network of volumes sees, as in training."""

AVERAGING_MARGIN = 24
"""Samples of reflection around sections and passes that are averaged."""


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
        If a recipe has a seed of the examples that they were trained on.
    """
    card = read_card(weights)
    refuse_shared_seeds(card.data.get("examples", ()), recipes)
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


def predict_survey(
    runtime: Runtime, amplitude: NDArray[np.float32], averaging: Averaging | None = None
) -> NDArray[np.float32]:
    """Return the probabilities of a small survey, which has one scale of its own.

    Parameters
    ----------
    runtime
        The network.
    amplitude
        (n0, n1, n2); n1 = 1 is a section.
    averaging
        Passes to average; None: one pass.
    """
    scaled = normalize(amplitude, scale_of(amplitude_histogram(amplitude)))
    if averaging is None:
        return _predict(runtime, scaled, runtime.halo)
    margin = min(runtime.halo, AVERAGING_MARGIN)
    return averaged(lambda samples: _predict(runtime, samples, margin), scaled, averaging)


def _predict(runtime: Runtime, amplitude: NDArray[np.float32], halo: int) -> NDArray[np.float32]:
    """Return the probabilities of normalized amplitudes: a volume in one tile, or sections."""
    n0, n1, n2 = amplitude.shape
    if runtime.sections:
        along = predict_sections(runtime, amplitude)
        if n1 == 1:
            return along
        across = predict_sections(runtime, np.ascontiguousarray(amplitude.swapaxes(0, 1)))
        return np.ascontiguousarray((along + across.swapaxes(0, 1)) / 2)
    if n1 == 1:
        return predict_extruded(runtime, amplitude)
    whole = (slice(0, n0), slice(0, n1), slice(0, n2))
    tile = Tile(whole, whole)
    tiling = Tiling(runtime.stride, halo, 1, (n0, n1), n2)
    extended = network_input(amplitude, tile, tiling)
    return np.ascontiguousarray(crop_to_core(runtime.predict(extended), tile, tiling))


def predict_extruded(runtime: Runtime, amplitude: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what a network of volumes sees in a normalized section, (n0, 1, n2).

    The section is repeated as often along the missing axis as in training; the middle is kept.
    """
    margin = min(runtime.halo, AVERAGING_MARGIN)
    width = EXTRUSION + -EXTRUSION % runtime.stride
    wide = np.repeat(_with_margin(amplitude, margin, runtime.stride), width, axis=1)
    n0, _, n2 = amplitude.shape
    inner = (
        slice(margin, margin + n0),
        slice(width // 2, width // 2 + 1),
        slice(margin, margin + n2),
    )
    return np.ascontiguousarray(runtime.predict(wide)[inner])


def predict_sections(runtime: Runtime, amplitude: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the probabilities of whole sections, normalized, (n0, crosslines, n2), each seen for itself."""
    halo, (n0, _, n2) = runtime.halo, amplitude.shape
    predicted = runtime.predict(_with_margin(amplitude, halo, runtime.stride))
    return np.ascontiguousarray(predicted[halo : halo + n0, :, halo : halo + n2])


def _with_margin(amplitude: NDArray[np.float32], margin: int, stride: int) -> NDArray[np.float32]:
    """Return sections with a reflected margin, and more behind up to whole strides."""
    n0, _, n2 = amplitude.shape
    ends = [(margin, margin + -(n + 2 * margin) % stride) for n in (n0, n2)]
    return np.pad(amplitude, [ends[0], (0, 0), ends[1]], mode="reflect")


def choose_threshold(pairs: Pairs) -> float:
    """Return the threshold with the best tolerance F1 on validation examples."""
    return best_threshold(pairs, THRESHOLDS)


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
