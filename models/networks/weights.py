"""Weights on disk: a ``.keras`` file, loaded in Keras's safe mode.

The file can hold no code, only layers that this room registers; its card is in
`models.networks.card`.
"""

import json
import re
from pathlib import Path
from zipfile import ZipFile, ZipInfo

import keras

from models.errors import WeightsError
from models.networks import layers  # noqa: F401 - registers the layers that the files name


def save_network(network: keras.Model, weights: Path) -> None:
    """Write a network without its optimizer; the same network always gives the same bytes."""
    network.save(weights, include_optimizer=False)
    with ZipFile(weights) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    about = json.loads(parts["metadata.json"])
    parts["metadata.json"] = json.dumps(about | {"date_saved": ""}).encode()
    parts["config.json"] = _renumbered(parts["config.json"])
    with ZipFile(weights, "w") as archive:
        for name, content in parts.items():
            archive.writestr(ZipInfo(name), content)  # dated 1980


def _renumbered(config: bytes) -> bytes:
    """Return a configuration whose shared objects count from 1: Keras names them by their addresses."""
    numbers: dict[bytes, int] = {}

    def number(found: re.Match[bytes]) -> bytes:
        return found[1] + str(numbers.setdefault(found[2], len(numbers) + 1)).encode()

    return re.sub(rb'("shared_object_id": )(\d+)', number, config)


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
