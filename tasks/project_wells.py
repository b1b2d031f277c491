"""Planned wells as OpendTect has them: straight holes with markers and a depth-time relation."""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from storage.errors import InputError, ProjectError
from storage.existing_wells import KnownWell, read_existing_wells
from storage.geometry import LengthUnit, SampleAxis, SurveyGeometry
from storage.opendtect.points import Point
from storage.opendtect.survey import Survey
from storage.opendtect.wells import Marker, Well
from storage.volume import geometry_of, read_region
from tasks.surface_tiles import FAULT_ID
from tasks.survey_frame import METRES_PER_FOOT

TABLE, SUMMARY = "wells.csv", "summary.json"
INTERVAL_NAMES = ("Reservoir top", "Reservoir base")
BLUE = (0, 90, 200)


@dataclass(frozen=True, slots=True)
class PlannedWells:
    """What a run of place-wells planned.

    Attributes
    ----------
    key
        Identity of the run.
    wells
        Names and CDP X/Y.
    interval
        Top and base of the reservoir in ms, metres or feet, where the run was told them.
    """

    key: str
    wells: tuple[KnownWell, ...]
    interval: tuple[float, float] | None


def planned_wells(run: Path) -> PlannedWells:
    """Read what a run planned.

    Parameters
    ----------
    run
        Folder of the run.

    Raises
    ------
    ProjectError
        If it is no complete run, or nobody knows where its map lies.
    """
    try:
        summary: dict[str, Any] = json.loads((run / SUMMARY).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ProjectError(
            run, "it is no folder of graben place-wells", "Name one with --wells."
        ) from None
    if not summary.get("complete"):
        raise ProjectError(run, "it holds an incomplete run", "Go on with it: --resume.")
    try:
        wells = read_existing_wells(run / TABLE, on_map=False)
    except InputError as error:
        raise ProjectError(
            error.where,
            f"{error.what}: nobody knows where its map lies",
            "Place the wells with --map-origin.",
        ) from None
    interval = summary.get("settings", {}).get("interval")
    ends = (float(interval[0]), float(interval[1])) if interval else None
    return PlannedWells(str(summary.get("key", "")), tuple(wells), ends)


@dataclass(frozen=True, slots=True)
class Holes:
    """How deep wells go.

    Parameters
    ----------
    samples
        Vertical axis of the volume; wells go down to its last sample.
    velocity
        m/s, constant, for two-way time.
    kb_m
        Elevation of the kelly bushing above the datum, m.
    """

    samples: SampleAxis
    velocity: float
    kb_m: float

    @property
    def unit(self) -> LengthUnit:
        """Unit of depths: that of the survey, metres where it is in time."""
        return "m" if self.samples.domain == "time" else self.samples.length_unit

    @property
    def kb(self) -> float:
        """Elevation of the kelly bushing in that unit."""
        return self.kb_m / (METRES_PER_FOOT if self.unit == "ft" else 1.0)

    @property
    def last(self) -> float:
        """Last sample, in ms or length."""
        return self.samples.start + self.samples.interval * (self.samples.count - 1)

    def md(self, sample: float) -> float:
        """Return the depth along the hole of two-way time in ms, or depth."""
        tvdss = sample * self.velocity / 2000 if self.samples.domain == "time" else sample
        return round(tvdss + self.kb, 3)

    def depth_time(self) -> tuple[tuple[float, float], ...]:
        """Return MD and seconds at the datum, or the bushing below it, and at the end."""
        if self.samples.domain == "depth":
            return ()
        top = max(self.kb, 0.0)
        ends = (top, self.md(self.last))
        return tuple((md, 2 * (md - self.kb) / self.velocity) for md in ends)


def wells_of(
    planned: PlannedWells, survey: Survey, surfaces: Path | None, holes: Holes
) -> tuple[list[Well], list[str]]:
    """Return the wells, with a marker where each meets a fault and at the ends of the reservoir.

    Parameters
    ----------
    planned
        From `planned_wells`.
    survey
        Where they stand.
    surfaces
        Store with numbered faults, if there is one.
    holes
        How deep they go.

    Returns
    -------
    wells, notes
        The wells in their order; what is odd.

    Raises
    ------
    ProjectError
        If none stands on the survey, or a hole would have no depth.
    """
    if holes.md(holes.last) <= 0:
        raise ProjectError("--kb", f"{holes.kb_m:g} m lies below the volume", "Lower it.")
    geometry = None if surfaces is None else geometry_of(surfaces)
    wells, outside = [], []
    for known in planned.wells:
        found = _interval_markers(planned, holes)
        line = _lines(survey, known)
        if not (_within(line[0], survey.inlines) and _within(line[1], survey.crosslines)):
            outside.append(known.name)
        elif surfaces is not None and geometry is not None:
            found += _fault_markers(surfaces, geometry, line, holes)
        markers = tuple(sorted(_apart(found), key=lambda each: each.md))
        td, depth_time = holes.md(holes.last), holes.depth_time()
        name = known.name if not known.name.isdecimal() else f"Planned {int(known.name):02d}"
        wells.append(Well(name, known.x, known.y, holes.kb, td, markers, depth_time, holes.unit))
    if outside and len(outside) == len(wells):
        raise ProjectError(
            survey.name,
            f"none of the {len(wells)} wells stands on this survey",
            "Correct --map-origin of place-wells, or name the wells of this survey.",
        )
    notes = [f"wells off the survey: {', '.join(outside)}."] if outside else []
    return wells, notes


def points_of(
    wells: list[Well], planned: PlannedWells, holes: Holes, z_factor: float
) -> list[Point]:
    """Return where wells meet the reservoir, or the first sample where nobody knows that."""
    at = planned.interval[0] if planned.interval else holes.samples.start
    return [Point(well.x, well.y, at * z_factor, well.name) for well in wells]


def _lines(survey: Survey, well: KnownWell) -> tuple[float, float]:
    """Return inline and crossline of a place."""
    x0, dx_il, dx_xl, y0, dy_il, dy_xl = survey.affine
    matrix = np.array([[dx_il, dx_xl], [dy_il, dy_xl]])
    inline, crossline = np.linalg.solve(matrix, [well.x - x0, well.y - y0])
    return float(inline), float(crossline)


def _within(line: float, lines: range) -> bool:
    """Tell whether a line lies on a survey, half a bin beside it included."""
    half = lines.step / 2
    return lines[0] - half <= line <= lines[-1] + half


def _interval_markers(planned: PlannedWells, holes: Holes) -> list[Marker]:
    """Return markers of the reservoir."""
    if planned.interval is None:
        return []
    pairs = zip(INTERVAL_NAMES, planned.interval, strict=True)
    inside = [(name, at) for name, at in pairs if holes.samples.start <= at <= holes.last]
    return [Marker(name, holes.md(at), BLUE) for name, at in inside]


def _fault_markers(
    surfaces: Path, geometry: SurveyGeometry, line: tuple[float, float], holes: Holes
) -> list[Marker]:
    """Return a marker for each fault that the trace of a well meets."""
    at = [
        int(np.argmin(np.abs(lines - each)))
        for lines, each in zip((geometry.inlines, geometry.crosslines), line, strict=True)
    ]
    region = (slice(at[0], at[0] + 1), slice(at[1], at[1] + 1), slice(0, geometry.shape[2]))
    ids = read_region(surfaces, FAULT_ID, region)[0, 0]
    ends = np.flatnonzero(np.diff(ids)) + 1
    found, first = [], 0
    for part in np.split(ids, ends):
        if part[0] > 0:
            middle = first + (len(part) - 1) / 2
            sample = holes.samples.start + holes.samples.interval * middle
            found.append(Marker(f"Fault {part[0]}", holes.md(sample)))
        first += len(part)
    return found


def _apart(markers: list[Marker]) -> list[Marker]:
    """Return markers with names of their own: a fault that is met again is counted on."""
    seen: Counter[str] = Counter()
    named = []
    for marker in markers:
        seen[marker.name] += 1
        again = f" ({seen[marker.name]})" if seen[marker.name] > 1 else ""
        named.append(Marker(marker.name + again, marker.md, marker.colour))
    return named
