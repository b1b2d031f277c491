"""Semblance of neighbouring traces along the dip of the reflectors."""

from itertools import product

import numpy as np
from scipy import ndimage

from models.attributes.dips import Samples, lateral_dips, neighbour


def semblance_sums(amplitude: Samples, *, reach: int) -> tuple[Samples, Samples]:
    """Return squared stack and mean power of the traces around every sample, steered along the dip.

    Parameters
    ----------
    amplitude
        Shape (n0, n1, n2); n1 = 1 is a section.
    reach
        Traces to each side, along both lateral axes of a volume.
    """
    dip_0, dip_1 = lateral_dips(amplitude)
    aside = range(-reach, reach + 1)
    stack, power = np.zeros_like(amplitude), np.zeros_like(amplitude)
    steps = list(product(aside, aside if amplitude.shape[1] > 1 else (0,)))
    for i, j in steps:
        trace = neighbour(amplitude, (i, j), i * dip_0 + j * dip_1)
        stack += trace
        power += trace * trace
    count = np.float32(len(steps))
    return (stack / count) ** 2, power / count


def discontinuity(amplitude: Samples, *, reach: int, window: int) -> Samples:
    """Return one less the semblance, 0 (all traces alike) to 1.

    Parameters
    ----------
    amplitude
        Shape (n0, n1, n2), normalized; n1 = 1 is a section.
    reach
        Traces to each side: 1 compares three in a section, nine in a volume.
    window
        Samples of time that are looked at together.

    References
    ----------
    Marfurt, K. J. et al. (1998). 3-D seismic attributes using a semblance-based coherency algorithm.
    Geophysics, 63(4), 1150-1165.
    """
    stack, power = (
        ndimage.uniform_filter1d(each, window, axis=2, mode="nearest")
        for each in semblance_sums(amplitude, reach=reach)
    )
    return np.asarray(1 - np.clip(stack / (power + 1e-9), 0, 1), dtype=np.float32)
