"""What values of settings look like: the text of an option becomes a number, a pair, a path.

Text is the same on the command line, in TOML and in the environment; pydantic checks what it becomes.
"""

import math
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, FiniteFloat, NonNegativeInt, PositiveInt
from pydantic_settings import NoDecode


class Positional:
    """Marks a field that the command line takes by position."""


def _pair(value: object) -> object:
    """Turn ``"1,2"`` into a pair; pydantic checks the numbers."""
    parts = tuple(value.split(",")) if isinstance(value, str) else value
    if not isinstance(parts, tuple | list) or len(parts) != 2:
        msg = "two numbers with a comma between them are needed"
        raise ValueError(msg)
    return parts


def _length_or_path(value: object) -> object:
    """Turn text into metres where it is a number, else into a path."""
    try:
        length = float(value) if isinstance(value, str | int | float) else None
    except ValueError:
        return Path(str(value))
    if length is not None and not 0 <= length < math.inf:
        msg = "0 or more metres, or the path of a map, are needed"
        raise ValueError(msg)
    return value if length is None else length


def _items(value: object) -> object:
    """Turn ``"1,2,3"`` or ``"1x2x3"`` into its parts; pydantic checks them."""
    return tuple(value.replace("x", ",").split(",")) if isinstance(value, str) else value


def _paths(value: object) -> object:
    """Turn ``"a.zarr,b.zarr"`` into paths."""
    return tuple(value.split(",")) if isinstance(value, str) else value


def _files(value: object) -> object:
    """Take a single path for one of many."""
    return (value,) if isinstance(value, str | Path) else value


def _location(value: object) -> object:
    """Keep a URL as it is; everything else is a path."""
    return Path(value) if isinstance(value, str) and "://" not in value else value


def _no_url(value: object) -> object:
    """Refuse the URL of a file that is written in place, as no object can be."""
    if isinstance(value, str) and "://" in value:
        msg = "a path is needed, as the file is written in place, which object storage does not allow"
        raise ValueError(msg)
    return value


# NoDecode: values from the environment are the same text as on the command line, not JSON.
Pair = Annotated[tuple[FiniteFloat, FiniteFloat], NoDecode, BeforeValidator(_pair)]
Length = Annotated[float, Field(gt=0, allow_inf_nan=False)]
LengthOrPath = Annotated[float | Path, NoDecode, BeforeValidator(_length_or_path)]
Interval = Annotated[FiniteFloat, Field(gt=0)]
HeaderByte = Annotated[int, Field(ge=1, le=237)]
Size = Annotated[tuple[PositiveInt, PositiveInt, PositiveInt], NoDecode, BeforeValidator(_items)]
Box = Annotated[
    tuple[NonNegativeInt, NonNegativeInt, NonNegativeInt, NonNegativeInt],
    NoDecode,
    BeforeValidator(_items),
]
Seeds = Annotated[tuple[NonNegativeInt, ...], NoDecode, BeforeValidator(_items)]
Paths = Annotated[tuple[Path, ...], NoDecode, BeforeValidator(_paths)]
Files = Annotated[tuple[Path, ...], NoDecode, BeforeValidator(_files), Field(min_length=1)]
LocalPath = Annotated[Path, BeforeValidator(_no_url)]
Location = Annotated[Path | str, BeforeValidator(_location)]
Locations = Annotated[tuple[Location, ...], Field(min_length=1)]
Preset = Literal["mixed", "field", "plain", "varied", "training", "unfaulted", "demo", "holdout"]

PRESET_HELP = (
    "Kind of earth: field (as real surveys), plain (clear faults), mixed (both), varied (with channels, "
    "footprints and every fault set), training (what the shipped weights learn from), unfaulted, demo, or "
    "holdout (never to be trained on)"
)
