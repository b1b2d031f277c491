"""A made survey, written and scanned: what tests of the scan begin with."""

from collections.abc import Sequence
from pathlib import Path

from storage.segy.bins import Duplicates
from storage.segy.lines import Places
from storage.segy.records import inspect
from storage.segy.scan import Axis, Survey, scan
from storage.segy.source import source_of
from tests.surveys import Form, Traces, write_segy


def scan_files(
    *paths: Path,
    places: Places | None = None,
    axis: Axis | None = None,
    duplicates: Duplicates = "first",
) -> Survey:
    """Scan the files of one survey."""
    source = source_of([inspect(path) for path in paths])
    return scan(source, places=places, axis=axis, duplicates=duplicates)


def scanned(
    path: Path,
    traces: Traces,
    form: Form | None = None,
    *,
    places: Places | None = None,
    axis: Axis | None = None,
    duplicates: Duplicates = "first",
) -> Survey:
    """Write a survey and scan it."""
    write_segy(path, traces, form)
    return scan_files(path, places=places, axis=axis, duplicates=duplicates)


def told(survey: Survey, words: str) -> Sequence[str]:
    """Return the warnings that hold some words."""
    return [line for line in survey.warnings if words in line]
