"""Map files of every form, written as their makers describe them: readers are held against these."""

import math
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np

Grid = np.ndarray
"""Shape (rows, columns), float64, NaN without a value."""


def places(
    shape: tuple[int, int], first: tuple[float, float], steps: tuple[float, float], turn_deg: float
) -> np.ndarray:
    """Return X and Y of the nodes of a grid turned counterclockwise, shape (rows, columns, 2)."""
    j, i = np.indices(shape)
    turn = math.radians(turn_deg)
    x, y = i * steps[0], j * steps[1]
    return np.stack(
        [
            first[0] + x * math.cos(turn) - y * math.sin(turn),
            first[1] + x * math.sin(turn) + y * math.cos(turn),
        ],
        axis=-1,
    )


def irap_text(
    path: Path, values: Grid, first: tuple[float, float], steps: tuple[float, float], turn: float
) -> None:
    rows, columns = values.shape
    x1, y1 = first[0] + (columns - 1) * steps[0], first[1] + (rows - 1) * steps[1]
    flat = np.where(np.isnan(values), 9999900.0, values).ravel()
    lines = [" ".join(f"{v:.6f}" for v in flat[k : k + 6]) for k in range(0, flat.size, 6)]
    head = (
        f"-996 {rows} {steps[0]!r} {steps[1]!r}\n{first[0]!r} {x1!r} {first[1]!r} {y1!r}\n"
        f"{columns} {turn!r} {first[0]!r} {first[1]!r}\n0 0 0 0 0 0 0\n"
    )
    path.write_text(head + "\n".join(lines) + "\n")


def irap_binary(
    path: Path, values: Grid, first: tuple[float, float], steps: tuple[float, float], turn: float
) -> None:
    rows, columns = values.shape
    x1, y1 = first[0] + (columns - 1) * steps[0], first[1] + (rows - 1) * steps[1]
    records = [
        struct.pack(">ii6f", -996, rows, first[0], x1, first[1], y1, *steps),
        struct.pack(">i3f", columns, turn, *first),
        bytes(28),
        *(np.where(np.isnan(row), 1e30, row).astype(">f4").tobytes() for row in values),
    ]
    framed = (struct.pack(">i", len(r)) + r + struct.pack(">i", len(r)) for r in records)
    path.write_bytes(b"".join(framed))


def column_text(values: Grid, null: str, width: int = 15) -> str:
    """Write columns from west to east, each from north to south, five values a line."""
    text = []
    for column in values.T:
        words = [null if np.isnan(v) else f"{v:.4f}" for v in column[::-1]]
        text += [
            "".join(w.rjust(width) for w in words[k : k + 5]) for k in range(0, len(words), 5)
        ]
    return "\n".join(text) + "\n"


def zmap(
    path: Path,
    values: Grid,
    first: tuple[float, float],
    steps: tuple[float, float],
    _turn: float,
    *,
    width: int = 15,
) -> None:
    rows, columns = values.shape
    x1, y1 = first[0] + (columns - 1) * steps[0], first[1] + (rows - 1) * steps[1]
    path.write_text(
        f"! a remark\n@map HEADER, GRID, 5\n{width}, -99999.0000, , 4, 1\n"
        f"{rows}, {columns}, {first[0]!r}, {x1!r}, {first[1]!r}, {y1!r},\n0.0, 0.0, 0.0\n@\n"
        "+ Grid data starts after this line\n" + column_text(values, "-99999.0000", width)
    )


def cps3(
    path: Path, values: Grid, first: tuple[float, float], steps: tuple[float, float], _turn: float
) -> None:
    rows, columns = values.shape
    x1, y1 = first[0] + (columns - 1) * steps[0], first[1] + (rows - 1) * steps[1]
    path.write_text(
        '!  a remark\nFSASCI 0 1 "Computed" 0 0.1E+31 0\nFSATTR 0 0\n'
        f"FSLIMI {first[0]!r} {x1!r} {first[1]!r} {y1!r} 0.0 100.0\nFSNROW {rows} {columns}\n"
        f"FSXINC {steps[0]!r} {steps[1]!r}\n->top\n" + column_text(values, "0.1000000E+31")
    )


def esri(
    path: Path, values: Grid, first: tuple[float, float], steps: tuple[float, float], _turn: float
) -> None:
    rows, columns = values.shape
    flat = np.where(np.isnan(values), -9999.0, values)[::-1]
    path.write_text(
        f"NCOLS {columns}\nNROWS {rows}\nXLLCENTER {first[0]!r}\nYLLCORNER {first[1] - steps[1] / 2!r}\n"
        f"dx {steps[0]!r}\ndy {steps[1]!r}\nNODATA_value -9999\n"
        + "\n".join(" ".join(f"{v:.6f}" for v in row) for row in flat)
    )


WRITERS: dict[str, Callable[..., None]] = {
    "IRAP text": irap_text,
    "IRAP binary": irap_binary,
    "ZMAP+": zmap,
    "CPS-3": cps3,
    "ESRI ASCII": esri,
}
TURNED = ("IRAP text", "IRAP binary")
"""Forms whose grids may be turned; the others lie north up."""
