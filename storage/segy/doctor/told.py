"""What a scan tells in words, with a code for machines, how bad it is, and an option to try."""

from collections.abc import Sequence

from storage.segy.doctor.finding import Finding, Options, Severity

TOLD: tuple[tuple[str, str, Severity, Options], ...] = (
    ("share the bin", "duplicates", "look", {"duplicates": "last"}),
    ("no line numbers that place them", "made-lines", "note", {}),
    ("have no line numbers;", "no-numbers", "look", {}),
    ("zero or less", "numbers-below-one", "note", {}),
    ("hold no coordinates", "no-coordinates", "note", {}),
    ("The coordinates are in", "angles", "note", {}),
    ("on no regular grid", "off-grid", "look", {}),
    ("states no sample interval", "no-interval", "look", {"sample_interval": 4.0}),
    ("negative number read as a large one", "wide-interval", "look", {}),
    ("changes from trace to trace", "start-changes", "look", {}),
    ("The first sample lies", "start", "note", {}),
)
"""Words of a warning, and what they mean; the warnings themselves are made by a scan."""

A_FACT = "bins have no trace"
"""Words of what any page says of a survey."""

COVERED = {
    "lines": {"made-lines"},
    "regular-by-count": {"duplicates", "no-numbers"},
    "tiny-interval": {"no-interval"},
}
"""Findings that say what a warning says, and more."""


def tell(warnings: Sequence[str], findings: Sequence[Finding]) -> list[Finding]:
    """Return the warnings of a scan as findings, but for those that say no more than others do.

    Parameters
    ----------
    warnings
        Lines of `storage.segy.scan.Survey`.
    findings
        What has been found without them.
    """
    known = {found.code for found in findings}
    known |= {code for one in known for code in COVERED.get(one, ())}
    return [told for told in map(_tell, warnings) if told and told.code not in known]


def _tell(line: str) -> Finding | None:
    if A_FACT in line:
        return None
    what = (line[0].lower() + line[1:]).partition(" --")[0].removesuffix(".")
    for words, code, severity, options in TOLD:
        if words in line:
            return Finding(code, severity, what, options=options)
    return Finding("told", "look", what)
