"""Decks of the Eclipse form for depletion by wells: text that any simulator of that form reads."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]

ON_A_LINE = 12
"""Values; lines of a deck are 128 characters at most."""

DEPTH_M = 2000.0

FLUIDS = """PROPS
PVTW
 200 1.02 4.5E-5 0.5 0 /
PVDO
 50 1.25 1.2
 200 1.20 1.5
 400 1.15 2.0 /
ROCK
 200 8E-5 /
DENSITY
 850 1020 1 /
SWOF
 0.2 0   1   0
 0.5 0.1 0.3 0
 0.8 0.6 0   0
 1.0 1   0   0 /
SOLUTION
EQUIL
 2000 200 2500 0 /
SUMMARY
FOPT
FOPR
FOIP
FPR
WOPT
/
"""
"""An oil without gas of 1.5 cP, water that moves above 20 %, 200 bar at 2000 m, its contact far below."""


@dataclass(frozen=True, slots=True)
class DeckWell:
    """A producer.

    Attributes
    ----------
    name
        Eight letters at most.
    column, row
        Its cell, from 0.
    step
        Number of the step that it begins with, from 0.
    """

    name: str
    column: int
    row: int
    step: int


@dataclass(frozen=True, slots=True)
class DepletionCase:
    """What a deck says.

    Attributes
    ----------
    title
        One line.
    widths_m, heights_m
        Of columns and rows.
    porosity, thickness_m, permeability_md
        Shape (rows, columns).
    active
        The same shape.
    wells
        Producers.
    step_days
        Length of each step of the report.
    """

    title: str
    widths_m: Float
    heights_m: Float
    porosity: Float
    thickness_m: Float
    permeability_md: Float
    active: NDArray[np.bool_]
    wells: Sequence[DeckWell]
    step_days: Sequence[float]


def deck_text(case: DepletionCase) -> str:
    """Return the deck of a case."""
    rows, columns = case.porosity.shape
    wells = max(1, len(case.wells))
    parts = [
        f"-- Written by graben\nRUNSPEC\nTITLE\n {case.title[:70]}\n",
        f"DIMENS\n {columns} {rows} 1 /\nOIL\nWATER\nMETRIC\nSTART\n 1 JAN 2027 /\n",
        f"WELLDIMS\n {wells} 1 1 {wells} /\nTABDIMS\n/\nUNIFOUT\nGRID\nINIT\n",
        _array("DXV", case.widths_m),
        _array("DYV", case.heights_m),
        _array("DZ", case.thickness_m),
        f"TOPS\n {rows * columns}*{DEPTH_M:g} /\n",
        _array("ACTNUM", case.active.astype(np.float64)),
        _array("PORO", case.porosity),
        _array("PERMX", case.permeability_md),
        "COPY\n PERMX PERMY /\n PERMX PERMZ /\n/\n",
        FLUIDS,
        "SCHEDULE\nRPTRST\n BASIC=0 /\n",
        *_schedule(case),
        "END\n",
    ]
    return "".join(parts)


def _schedule(case: DepletionCase) -> list[str]:
    """Return the wells in the steps that they begin with, and the steps between."""
    parts: list[str] = []
    starts = sorted({well.step for well in case.wells if well.step < len(case.step_days)} | {0})
    for start, end in zip(starts, [*starts[1:], len(case.step_days)], strict=True):
        begin = [well for well in case.wells if well.step == start]
        if begin:
            parts += [
                "WELSPECS\n",
                *(f" {w.name} G {w.column + 1} {w.row + 1} 1* OIL /\n" for w in begin),
                "/\nCOMPDAT\n",
                *(f" {w.name} {w.column + 1} {w.row + 1} 1 1 OPEN 1* 1* 0.2 /\n" for w in begin),
                "/\nWCONPROD\n",
                *(f" {w.name} OPEN BHP 5* 100 /\n" for w in begin),
                "/\n",
            ]
        parts.append(_array("TSTEP", np.asarray(case.step_days[start:end], np.float64)))
    return parts


def _array(keyword: str, values: Float) -> str:
    """Return a keyword with its values, repeated ones counted."""
    flat = np.ravel(values)
    ends = np.append(np.flatnonzero(flat[1:] != flat[:-1]) + 1, flat.size)
    counts = np.diff(ends, prepend=0)
    words = [
        f"{count}*{value:.6g}" if count > 1 else f"{value:.6g}"
        for count, value in zip(counts.tolist(), flat[ends - 1].tolist(), strict=True)
    ]
    lines = [" ".join(words[at : at + ON_A_LINE]) for at in range(0, len(words), ON_A_LINE)]
    return "\n ".join([keyword, *lines]) + " /\n"
