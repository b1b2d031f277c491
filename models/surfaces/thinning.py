"""Fault probability thinned to its ridges: one sample thick, without holes."""

import numpy as np
from numpy.typing import NDArray

from models.surfaces.kernels import crest_offsets

HALF_WIDTH = 2
"""Samples to each side over which the crest is a centroid."""


def on_ridge(
    probability: NDArray[np.float32],
    positions: NDArray[np.int32],
    normals: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Tell which samples the crest of their ridge passes.

    Parameters
    ----------
    probability
        NaN where not live, with `orientation.HALO` samples around all positions.
    positions
        Whole samples, shape (n, 3).
    normals
        Unit normals in samples, shape (n, 3).

    Notes
    -----
    The crest is found between samples, along the normal. A sample is on it where the crest passes it by
    half a sample or less along the axis that lies nearest to the normal: of every row of samples across a
    plane exactly one does, so a surface has neither holes nor doubled samples, as it would have where
    samples were compared with their neighbours.
    """
    offsets = crest_offsets(probability, positions, normals, HALF_WIDTH)
    along = np.take_along_axis(normals, np.abs(normals).argmax(axis=1)[:, None], axis=1)[:, 0]
    aside = offsets / along
    return np.asarray((aside >= -0.5) & (aside < 0.5))
