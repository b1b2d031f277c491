"""Methods and labelled data to one table: every method on every survey, at thresholds fixed elsewhere."""

import math
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.bootstrap import blocks_of, f1_interval, precision_interval
from models.earth.example import make_example
from models.metrics import (
    average_precision,
    best_threshold,
    calibration_error,
    counts_at,
    stick_distances,
)
from models.tiles import missing_axis
from storage.sections import read_surveys
from tasks.evaluate import Pairs
from tasks.fan_out import Progress
from tasks.methods import Method
from tasks.synthesize import ExampleRecipe

Row = dict[str, Any]
Truth = tuple[NDArray[np.float32], NDArray[np.uint8]]

VALIDATION = ExampleRecipe(seed=202, count=24, size=(288, 1, 224), preset="field")
"""Sections that fix the thresholds of attributes and of averages; never scored, never trained on."""


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """Amplitudes with the truth about them, scored together and never with those of another set.

    Attributes
    ----------
    name
        Of the survey, or the preset and seed of synthetic examples.
    parts
        (amplitude, label) of each section or cube, three axes.
    """

    name: str
    parts: Sequence[Truth]


def synthetic_set(recipe: ExampleRecipe) -> LabelledSet:
    """Return the examples of a recipe."""
    parts = []
    for index in range(recipe.count):
        example = make_example(recipe.seed, index, size=recipe.size, preset=recipe.preset)
        parts.append((example.amplitude, example.fault_label))
    return LabelledSet(f"{recipe.preset} seed {recipe.seed}", parts)


def surveys_in(folder: Path) -> list[LabelledSet]:
    """Return the surveys in a folder of labelled sections.

    Raises
    ------
    InputError
        If there are none, or one cannot be read.
    """
    return [
        LabelledSet(name, [(each.amplitude, each.label) for each in sections])
        for name, sections in read_surveys(folder).items()
    ]


def score_methods(
    methods: Sequence[Method],
    sets: Iterable[LabelledSet],
    *,
    validation: LabelledSet,
    threads: int,
    progress: Progress | None = None,
) -> list[Row]:
    """Score every method on every set.

    Parameters
    ----------
    methods
        Rows of the table.
    sets
        What is scored.
    validation
        What fixes the thresholds of methods that have none.
    threads
        Attributes work on so many sections or cubes at once; networks have threads of their own.
    progress
        Told after every method on every set.

    Returns
    -------
    list of dict
        One for each set and method; see `score_row`.
    """
    sets = list(sets)
    done, total = 0, len(methods) * (len(sets) + 1)
    thresholds: dict[str, tuple[float, float]] = {}
    for method in methods:
        if method.thresholds is None:
            pairs, _ = found_by(method, validation, threads=threads)
            chosen = best_threshold(pairs, method.candidates)
        thresholds[method.name] = method.thresholds or (chosen, chosen)
        done += 1
        if progress:
            progress(done, total)
    rows = []
    for labelled in sets:
        line = missing_axis(labelled.parts[0][0].shape) is not None
        for method in methods:
            pairs, seconds = found_by(method, labelled, threads=threads)
            rows.append(
                {"survey": labelled.name, "method": method.name}
                | score_row(pairs, method, thresholds[method.name][line])
                | {"core_seconds_per_million": _digits(seconds / _samples(pairs) * 1e6)}
            )
            done += 1
            if progress:
                progress(done, total)
    return rows


def found_by(method: Method, labelled: LabelledSet, *, threads: int) -> tuple[Pairs, float]:
    """Return (score, label) of each part, and the CPU time of this process, seconds."""
    started = time.process_time()
    with ThreadPoolExecutor(1 if method.probability else threads) as pool:
        found = list(pool.map(method.find, [amplitude for amplitude, _ in labelled.parts]))
    pairs = [(score, label) for score, (_, label) in zip(found, labelled.parts, strict=True)]
    return pairs, time.process_time() - started


def average_precision_of(method: Method, labelled: LabelledSet, *, threads: int) -> float:
    """Return the average precision of one method on one set."""
    pairs, _ = found_by(method, labelled, threads=threads)
    return average_precision(
        np.concatenate([score.ravel() for score, _ in pairs]),
        np.concatenate([label.ravel() for _, label in pairs]),
    )


def score_row(pairs: Pairs, method: Method, threshold: float) -> Row:
    """Return all scores of one method on one set, as plain numbers; None where there is none.

    Precision, recall, F1 and intersection over union end in the tolerance in samples, intervals are of
    95 % over blocks, ``best_f1`` is at the threshold that suits this very set best and is no score, and
    ``stick_distance`` is from labelled samples to the nearest pick.
    """
    probability = np.concatenate([each.ravel() for each, _ in pairs])
    label = np.concatenate([each.ravel() for _, each in pairs])
    blocks = blocks_of(pairs)
    row: Row = {
        "parts": len(pairs),
        "blocks": len(blocks),
        "fault_share": float(label.mean()),
        "average_precision": average_precision(probability, label),
        "average_precision_interval": precision_interval(blocks),
        "threshold": threshold,
    }
    for tolerance in (0, 2):
        counts, interval = f1_interval(pairs, threshold, tolerance=float(tolerance))
        row |= {
            f"precision_{tolerance}": counts.precision,
            f"recall_{tolerance}": counts.recall,
            f"f1_{tolerance}": counts.f1,
            f"f1_{tolerance}_interval": interval,
            f"iou_{tolerance}": counts.iou,
        }
    tried = [counts.f1 for counts in counts_at(pairs, method.candidates)]
    distances = np.concatenate([stick_distances(*each, threshold) for each in pairs])
    known = distances if distances.size else np.array([math.nan])
    row |= {
        "best_threshold": method.candidates[int(np.argmax(tried))],
        "best_f1": max(tried),
        "stick_distance": float(known.mean()),
        "stick_distance_95": float(np.quantile(known, 0.95)),
        "calibration_error": calibration_error(probability, label) if method.probability else None,
    }
    return {name: _digits(value) for name, value in row.items()}


def _samples(pairs: Pairs) -> int:
    return sum(label.size for _, label in pairs)


def _digits(value: Any) -> Any:  # noqa: ANN401 - numbers, pairs of them, or None
    """Return a number of four digits behind the point, a list of them, or None for what is none."""
    if isinstance(value, tuple):
        return [_digits(each) for each in value]
    if isinstance(value, float):
        return round(value, 4) if math.isfinite(value) else None
    return value
