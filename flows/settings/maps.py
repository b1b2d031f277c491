"""The settings of whatever reads a reservoir map, and of ``ingest-map``."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from flows.settings.reading import Cluster, Settings
from flows.settings.values import Positional


class ReadMap(Settings):
    """How a map file is read that holds more than one map."""

    map_grid: Path | None = Field(
        None,
        description="Grid of a map that is a property of an Eclipse file: .EGRID, or text with SPECGRID and "
        "COORD, or with DIMENS, DXV and DYV (default: the file itself, or the .EGRID beside it)",
    )
    map_keyword: str | None = Field(
        None, description="Property of an Eclipse file, such as PORO (default: the only one)"
    )
    layers: str | None = Field(
        None,
        pattern=r"^\d+(-\d+)?(,\d+(-\d+)?)*$",
        description="Layers of an Eclipse grid, or the band of a GeoTIFF, from 1, such as 1-3,7 (default: "
        "all layers, the only band)",
    )
    layers_by: Literal["mean", "sum"] = Field(
        "mean",
        description="What several layers become: their mean over the active cells of a column, or their "
        "sum; what that number is worth is yours to know",
    )
    rows_from: Literal["south", "north"] = Field(
        "south", description="Where the first row of OIL/PORO text lies; all other forms say so"
    )


class IngestMap(ReadMap, Cluster):
    """Keep a reservoir map as Zarr: read once, by byte ranges where it is long text.

    The store is a map for place-wells like any other, and opens with xarray: value(y, x).
    """

    map: Annotated[Path, Positional()] = Field(description="Reservoir map, as for place-wells")
    store: Annotated[Path, Positional()] = Field(description="The Zarr store to write")
    overwrite: bool = Field(False, description="Replace a store of another map")
