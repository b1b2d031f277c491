"""Whether a survey has the shape that its counts suggest."""

import numpy as np

from storage.segy.doctor.candidate import SPARSE
from storage.segy.doctor.coordinates import OnMap
from storage.segy.doctor.finding import Finding
from storage.segy.lattice import fit_lattice

MOST = 200_000
"""Traces of a line whose coordinates are looked at."""


def judge_shape(shape: tuple[int, int], live: int, beside: int, on_map: OnMap) -> list[Finding]:
    """Say whether the grid only looks regular, or is none.

    Parameters
    ----------
    shape
        Inlines and crosslines.
    live
        Bins that have a trace.
    beside
        Traces without a bin of their own.
    on_map
        The traces that have one.
    """
    bins = shape[0] * shape[1]
    findings = []
    if beside and live + beside == bins:
        what = (
            f"{bins} traces would fill {shape[0]} x {shape[1]} bins, but {beside} of them have no bin of "
            f"their own, and as many bins are empty"
        )
        findings.append(Finding("regular-by-count", "look", what, options={"duplicates": "last"}))
    elif live < SPARSE * bins:
        what = f"only {live / bins:.0%} of {shape[0]} x {shape[1]} bins have a trace"
        advice = "See whether the line numbers lie at other bytes."
        findings.append(Finding("sparse", "look", what, advice=advice))
    if min(shape) == 1 and 4 <= live <= MOST:
        findings += _area(on_map)
    return findings


def _area(on_map: OnMap) -> list[Finding]:
    """Tell of a single line whose coordinates fill a grid."""
    known = np.isfinite(on_map.x)
    if on_map.pair is None or not known.all():
        return []
    lattice = fit_lattice(on_map.x, on_map.y)
    if lattice is None:
        return []
    lines = int(lattice.inline.max()), int(lattice.crossline.max())
    if min(lines) < 2 or lines[0] * lines[1] > len(on_map.x) / SPARSE:
        return []
    what = f"taken for one line, but the coordinates fill a grid of {lines[0]} x {lines[1]} bins"
    advice = "Name line numbers with --inline-byte and --crossline-byte, if the headers have them."
    return [Finding("area-as-line", "wrong", what, advice=advice)]
