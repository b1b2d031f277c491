"""A plan of the page of wells in a folder: the files of a run, and a record that says whose hand made it."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from storage.errors import OutputError
from storage.locations import whole_file
from storage.run_record import clear, hold, read, write
from tasks.refine import gap_between
from tasks.well_plan import write_plan, write_prices
from tasks.wells_page import Stated

Float = NDArray[np.float64]

RECORD, TABLE, SHAPES, PRICES = "summary.json", "wells.csv", "wells.geojson", "shadow_prices.asc"
OF_A_RUN = (TABLE, SHAPES, PRICES, "map.png", "convergence.png", "report.html")
OURS = "page_of_wells"
"""In the identity of a record: the page wrote it, and may write it again."""


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A plan as the page shows it.

    Attributes
    ----------
    positions_m
        Centres x, y on the map, shape (wells, 2), metres.
    before
        Value of the plan before wells were moved by hand; None: none was.
    bound
        What no plan of the same wells exceeds; None where nobody has worked it out.
    prices
        The shadow prices that prove it, the shape of the map; None as well.
    course
        Seconds, value and bound, as they came about.
    """

    positions_m: Float
    before: float | None
    bound: float | None
    prices: NDArray[np.float32] | None
    course: tuple[tuple[float, float, float], ...]


def save_plan(
    stated: Stated,
    plan: Drawn,
    folder: Path,
    settings: Mapping[str, Any],
    with_map: bool,
) -> dict[str, Any]:
    """Write a plan, its shares exact; return what its ``summary.json`` says.

    Parameters
    ----------
    stated
        What was asked.
    plan
        The plan.
    folder
        Where to; a plan that the page saved there before goes.
    settings
        Those of place-wells that ask the same.
    with_map
        Whether to keep the map beside the plan, as it lies where it will not stay.

    Raises
    ------
    OutputError
        If anything else lies there.
    """
    record = folder / RECORD
    _refuse_others(folder)
    value, wrong = stated.value(plan.positions_m), stated.wrong(plan.positions_m)
    rows, wells = stated.rows(plan.positions_m), len(plan.positions_m)
    by_hand = plan.before is not None
    identity = {OURS: True, **stated.assignment.facts(), "edited_by_hand": by_hand}
    identity["positions_m"] = plan.positions_m.tolist()
    facts: dict[str, Any] = {
        "settings": dict(settings),
        "edited_by_hand": by_hand,
        "value": stated.problem.gross(value, wells),
        "wells": wells,
        "map_form": stated.assignment.reservoir.form,
    }
    if stated.problem.costs is not None:
        facts["net_value"] = value
    if plan.before is not None:
        facts |= {"value_before_editing": plan.before, "change": value - plan.before}
    if plan.bound is not None:
        facts |= {"bound": plan.bound, "gap_percent": 100 * gap_between(value, plan.bound)}
        facts["refinement"] = {
            "course": [list(entry) for entry in plan.course if np.isfinite(entry[2])]
        }
    facts["wells_where_none_may_stand"] = (np.flatnonzero(wrong) + 1).tolist()
    facts["notes"] = ["this plan was edited by hand; its shares are exact."] if by_hand else []
    with hold(folder):
        write(record, identity, {**facts, "complete": False})
        clear(folder, OF_A_RUN)
        if with_map:
            facts["settings"] |= {"map": [str(_kept(stated.assignment.path, folder))]}
        nowhere = stated.assignment.frame is None
        write_plan(folder / TABLE, folder / SHAPES, rows, on_map=nowhere)
        if plan.prices is not None:
            write_prices(folder / PRICES, stated.assignment, plan.prices)
        write(record, identity, {**facts, "complete": True})
    return read(record)


def _kept(path: Path, folder: Path) -> Path:
    """Copy a map into a folder; return where it lies there."""
    kept = folder.absolute() / path.name
    with whole_file(kept) as part:
        shutil.copyfile(path, part)
    return kept


def _refuse_others(folder: Path) -> None:
    """Refuse a folder in which anything lies that the page did not write."""
    mend = "Choose another folder."
    if folder.exists() and not folder.is_dir():
        raise OutputError(folder, "it is no folder", mend)
    if (folder / RECORD).exists():
        if not read(folder / RECORD).get("identity", {}).get(OURS):
            raise OutputError(folder, "it holds a run, whose plan stays as it is", mend)
    elif folder.exists() and any(folder.iterdir()):
        raise OutputError(folder, "it is not empty", mend)
