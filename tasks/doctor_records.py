"""Judge where the records of SEG-Y files lie: of files that an inspection refused, and of those that it took.

Options hold for all files of a survey, so the first file decides which are recommended; others that these do
not suit are named.
"""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace

from storage.errors import SegyError
from storage.files import open_file
from storage.locations import Location
from storage.segy.doctor.counts import judge_error, judge_layout, torn
from storage.segy.doctor.finding import Finding, grouped
from storage.segy.doctor.head import Head, head_of
from storage.segy.doctor.orders import judge_named_order, judge_trace_order
from storage.segy.doctor.strides import header_at
from storage.segy.fields import FILE_HEADER_BYTES
from storage.segy.file_head import Reading
from storage.segy.records import RecordLayout
from storage.segy.source import Source
from tasks.scan import inspect_survey


def judge_layouts(source: Source, reading: Reading) -> list[Finding]:
    """Say whether the records of all files are where an inspection found them.

    Parameters
    ----------
    source
        The files; a few kB of each are read.
    reading
        What the user says of them.
    """
    findings = _judge_layout(source.first, reading, thorough=True)
    if any(finding.must for finding in findings):
        return grouped(findings, len(source.files))
    for layout in source.files[1:]:
        others = _judge_layout(layout, reading, thorough=False)
        findings += [_without_options(finding, source.path) for finding in others]
    return grouped(findings, len(source.files))


def judge_refused(
    files: Sequence[Location], reading: Reading, error: SegyError
) -> tuple[list[Finding], Head, int]:
    """Say why an inspection refused files, and with which options it takes them.

    Parameters
    ----------
    files
        Of the survey.
    reading
        What the user says of them.
    error
        What the inspection said of one of them.

    Returns
    -------
    findings, head, size
        The first bytes of the file that was refused, and its size.

    Raises
    ------
    SegyError
        The error, if that file cannot be read or has no file headers.
    """
    path = error.where if error.where in map(str, files) else str(files[0])
    try:
        file = open_file(path)
    except (OSError, ImportError, ValueError):
        raise error from None
    with closing(file):
        raw, size = file.read(0, FILE_HEADER_BYTES), file.size
        if len(raw) < FILE_HEADER_BYTES:
            raise error
        head = head_of(raw, reading)
        found = judge_named_order(raw, reading.order) or judge_error(file, head, error)
    findings = [replace(finding, files=(path,)) for finding in found]
    if [finding.code for finding in found] in (["unreadable"], ["truncated"]):
        findings = _torn(files, reading) or findings
    return grouped(findings, len(files)), head, size


def _judge_layout(layout: RecordLayout, reading: Reading, *, thorough: bool) -> list[Finding]:
    with closing(open_file(layout.path)) as file:
        head = head_of(file.read(0, FILE_HEADER_BYTES), reading)
        found = judge_trace_order(head, header_at(file, layout.first))
        found = found or judge_layout(file, head, layout, thorough=thorough)
    return [replace(finding, files=(layout.path,)) for finding in found]


def _without_options(finding: Finding, first: str) -> Finding:
    """Return a finding of another file than the first, which does not have it."""
    if not finding.options:
        return finding
    advice = f"No option suits this file and {first} as well: ingest it on its own."
    return replace(finding, options={}, advice=advice)


def _torn(files: Sequence[Location], reading: Reading) -> list[Finding]:
    """Return the findings for files whose whole traces can be read, none where they cannot."""
    try:
        source = inspect_survey(files, replace(reading, salvage=True))
    except SegyError:
        return []
    return [
        replace(torn(file.end, file.traces, file.trailer_bytes), files=(file.path,))
        for file in source.files
        if file.trailer_bytes
    ]
