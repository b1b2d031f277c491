"""Layers: reflectivity along the stratigraphic coordinate, before folding and faulting."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from models.earth.draws import log_uniform

OVERSAMPLING = 2.0
"""Entries of the reflectivity table for each sample of stratigraphic coordinate."""

ORIGIN = 500.0
"""Stratigraphic coordinate, negated, of the table's first entry."""

TABLE_LENGTH = 5000


def reflectivity_table(rng: np.random.Generator, period: float) -> NDArray[np.float32]:
    """Return reflectivity of random layers in loud and quiet packages.

    Parameters
    ----------
    rng
        Source of randomness.
    period
        Of the wavelet, samples; layers are 0.15 to 1.2 periods thick on average.

    Returns
    -------
    ndarray of float32, shape (TABLE_LENGTH,)
        Entry ``m`` belongs to stratigraphic coordinate ``m / OVERSAMPLING - ORIGIN``, in samples.
    """
    table = np.zeros(TABLE_LENGTH, dtype=np.float32)
    thickness = period * log_uniform(rng, 0.15, 1.2)
    gaps = rng.exponential(thickness, int(TABLE_LENGTH / thickness)) + 0.3
    interfaces = (np.cumsum(gaps) * OVERSAMPLING).astype(int)
    interfaces = interfaces[interfaces < TABLE_LENGTH - 1]
    table[interfaces] = rng.laplace(0.0, 1.0, interfaces.size)
    table += (0.12 * rng.standard_normal(TABLE_LENGTH)).astype(np.float32)
    loudness = np.exp(rng.normal(0.0, rng.uniform(0.1, 1.0), 400))
    packages = np.repeat(loudness, int(OVERSAMPLING * rng.uniform(12, 70)))
    envelope = np.resize(packages, TABLE_LENGTH).astype(np.float32)
    return np.asarray(table * ndimage.uniform_filter1d(envelope, 9), dtype=np.float32)
