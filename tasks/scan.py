"""From a SEG-Y file to its survey: geometry, trace map, warnings; nothing is written."""

from pathlib import Path

from storage.geometry import Domain
from storage.segy import records
from storage.segy.records import RecordLayout
from storage.segy.scan import Survey, scan


def inspect_survey(path: Path) -> RecordLayout:
    """Look at the first bytes of a SEG-Y file: where its records lie.

    Raises
    ------
    SegyError
        If it is missing, empty, truncated or no SEG-Y file.
    """
    return records.inspect(path)


def fingerprint(layout: RecordLayout) -> str:
    """Return a SHA-256 that changes when the file does."""
    return records.fingerprint(layout)


def scan_survey(
    path: Path,
    *,
    inline_byte: int | None = None,
    crossline_byte: int | None = None,
    domain: Domain = "time",
    sample_interval: float | None = None,
) -> Survey:
    """Scan the headers of a SEG-Y file.

    Parameters
    ----------
    path
        The file.
    inline_byte, crossline_byte
        Header bytes of the line numbers; looked for where not given.
    domain
        ``depth`` reads the sample interval as thousandths of a metre.
    sample_interval
        Overrides the file, ms or metres.

    Raises
    ------
    SegyError
        What is wrong with the file and how to mend it.
    """
    return scan(
        records.inspect(path),
        line_bytes=(inline_byte, crossline_byte),
        domain=domain,
        sample_interval=sample_interval,
    )
