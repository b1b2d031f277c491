"""What a text header says of the file: where fields lie, and whether the axis is time or depth.

Written by people and programs in many ways; whatever is read from it is a hint and never decides alone.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

TIME, AXIS_IN_DEPTH, MIGRATED_IN_DEPTH = (
    re.compile(rf"\b({words})\b")
    for words in (
        r"TWO-?WAY|TWT|TIME (SLICE|MIGRAT\w*|DOMAIN|SECTION|STACK|VOLUME|CUBE|INTERVAL|M(IN|AX))|(IN|TO) TIME"
        r"|PSTM|PRE-?STACK TIME|MILLI-?SECONDS?|DOMAIN *[:=]? *TIME|\d+(\.\d+)? *MS(EC)?",
        r"DEPTH (DOMAIN|SECTION|CUBE|VOLUME|INTERVAL|STEP|M(IN|AX)|IN MET\w*)|TVDSS|DOMAIN *[:=]? *DEPTH"
        r"|Z-?(AXIS|DOMAIN|INTERVAL|STEP)|SAMPLE (INTERVAL|RATE)\W+[\d.]+ *(M|METERS?|METRES?|FT|FEET)",
        r"DEPTH[ -](MIGRAT\w*|CONVERTED|CONVERSION)|PSDM|PRE-?STACK DEPTH",
    )
)

FIELDS = {
    "inline": r"(?:\bIN-?LINE\b|\bILINE\b|\b3D LINE\b|\bINL?\b)",
    "crossline": r"(?:\bX-?LINE\b|\bCROSS-?LINE\b|\bCRL\b)",
    "cdp": r"\bCDP(?! *[-_]?[XY])\b",
    "cdp_x": r"(?:\bCDP[ _-]*X\b|\bX[ -]*COORD\w*|\bCMP UTM-X\b|\bUTM-?X\b)",
    "cdp_y": r"(?:\bCDP[ _-]*Y\b|\bY[ -]*COORD\w*|\bCMP UTM-Y\b|\bUTM-?Y\b)",
}
# A colon after the number means that it belongs to the words that follow.
BEFORE = r"[^\d]{0,40}?\bBYTES?\b[^\d]{0,5}(\d{1,3})\b(?!(?:-\d+)? *:)"
SHORT = r" *[:=] *(\d{1,3})\b(?! *[./]\d)"
LAST_BYTE = 237


@dataclass(frozen=True, slots=True)
class Hints:
    """What a text header says.

    Parameters
    ----------
    places
        ``inline``, ``crossline``, ``cdp``, ``cdp_x``, ``cdp_y`` to the header byte that is named for them.
    depth, time
        The words that speak of depth, or of an axis in time; None without any.
    axis_in_depth
        True where they speak of the axis; a migration in depth may have been stretched to time.
    """

    places: dict[str, int]
    depth: str | None = None
    time: str | None = None
    axis_in_depth: bool = False

    @property
    def lines(self) -> tuple[int, int] | None:
        """Header bytes of inline and crossline; CDP numbers are the crosslines of a line."""
        inline, crossline = (
            self.places.get("inline"),
            self.places.get("crossline", self.places.get("cdp")),
        )
        return (inline, crossline) if inline and crossline else None

    @property
    def coordinates(self) -> tuple[int, int] | None:
        """Header bytes of CDP X and Y."""
        x, y = self.places.get("cdp_x"), self.places.get("cdp_y")
        return (x, y) if x and y else None


def read_hints(text: Sequence[str]) -> Hints:
    """Return what the lines of a text header say.

    Parameters
    ----------
    text
        Decoded lines of 80 characters.
    """
    places: dict[str, int] = {}
    rows = [line.upper() for line in text]
    for name, words in FIELDS.items():
        for row in rows:
            found = re.search(words + BEFORE, row) or re.search(words + SHORT, row)
            if found and 1 <= int(found.group(1)) <= LAST_BYTE:
                places.setdefault(name, int(found.group(1)))
    axis = _first(AXIS_IN_DEPTH, rows)
    depth = axis or _first(MIGRATED_IN_DEPTH, rows)
    return Hints(places, depth, _first(TIME, rows), axis_in_depth=axis is not None)


def _first(pattern: re.Pattern[str], rows: Sequence[str]) -> str | None:
    for row in rows:
        if found := pattern.search(row):
            return found.group(0)
    return None
