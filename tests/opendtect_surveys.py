"""Surveys with volumes as OpendTect itself writes them, and the command that ingests one."""

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from flows.__main__ import COMPLETE, run
from tests.cbvs_parts import make_cbvs

INLINES, CROSSLINES, SAMPLES = range(101, 113), range(300, 330, 2), 40
X, Y = (600_000.0, 24.0, 3.5), (5_900_000.0, -7.0, 12.0)

SURVEY = """dTect V7.0.0
Survey Info
Wed Nov 25 12:00:00 2026
!
Name: Made
Survey Data Type: Only 3D
In-line range: 101`112`1
Cross-line range: 300`328`2
Z range: {z}
Coord-X-BinID: 600000`24`3.5
Coord-Y-BinID: 5900000`-7`12
{xy}!
"""

ENTRY = "{name}: {number}\n{group}: {translator}`Stream\n$Name: {file}\n{keys}!\n"


def project(
    folder: Path, *entries: dict[str, Any], z: str = "0.5`0.656`0.004`T", xy: str = ""
) -> Path:
    """A survey folder, written as OpendTect does; CBVS files are made beside it."""
    seismics = folder / "Seismics"
    seismics.mkdir(parents=True)
    (folder / ".survey").write_text(SURVEY.format(z=z, xy=xy))
    table = "dTect V7.0.0\nObject Management file\nnow\n!\nID: 100010\n!\n"
    table += "Seismics: 1\nSeismic directory: dGB`Stream\n$Name: Seismics\n!\n"
    for number, entry in enumerate(entries, start=2):
        whole = {
            "number": number,
            "group": "Seismic Data",
            "translator": "CBVS",
            "keys": "",
        } | entry
        table += ENTRY.format(**whole)
    (seismics / ".omf").write_text(table)
    return folder


def samples(seed: int = 0) -> NDArray[np.float32]:
    shape = (len(INLINES), len(CROSSLINES), SAMPLES)
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def volume_file(path: Path, made: NDArray[np.float32], *, hole: bool = True, **form: Any) -> Path:
    """A CBVS file as OpendTect's own writer makes it: 20 bytes a trace, one trace missing."""
    traces = {
        (inline, crossline): [made[row, column]]
        for (row, inline), (column, crossline) in product(
            enumerate(INLINES), enumerate(CROSSLINES)
        )
        if not (hole and (inline, crossline) == (105, 304))
    }
    # A transform of its own, which OpendTect takes no notice of.
    defaults: dict[str, Any] = {
        "z": (0.5, 0.004),
        "steps": (1, 2),
        "transform": (0, 1, 0, 0, 0, 1),
    }
    return make_cbvs(path, traces, **(defaults | form))


def ingested(*arguments: object) -> xr.Dataset:
    out = next(Path(str(a)) for a in arguments if str(a).endswith(".zarr"))
    assert run(["ingest", *map(str, arguments)]) == COMPLETE
    made: xr.Dataset = xr.open_zarr(out, chunks=None)
    return made
