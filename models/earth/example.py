"""One training example: from (seed, index) to amplitudes and the faults in them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.earth import acquisition, bodies
from models.earth.channels import Incised, cut_channels
from models.earth.draws import log_uniform
from models.earth.faults import draw_faults
from models.earth.folds import UPPER_LAYERS, Folding, draw_folding
from models.earth.imaging import Imaged, blur_fault_zones, draw_image
from models.earth.kernels import FARTHEST, look_up, map_back
from models.earth.layers import ORIGIN, OVERSAMPLING, reflectivity_table
from models.earth.noise import coherent_noise, random_noise
from models.earth.presets import Preset, draw_noise_level, draw_preset
from models.earth.truth import Truth, describe
from models.errors import ParameterError

Samples = NDArray[np.float32]
Size = tuple[int, int, int]
Labels = Literal["fault", "all"]
NoiseSource = Callable[[np.random.Generator, Size, Samples, float], Samples]
"""From (rng, size, wavelet, its peak frequency in cycles per sample) to noise of unit deviation."""

LABEL_HALF_WIDTH = 1.0
"""Samples up to this distance from a visible fault are labelled as fault."""

LEAST_SIZE = 16

GENERATOR_VERSION = 1
"""Raised whenever the same seed no longer gives the same bytes."""


@dataclass(frozen=True, slots=True)
class Example:
    """Amplitudes and the truth about them, each of shape (inline, crossline, twt).

    Attributes
    ----------
    amplitude
        float32, zero mean and unit deviation.
    fault_distance
        float32, samples to the nearest visible fault, 15 where there is none nearer.
    fault_count
        Faults drawn, visible or not.
    truth
        Throw, strike, dip and geologic time, where they were asked for.
    known
        Where the label is to be trusted; None: everywhere.
    """

    amplitude: Samples
    fault_distance: Samples
    fault_count: int
    truth: Truth | None = None
    known: NDArray[np.bool_] | None = None

    @property
    def fault_label(self) -> NDArray[np.uint8]:
        """1 within one sample of a visible fault, 0 elsewhere."""
        return (self.fault_distance <= LABEL_HALF_WIDTH).astype(np.uint8)


def make_example(
    seed: int, index: int, *, size: Size, preset: str = "mixed", labels: Labels = "fault"
) -> Example:
    """Return example ``index`` of a seed; nothing but the arguments decides it.

    Parameters
    ----------
    seed, index
        Which example; not negative.
    size
        Samples along inline, crossline and depth; a crossline axis of one sample makes a section.
    preset
        Key of ``presets.MIXTURES``: "field", "plain", "mixed", "varied", "training", "unfaulted", "demo" or
        "holdout".
    labels
        "all" adds the truth about throw, strike, dip and geologic time.

    Raises
    ------
    ParameterError
        If the size is too small, or the seed, index or preset is none.
    """
    check_example(seed, index, size)
    rng = np.random.default_rng([seed, index])
    ranges = draw_preset(rng, preset)
    # Channels and footprints draw elsewhere: presets without them keep their bytes.
    apart = np.random.default_rng([seed, index, 1])
    return draw_example(rng, apart, size, ranges, labels=labels)


def draw_example(
    rng: np.random.Generator,
    apart: np.random.Generator,
    size: Size,
    ranges: Preset,
    *,
    labels: Labels = "fault",
    noise: NoiseSource = random_noise,
) -> Example:
    """Return an example drawn from ranges.

    Parameters
    ----------
    rng, apart
        Sources of randomness; the second is for channels and footprints.
    size, labels
        As in `make_example`.
    ranges
        What to draw from.
    noise
        What makes noise of unit deviation, as `random_noise` does.
    """
    peak_frequency = log_uniform(rng, *ranges.peak_frequency)
    period = 1 / peak_frequency
    noise_level = draw_noise_level(rng, ranges)
    chaotic = rng.random() < 0.22 * ranges.hard_negatives
    folding = draw_folding(
        rng, size, period, ranges, with_dome=bool(chaotic and rng.random() < 0.5)
    )
    faults = draw_faults(rng, size, period, noise_level, ranges)
    younger = int(rng.integers(0, faults.size + 1)) if folding.has_unconformity else faults.size
    level, distance = np.empty(size, np.float32), np.empty(size, np.float32)
    bent = (folding.bumps, folding.structure, folding.relief)
    map_back(faults, younger, *bent, UPPER_LAYERS, level, distance)
    channels = Incised(level, level)
    if apart.random() < ranges.channels:
        channels = cut_channels(apart, level, period)
    table = reflectivity_table(rng, period)
    reflectivity = look_up(table, channels.level, ORIGIN, OVERSAMPLING)
    reflectivity = _add_bodies(rng, reflectivity, level, period, ranges)
    body = _draw_chaos(rng, size, folding) if chaotic else None
    if body is not None:
        distance[body] = FARTHEST
        reflectivity = bodies.fill_chaotic(rng, reflectivity, body)
    image = draw_image(rng, reflectivity, peak_frequency, noise_level)
    if faults.size and rng.random() < ranges.fault_zone:
        image = Imaged(blur_fault_zones(rng, image.amplitude, distance), image.wavelet)
    if apart.random() < ranges.footprint:
        image = Imaged(acquisition.add_footprint(apart, image.amplitude), image.wavelet)
    amplitude = _add_noise(rng, image, peak_frequency, noise_level, ranges, noise)
    amplitude = _add_acquisition(rng, amplitude, distance, period, ranges)
    truth = None
    if labels == "all":
        truth = describe(faults, younger, folding.structure, channels.deposited)
        truth = truth.hidden(distance >= FARTHEST, body)
    return Example(amplitude, distance, faults.size, truth)


def check_example(seed: int, index: int, size: Size) -> None:
    """Refuse what cannot be drawn."""
    for name, value in (("seed", seed), ("index", index)):
        if value < 0:
            raise ParameterError(name, value, "It must not be negative.")
    n0, n1, n2 = size
    if min(n0, n2) < LEAST_SIZE or (n1 != 1 and n1 < LEAST_SIZE):
        raise ParameterError(
            name="size",
            value="x".join(map(str, size)) + " samples",
            mend=f"Each side needs {LEAST_SIZE} or more; a second side of 1 makes a section.",
        )


def _add_bodies(
    rng: np.random.Generator,
    reflectivity: Samples,
    level: Samples,
    period: float,
    ranges: Preset,
) -> Samples:
    """Return reflectivity with lateral change and, sometimes, bright spots."""
    reflectivity = bodies.vary_amplitude(rng, reflectivity)
    if rng.random() < 0.27 * ranges.hard_negatives:
        reflectivity = bodies.add_bright_spots(rng, reflectivity, level, period)
    return reflectivity


def _draw_chaos(rng: np.random.Generator, size: Size, folding: Folding) -> NDArray[np.bool_]:
    """Return where a dome or a slump lies; faults inside it cannot be seen."""
    if folding.dome is None:
        return bodies.draw_slump_body(rng, size)
    return bodies.draw_dome_body(rng, size, folding.dome)


def _add_noise(
    rng: np.random.Generator,
    image: Imaged,
    peak_frequency: float,
    noise_level: float,
    ranges: Preset,
    noise: NoiseSource,
) -> Samples:
    """Return the image with coherent and random noise, relative to the signal's deviation."""
    amplitude = image.amplitude
    n0, n1, n2 = amplitude.shape
    deviation = np.float32(amplitude.std() + 1e-9)
    if rng.random() < 0.4 * ranges.hard_negatives:
        amplitude = amplitude + deviation * coherent_noise(rng, (n0, n1, n2), image.wavelet)
    if noise_level:
        drawn = noise(rng, (n0, n1, n2), image.wavelet, peak_frequency)
        amplitude = amplitude + np.float32(noise_level) * deviation * drawn
    return amplitude


def _add_acquisition(
    rng: np.random.Generator, amplitude: Samples, distance: Samples, period: float, ranges: Preset
) -> Samples:
    """Return amplitudes as a survey delivers them, standardized; muted faults lose their label."""
    n0, n1, n2 = amplitude.shape
    if rng.random() < 0.3 * ranges.hard_negatives:
        amplitude = acquisition.vary_trace_gain(rng, amplitude)
    if rng.random() < 0.25 * ranges.hard_negatives:
        amplitude = acquisition.shift_lines(rng, amplitude, period)
    if rng.random() < 0.5:
        amplitude = acquisition.decay(rng, amplitude)
    if rng.random() < 0.15 * ranges.hard_negatives:
        muted = acquisition.draw_mute(rng, (n0, n1, n2))
        amplitude = np.where(muted, np.float32(0), amplitude)
        distance[muted] = FARTHEST
    amplitude = amplitude - amplitude.mean()
    amplitude = amplitude / (amplitude.std() + 1e-9)
    if rng.random() < 0.3 * ranges.hard_negatives:
        limit = rng.uniform(1.5, 3)
        amplitude = np.clip(amplitude, -limit, limit)
    return np.asarray(amplitude, dtype=np.float32)
