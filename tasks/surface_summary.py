"""What a report says of fault surfaces: how many, how large, how they lie."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.surfaces.frame import BIN_M
from storage.fault_tables import FAULT_COLUMNS, fault_cells
from storage.geometry import SurveyGeometry
from storage.volume import attributes_of
from tasks.surfaces import faults_of
from tasks.survey_frame import frame_of

Float = NDArray[np.float64]
SHOWN = 20
"""Faults in the table of a report."""


def surface_notes(geometry: SurveyGeometry, velocity: float) -> list[str]:
    """Return what a user has to know of how lengths and angles come about, a line each."""
    notes = []
    if geometry.samples.domain == "time":
        notes.append(f"Two-way time becomes metres at {velocity:g} m/s; --velocity changes it.")
    if not frame_of(geometry, velocity).known:
        notes.append(
            f"The coordinates form no grid of metres: lines are taken as {BIN_M:g} m apart, "
            "inline numbers as growing to the north."
        )
    return notes


def surface_facts(surfaces: Path) -> dict[str, object]:
    """Return what was found, for people and for the record of the run."""
    rows, attributes = faults_of(surfaces), attributes_of(surfaces)
    facts: dict[str, object] = {
        "faults": len(rows),
        "sticks": sum(row["sticks"] for row in rows),
    }
    areas = [row["area_m2"] for row in rows if row["area_m2"] is not None]
    if areas:
        facts["area of all faults"] = f"{sum(areas) / 1e6:.3g} km2"
    if attributes["domain"] == "time":
        facts["velocity"] = f"{attributes['velocity']:g} m/s (two-way time into metres)"
    return facts


@dataclass(frozen=True, slots=True, eq=False)
class Attitudes:
    """How the faults lie, one value a fault; shapes (n,).

    Attributes
    ----------
    strike_deg
        0..360, NaN where a fault has none, as on a single line.
    dip_deg
        0..90.
    weight
        What each counts: its area, on a single line its samples.
    """

    strike_deg: Float
    dip_deg: Float
    weight: Float


def attitudes_of(surfaces: Path) -> Attitudes:
    """Return strike, dip and weight of all faults."""
    rows = faults_of(surfaces)
    strikes = [np.nan if row["strike_deg"] is None else row["strike_deg"] for row in rows]
    return Attitudes(
        np.array(strikes, float),
        np.array([row["dip_deg"] for row in rows], float),
        np.array([row["area_m2"] or row["samples"] for row in rows], float),
    )


def largest_faults(surfaces: Path) -> list[list[str]]:
    """Return the table of the largest faults as text, headings first; digits are those of ``faults.csv``."""
    return [list(FAULT_COLUMNS), *(fault_cells(row) for row in faults_of(surfaces)[:SHOWN])]
