"""Point sets in OpendTect's own file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from storage.locations import write_text
from storage.opendtect.text import head_of, listed, paragraph_of, write_content

GREEN = (0, 170, 0)
SIZE, SPHERE = 5, 3
"""Pixels, and the number of OpendTect's marker."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place with what is said of it; Z in seconds, metres or feet."""

    x: float
    y: float
    z: float
    text: str = ""


def write_points(path: Path, points: Sequence[Point], z_domain: dict[str, str]) -> None:
    """Write a point set, whole or not at all.

    Parameters
    ----------
    path
        The file.
    points
        At least one: OpendTect refuses an empty set.
    z_domain
        From `storage.opendtect.sticks.z_keys`.
    """
    keys = [
        ("Color", listed(*GREEN, 0)),
        ("Size", SIZE),
        ("Marker Type", SPHERE),
        *z_domain.items(),
    ]
    rows = "".join(f"{_label(point)}{point.x!r}\t{point.y!r}\t{point.z!r}\n" for point in points)
    write_content(path, head_of("PickSet Group") + paragraph_of(keys) + rows + "!\n")


def _label(point: Point) -> str:
    """Return the label; a colon would end it, a quote too."""
    text = " ".join(point.text.replace('"', "'").replace(":", ",").split())
    return f'"{text}"\t' if text else ""


def write_point_table(path: Path, points: Sequence[Point], *, z_unit: float) -> None:
    """Write points for the import of a point set: X, Y, Z in ms or lengths, whole or not at all.

    Parameters
    ----------
    path
        The file.
    points
        The points.
    z_unit
        What their Z is multiplied by: 1000 for two-way time, 1 for depth.
    """
    lines = (f"{p.x:.12g}\t{p.y:.12g}\t{p.z * z_unit:.9g}\n" for p in points)
    write_text(path, "".join(lines))
