"""Synthetic amplitudes made like a survey's: its noise, its spectrum by depth, its histogram."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from models.earth.example import Example, Labels, Size, check_example, draw_example
from models.earth.presets import draw_preset
from models.earth.survey import WAVENUMBERS, SurveyCharacter, taper

Samples = NDArray[np.float32]
Imagine = Callable[[np.random.Generator, Size], Samples]
"""From (rng, size) to a texture that was learnt from a survey, unit deviation."""

ROUNDS = 4
"""Spectrum and histogram disturb each other; after so many turns both are near."""

FLOOR = 0.02
"""Share of an example's strongest frequency below which nothing is amplified to the survey's."""


def make_example_like(
    survey: SurveyCharacter,
    seed: int,
    index: int,
    *,
    size: Size,
    preset: str = "mixed",
    labels: Labels = "fault",
    imagine: Imagine | None = None,
) -> Example:
    """Return example ``index`` of a seed with the survey's band, noise and amplitudes.

    Parameters
    ----------
    survey
        What to be like.
    seed, index, size, preset, labels
        As in `example.make_example`.
    imagine
        Draws learnt textures; half of the noise is one of them, by power. None: random noise only.
    """
    check_example(seed, index, size)
    rng, apart, placing = (np.random.default_rng([seed, index, n]) for n in (2, 3, 4))
    ranges = survey.narrow(draw_preset(rng, preset))

    def noise(rng: np.random.Generator, shape: Size, *_: object) -> Samples:
        random = survey_noise(rng, shape, survey)
        if imagine is None:
            return random
        return np.asarray((random + imagine(rng, shape)) * np.sqrt(0.5), dtype=np.float32)

    drawn = draw_example(rng, apart, size, ranges, labels=labels, noise=noise)
    amplitude = match_survey(drawn.amplitude, survey, top=_draw_top(placing, survey, size[2]))
    return Example(amplitude, drawn.fault_distance, drawn.fault_count, drawn.truth)


def imagined_background(
    rng: np.random.Generator, survey: SurveyCharacter, size: Size, imagine: Imagine
) -> Samples:
    """Return a learnt texture with the noise, the spectrum and the amplitudes of its survey.

    A texture lacks what no code can hold; the noise and the spectrum give that back.
    """
    drawn = imagine(rng, size)
    noise = np.float32(survey.noise_ratio) * survey_noise(rng, size, survey)
    return match_survey(drawn + noise, survey, top=_draw_top(rng, survey, size[2]))


def survey_noise(rng: np.random.Generator, shape: Size, survey: SurveyCharacter) -> Samples:
    """Return noise of unit deviation with the survey's spectrum of noise along each axis."""
    noise = rng.standard_normal(shape, dtype=np.float32)
    for axis, count in enumerate(shape):
        if count == 1:
            continue
        power = np.interp(np.fft.rfftfreq(count), WAVENUMBERS, survey.noise_spectra[axis])
        gain = np.sqrt(power).reshape([-1 if other == axis else 1 for other in range(3)])
        shaped = np.fft.irfft(np.fft.rfft(noise, axis=axis) * gain, count, axis=axis)
        noise = shaped.astype(np.float32)
    return np.asarray(noise / (noise.std() + 1e-9), dtype=np.float32)


def match_survey(amplitude: Samples, survey: SurveyCharacter, *, top: int = 0) -> Samples:
    """Return amplitudes with a survey's spectrum by depth and its histogram.

    Parameters
    ----------
    amplitude
        Shape (n0, n1, n2).
    survey
        What to be like.
    top
        Depth in the survey that the first sample is to look like, samples.
    """
    out = amplitude
    for _ in range(ROUNDS):
        out = match_histogram(shape_spectrum(out, survey, top=top), survey, top=top)
    return out


def shape_spectrum(amplitude: Samples, survey: SurveyCharacter, *, top: int = 0) -> Samples:
    """Return amplitudes whose mean amplitude spectrum in each depth window is the survey's.

    Every window is filtered without a change of phase, so that layers and faults stay where they are;
    the filtered windows add up again.
    """
    n0, n1, depth = amplitude.shape
    window, half = survey.window, survey.window // 2
    count = -(-depth // half) + 1
    after = (count + 1) * half - half - depth
    padded = np.pad(amplitude, ((0, 0), (0, 0), (half, after)), mode="symmetric")
    starts = np.arange(count) * half
    targets = survey.spectra_at(top + starts.astype(np.float64))
    fine, coarse = np.fft.rfftfreq(2 * window), np.fft.rfftfreq(window)
    out = np.zeros((n0, n1, padded.shape[2] + window), np.float32)
    for start, target in zip(starts, targets, strict=True):
        part = padded[..., start : start + window] * taper(window)
        own = np.abs(np.fft.rfft(part, axis=2)).mean(axis=(0, 1))
        gain = target * own / (own**2 + (FLOOR * own.max()) ** 2 + 1e-20)
        wide = np.pad(part, ((0, 0), (0, 0), (half, half)))
        filtered = np.fft.rfft(wide, axis=2) * np.interp(fine, coarse, gain).astype(np.float32)
        out[..., start : start + 2 * window] += np.fft.irfft(filtered, 2 * window, axis=2)
    return np.ascontiguousarray(out[..., window : window + depth])


def match_histogram(amplitude: Samples, survey: SurveyCharacter, *, top: int = 0) -> Samples:
    """Return amplitudes in the same order with the survey's quantiles and level at each depth.

    Order and quantiles are those of amplitudes over the deviation at their depth: loud and quiet
    intervals of the survey stay so.
    """
    depth = amplitude.shape[2]
    own = np.sqrt(np.square(amplitude, dtype=np.float64).mean(axis=(0, 1)))
    window = np.ones(survey.window) / survey.window
    padded = np.pad(own**2, survey.window // 2, mode="reflect" if depth > 1 else "edge")
    own = np.sqrt(np.convolve(padded, window, mode="same")[survey.window // 2 :][:depth])
    relative = (amplitude / (own + 1e-9)).ravel()
    ranks = np.empty(relative.size, np.float64)
    ranks[np.argsort(relative, kind="stable")] = (np.arange(relative.size) + 0.5) / relative.size
    shares = np.linspace(0, 1, survey.quantiles.size)
    mapped = np.interp(ranks, shares, survey.quantiles).reshape(amplitude.shape)
    levels = survey.levels_at(top + np.arange(depth, dtype=np.float64))
    return np.asarray(mapped * levels, dtype=np.float32)


def _draw_top(rng: np.random.Generator, survey: SurveyCharacter, depth: int) -> int:
    """Return a depth of the survey that an example may begin at, samples."""
    last = max(0, int(survey.centers[-1] + survey.window / 2) - depth)
    return int(rng.integers(0, last + 1))
