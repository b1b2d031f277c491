"""Weights on disk: a ``.keras`` file, loaded in Keras's safe mode.

The file can hold no code, only layers that this room registers; its card is in
`models.networks.card`.
"""

from pathlib import Path

import keras

from models.errors import WeightsError
from models.networks import layers  # noqa: F401 - registers the layers that the files name


def save_network(network: keras.Model, weights: Path) -> None:
    """Write a network without its optimizer."""
    network.save(weights, include_optimizer=False)


def load_network(weights: Path) -> keras.Model:
    """Return the network in a ``.keras`` file; nothing in the file is executed.

    Raises
    ------
    WeightsError
        If the file is missing, damaged or of something else.
    """
    if not weights.is_file():
        raise WeightsError(str(weights), "there is no such weights file", "Check --weights.")
    try:
        network = keras.saving.load_model(weights, compile=False, safe_mode=True)
    except (OSError, ValueError, TypeError, KeyError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise WeightsError(
            str(weights), f"the weights cannot be read ({reason})", "Fetch or train them anew."
        ) from None
    return network
