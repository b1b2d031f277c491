"""Trained weights to weights with a complete card: calibration, threshold, halo, memory, scores, measured.

Calibration and threshold come from validation examples, the scores from test examples; neither set shares a
seed with the other or with the training examples.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from models.calibration import Calibration, fit_calibration
from models.earth.example import make_example
from models.networks.card import Card, card_path, card_text, finished_pair, read_card
from models.normalize import normalize, scale_of
from models.runtime.protocol import Runtime
from models.runtime.quiet import quiet_start
from models.runtime.reach import ALL, smallest_halo
from models.statistics import amplitude_histogram
from storage.ledger import differences
from storage.locations import write_text
from tasks.evaluate import (
    Pairs,
    choose_threshold,
    evaluate,
    predict_example,
    refuse_shared_seeds,
    score,
)
from tasks.fan_out import Progress
from tasks.network import KerasNetwork
from tasks.network_memory import measure_memory
from tasks.synthesize import ExampleRecipe
from tasks.train import card_data
from tasks.training import Training

with quiet_start():  # TensorFlow
    from models.runtime.keras_graph import load_runtime

ALLOWED_CHANGE = 0.005
"""Of a probability by where a tile is cut, in the volumes measured: so that 0.01 holds in others."""

LARGEST_HALO = {False: 64, True: 96}
HALO_VOLUME = {False: (144, 144, 144), True: (208, 16, 208)}
"""What halos are measured on, and how far: for networks of volumes, and for those of sections."""

HALO_SEED = 401

LINES = ExampleRecipe(seed=203, count=24, size=(288, 1, 224), preset="field")
"""Sections that fix calibration and threshold for 2D lines."""

LIMITS = [
    "Trained on synthetic examples only; probabilities are calibrated on such, for no real survey.",
    "Throws below a twentieth of the wavelet's period, more under noise, were not labelled.",
    "The threshold is the best one on synthetic examples; real surveys may need a lower one.",
]


def certify(
    weights: Path,
    validation: ExampleRecipe,
    test: list[ExampleRecipe],
    *,
    threads: int,
    progress: Progress | None = None,
) -> Card:
    """Measure everything that the card of a weights file says, and write the card.

    Parameters
    ----------
    weights
        A ``.keras`` file with the card that the training wrote.
    validation
        Examples that fix calibration and threshold.
    test
        Examples to score at that threshold.
    threads
        Of TensorFlow.
    progress
        Told after every validation and test example.

    Raises
    ------
    ParameterError
        If validation, test and training share a seed.
    """
    card = read_card(weights)
    refuse_shared_seeds(card.data.get("examples", ()), [validation, LINES], test)
    runtime = load_runtime(weights, threads=threads)
    runtime.calibration = Calibration()  # an earlier one is not built upon
    memory = measure_memory(KerasNetwork(weights.absolute(), card, threads))
    halo, effects = measure_halo(runtime)
    runtime.halo = halo
    total = validation.count + sum(recipe.count for recipe in test)
    pairs = []
    for index in range(validation.count):
        pairs.append(predict_example(runtime, validation, index))
        if progress:
            progress(index + 1, total)
    calibration, threshold = fit(pairs, line=False)
    pairs = [(calibration.of_probabilities(found), label) for found, label in pairs]
    runtime.calibration = calibration
    lines, line_threshold = fit(
        [predict_example(runtime, LINES, index) for index in range(LINES.count)], line=True
    )
    card = replace(
        card,
        halo=halo,
        bytes_per_sample=memory,
        calibration=[calibration.slope, calibration.offset],
        threshold=threshold,
        lines={
            "calibration": [lines.slope, lines.offset],
            "threshold": line_threshold,
            "examples": LINES.as_identity(),
        },
        limits=LIMITS,
    )
    write_text(card_path(weights), card_text(card))
    scores: dict[str, Any] = {"validation": score(pairs, threshold).as_dict()}

    def report(done: int, total: int) -> None:
        if progress:
            progress(validation.count + done, validation.count + total)

    scores["test"] = evaluate(weights, test, threads=threads, progress=report)
    scores["edge_effect_by_halo"] = {str(each): round(effects[each], 5) for each in effects}
    card = replace(card, data=card.data | _scoring(validation, test), scores=scores)
    write_text(card_path(weights), card_text(card))
    return card


def fit(pairs: Pairs, *, line: bool) -> tuple[Calibration, float]:
    """Return calibration and threshold from (uncalibrated probability, label) of validation examples."""
    calibration = fit_calibration(pairs)
    calibrated = [(calibration.of_probabilities(found), label) for found, label in pairs]
    return calibration, choose_threshold(calibrated, line=line)


def finished_card(
    out: Path,
    recipes: Sequence[Mapping[str, Any]],
    training: Training,
    validation: ExampleRecipe,
    test: Sequence[ExampleRecipe],
) -> Card | None:
    """Return the card of a training that ended and was scored, all as asked; None otherwise."""
    card = finished_pair(out / f"{training.name}.keras")
    if card is None:
        return None
    done = card.data.get("training", {})
    stopped = bool(done.get("stopped"))  # early, at the step that the card names
    step = done["step"] if stopped else training.steps
    asked = card_data(recipes, training, step, stopped=stopped) | _scoring(validation, test)
    if "best" in card.data:
        asked["best"] = card.data["best"]
    return card if card.scores and not differences(card.data, asked) else None


def _scoring(validation: ExampleRecipe, test: Sequence[ExampleRecipe]) -> dict[str, Any]:
    """Return what the card says about the examples of threshold and scores."""
    return {
        "validation": validation.as_identity(),
        "test": [recipe.as_identity() for recipe in test],
    }


def measure_halo(runtime: Runtime) -> tuple[int, dict[int, float]]:
    """Return the smallest sufficient halo, and the largest change at each that was tried."""
    volumes = []
    for index in range(2):
        size = HALO_VOLUME[runtime.sections]
        example = make_example(HALO_SEED, index, size=size, preset="field")
        scale = scale_of(amplitude_histogram(example.amplitude))
        volumes.append(normalize(example.amplitude, scale))
    return smallest_halo(
        runtime.predict,
        volumes,
        stride=runtime.stride,
        allowed=ALLOWED_CHANGE,
        largest=LARGEST_HALO[runtime.sections] // runtime.stride * runtime.stride,
        axes=(0, 2) if runtime.sections else ALL,
    )
