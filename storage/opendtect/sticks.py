"""Fault stick sets and faults in OpendTect's own files, in their form as text.

::

    head, Format version: 3, !
    offset of the list of sections
    rows, first row; an offset a row
    a row a stick: knots, first column, x y z knot after knot
    the list of sections: one, its offset, its number
    !, ranges, a normal a stick, !

An offset has twenty digits and counts bytes from the start of the file.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from storage.geometry import Affine, Domain, LengthUnit
from storage.locations import whole_file
from storage.opendtect.text import head_of, line_of, listed, paragraph_of, to_bytes

FIRST_ROW, FIRST_COLUMN = 0, 0
Normal = tuple[float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Polyline:
    """A stick.

    Parameters
    ----------
    knots
        X, Y and Z in order along it, shape (n, 3), n >= 2; Z in seconds, metres or feet.
    normal
        Of the plane it was picked on, of length one.
    """

    knots: NDArray[np.float64]
    normal: Normal


def plane_normal(nodes: NDArray[np.float64], affine: Affine | None) -> Normal:
    """Return the normal of the plane that a stick lies on, as OpendTect counts it.

    Parameters
    ----------
    nodes
        Inline, crossline, and whatever vertical axis, shape (n, 3).
    affine
        From line numbers to coordinates.

    Returns
    -------
    tuple of three floats
        For a stick on an inline the direction in which inline numbers grow, on a crossline that of crossline
        numbers, else down.
    """
    flat = [bool(np.ptp(nodes[:, axis]) == 0) for axis in range(3)]
    steps = (0.0, 0.0, 1.0, 0.0, 1.0, 0.0) if affine is None else affine
    for axis in range(2):
        if flat[axis] and not flat[2]:
            east, north = steps[1 + axis], steps[4 + axis]
            length = float(np.hypot(east, north))
            return east / length, north / length, 0.0
    return 0.0, 0.0, 1.0


def z_keys(domain: Domain, unit: LengthUnit) -> dict[str, str]:
    """Return the keys that say what Z is."""
    if domain == "time":
        return {"ZDomain": "TWT", "ZDomain.Unit": "Seconds"}
    return {"ZDomain": "Depth", "ZDomain.Unit": "Feet" if unit == "ft" else "Meter"}


def write_stick_file(
    path: Path, *, kind: str, sticks: Sequence[Polyline], z_domain: dict[str, str]
) -> None:
    """Write a stick set or a fault, whole or not at all.

    Parameters
    ----------
    path
        The file.
    kind
        ``FaultStickSet`` or ``Fault``.
    sticks
        At least one; of a fault, in order along it.
    z_domain
        From `z_keys`.
    """
    head = to_bytes(head_of(kind) + paragraph_of([("Format version", 3)]))
    section = len(head) + len(_offset(0))
    rows = [_row(stick) for stick in sticks]
    table = to_bytes(f"{len(rows)}\t{FIRST_ROW}\n")
    starts = section + len(table) + len(rows) * len(_offset(0))
    offsets = starts + np.cumsum([0, *map(len, rows)])
    body = table + b"".join(map(_offset, offsets[:-1].tolist())) + b"".join(rows)
    sections = to_bytes("1\n") + _offset(section) + to_bytes("0\n")
    content = head + _offset(int(offsets[-1])) + body + sections + _ranges(sticks, z_domain)
    with whole_file(path) as part:
        part.write_bytes(content)


def _offset(at: int) -> bytes:
    return b"%020d\n" % at


def _row(stick: Polyline) -> bytes:
    """Return the row of a stick."""
    knots = ("\t".join(format(each, ".12g") for each in knot) for knot in stick.knots.tolist())
    return to_bytes(f"{len(stick.knots)}\t{FIRST_COLUMN}\t" + "\n\t\t".join(knots) + "\n")


def _ranges(sticks: Sequence[Polyline], z_domain: dict[str, str]) -> bytes:
    """Return what stands at the end of the file."""
    depths = np.concatenate([stick.knots[:, 2] for stick in sticks])
    most = max(len(stick.knots) for stick in sticks)
    pairs: list[tuple[str, object]] = [
        ("DB info", ""),
        ("Depth only", "No"),
        ("Row range", listed(FIRST_ROW, FIRST_ROW + len(sticks) - 1, 1)),
        ("Col range", listed(FIRST_COLUMN, FIRST_COLUMN + most - 1, 1)),
        ("Z range", listed(float(depths.min()), float(depths.max()))),
        ("Patch Name 0", "[0]"),
        *z_domain.items(),
        *(
            (f"Edit normal sticknr {number}", listed(*map(float, stick.normal)))
            for number, stick in enumerate(sticks, start=FIRST_ROW)
        ),
    ]
    return to_bytes("!\n" + "".join(line_of(*pair) for pair in pairs) + "!\n")
