"""What the headers say of the length of a record, and what the records themselves say where that is wrong.

The judge of a file that cannot be inspected, or whose trace headers are not where its counts have them.
"""

from dataclasses import dataclass

import numpy as np

from storage.errors import SegyError
from storage.files import RandomAccess
from storage.segy.doctor import strides
from storage.segy.doctor.finding import Finding, OptionValue, Severity
from storage.segy.doctor.formats import (
    NAMES,
    best_format,
    codes_of_width,
    told_by_digits,
    view,
)
from storage.segy.doctor.head import Head
from storage.segy.doctor.look import Bytes, payloads
from storage.segy.fields import (
    EXTENDED_TEXTS,
    EXTRA_TRACE_HEADERS,
    FILE_HEADER_BYTES,
    FORMAT,
    REVISION_2,
    SAMPLES,
    TEXT_BYTES,
    TRACE_HEADER_BYTES,
    TRACE_INTERVAL,
    TRACE_SAMPLES,
    WIDE_SAMPLES,
    ByteOrder,
    binary_field,
)
from storage.segy.file_head import UNREADABLE_FORMATS
from storage.segy.records import RecordLayout


@dataclass(frozen=True, slots=True)
class Found:
    """Records that were found by their headers: where they begin and how long they are."""

    first: int
    record: int
    stated_first: bool


def judge_layout(
    file: RandomAccess, head: Head, layout: RecordLayout, *, thorough: bool = True
) -> list[Finding]:
    """Say whether the trace headers are where a layout has them, and what the file had wrong.

    Parameters
    ----------
    file
        The open file.
    head
        Its first bytes.
    layout
        As `storage.segy.records.inspect` found it.
    thorough
        Look at many headers; else at few, and at many where these are not in step.
    """
    record, traces = layout.record_bytes, layout.traces
    if layout.first > FILE_HEADER_BYTES and strides.same_kind(
        file, FILE_HEADER_BYTES, layout.first
    ):
        return [_misplaced(head, Found(FILE_HEADER_BYTES, record, stated_first=False), "wrong")]
    for probes in (strides.PROBES,) if thorough else (strides.FEW_PROBES, strides.PROBES):
        share = strides.in_step(file, layout.first, record, traces, probes=probes)
        if share is None or share >= strides.IN_STEP:
            return _corrected(head, layout)
    if unequal := _unequal(file, head, layout.first):
        return [unequal]
    found = strides.find_record(file, layout.first)
    if found and found != record:
        return _explain(file, head, Found(layout.first, found, stated_first=True))
    odd = strides.first_out_of_step(file, layout.first, record, traces) or 0
    what = f"the header of trace {odd + 1} does not look like that of trace 1"
    where = f"file offset {layout.offset(odd)}"
    return [Finding("out-of-step", "look", what, where, advice="Look at the traces there.")]


def judge_error(file: RandomAccess, head: Head, error: SegyError) -> list[Finding]:
    """Say why a file cannot be inspected, and with which options it can.

    Parameters
    ----------
    file
        The open file.
    head
        Its first bytes.
    error
        What `storage.segy.records.inspect` said.
    """
    if _is_seismic_unix(file):
        advice = "Write SEG-Y from it with segyhdrs and segywrite."
        what = "this is a Seismic Unix file: traces from its first byte on, no file headers"
        return [Finding("seismic-unix", "stops", what, advice=advice)]
    first = head.first_traces(file.size)
    if first and (unequal := _unequal(file, head, first[0])):
        return [unequal]
    if found := _find(file, head):
        if not found.stated_first:
            return [_misplaced(head, found, "stops")]
        if explained := _explain(file, head, found):
            return explained
    return [Finding("unreadable", "stops", error.what, advice=error.mend)]


def _find(file: RandomAccess, head: Head) -> Found | None:
    """Look for records behind the stated file headers, then behind others."""
    for number, first in enumerate(head.first_traces(file.size)):
        if record := strides.find_record(file, first):
            return Found(first, record, stated_first=number == 0)
    return None


def _corrected(head: Head, layout: RecordLayout) -> list[Finding]:
    """Tell of a count in the binary header that is not the one the file has."""
    wide = head.count(WIDE_SAMPLES, 4) if head.revision >= REVISION_2 else 0
    said, where = (wide, WIDE_SAMPLES) if wide else (head.count(SAMPLES), SAMPLES)
    if head.samples or said == layout.samples:
        return []
    last = where + (3 if where == WIDE_SAMPLES else 1)
    what = (
        f"{said} samples a trace are stated, and {layout.samples} fill the file; these are taken"
    )
    return [Finding("sample-count", "note", what, f"bytes {where}-{last}")]


def _explain(file: RandomAccess, head: Head, found: Found) -> list[Finding]:
    """Say which of counts, format and size is wrong, given the length of a record."""
    payload = found.record - head.header_bytes
    traces, rest = divmod(file.size - found.first, found.record)
    counts = _stated(file, head, found.first)
    findings: list[Finding] = []
    bare = [TRACE_HEADER_BYTES + count * (head.width or 0) for count in counts]
    if head.header_bytes > TRACE_HEADER_BYTES and (payload <= 0 or found.record in bare):
        return [_no_extra_headers(head)]
    fits = payload // head.width if head.width and not payload % head.width else 0
    if head.samples and fits in counts:
        if fits != head.samples:
            what = f"the traces have {fits} samples, as their headers say, not {head.samples}"
            findings.append(Finding("sample-count", "stops", what, options={"samples": None}))
    elif fits and fits in counts:
        pass  # the counts are right
    elif found_format := _other_width(file, head, found, counts):
        findings.append(found_format)
    elif fits:
        findings.append(_wrong_count(counts, fits))
    elif not head.width and (unknown := _unknown_format(file, head, found)):
        findings += unknown
    else:
        return []
    if rest:
        findings.append(torn(found.first + traces * found.record, traces, rest))
    return findings


def _no_extra_headers(head: Head) -> Finding:
    what = (
        f"{head.header_bytes // TRACE_HEADER_BYTES - 1} extra headers a trace are stated, and the records "
        "have none"
    )
    where = f"bytes {EXTRA_TRACE_HEADERS}-{EXTRA_TRACE_HEADERS + 3}"
    advice = "Correct that number in the file."
    return Finding("extra-headers", "stops", what, where, advice=advice)


def _stated(file: RandomAccess, head: Head, first: int) -> list[int]:
    """Return the counts of samples that binary header and first trace state."""
    lead = strides.header_at(file, first)
    own = int.from_bytes(lead[TRACE_SAMPLES - 1 : TRACE_SAMPLES + 1].tobytes(), head.order)
    wide = head.count(WIDE_SAMPLES, 4) if head.revision >= REVISION_2 else 0
    return [count for count in (wide, head.count(SAMPLES), own) if count]


def _wrong_count(counts: list[int], samples: int) -> Finding:
    said = " and ".join(str(count) for count in dict.fromkeys(counts)) or "0"
    what = f"{said} samples a trace are stated; the trace headers lie {samples} samples apart"
    place = (
        f"bytes {SAMPLES}-{SAMPLES + 1} and, in the traces, {TRACE_SAMPLES}-{TRACE_SAMPLES + 1}"
    )
    return Finding("sample-count", "stops", what, place, {"samples": samples})


def _other_width(
    file: RandomAccess, head: Head, found: Found, counts: list[int]
) -> Finding | None:
    """Return the format with which a stated count fills the records, where the stated format does not."""
    payload = found.record - head.header_bytes
    for count in dict.fromkeys(counts):
        width, rest = divmod(payload, count)
        if rest or width not in (1, 2, 4, 8):
            continue
        raw = _payloads(file, head, found)
        code = best_format(raw, head.order, codes_of_width(width)) or codes_of_width(width)[0]
        stated = NAMES.get(head.format_code, f"format {head.format_code}, which cannot be read")
        what = f"{count} samples take {payload} bytes: they are {NAMES[code]}, not {stated}"
        options: dict[str, OptionValue] = {"format": code}
        return Finding("format", "stops", what, f"bytes {FORMAT}-{FORMAT + 1}", options)
    return None


def _unknown_format(file: RandomAccess, head: Head, found: Found) -> list[Finding]:
    """Return format and count of samples where neither is stated rightly."""
    raw = _payloads(file, head, found)
    for width in (4, 2, 1, 8):
        count, rest = divmod(raw.shape[1], width)
        code = None if rest else _code(raw, head, width)
        if code:
            stated = f"the format {head.format_code} that is stated cannot be read"
            what = f"the samples are {NAMES[code]}; {stated}"
            options: dict[str, OptionValue] = {"format": code, "samples": count}
            return [Finding("format", "stops", what, f"bytes {FORMAT}-{FORMAT + 1}", options)]
    return []


def _payloads(file: RandomAccess, head: Head, found: Found) -> Bytes:
    traces = max(1, (file.size - found.first) // found.record)
    return payloads(file, found.first, head.header_bytes, found.record, traces)


def _code(raw: Bytes, head: Head, width: int) -> int | None:
    """Return the format of samples so wide that makes sense, or the only one there is.

    A format that exists and cannot be read is overruled by the digits of floats alone.
    """
    if head.format_code in UNREADABLE_FORMATS:
        told = told_by_digits(raw, head.order) if width == 4 else None
        return told if told and view(raw, told, head.order).sensible else None
    codes = codes_of_width(width)
    return best_format(raw, head.order, codes) or (codes[0] if len(codes) == 1 else None)


def torn(end: int, traces: int, rest: int) -> Finding:
    """Return the finding for a file that ends within a trace.

    Parameters
    ----------
    end
        Offset of what follows the last whole trace.
    traces
        Whole traces.
    rest
        Bytes behind them.
    """
    what = f"the file ends within a trace: {traces} are whole, {rest} bytes remain"
    return Finding("truncated", "stops", what, f"file offset {end}", {"salvage": True})


def _unequal(file: RandomAccess, head: Head, first: int) -> Finding | None:
    """Return the finding for traces that state different counts and are as long as they state."""
    if not head.width:
        return None
    walked = strides.walk(file, first, head.header_bytes, head.width, head.order)
    if walked is None or walked.fewest == walked.most:
        return None
    what = f"the traces have {walked.fewest} to {walked.most} samples; all must have as many"
    where = f"trace bytes {TRACE_SAMPLES}-{TRACE_SAMPLES + 1}"
    advice = "Export it again with one length for all traces."
    return Finding("unequal-lengths", "stops", what, where, advice=advice)


def _misplaced(head: Head, found: Found, severity: Severity) -> Finding:
    stated = binary_field(head.raw, EXTENDED_TEXTS, head.order)
    what = (
        f"{stated} extended text headers are stated, and the first trace begins at offset {found.first}, "
        f"behind {(found.first - FILE_HEADER_BYTES) // TEXT_BYTES}"
    )
    where = f"bytes {EXTENDED_TEXTS}-{EXTENDED_TEXTS + 1}"
    return Finding("text-count", severity, what, where, advice="Correct that number in the file.")


def _is_seismic_unix(file: RandomAccess) -> bool:
    header = strides.header_at(file, 0)
    if np.count_nonzero(header) > strides.DENSE:
        return False  # a text, as SEG-Y begins with one
    orders: tuple[ByteOrder, ...] = ("little", "big")
    for order in orders:
        samples, interval = (
            int.from_bytes(header[byte - 1 : byte + 1].tobytes(), order)
            for byte in (TRACE_SAMPLES, TRACE_INTERVAL)
        )
        record = TRACE_HEADER_BYTES + 4 * samples
        if samples and file.size % record == 0:
            share = strides.in_step(file, 0, record, file.size // record)
            if bool(interval) if share is None else share >= strides.IN_STEP:
                return True
    return False
