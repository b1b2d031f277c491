"""Trained weights to weights with a complete card: threshold, halo, memory and scores, measured.

The threshold comes from validation examples, the scores from test examples; neither set shares a
seed with the other or with the training examples.
"""

import json
import logging
import resource
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from models.earth.example import make_example
from models.errors import ParameterError
from models.networks.card import Card, card_path, card_text, read_card
from models.normalize import amplitude_histogram, normalize, scale_of
from models.runtime.keras_graph import load_runtime
from models.runtime.protocol import Runtime
from models.runtime.reach import smallest_halo
from storage.locations import write_text
from tasks.evaluate import choose_threshold, evaluate, predict_example, score
from tasks.fan_out import Progress
from tasks.synthesize import ExampleRecipe
from tasks.train import Training

logger = logging.getLogger(__name__)

ALLOWED_CHANGE = 0.03
"""Of a probability by where a tile is cut, in the volumes measured: so that 0.05 holds in others."""

LARGEST_HALO = 56
HALO_VOLUME = (128, 128, 128)
HALO_SEED = 401
MEMORY_VOLUME = (192, 192, 256)

LIMITS = [
    "Trained on synthetic examples only; probabilities are not calibrated for any real survey.",
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
        Examples that fix the threshold.
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
    _refuse_shared_seeds(card, validation, test)
    runtime = load_runtime(weights, threads=threads)
    memory = measure_memory(runtime)
    halo, effects = measure_halo(runtime)
    runtime.halo = halo
    total = validation.count + sum(recipe.count for recipe in test)
    pairs = []
    for index in range(validation.count):
        pairs.append(predict_example(runtime, validation, index))
        if progress:
            progress(index + 1, total)
    threshold = choose_threshold(pairs)
    card = replace(card, halo=halo, bytes_per_sample=memory, threshold=threshold, limits=LIMITS)
    write_text(card_path(weights), card_text(card))
    scores: dict[str, Any] = {"validation": score(pairs, threshold).as_dict()}

    def report(done: int, total: int) -> None:
        if progress:
            progress(validation.count + done, validation.count + total)

    scores["test"] = evaluate(weights, test, threads=threads, progress=report)
    scores["edge_effect_by_halo"] = {str(each): round(effects[each], 5) for each in effects}
    data = {
        **card.data,
        "validation": validation.as_identity(),
        "test": [recipe.as_identity() for recipe in test],
    }
    card = replace(card, data=data, scores=scores)
    write_text(card_path(weights), card_text(card))
    return card


def finished_card(out: Path, training: Training) -> Card | None:
    """Return the card of a training that ended as asked and was scored, None otherwise."""
    weights = out / f"{training.name}.keras"
    if not card_path(weights).exists():
        return None
    card = read_card(weights)
    asked = json.loads(json.dumps({**asdict(training), "step": training.steps}))
    return card if card.data.get("training") == asked and card.scores else None


def measure_halo(runtime: Runtime) -> tuple[int, dict[int, float]]:
    """Return the smallest sufficient halo, and the largest change at each that was tried."""
    volumes = []
    for index in range(2):
        example = make_example(HALO_SEED, index, size=HALO_VOLUME, preset="field")
        scale = scale_of(amplitude_histogram(example.amplitude))
        volumes.append(normalize(example.amplitude, scale))
    return smallest_halo(
        runtime.predict,
        volumes,
        stride=runtime.stride,
        allowed=ALLOWED_CHANGE,
        largest=LARGEST_HALO,
    )


def measure_memory(runtime: Runtime) -> int:
    """Return the peak memory of one call for each sample of its input, bytes.

    Valid where the call needs more than anything before it in this process.
    """
    runtime.predict(np.zeros((runtime.stride,) * 3, dtype=np.float32))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    runtime.predict(np.zeros(MEMORY_VOLUME, dtype=np.float32))
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(np.ceil((after - before) * 1024 / np.prod(MEMORY_VOLUME)))


def _refuse_shared_seeds(card: Card, validation: ExampleRecipe, test: list[ExampleRecipe]) -> None:
    """Raise if a seed serves two purposes."""
    trained = {recipe["seed"] for recipe in card.data.get("examples", [])}
    tested = {recipe.seed for recipe in test}
    if shared := (trained & tested) | (trained & {validation.seed}) | (tested & {validation.seed}):
        raise ParameterError(
            name="seed",
            value=", ".join(map(str, sorted(shared))),
            mend="Training, validation and test examples need seeds of their own.",
        )
