"""A run of map-faults with planned wells, the way of it into a survey, and somebody's survey for it."""

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from flows import map_faults
from flows.opendtect_project import put_into_project
from flows.settings.faults import MapFaults
from flows.settings.opendtect import OpendtectProject
from tests.planar_faults import AZIMUTH, BIN_M, FIRST, VELOCITY, Plane, plain_flow
from tests.surveys import Form

# Rotated by half a radian: crossline step 2, from 500 ms, a fault that sticks on inlines cross best; and in
# depth, a fault for sticks on crosslines.
SURVEYS = {
    "time": (Plane(step=(1, 2)), Form(delay=500), "T"),
    "depth": (Plane(domain="depth", normal=(1.0, 0.2, 0.6)), Form(), "D"),
}
WELLS = 3


def complete_run(name: str, folder: Path) -> Path:
    """Leave a complete run on one of the surveys, and planned wells on it."""
    plane, form, _ = SURVEYS[name]
    with pytest.MonkeyPatch.context() as patch:
        plain_flow(patch)
        patch.setattr(map_faults, "write_report", lambda path, *_, **__: path.write_text("report"))
        survey = plane.write(folder / "survey.sgy", form)
        settings = {"survey": survey, "out": folder / "run", "domain": plane.domain}
        map_faults.map_faults.fn(MapFaults.read(settings | {"velocity": VELOCITY}))
    plan_wells(folder / "wells", folder / "run", top=540.0 if form.delay else 40.0)
    return folder


def plan_wells(folder: Path, run: Path, top: float) -> None:
    """Leave what place-wells leaves of its result."""
    faults = xr.open_zarr(run / "faults.zarr", chunks=None)
    middle = [n // 2 for n in faults.live_mask.shape]
    folder.mkdir()
    with (folder / "wells.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["well", "x_m", "y_m", "cdp_x", "cdp_y", "radius_m"])
        for n in range(WELLS):
            at = middle[0] + n, middle[1] - 3 * n
            place = [float(faults[name].values[at]) for name in ("cdp_x", "cdp_y")]
            table.writerow([n + 1, 10, 10, *place, 100])
    summary = {"complete": True, "key": "w" * 64, "settings": {"interval": [top, top + 60]}}
    (folder / "summary.json").write_text(json.dumps(summary))


def put(folder: Path, project: Path, **given: Any) -> Path:
    settings = {"run": folder / "run", "project": project, "wells": folder / "wells"}
    put_into_project(OpendtectProject.read(settings | given))
    return project


def existing(folder: Path, name: str) -> Path:
    """Make a survey of somebody's that a run lies on, twice as large and without its seismic."""
    plane, form, letter = SURVEYS[name]
    first, last = (form.delay, form.delay + 4 * plane.shape[2])
    numbers = (0.001 * first, 0.001 * last, 0.004) if letter == "T" else (first, last, 4)
    cos, sin = np.cos(AZIMUTH), np.sin(AZIMUTH)
    steps = [(-sin * BIN_M[0], cos * BIN_M[1]), (cos * BIN_M[0], sin * BIN_M[1])]
    axes = [
        [origin - FIRST[0] * by_inline - FIRST[1] * by_crossline, by_inline, by_crossline]
        for origin, (by_inline, by_crossline) in zip((455000.0, 6780000.0), steps, strict=True)
    ]
    survey = folder / "F3"
    (survey / "Seismics").mkdir(parents=True)
    lists = ["`".join(map(repr, map(float, axis))) for axis in axes]
    (survey / ".survey").write_text(
        "dTect V6.6\nSurvey Info\nx\n!\nName: F3\nSurvey Data Type: Only 3D\n"
        "In-line range: 51`250`1\nCross-line range: 1901`2300`1\n"
        f"Z range: {'`'.join(map(str, numbers))}`{letter}\n"
        f"Coord-X-BinID: {lists[0]}\nCoord-Y-BinID: {lists[1]}\nSomething else: 1\n!\nnotes\n"
    )
    table = "dTect V6.6\nObject Management file\nx\n!\n{}\n!\n"
    (survey / ".omf").write_text(table.format("ID: 0"))
    (survey / "Seismics" / ".omf").write_text(
        table.format(
            "ID: 100010`7\n!\nSeismics: 1\nSeismic directory: dGB`Stream\n$Name: Seismics"
        )
        + "-- a remark\nDip: 4\nSeismic Data: CBVS`Stream\n$Name: dip.cbvs\n#Odd: yes\n!\n"
        "Mystery\n!\n"
    )
    (survey / "Seismics" / "dip.cbvs").write_bytes(b"dGB")
    return survey


@contextmanager
def unchanged(folder: Path) -> Iterator[None]:
    """Fail if something under a folder changes."""

    def state() -> dict[str, tuple[int, int]]:
        return {
            str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in folder.rglob("*")
        }

    before = state()
    yield
    assert state() == before
