"""Which earths are drawn: ranges of every property that an example can have.

Lengths are in samples or traces and frequencies in cycles per sample, so one preset serves every
sample interval. Throws are in periods of the wavelet, which is what makes a fault visible or not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from models.errors import ParameterError

Range = tuple[float, float]

FAULT_COUNTS: dict[str, tuple[int, int]] = {
    "none": (0, 0),
    "few": (1, 3),
    "mixed": (2, 8),
    "domino": (4, 14),
    "polygonal": (8, 25),
    "conjugate": (3, 8),
    "listric": (2, 7),
}


@dataclass(frozen=True, slots=True)
class Preset:
    """Ranges that examples are drawn from.

    Attributes
    ----------
    peak_frequency
        Of the wavelet, cycles per sample, drawn log-uniformly.
    noise_levels
        (probability, lowest, highest) of noise to signal deviation.
    fault_sets
        Probability of each kind of fault set, keys of ``FAULT_COUNTS``.
    fault_counts
        Fewest and most faults of each kind.
    throw_periods, small_throw_periods
        Throw in wavelet periods, log-uniform; the small one for domino and polygonal sets.
    large_share
        Share of faults in "few" and "mixed" sets that cross the whole example.
    steep_share
        Share of examples whose faults dip 68 to 90 degrees; the others dip 42 to 85.
    unconformity, sag, drag, fault_zone
        Probability of an unconformity, a push-down in the fault zone, drag, a blurred fault zone.
    hard_negatives
        Factor on the probability of everything that looks like a fault and is none.
    channels, footprint
        Probability of channels and of an acquisition footprint, which have draws of their own: a
        preset without them keeps its bytes.
    """

    peak_frequency: Range = (0.04, 0.24)
    noise_levels: tuple[tuple[float, float, float], ...] = (
        (0.20, 0.0, 0.0),
        (0.45, 0.02, 0.15),
        (0.35, 0.15, 0.60),
    )
    fault_sets: Mapping[str, float] = field(
        default_factory=lambda: {
            "none": 0.07, "few": 0.22, "mixed": 0.33, "domino": 0.20, "polygonal": 0.18
        }
    )  # fmt: skip
    fault_counts: Mapping[str, tuple[int, int]] = field(default_factory=lambda: FAULT_COUNTS)
    throw_periods: Range = (0.1, 2.0)
    small_throw_periods: Range = (0.08, 0.9)
    large_share: float = 0.5
    steep_share: float = 0.6
    unconformity: float = 0.45
    sag: float = 0.5
    drag: float = 0.65
    fault_zone: float = 0.6
    hard_negatives: float = 1.0
    channels: float = 0.0
    footprint: float = 0.0


FIELD = Preset()
"""What real surveys look like: small and large throws, all kinds of noise, much that misleads."""

PLAIN = Preset(
    peak_frequency=(0.05, 0.16),
    noise_levels=((0.2, 0.0, 0.0), (0.5, 0.03, 0.2), (0.3, 0.15, 0.4)),
    fault_sets={"few": 0.25, "mixed": 0.60, "domino": 0.15},
    throw_periods=(0.4, 3.0),
    small_throw_periods=(0.2, 1.5),
    steep_share=0.4,
    unconformity=0.15,
    sag=0.0,
    hard_negatives=0.3,
)
"""What published synthetic sets look like: clear faults in folded layers under moderate noise."""

DEMO = Preset(
    peak_frequency=(0.07, 0.1),
    noise_levels=((1.0, 0.08, 0.15),),
    fault_sets={"mixed": 1.0},
    fault_counts={"mixed": (4, 6)},
    throw_periods=(0.6, 1.6),
    large_share=1.0,
    steep_share=0.5,
    unconformity=0.0,
    sag=0.0,
    hard_negatives=0.0,
)
"""The demonstration's survey: a few faults that cross it; never used for training."""

HOLDOUT = Preset(
    peak_frequency=(0.055, 0.13),
    noise_levels=((0.3, 0.0, 0.05), (0.5, 0.05, 0.2), (0.2, 0.2, 0.3)),
    fault_sets={"conjugate": 0.5, "mixed": 0.5},
    fault_counts=FAULT_COUNTS | {"mixed": (3, 7)},
    throw_periods=(0.5, 2.5),
    large_share=0.8,
    steep_share=0.3,
    unconformity=0.2,
    sag=0.0,
    hard_negatives=0.15,
)
"""What weights are judged by and never trained on: committed on 2026-11-24, not to be edited since."""

VARIED = Preset(
    fault_sets={
        "none": 0.08, "few": 0.18, "mixed": 0.24, "domino": 0.14, "polygonal": 0.12,
        "conjugate": 0.12, "listric": 0.12,
    },
    channels=0.3,
    footprint=0.25,
)  # fmt: skip
"""As FIELD, with every kind of fault set, channels and acquisition footprints."""

UNCONJUGATED = replace(
    VARIED,
    fault_sets={
        "none": 0.08, "few": 0.22, "mixed": 0.30, "domino": 0.15, "polygonal": 0.13, "listric": 0.12
    },
)  # fmt: skip
"""As VARIED without conjugate sets, which HOLDOUT keeps to itself."""

UNFAULTED = Preset(
    fault_sets={"none": 1.0},
    hard_negatives=2.0,
    channels=0.6,
    footprint=0.5,
)
"""No fault at all, but everything that is mistaken for one: what false alarms are counted on."""

MIXTURES: Mapping[str, tuple[tuple[float, Preset], ...]] = {
    "field": ((1.0, FIELD),),
    "plain": ((1.0, PLAIN),),
    "mixed": ((0.65, FIELD), (0.35, PLAIN)),
    "demo": ((1.0, DEMO),),
    "holdout": ((1.0, HOLDOUT),),
    "varied": ((0.65, VARIED), (0.25, PLAIN), (0.1, UNFAULTED)),
    "training": ((0.65, UNCONJUGATED), (0.25, PLAIN), (0.1, UNFAULTED)),
    "unfaulted": ((1.0, UNFAULTED),),
}
"""Presets by name, each a mixture of ranges: (share of the examples, ranges)."""


def draw_preset(rng: np.random.Generator, name: str) -> Preset:
    """Return the ranges of one example.

    Raises
    ------
    ParameterError
        If there is no such preset.
    """
    if name not in MIXTURES:
        raise ParameterError(name="preset", value=name, mend=f"Use one of: {', '.join(MIXTURES)}.")
    shares, presets = zip(*MIXTURES[name], strict=True)
    chosen: Preset = presets[int(rng.choice(len(presets), p=shares))]
    return chosen


def draw_noise_level(rng: np.random.Generator, preset: Preset) -> float:
    """Return the noise of one example, as its deviation over that of the signal."""
    shares = [share for share, _, _ in preset.noise_levels]
    _, low, high = preset.noise_levels[int(rng.choice(len(shares), p=shares))]
    return float(rng.uniform(low, high))
