"""Traces of acquisition and processing: gain, statics, footprint, decay with time, mutes."""

import numpy as np
from numpy.typing import NDArray

from models.earth.draws import log_uniform, smooth_field

Samples = NDArray[np.float32]


def vary_trace_gain(rng: np.random.Generator, amplitude: Samples) -> Samples:
    """Return every trace times a random gain of 2 to 20% deviation."""
    gain = 1 + rng.uniform(0.02, 0.2) * rng.standard_normal((*amplitude.shape[:2], 1))
    return np.asarray(amplitude * gain, dtype=np.float32)


def shift_lines(rng: np.random.Generator, amplitude: Samples, period: float) -> Samples:
    """Return every line shifted by its own static, deviation up to 0.04 periods of the wavelet."""
    shifts = rng.normal(0, rng.uniform(0.05, 0.04 * period + 0.06), amplitude.shape[0])
    whole = np.floor(shifts).astype(int)
    part = (shifts - whole).astype(np.float32)[:, None, None]
    last = amplitude.shape[2] - 1
    depth = np.arange(amplitude.shape[2])[None, :] - whole[:, None]
    near, far = (np.clip(depth - step, 0, last)[:, None, :] for step in (0, 1))
    lines = np.arange(amplitude.shape[0])[:, None, None]
    traces = np.arange(amplitude.shape[1])[None, :, None]
    return np.asarray(
        (1 - part) * amplitude[lines, traces, near] + part * amplitude[lines, traces, far],
        dtype=np.float32,
    )


def decay(rng: np.random.Generator, amplitude: Samples) -> Samples:
    """Return amplitudes that grow or fade with depth by up to e^2 over the example."""
    depth = np.linspace(-0.5, 0.5, amplitude.shape[2])
    return np.asarray(amplitude * np.exp(rng.uniform(-2, 2) * depth), dtype=np.float32)


def add_footprint(rng: np.random.Generator, amplitude: Samples) -> Samples:
    """Return amplitudes with an acquisition footprint: stripes along the lines that fade with depth.

    Each of one or two families of stripes is a sum of harmonics of the spacing of the source or receiver
    lines, 4 to 24 traces. It makes amplitudes uneven by 5 to 40% and adds 2 to 20% of noise of its own.
    """
    n0, n1, n2 = amplitude.shape
    deviation = np.float32(amplitude.std())
    fade = np.exp(-np.arange(n2, dtype=np.float32) / np.float32(n2 * rng.uniform(0.2, 1.5)))
    axes = (0,) if n1 == 1 else (0, 1)
    for axis in rng.permutation(axes)[: int(rng.integers(1, len(axes) + 1))]:
        spacing, phase = log_uniform(rng, 4, 24), rng.uniform(0, 2 * np.pi, 3)
        turns = 2 * np.pi * np.arange((n0, n1)[axis]) / spacing
        waves = np.array([np.cos(n * turns + phase[n - 1]) / n for n in (1, 2, 3)], np.float32)
        stripes = waves.sum(axis=0).reshape((-1, 1, 1) if axis == 0 else (1, -1, 1))
        own = rng.standard_normal(n2, dtype=np.float32) * deviation
        uneven, noise = np.float32(rng.uniform(0.05, 0.4)), np.float32(rng.uniform(0.02, 0.2))
        amplitude = amplitude * (1 + uneven * stripes * fade) + noise * stripes * fade * own
    return np.asarray(amplitude, dtype=np.float32)


def draw_mute(rng: np.random.Generator, size: tuple[int, int, int]) -> NDArray[np.bool_]:
    """Return where samples are muted: a smooth top mute, sometimes with steep-sided holes."""
    n0, n1, n2 = size
    base = smooth_field(rng, (n0, n1), (30, 30)) * 20 + rng.uniform(0, 20)
    for _ in range(int(rng.integers(0, 4)) if rng.random() < 0.6 else 0):
        half = rng.uniform(4, max(0.12 * n0, 5))
        inside = half - np.abs(np.arange(n0) - rng.uniform(0, n0))
        hole = np.clip(inside / (rng.uniform(0.05, 0.8) * half), 0, 1)
        keep_top = rng.random() < 0.7
        base = np.maximum(base * keep_top, rng.uniform(0.1, 0.6) * n2 * hole[:, None])
    return np.asarray(np.arange(n2) < base[..., None])
