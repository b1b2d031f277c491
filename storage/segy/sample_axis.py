"""From headers to the vertical axis of a survey: interval, first sample, and what is odd about them."""

import numpy as np
from numpy.typing import NDArray

from storage.errors import SegyError
from storage.geometry import Domain, SampleAxis
from storage.segy.fields import DELAY, LAG_A, TIME_SCALAR
from storage.segy.records import RecordLayout

AXIS_FIELDS = (DELAY, LAG_A, TIME_SCALAR)
"""Trace header fields that place the first sample."""


def sample_axis(
    layout: RecordLayout,
    columns: dict[int, NDArray[np.int32]],
    domain: Domain,
    sample_interval: float | None,
    warnings: list[str],
) -> SampleAxis:
    """Return the vertical axis; one for all traces.

    Parameters
    ----------
    layout
        Where the records lie.
    columns
        `AXIS_FIELDS` of all traces, by byte, shapes (traces,).
    domain, sample_interval
        As `storage.segy.scan.scan` has them.
    warnings
        Lines for the report; what is uncommon is added.

    Raises
    ------
    SegyError
        If the axis changes from trace to trace, or no SEG-Y file can hold it.
    """
    interval = sample_interval or layout.interval_us / 1000.0
    if not 1 <= round(interval * 1000) <= 65535:
        raise SegyError(
            layout.path,
            f"the sample interval of {interval:g} does not lie in 0.001 to 65.535 "
            f"(bytes 3217 and 117 hold {layout.interval_us})",
            "Name it with --sample-interval, in ms or metres.",
        )
    start = float(_of_all(layout, columns, DELAY))
    if not start and (start := -float(_of_all(layout, columns, LAG_A))):
        warnings.append(
            f"The first sample lies at {start:g} by lag A (byte {LAG_A}), as the delay is zero."
        )
    scalar = _of_all(layout, columns, TIME_SCALAR) if start else 0
    if scalar:
        start = start * scalar if scalar > 0 else start / -scalar
        warnings.append(
            f"The first sample lies at {start:g}, with the time scalar {scalar} applied."
        )
    if abs(start) > 32767:
        raise SegyError(
            layout.path,
            f"the first sample lies at {start:g}, with the time scalar {scalar} at byte {TIME_SCALAR}; "
            "SEG-Y holds 32767 at most",
            "Correct the scalar or the delay.",
        )
    if start % 1:
        warnings.append(
            f"The first sample lies at {start:g}; SEG-Y holds whole numbers, so that the fault cube "
            f"begins at {round(start)}."
        )
    return SampleAxis(domain, start, interval, layout.samples, "ft" if layout.feet else "m")


def _of_all(layout: RecordLayout, columns: dict[int, NDArray[np.int32]], byte: int) -> int:
    """Return a part of the first sample's place, which must be the same in all traces."""
    values = columns[byte]
    odd = np.flatnonzero(values != values[0])
    if len(odd):
        raise SegyError(
            layout.path,
            f"the first sample changes from trace to trace: {values[0]} in trace 1 and "
            f"{values[odd[0]]} in trace {odd[0] + 1} (byte {byte})",
            "Write the file with one start for all traces.",
        )
    return int(values[0])
