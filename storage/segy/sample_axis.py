"""From headers to the vertical axis of a survey: interval, first sample, and what is odd about them."""

from functools import partial

from storage.errors import SegyError
from storage.geometry import Domain, SampleAxis
from storage.segy.checklist import axis_fault
from storage.segy.columns import Steady
from storage.segy.fields import DELAY, LAG_A, TIME_SCALAR
from storage.segy.notice import Notice
from storage.segy.records import RecordLayout

AXIS_FIELDS = (DELAY, LAG_A, TIME_SCALAR)
"""Trace header fields that place the first sample."""

UNKNOWN_INTERVAL = 4.0
"""Taken where a file states none, as segyio does: ms or metres."""

SUSPICIOUS_INTERVAL = 32.767
"""The largest that a signed field can hold, in ms or metres."""


def sample_axis(
    layout: RecordLayout,
    steady: dict[int, Steady],
    domain: Domain,
    sample_interval: float | None,
    notices: list[Notice],
    *,
    strict: bool,
) -> SampleAxis:
    """Return the vertical axis; one for all traces.

    Parameters
    ----------
    layout
        Where the records lie.
    steady
        `AXIS_FIELDS`, and where they change.
    domain, sample_interval
        As `storage.segy.scan.scan` has them.
    notices
        What is uncommon is added.
    strict
        Refuse an axis that a SEG-Y file made from it could not hold; else it is only told.

    Raises
    ------
    SegyError
        If the axis changes from trace to trace, or no SEG-Y file can hold it.
    """
    interval = sample_interval or layout.interval_us / 1000.0
    if not interval and not strict:
        interval = UNKNOWN_INTERVAL
        what = f"the file states no sample interval; {interval:g} is taken"
        notices.append(Notice("no-interval", what, "--sample-interval names it."))
    elif interval > SUSPICIOUS_INTERVAL and not sample_interval:
        what = f"the sample interval is {interval:g}: a negative number read as a large one?"
        notices.append(Notice("wide-interval", what, "--sample-interval names another."))
    of_all = partial(_of_all, layout, steady, notices, strict)
    start = float(of_all(DELAY))
    if not start and (start := -float(of_all(LAG_A))):
        what = f"the first sample lies at {start:g} by lag A (byte {LAG_A}), as the delay is zero"
        notices.append(Notice("start-by-lag", what))
    scalar = of_all(TIME_SCALAR) if start else 0
    if scalar:
        start = start * scalar if scalar > 0 else start / -scalar
        what = f"the first sample lies at {start:g}, with the time scalar {scalar} applied"
        notices.append(Notice("start-scaled", what))
    axis = SampleAxis(domain, start, interval, layout.samples, "ft" if layout.feet else "m")
    if strict and (fault := axis_fault(axis)):
        raise SegyError(
            layout.path,
            fault,
            f"Name another --sample-interval, in ms or metres, or correct bytes {DELAY} and {TIME_SCALAR}.",
        )
    if start % 1:
        what = (
            f"the first sample lies at {start:g}; SEG-Y holds whole numbers, so that the fault cube "
            f"begins at {round(start)}"
        )
        notices.append(Notice("start-fraction", what))
    return axis


def _of_all(
    layout: RecordLayout, steady: dict[int, Steady], notices: list[Notice], strict: bool, byte: int
) -> int:
    """Return a part of the first sample's place, which should be the same in all traces."""
    field = steady[byte]
    if field.odd_trace is None:
        return field.value
    what = (
        f"the first sample changes from trace to trace: {field.value} in trace 1 and "
        f"{field.odd_value} in trace {field.odd_trace + 1} (byte {byte})"
    )
    if strict:
        raise SegyError(layout.path, what, "Write the file with one start for all traces.")
    notices.append(Notice("start-changes", f"{what}; the axis is that of trace 1"))
    return field.value
