"""Wells: OpendTect's own files (track, markers, depth-time), and the tables that its imports read.

Depths count down from the survey's datum (TVDSS) or along the hole from the kelly bushing (MD); straight
wells begin at minus the bushing's elevation.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from storage.geometry import LengthUnit
from storage.locations import whole_file
from storage.opendtect.text import head_of, listed, paragraph_of, text_of, write_content

RED = (255, 0, 0)


@dataclass(frozen=True, slots=True)
class Marker:
    """A marker of a well: its name, its depth along the hole, its colour."""

    name: str
    md: float
    colour: tuple[int, int, int] = RED


@dataclass(frozen=True, slots=True)
class Well:
    """A straight vertical well.

    Parameters
    ----------
    name
        Of the well.
    x, y
        Coordinates of the survey.
    kb
        Elevation of the kelly bushing above the datum.
    td
        Depth along the hole at which it ends, MD.
    markers
        From top to base.
    depth_time
        MD and two-way time in seconds, from top to base; empty where nobody knows it.
    unit
        Of all depths.
    """

    name: str
    x: float
    y: float
    kb: float
    td: float
    markers: tuple[Marker, ...] = ()
    depth_time: tuple[tuple[float, float], ...] = ()
    unit: LengthUnit = "m"

    @property
    def track(self) -> tuple[tuple[float, float, float, float], ...]:
        """X, Y, TVDSS and MD of its two ends."""
        return (
            (self.x, self.y, -self.kb, 0.0),
            (self.x, self.y, self.td - self.kb, self.td),
        )


def write_well(path: Path, well: Well) -> None:
    """Write a well.

    Parameters
    ----------
    path
        The file of its track, ``.well``; markers and depth-time go beside it as ``.wlm`` and ``.wlt``.
    well
        The well.
    """
    if well.markers:
        write_content(path.with_suffix(".wlm"), text_of("Well Markers", _marker_pairs(well)))
    if well.depth_time:
        model = [
            ("Name", "Constant velocity"),
            ("Description", "planned well"),
            ("Data source", "graben"),
            ("Depth-Unit", well.unit),
        ]
        content = head_of("Depth2Time Model") + paragraph_of(model) + _rows(well.depth_time)
        write_content(path.with_suffix(".wlt"), content)
    info = [
        ("Depth-Unit", well.unit),
        ("Unique Well ID", well.name),
        ("Operator", ""),
        ("Surface coordinate", f"({well.x!r},{well.y!r})"),
        ("Ground Level elevation [GL]", "1e30"),
    ]
    write_content(path, head_of("Well") + paragraph_of(info) + _rows(well.track))


def _marker_pairs(well: Well) -> list[tuple[str, object]]:
    """Return the keys of all markers."""
    return [
        (f"{number}.{key}", value)
        for number, marker in enumerate(well.markers, start=1)
        for key, value in (
            ("Name", marker.name),
            ("Depth along hole", repr(float(marker.md))),
            ("Strat Level", -1),
            ("Color", listed(*marker.colour, 0)),
        )
    ]


def _rows(rows: Iterable[Sequence[float]]) -> str:
    """Return rows of numbers."""
    return "".join("\t".join(repr(float(each)) for each in row) + "\n" for row in rows)


def write_well_tables(
    wells: Sequence[Well], *, simple: Path, tracks: Path, markers: Path, depth_time: Path
) -> None:
    """Write the tables for OpendTect's imports of several wells, each whole or not at all.

    Parameters
    ----------
    wells
        The wells.
    simple
        For "Import Well Locations": name, X, Y, KB, TD (MD), UWI.
    tracks
        Bulk well track: name, X, Y, TVDSS, MD.
    markers
        Bulk markers: well, MD, marker.
    depth_time
        Bulk depth-time: well, MD, two-way time in ms.
    """
    _write_table(simple, ((w.name, w.x, w.y, w.kb, w.td, w.name) for w in wells))
    _write_table(tracks, ((w.name, *row) for w in wells for row in w.track))
    _write_table(markers, ((w.name, m.md, m.name) for w in wells for m in w.markers))
    rows = ((w.name, md, 1000 * t) for w in wells for md, t in w.depth_time)
    _write_table(depth_time, rows)


def _write_table(path: Path, rows: Iterable[Sequence[object]]) -> None:
    """Write rows with tabs, names within quotes where they hold blanks."""
    with whole_file(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
        for row in rows:
            table.writerow([float(f"{x:.12g}") if isinstance(x, float) else x for x in row])
