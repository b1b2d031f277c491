"""How far an export departs from the weights it was made of: logits, and scores before and after."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from models.earth.example import make_example
from models.metrics import average_precision, counts_at
from models.networks.card import Card
from models.normalize import normalize, scale_of
from models.runtime.carded import CardedRuntime
from models.statistics import amplitude_histogram
from storage.sections import LabelledSection
from tasks.evaluate import predict_example, predict_survey
from tasks.synthesize import ExampleRecipe

Samples = NDArray[np.float32]
Pairs = list[tuple[Samples, NDArray[np.uint8]]]

CHECKED_SIDES = ((8, 8, 8), (4, 5, 9))
"""Shapes on which logits are compared, in strides."""

SYNTHETIC = "synthetic"


def normalized_example(recipe: ExampleRecipe, index: int) -> Samples:
    """Return the amplitudes of an example as a network sees them."""
    amplitude = make_example(recipe.seed, index, size=recipe.size, preset=recipe.preset).amplitude
    return normalize(amplitude, scale_of(amplitude_histogram(amplitude)))


def largest_change(
    original: CardedRuntime, runtime: CardedRuntime, examples: ExampleRecipe
) -> float:
    """Return the largest difference of a logit on examples of several shapes."""
    worst = 0.0
    for index, sides in enumerate(CHECKED_SIDES):
        n0, n1, n2 = (side * original.stride for side in sides)
        recipe = replace(examples, size=(n0, n1, n2))
        amplitude = normalized_example(recipe, index)
        change = np.abs(runtime.logits(amplitude) - original.logits(amplitude))
        worst = max(worst, float(change.max()))
    return worst


def quality_of(
    original: CardedRuntime,
    runtime: CardedRuntime,
    recipe: ExampleRecipe,
    sections: Mapping[str, Sequence[LabelledSection]],
    threshold: float,
    told: Callable[[], None],
) -> dict[str, dict[str, dict[str, float]]]:
    """Return scores of both runtimes, survey by survey, at the threshold of the card."""
    table = {}
    for name in (SYNTHETIC, *sections):
        pairs: dict[str, Pairs] = {original.name: [], runtime.name: []}
        for index in range(recipe.count if name == SYNTHETIC else len(sections[name])):
            for each in (original, runtime):
                if name == SYNTHETIC:
                    pairs[each.name].append(predict_example(each, recipe, index))
                else:
                    section = sections[name][index]
                    pairs[each.name].append(
                        (predict_survey(each, section.amplitude), section.label)
                    )
            told()
        table[name] = {each: _scores(found, threshold) for each, found in pairs.items()}
    return table


def _scores(pairs: Pairs, threshold: float) -> dict[str, float]:
    """Return average precision, and F1 within two samples."""
    probability = np.concatenate([each.ravel() for each, _ in pairs])
    label = np.concatenate([each.ravel() for _, each in pairs])
    (counts,) = counts_at(pairs, [threshold])
    return {
        "average_precision": round(average_precision(probability, label), 4),
        "f1": round(counts.f1, 4),
    }


def quality_lines(card: Card) -> list[str]:
    """Return what an export changed, a line a fact, for people."""
    export = card.export
    lines = [f"Largest change of a logit: {export['largest_logit_change']:.2g}"]
    for survey, rows in export.get("quality", {}).items():
        lines += [
            f"{survey}, {name}: AP {found['average_precision']:.4f}, "
            f"F1 within 2 samples {found['f1']:.4f} at {card.threshold:g}"
            for name, found in rows.items()
        ]
    return lines
