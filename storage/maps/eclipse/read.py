"""A property of an Eclipse file becomes a map: layers are averaged or added up, columns laid out."""

import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from storage.errors import MapError
from storage.maps.chosen import Reading
from storage.maps.eclipse.deck import Deck
from storage.maps.eclipse.grid_files import Arrays, grid_of_deck, grid_of_results
from storage.maps.eclipse.pillars import EclipseGrid
from storage.maps.eclipse.raster import map_of_columns
from storage.maps.eclipse.results import is_results, read_results
from storage.maps.grid import GridMap
from storage.maps.numbers import read_bytes
from storage.maps.placement import placed

Float = NDArray[np.float64]

NOT_VALUES = {
    *("SPECGRID", "DIMENS", "COORD", "ZCORN", "ACTNUM", "MAPAXES", "MAPUNITS", "GRIDUNIT"),
    *("COORDSYS", "GDORIENT", "INCLUDE", "PATHS", "DX", "DY", "DZ", "DXV", "DYV", "DZV", "TOPS"),
    *("BOX", "ENDBOX", "EQUALS", "ADD", "MULTIPLY", "COPY", "FAULTS", "MINPV", "PINCH", "TITLE"),
}
"""Keywords of a deck that hold no property."""


def read_eclipse(path: Path, reading: Reading) -> GridMap:
    """Read a property of an Eclipse file: text, or results such as .INIT.

    Raises
    ------
    MapError
        If there is no such property, no grid to it, or what of either is wrong.
    """
    content, sha256 = read_bytes(path)
    if is_results(content[:64]):
        return _map(path, reading, sha256, *_of_results(path, reading, sha256))
    deck = Deck(path, content)
    grid = grid_of_deck(path, deck, sha256)
    if reading.grid is not None or grid is None or not (grid.corners is not None or grid.step_m):
        grid = _named_grid(path, reading)
    keyword = _keyword(path, reading, [k for k in deck.keywords if k not in NOT_VALUES], deck)
    deck.refuse_edits(keyword)
    ni, nj, nk = grid.shape
    values = deck.values(keyword, ni * nj * nk)
    assert values is not None
    return _map(path, reading, sha256, grid, keyword, values.reshape(nk, nj, ni))


def _of_results(path: Path, reading: Reading, sha256: str) -> tuple[EclipseGrid, str, Float]:
    """Return grid, name and values of a property of a result file, NaN in cells that take no part."""
    arrays = read_results(path)
    own = grid_of_results(path, arrays, sha256)
    grid = own if own is not None and reading.grid is None else _named_grid(path, reading)
    ni, nj, nk = grid.shape
    active = _active(grid, arrays)
    whole, part = ni * nj * nk, int(active.sum())
    fitting = [
        name
        for name, array in arrays.items()
        if array.dtype.kind == "f" and array.size in (whole, part) and name not in NOT_VALUES
    ]
    keyword = _keyword(path, reading, fitting, None)
    values = np.full(active.shape, np.nan)
    array = arrays[keyword].astype(np.float64)
    if array.size == whole:
        values[active] = array.reshape(active.shape)[active]
    else:
        values[active] = array
    return grid, keyword, values


def _active(grid: EclipseGrid, arrays: Arrays) -> NDArray[np.bool_]:
    """Return the cells that take part: by pore volume, which results give for all, else by ACTNUM."""
    ni, nj, nk = grid.shape
    pore = arrays.get("PORV")
    if pore is not None and pore.size == ni * nj * nk:
        return np.asarray(pore > 0).reshape(nk, nj, ni)
    return np.ones((nk, nj, ni), bool) if grid.active is None else grid.active


def _named_grid(path: Path, reading: Reading) -> EclipseGrid:
    """Return the grid that is named, or lies beside the file under the same name."""
    found = reading.grid_of(path)
    if found is None:
        raise MapError(
            path,
            "it does not say how many cells lie along i, j and k, or how large they are",
            "Name the file of its grid: --map-grid model.EGRID, or text with SPECGRID and COORD, or with "
            "DIMENS, DXV and DYV.",
        )
    content, sha256 = read_bytes(found)
    if is_results(content[:64]):
        grid = grid_of_results(found, read_results(found), sha256)
    else:
        grid = grid_of_deck(found, Deck(found, content), sha256)
    if grid is None or not (grid.corners is not None or grid.step_m):
        raise MapError(
            found,
            "it holds no grid",
            "Name an .EGRID, or text with SPECGRID and COORD, or with DIMENS, DXV and DYV.",
        )
    return grid


def _keyword(path: Path, reading: Reading, present: list[str], deck: Deck | None) -> str:
    """Return the property to read."""
    wanted = reading.keyword.upper() if reading.keyword else None
    if wanted in present:
        return str(wanted)
    listed = ", ".join(present[:12]) + (" ..." if len(present) > 12 else "")
    if wanted is None and len(present) == 1:
        return present[0]
    other = deck.included() if deck else ""
    if wanted is None and present:
        raise MapError(path, f"it holds {listed}", "Choose one: --map-keyword PORO.")
    raise MapError(
        path,
        f"it holds no {wanted or 'property'}" + (f", but {listed}" if listed else ""),
        f"Name the file that does; it includes {other}." if other else "Name a file that does.",
    )


def _map(
    path: Path, reading: Reading, sha256: str, grid: EclipseGrid, keyword: str, values: Float
) -> GridMap:
    """Return the map of some layers."""
    if grid.active is not None:
        values = np.where(grid.active, values, np.nan)
    layers = reading.numbers(path, len(values), "layers")
    chosen = values[layers]
    held = ~np.isnan(chosen)
    with warnings.catch_warnings():
        # Columns without an active cell have no mean.
        warnings.filterwarnings("ignore", message="Mean of empty slice")
        flat = (
            np.nanmean(chosen, axis=0) if reading.over_layers == "mean" else np.nansum(chosen, 0)
        )
    flat[~held.any(axis=0)] = np.nan
    numbers = f"layer {layers[0] + 1}" if len(layers) == 1 else _of_layers(reading, layers)
    form, digest = f"Eclipse {keyword}, {numbers}", reading.hashed(sha256, grid.sha256)
    if grid.corners is not None:
        return map_of_columns(path, flat, grid.corners, kind=keyword, form=form, sha256=digest)
    width, height = grid.step_m or (0.0, 0.0)
    return placed(
        path, flat, first=(0.0, 0.0), along=(width, 0.0), across=(0.0, height),
        kind=keyword, form=form, sha256=digest,
    )  # fmt: skip


def _of_layers(reading: Reading, layers: list[int]) -> str:
    """Say which layers, and what became of them."""
    which = reading.layers or f"{layers[0] + 1}-{layers[-1] + 1}"
    return f"{reading.over_layers} of layers {which}"
