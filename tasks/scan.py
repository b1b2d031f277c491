"""From SEG-Y files to their survey: geometry, trace map, warnings; nothing is written."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from storage.locations import Location
from storage.segy import records
from storage.segy.bins import Duplicates
from storage.segy.file_head import Reading
from storage.segy.lines import Places
from storage.segy.scan import Axis, Survey, scan
from storage.segy.source import Source, source_of


def inspect_survey(files: Sequence[Location], reading: Reading | None = None) -> Source:
    """Look at the first bytes of SEG-Y files: where their records lie.

    Raises
    ------
    SegyError
        If one is missing, empty, truncated or no SEG-Y file, or they are not alike.
    """
    return source_of([records.inspect(path, reading) for path in files])


def fingerprint(source: Source) -> str:
    """Return a SHA-256 that changes when a file does."""
    digests = [records.fingerprint(layout) for layout in source.files]
    return (
        digests[0] if len(digests) == 1 else hashlib.sha256(" ".join(digests).encode()).hexdigest()
    )


def scan_survey(
    files: Location | Sequence[Location],
    *,
    reading: Reading | None = None,
    places: Places | None = None,
    axis: Axis | None = None,
    duplicates: Duplicates = "first",
) -> Survey:
    """Scan the headers of the SEG-Y files of one survey.

    Parameters
    ----------
    files
        One file, or several in the order that their traces shall have.
    reading
        What the user says of samples, format and byte order.
    places
        What the user says of header bytes.
    axis
        What the user says of the vertical axis.
    duplicates
        Which of several traces of one bin lies on the grid.

    Raises
    ------
    SegyError
        What is wrong with a file and how to mend it.
    """
    named = [files] if isinstance(files, Path | str) else files
    return scan(inspect_survey(named, reading), places=places, axis=axis, duplicates=duplicates)
