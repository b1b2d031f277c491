"""Many equally likely maps of one reservoir: wells are placed on their mean and valued on each.

The objective is linear in the map, so the mean over all maps of what a plan collects is what it collects
on the mean map: searching there costs no more than on one map, and the bound holds for that mean.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.wells.frame import MapFrame
from models.wells.objective import ValueMap, evaluate
from storage.errors import InputError, MapError
from storage.map_store import is_map_store
from tasks.map_places import apart_m, said_place
from tasks.maps import Assignment, ReservoirMap, reservoir_map
from tasks.search import WellPlan
from tasks.well_problem import Problem

Float = NDArray[np.float64]

CLOSE = 0.01
"""Part of a cell by which maps of one reservoir may lie beside each other."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What one plan collects on every map.

    Attributes
    ----------
    values
        In the order of the maps.
    """

    values: tuple[float, ...]

    def facts(self) -> dict[str, Any]:
        """Return quantiles as reservoir engineers name them: nine of ten maps give P90 or more."""
        p10, p50, p90 = np.quantile(self.values, [0.9, 0.5, 0.1])
        return {
            "maps": len(self.values),
            "mean": float(np.mean(self.values)),
            "p90": float(p90),
            "p50": float(p50),
            "p10": float(p10),
            "least": min(self.values),
            "most": max(self.values),
            "values": list(self.values),
        }


def map_files(given: Sequence[Path]) -> list[Path]:
    """Return the files of all maps, those of a folder in the order of their names.

    Raises
    ------
    InputError
        If a folder is empty, or a file is named twice.
    """
    files: list[Path] = []
    for path in given:
        if not path.is_dir() or is_map_store(path):
            files.append(path)
            continue
        inside = sorted(each for each in path.iterdir() if each.is_file() and each.name[0] != ".")
        if not inside:
            raise InputError(path, "the folder holds no map", "Name a folder of map files.")
        files += inside
    if len({path.absolute() for path in files}) < len(files):
        twice = next(path for path in files if files.count(path) > 1)
        raise InputError(twice, "it is named twice", "Every map counts once.")
    return files


def on_the_mean(assignment: Assignment, files: Sequence[Path]) -> Assignment:
    """Return the assignment on the mean of several maps.

    Parameters
    ----------
    assignment
        On the first of them.
    files
        All maps.

    Raises
    ------
    InputError
        If the maps are not of one kind, one grid and one place, as far as their files say where they lie.
    """
    if len(files) == 1:
        return assignment
    first = assignment.reservoir
    total, missing, digest = np.zeros_like(first.value_map.values), 0, hashlib.sha256()
    placed: tuple[Path, MapFrame] | None = None
    for path in files:
        each = reservoir_map(path, assignment.reading)
        if _form(each) != _form(first):
            raise MapError(
                path,
                f"{_said(each)}, and {files[0]} is {_said(first)}",
                "Maps of one reservoir have the same kind, size and cells.",
            )
        if each.frame is not None:
            placed = placed or (path, each.frame)
            _refuse_elsewhere(path, each, each.frame, *placed)
        total += each.value_map.values
        missing += each.without_value
        digest.update(each.sha256.encode())
    value_map = ValueMap(total / len(files), *_form(first)[2:])
    mean = replace(first, value_map=value_map, without_value=missing, sha256=digest.hexdigest())
    return replace(assignment, reservoir=mean)


def outlook_of(
    problem: Problem, plan: WellPlan, files: Sequence[Path], kept: Float | None = None
) -> Outlook:
    """Return what a plan collects on every map, one map in memory at a time.

    Parameters
    ----------
    problem, plan
        What was asked, and found.
    files
        The maps.
    kept
        Part of its value that each cell keeps beside faults, the shape of the maps; None: all.
    """
    values = []
    for path in files:
        value_map = reservoir_map(path, problem.reading).value_map
        if kept is not None:
            value_map = replace(value_map, values=value_map.values * kept)
        values.append(_collected(problem, plan, value_map))
    return Outlook(tuple(values))


def value_on(assignment: Assignment, problem: Problem, plan: WellPlan) -> float:
    """Return what a plan collects on the map of an assignment, which may be another than it was made on."""
    return _collected(problem, plan, assignment.reservoir.value_map)


def _collected(problem: Problem, plan: WellPlan, value_map: ValueMap) -> float:
    if problem.existing is not None:
        value_map = replace(value_map, existing=problem.existing)
    return evaluate(value_map, plan.positions_m, problem.at(plan.positions_m)).value


def _refuse_elsewhere(
    path: Path, found: ReservoirMap, frame: MapFrame, other_path: Path, other: MapFrame
) -> None:
    """Refuse a map whose file says that it lies elsewhere than another."""
    grid = found.value_map
    if apart_m(frame, other, grid) > CLOSE * min(grid.cell_width_m, grid.cell_height_m):
        raise MapError(
            path,
            f"it lies {said_place(frame)}, and {other_path} {said_place(other)}",
            "Maps of one reservoir lie in one place: resample them to one grid.",
        )


def _form(found: ReservoirMap) -> tuple[str, tuple[int, ...], float, float]:
    grid = found.value_map
    return found.kind, grid.values.shape, grid.cell_width_m, grid.cell_height_m


def _said(found: ReservoirMap) -> str:
    kind, shape, width, height = _form(found)
    return f"{kind} of {shape[1]} x {shape[0]} cells of {width:g} x {height:g} m"
