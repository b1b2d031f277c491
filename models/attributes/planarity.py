"""How little a plane explains the gradients around a sample."""

import numpy as np

from models.attributes.dips import Samples, averaged, gradients


def non_planarity(amplitude: Samples) -> Samples:
    """Return one less the planarity of the structure tensor, 0 (parallel layers) to 1.

    Parameters
    ----------
    amplitude
        Shape (n0, n1, n2), normalized; n1 = 1 is a section, whose tensor has two axes.

    Notes
    -----
    Planarity is (largest - second eigenvalue) / largest.

    References
    ----------
    Hale, D. (2009). Structure-oriented smoothing and semblance. CWP report 635.
    """
    axes = (0, 2) if amplitude.shape[1] == 1 else (0, 1, 2)
    along = gradients(amplitude)
    tensor = np.empty((*amplitude.shape, len(axes), len(axes)), np.float32)
    for row, first in enumerate(axes):
        for column, second in enumerate(axes[: row + 1]):
            product = averaged(along[first] * along[second], 2.0)
            tensor[..., row, column] = tensor[..., column, row] = product
    values = np.linalg.eigvalsh(tensor)
    planar = (values[..., -1] - values[..., -2]) / (values[..., -1] + 1e-9)
    return np.asarray(1 - np.clip(planar, 0, 1), dtype=np.float32)
