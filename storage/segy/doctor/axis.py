"""Whether the vertical axis is what the file says: milliseconds or metres, and how far apart samples are."""

from dataclasses import dataclass

from storage.segy.doctor.finding import Finding, OptionValue
from storage.segy.doctor.hints import Hints
from storage.segy.fields import INTERVAL, TRACE_INTERVAL
from storage.segy.sample_axis import SUSPICIOUS_INTERVAL

PLACE = f"bytes {INTERVAL}-{INTERVAL + 1}"

IN_TIME = {0.0625, 0.125, 0.25, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 16.0}
"""Intervals of surveys in time, in ms."""

COMMON = {0.5, 1.0, 2.0, 4.0}
"""Those of most of them: a survey that was migrated in depth and has one of these may be in time again."""

LONGEST_MS = 16_000.0
"""No reflection survey records longer."""

COARSEST = 0.05
"""Below, in ms, no seismic survey is sampled; whole metres or ms were written for thousandths of them."""

WRAP = 65_536
"""What a signed number in microseconds seems larger by where it is negative."""

FINE = 4.0
"""Up to here, in ms, any interval may be one in time."""


@dataclass(frozen=True, slots=True)
class Stated:
    """What a file says of its vertical axis.

    Parameters
    ----------
    interval_us, trace_interval_us
        In the binary header and in the first trace, as they stand there.
    samples
        Of a trace.
    unit
        ``m`` or ``ft``.
    """

    interval_us: float
    trace_interval_us: float
    samples: int
    unit: str


def judge_axis(stated: Stated, hints: Hints, *, sure: bool, named: bool) -> list[Finding]:
    """Say whether an axis that is taken for time is one.

    Parameters
    ----------
    stated
        What the file says.
    hints
        What its text header says.
    sure
        True where the user says whether the axis is time or depth.
    named
        True where the user names the interval.
    """
    if stated.interval_us > SUSPICIOUS_INTERVAL * 1000 and not named and not hints.depth:
        meant = WRAP - stated.interval_us
        what = f"the interval is {stated.interval_us / 1000:g}: -{meant:g} read as {stated.interval_us:g}?"
        again: dict[str, OptionValue] = {"sample_interval": meant / 1000}
        return [Finding("wide-interval", "look", what, PLACE, again)]
    findings = [] if sure else _in_depth(stated, hints, named=named)
    one, other = stated.interval_us, stated.trace_interval_us
    if one and other and one != other and not named:
        what = f"the interval is {one / 1000:g} in the file header, {other / 1000:g} in the traces"
        where = f"{PLACE}, trace bytes {TRACE_INTERVAL}-{TRACE_INTERVAL + 1}"
        options: dict[str, OptionValue] = {"sample_interval": other / 1000}
        findings.append(Finding("two-intervals", "look", what, where, options))
    return findings


def _in_depth(stated: Stated, hints: Hints, *, named: bool) -> list[Finding]:
    step = stated.interval_us / 1000
    tiny = 0 < step < COARSEST and not named
    options: dict[str, OptionValue] = {"domain": "depth"}
    if tiny:
        options["sample_interval"] = float(stated.interval_us)
    metres = f"{stated.interval_us if tiny else step:g} {stated.unit}"
    if hints.depth and not hints.time:
        what = f'the text header says "{hints.depth.lower()}": the interval is {metres}, not {step:g} ms'
        sure = hints.axis_in_depth or step not in COMMON
        return [Finding("depth-as-time", "wrong" if sure else "look", what, PLACE, options)]
    if tiny:
        whole = {"sample_interval": float(stated.interval_us)}
        inside = stated.interval_us in IN_TIME
        what = (
            f"{stated.samples} samples {step:g} ms apart are {stated.samples * step:.3g} ms in all: "
            f"{'ms written for microseconds' if inside else f'{metres} written for its thousandths'}?"
        )
        return [Finding("tiny-interval", "look", what, PLACE, whole if inside else options)]
    long = stated.samples * step > LONGEST_MS
    if not named and step and (long or (step > FINE and step not in IN_TIME)):
        reason = (
            f"the axis is {stated.samples * step:g} ms long" if long else f"{step:g} ms is rare"
        )
        what = f"{reason}: is the axis depth, every {metres}?"
        return [Finding("depth-as-time", "look", what, PLACE, options)]
    return []
