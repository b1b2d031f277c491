"""The demonstration: a faulted survey, its faults found and judged, wells placed away from them."""

import csv
from pathlib import Path

import numpy as np

from flows.map_faults import map_faults
from flows.place_wells import place_wells
from flows.settings.faults import MapFaults
from flows.settings.field import Demo
from flows.settings.wells import PlaceWells
from flows.terminal import say
from storage.errors import OutputError
from storage.run_record import read
from tasks.demo import (
    RESERVOIR_MS,
    make_map,
    make_survey,
    nearest_fault_m,
    read_back,
    score,
    stick_score,
)

LOWEST_F1 = 0.5
KEEP_OUT_M = 150.0
TILE_GIB = 1.5
"""Small enough that the survey takes several tiles."""


class DemoFailedError(Exception):
    """The demonstration ran and did not show what it should."""


def demo(settings: Demo) -> None:
    """Run the main job on a synthetic survey and check its result against the truth.

    Raises
    ------
    DemoFailedError
        If faults are missed, a trace is lost, or a well lies within the keep-out.
    """
    out = settings.out
    if out.exists() and any(out.iterdir()) and not (settings.overwrite or settings.resume):
        raise OutputError(out, "it is not empty", "Choose another --out, or use --overwrite.")
    out.mkdir(parents=True, exist_ok=True)
    survey, reservoir = out / "survey.sgy", out / "map.txt"
    say("1 of 3: a synthetic survey with faults")
    example = make_survey(survey, settings.seed)
    say(f"        {survey}: {' x '.join(map(str, example.amplitude.shape))} samples")
    say("2 of 3: its faults")
    common = settings.model_dump(include={"workers", "scheduler", "worker_memory"})
    common |= {"overwrite": settings.overwrite, "resume": settings.resume}
    map_faults(
        MapFaults.read(
            {"survey": survey, "out": out / "faults", "tile_memory": TILE_GIB, **common}
        )
    )
    found = read(out / "faults" / "run.json")["found"]
    threshold = found["threshold"]
    cube = read_back(out / "faults" / "faults.sgy")
    counts, lost = score(cube, example, threshold)
    say(
        f"        against the truth, within 2 samples: precision {counts.precision:.2f}, "
        f"recall {counts.recall:.2f}, F1 {counts.f1:.2f}; traces lost: {lost}"
    )
    near = stick_score(out / "faults" / "sticks.csv", example)
    say(
        f"        {found['faults']} faults on {found['sticks']} sticks; {near:.0%} of their nodes within "
        "2 samples of a true fault"
    )
    say("3 of 3: wells on a map, away from the faults")
    origin = make_map(reservoir, settings.seed)
    place_wells(
        PlaceWells.read(
            {
                "map": reservoir,
                "out": out / "wells",
                "wells": 8,
                "radius": 350,
                "periods": 10,
                "growth": 10,
                "faults": out / "faults" / "faults.zarr",
                "keep_out": KEEP_OUT_M,
                "interval": RESERVOIR_MS,
                "map_origin": origin,
                **common,
            }
        )
    )
    nearest = nearest_fault_m(cube, _well_positions(out / "wells" / "wells.csv"), threshold)
    say(f"        nearest fault to any well: {nearest:.0f} m (kept out: {KEEP_OUT_M:.0f} m)")
    judge(counts.f1, lost, nearest)
    say(f"Look at {out / 'faults' / 'report.html'} and {out / 'wells' / 'map.png'};")
    say(f"import {out / 'faults' / 'faults.sgy'} into OpendTect.")


def _well_positions(path: Path) -> np.ndarray:
    """Return CDP X/Y of the wells, shape (n, 2), in metres."""
    with path.open(encoding="utf-8", newline="") as file:
        return np.array([(float(r["cdp_x"]), float(r["cdp_y"])) for r in csv.DictReader(file)])


def judge(f1: float, lost: int, nearest_m: float) -> None:
    """Fail where the demonstration shows a defect."""
    if f1 < LOWEST_F1:
        msg = f"F1 {f1:.2f} is under {LOWEST_F1}"
        raise DemoFailedError(msg)
    if lost:
        msg = f"{lost} traces were lost between survey and fault cube"
        raise DemoFailedError(msg)
    if nearest_m < KEEP_OUT_M:
        msg = f"a well lies {nearest_m:.1f} m from a fault, within {KEEP_OUT_M:.0f} m"
        raise DemoFailedError(msg)
