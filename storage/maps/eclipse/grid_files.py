"""Grids from Eclipse files: .GRDECL text and .EGRID results."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from storage.errors import MapError
from storage.maps.eclipse.deck import Deck
from storage.maps.eclipse.pillars import EclipseGrid, Shape, corners_of, metres_in

Float = NDArray[np.float64]
Arrays = dict[str, NDArray[Any]]

CORNER_POINT = 0
"""What stands in FILEHEAD for a grid of pillars."""


def grid_of_deck(path: Path, deck: Deck, sha256: str) -> EclipseGrid | None:
    """Return the grid of a text file; None where it has none.

    Raises
    ------
    MapError
        If what it says of the grid is not whole.
    """
    words = deck.words("SPECGRID") or deck.words("DIMENS")
    if len(words) < 3:
        return None
    if not all(word.isdigit() and int(word) for word in words[:3]):
        raise MapError(path, "its SPECGRID or DIMENS are not three counts", "Export it again.")
    ni, nj, nk = (int(word) for word in words[:3])
    cells = ni * nj * nk
    active = deck.values("ACTNUM", cells)
    coord = deck.values("COORD", 6 * (ni + 1) * (nj + 1))
    corners, step = None, None
    if coord is not None:
        units = [word.decode("ascii", "replace").upper() for word in deck.words("GRIDUNIT")]
        corners = corners_of(
            path,
            (ni, nj, nk),
            coord,
            deck.values("ZCORN", 8 * cells),
            None if len(units) > 1 and units[1].startswith("MAP") else deck.values("MAPAXES", 6),
            (
                metres_in(path, units[0] if units and units[0] else deck.length_unit),
                metres_in(path, b"".join(deck.words("MAPUNITS")).decode("ascii", "replace")),
            ),
        )
    else:
        step = _step(path, deck, metres_in(path, deck.length_unit))
    return EclipseGrid(
        (ni, nj, nk),
        corners,
        step,
        None if active is None else (active != 0).reshape(nk, nj, ni),
        sha256,
    )


def grid_of_results(path: Path, arrays: Arrays, sha256: str) -> EclipseGrid | None:
    """Return the grid of an .EGRID; None where it has none.

    Raises
    ------
    MapError
        If it is not a grid of pillars.
    """
    if "GRIDHEAD" not in arrays or "COORD" not in arrays:
        return None
    kind = arrays.get("FILEHEAD", np.zeros(5, int))[4]
    if kind != CORNER_POINT:
        raise MapError(path, "it is an unstructured grid", "Name a grid of i, j and k.")
    ni, nj, nk = (int(n) for n in arrays["GRIDHEAD"][1:4])
    shape: Shape = (ni, nj, nk)
    sizes = {"COORD": 6 * (ni + 1) * (nj + 1), "ZCORN": 8 * ni * nj * nk, "ACTNUM": ni * nj * nk}
    for name, count in sizes.items():
        if name in arrays and arrays[name].size != count:
            raise MapError(
                path, f"its {name} has {arrays[name].size} values for {count}", "Copy it."
            )
    unit = [word.decode("ascii", "replace") if isinstance(word, bytes) else str(word)
            for word in arrays.get("GRIDUNIT", np.array([""]))]  # fmt: skip
    map_unit = str(np.asarray(arrays.get("MAPUNITS", np.array([""]))).astype(str)[0])
    inside = len(unit) > 1 and unit[1].strip().upper() == "MAP"
    corners = corners_of(
        path,
        shape,
        arrays["COORD"],
        arrays.get("ZCORN"),
        None if inside or "MAPAXES" not in arrays else arrays["MAPAXES"],
        (metres_in(path, unit[0]), metres_in(path, map_unit)),
    )
    active = arrays.get("ACTNUM")
    return EclipseGrid(
        shape,
        corners,
        None,
        None if active is None else (active != 0).reshape(nk, nj, ni),
        sha256,
    )


def _step(path: Path, deck: Deck, factor: float) -> tuple[float, float] | None:
    """Return the size of cells that are all alike, metres; None where the deck gives none."""
    steps = []
    for each, vector in (("DX", "DXV"), ("DY", "DYV")):
        values = deck.values(each)
        values = deck.values(vector) if values is None else values
        if values is None or not values.size:
            return None
        if not np.allclose(values, values[0], rtol=1e-3):
            raise MapError(
                path,
                f"its {each} differs from cell to cell",
                "Name a grid of pillars (COORD), by which it can be resampled.",
            )
        steps.append(float(values[0]) * factor)
    return steps[0], steps[1]
