"""Textures that a variational autoencoder has learnt from a survey, drawn in the jobs that use them."""

from functools import lru_cache
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from models.networks.card import sha256_of
from models.runtime.quiet import quiet_start
from storage.errors import InputError

with quiet_start():  # TensorFlow
    from models.networks.autoencoders import texture
    from models.networks.training import use_threads
    from models.networks.weights import load_network

Samples = NDArray[np.float32]
Size = tuple[int, int, int]

_loading = Lock()


def check_autoencoder(path: Path) -> None:
    """Refuse a file that no texture can be drawn from.

    Raises
    ------
    WeightsError, ParameterError, InputError
        If it cannot be read, or is no variational autoencoder.
    """
    try:
        draw_texture(np.random.default_rng(0), (8, 1, 8), path=path)
    except (ValueError, AttributeError) as error:  # a network without encoder and decoder
        raise InputError(
            path,
            f"it is no autoencoder ({str(error).splitlines()[0]})",
            "Name the variational.keras of 'graben compare-models'.",
        ) from None


def draw_texture(rng: np.random.Generator, size: Size, *, path: Path) -> Samples:
    """Return a texture of unit deviation, shape ``size``.

    One thread decodes it, so that its bytes do not depend on how many a machine has.

    Parameters
    ----------
    rng
        Gives the seed of the texture.
    size
        Samples along each axis.
    path
        A variational autoencoder.
    """
    drawn = texture(_network(path, sha256_of(path)), int(rng.integers(2**31)), size)
    drawn = drawn - drawn.mean()
    return np.asarray(drawn / (drawn.std() + 1e-9), dtype=np.float32)


def _network(path: Path, sha256: str) -> object:
    with _loading:  # Keras loads one network at a time
        return _load(path, sha256)


@lru_cache(maxsize=2)
def _load(path: Path, _sha256: str) -> object:
    """Return a network, loaded once a process as long as the file stays what it is."""
    use_threads(1)
    return load_network(path)
