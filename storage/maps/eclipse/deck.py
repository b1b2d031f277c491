"""Eclipse text: keywords, each on a line of its own, with values up to a slash.

::

    -- a remark
    SPECGRID
     46 112 22 1 F /
    PORO
     0.30 0.29 3*0.27 ... /
"""

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from storage.errors import MapError
from storage.maps.numbers import numbers_in
from storage.maps.ranges import to_float

Float = NDArray[np.float64]

_REMARK = re.compile(rb"--[^\r\n]*")
_KEYWORD = re.compile(rb"^[ \t]*([A-Za-z][A-Za-z0-9_+-]{1,7})[ \t]*\r?$", re.MULTILINE)
_WORD = re.compile(rb"'[^'\r\n]*'|\"[^\"\r\n]*\"|[^\s'\"]+")
_LINE = re.compile(rb"\s*[^\r\n]*")
_UNITS = {b"METRES", b"FEET", b"CM"}
SYSTEMS = {"METRIC": "METRES", "FIELD": "FEET", "LAB": "CM", "PVT-M": "METRES"}
"""Systems of units, keywords without data, and their unit of length."""

_EDITS = ("BOX", "ADD", "MULTIPLY", "EQUALS", "COPY", "COPYBOX", "OPERATE", "MAXVALUE", "MINVALUE")


class Deck:
    """The keywords of a text file, their values read when they are asked for.

    Parameters
    ----------
    path
        The file, for messages.
    content
        Its bytes.
    """

    def __init__(self, path: Path, content: bytes) -> None:
        # Blanks in their place keep the bytes of everything else, which errors are told by.
        self._content = _REMARK.sub(lambda match: b" " * len(match[0]), content)
        self._path = path
        self._data: dict[str, tuple[int, int]] = {}
        self._names: list[str] = []
        found = self._found()
        ends = [match.start() for match in found[1:]] + [len(self._content)]
        for match, end in zip(found, ends, strict=True):
            name = match[1].upper().decode("ascii")
            self._names.append(name)
            slash = self._slash(match.end(), end)
            if slash >= 0:
                self._data[name] = match.end(), slash
            elif self._content[match.end() : end].strip():
                self._data[name] = match.end(), -1

    def _found(self) -> list[re.Match[bytes]]:
        """Return where the keywords stand: a title may be any word, and so one that keywords are."""
        found: list[re.Match[bytes]] = []
        titled = 0
        for match in _KEYWORD.finditer(self._content):
            word = match[1].upper()
            if match.start(1) < titled or word in _UNITS:
                continue
            found.append(match)
            if word == b"TITLE" and (line := _LINE.match(self._content, match.end())):
                titled = line.end()
        return found

    def _slash(self, start: int, end: int) -> int:
        """Return the first slash that stands in no quotes, as those of paths do; -1 where there is none."""
        slash = self._content.find(b"/", start, end)
        while slash >= 0 and self._content.count(b"'", start, slash) % 2:
            slash = self._content.find(b"/", slash + 1, end)
        return slash

    @property
    def keywords(self) -> list[str]:
        """Return the names of all keywords with data, in the order of the file."""
        return list(self._data)

    @property
    def length_unit(self) -> str:
        """Return the unit of lengths, by the first keyword that names a system of units; else metres."""
        return next((SYSTEMS[name] for name in self._names if name in SYSTEMS), "METRES")

    def words(self, keyword: str) -> list[bytes]:
        """Return the data of a keyword as words, a quoted one without quotes; none where it is absent."""
        if keyword not in self._data:
            return []
        start, end = self._data[keyword]
        data = self._content[start : end if end >= 0 else len(self._content)]
        return [word.strip(b"'\"").strip() for word in _WORD.findall(data)]

    def included(self) -> str:
        """Return the first file that this one includes, empty for none."""
        words = self.words("INCLUDE")
        return words[0].decode("utf-8", "replace") if words else ""

    def values(self, keyword: str, count: int | None = None) -> Float | None:
        """Return the values of a keyword, NaN where they are left to a default; None without it.

        Raises
        ------
        MapError
            If one is no number, they are not ``count``, or no slash ends them.
        """
        if keyword not in self._data:
            return None
        start, end = self._data[keyword]
        if end < 0:
            raise MapError(
                self._path, f"no / ends {keyword}", "Export it again: the file may be cut short."
            )
        data = self._content[:end]
        if re.search(rb"[dD*]", data[start:]):
            values = self._repeated(keyword, data[start:].split())
        else:
            values = numbers_in(self._path, data, start)
        if count is not None and values.size != count:
            raise MapError(
                self._path,
                f"{keyword} has {values.size} values, and the grid {count} cells",
                "Export both again, or name the grid that it belongs to.",
            )
        return values

    def refuse_edits(self, keyword: str) -> None:
        """Refuse a deck that changes a property after its values are given."""
        for edit in _EDITS:
            named = {word.upper() for word in self.words(edit)}
            if keyword.encode() in named or (edit == "BOX" and named):
                raise MapError(
                    self._path,
                    f"{edit} changes {keyword}, which graben does not follow",
                    "Run the simulator and name its .INIT file, or export the property as it ends.",
                )

    def _repeated(self, keyword: str, words: list[bytes]) -> Float:
        """Return values with repeat counts, such as 3*0.27; 3* alone leaves them to a default."""
        counts, values = np.ones(len(words), np.int64), np.empty(len(words))
        for place, word in enumerate(words):
            repeat, star, value = word.rpartition(b"*")
            try:
                counts[place] = int(repeat) if star else 1
                fixed = value.replace(b"d", b"e").replace(b"D", b"e")
                values[place] = to_float(fixed) if value or not star else np.nan
            except ValueError:
                shown = word[:40].decode("ascii", "replace")
                raise MapError(
                    self._path,
                    f"value {place + 1} of {keyword} is {shown!r}, not a number",
                    "Values are written like 0.27 or 3*0.27.",
                ) from None
        # A count that no grid reaches would fill the memory before it is found wrong.
        if (counts < 0).any() or counts.astype(float).sum() > 2**31:
            raise MapError(
                self._path, f"a repeat count of {keyword} is out of range", "Export it again."
            )
        return np.repeat(values, counts)
