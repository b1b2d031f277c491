"""The amplitudes of a complete volume, as examples and fine-tuning need them."""

from typing import Any

from storage.errors import InputError
from storage.locations import Location
from storage.volume import attributes_of


def amplitude_attributes(volume: Location) -> dict[str, Any]:
    """Return the attributes of a complete volume of amplitudes, ``statistics`` and ``key`` among them.

    Raises
    ------
    InputError
        If there is none, or something else.
    """
    attributes = attributes_of(volume)
    if not attributes.get("complete"):
        raise InputError(volume, "there is no complete volume", "Make one with 'graben ingest'.")
    if "statistics" not in attributes:
        raise InputError(
            volume, "it holds no amplitudes", "Name the volume that 'graben ingest' made."
        )
    return attributes
