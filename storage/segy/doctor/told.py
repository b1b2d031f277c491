"""What a scan tells, as findings: how bad it is, and an option to try."""

from collections.abc import Mapping, Sequence

from storage.segy.doctor.finding import Finding, Options, Severity
from storage.segy.notice import Code, Notice

TOLD: Mapping[Code, tuple[Severity, Options]] = {
    "duplicates": ("look", {"duplicates": "last"}),
    "no-numbers": ("look", {}),
    "numbers-below-one": ("note", {}),
    "made-lines": ("note", {}),
    "no-coordinates": ("note", {}),
    "angles": ("note", {}),
    "off-grid": ("look", {}),
    "no-interval": ("look", {"sample_interval": 4.0}),
    "wide-interval": ("look", {}),
    "start-by-lag": ("note", {}),
    "start-scaled": ("note", {}),
    "start-fraction": ("note", {}),
    "start-changes": ("look", {}),
}
"""How bad a notice is, by its code."""

FACTS: frozenset[Code] = frozenset({"empty-bins"})
"""Notices that are no findings: any page tells them among the facts of a survey."""

COVERED: Mapping[str, set[Code]] = {
    "lines": {"made-lines"},
    "regular-by-count": {"duplicates", "no-numbers"},
    "tiny-interval": {"no-interval"},
}
"""Findings that say what a notice says, and more."""


def tell(notices: Sequence[Notice], findings: Sequence[Finding]) -> list[Finding]:
    """Return the notices of a scan as findings, but for those that say no more than others do.

    Parameters
    ----------
    notices
        Of `storage.segy.scan.Survey`.
    findings
        What has been found without them.
    """
    known: set[str] = {found.code for found in findings}
    known |= {code for one in known for code in COVERED.get(one, ())} | FACTS
    told = [notice for notice in notices if notice.code not in known]
    return [Finding(n.code, TOLD[n.code][0], n.what, options=TOLD[n.code][1]) for n in told]
