"""What a report says of fault surfaces: how many, how large."""

from pathlib import Path

from models.surfaces.frame import BIN_M
from storage.fault_tables import FAULT_COLUMNS, fault_cells
from storage.geometry import SurveyGeometry
from storage.volume import attributes_of
from tasks.surfaces import faults_of
from tasks.survey_frame import frame_of

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


def largest_faults(surfaces: Path) -> list[list[str]]:
    """Return the table of the largest faults as text, headings first; digits are those of ``faults.csv``."""
    return [list(FAULT_COLUMNS), *(fault_cells(row) for row in faults_of(surfaces)[:SHOWN])]
