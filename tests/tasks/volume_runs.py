"""A whole run with a stand-in for the network, and the wide survey that several tests run over."""

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from distributed import Client
from numpy.typing import NDArray

from storage.segy.checklist import Title
from storage.segy.scan import Survey
from tasks.export import export
from tasks.infer import FAULT_PROBABILITY, infer
from tasks.ingest import ingest
from tasks.plan import ARRAY_BYTES, plan
from tasks.scan import scan_survey
from tests.stand_in import Farthest, StandIn
from tests.surveys import Traces, grid_traces

TITLE = Title("Fault probability", "made.sgy", "stand-in", "0 = no fault, 1 = fault")
IDENTITY = {"survey": "made"}
SMALL = Farthest(stride=8, halo=8)

WIDE = (260, 130, 41)
TIGHT = 144 * 136 * 48 * (SMALL.bytes_per_sample + ARRAY_BYTES)
"""Room for one shard of the wide survey."""


def run(
    path: Path,
    out: Path,
    *,
    network: StandIn = SMALL,
    memory: int = 3 << 30,
    client: Client | None = None,
    **options: Any,
) -> Survey:
    """Scan, ingest, infer and export, as the flow does."""
    survey = scan_survey(path, **options)
    tiling = plan(survey.geometry, network.facts, memory).tiling
    out.mkdir(exist_ok=True)
    volume, faults = out / "volume.zarr", out / "faults.zarr"
    ingest(survey, volume, identity=IDENTITY, client=client)
    infer(volume, faults, network, identity=IDENTITY, tiling=tiling, threshold=0.5, client=client)
    cube = out / "faults.sgy"
    export(faults, FAULT_PROBABILITY, cube, TITLE, identity=IDENTITY, replace=True, client=client)
    return survey


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def probability(out: Path) -> NDArray[np.float32]:
    return np.asarray(xr.open_zarr(out / "faults.zarr", chunks=None)[FAULT_PROBABILITY].values)


def wide_traces() -> Traces:
    """Several shards: one without any trace, one with an empty inline, holes everywhere."""
    traces = grid_traces(WIDE, first=(1, 1), seed=8)
    row, column = traces.inline - 1, traces.crossline - 1
    keep = np.random.default_rng(9).random(len(traces)) > 0.1
    keep &= ~((row >= 128) & (row < 256) & (column >= 128))
    keep &= ~((row == 40) & (column < 128))
    keep |= (row == 0) | ((row == WIDE[0] - 1) & (column == WIDE[1] - 1))
    return traces.take(keep)
