"""What of a map file is asked for, where it holds more than one map."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from storage.errors import MapError

GRIDS = (".EGRID", ".egrid", ".FEGRID")
"""Suffixes of the file that holds the grid of Eclipse results."""

_PART = re.compile(r"(\d+)(?:-(\d+))?")


@dataclass(frozen=True, slots=True)
class Reading:
    """How a map file is read.

    Attributes
    ----------
    grid
        File of the grid that the properties of an Eclipse file belong to; None: found, or the same file.
    keyword
        Property of an Eclipse file; None: the only one.
    layers
        Layers of an Eclipse grid, or the band of a raster, from 1, such as ``1-3,7``; None: all.
    over_layers
        What becomes of several layers: their ``mean`` or their ``sum``.
    rows
        Where the first row of OIL/PORO text lies: all other forms say so.
    rows_of_growth
        Whether there is text of growth with its rows so. Whoever reads the map itself then leaves out
        ``rows`` where its form says its own.
    cache
        Folder of Zarr stores, in which the map is kept once it is read; None: nowhere.
    """

    grid: Path | None = None
    keyword: str | None = None
    layers: str | None = None
    over_layers: Literal["mean", "sum"] = "mean"
    rows: Literal["south", "north"] = "south"
    cache: Path | None = None
    rows_of_growth: bool = False

    @property
    def asked(self) -> tuple[str | None, ...]:
        """What decides the map, beside the files' content."""
        grid = None if self.grid is None else str(self.grid.absolute())
        return grid, self.keyword, self.layers, self.over_layers, self.rows

    def grid_of(self, path: Path) -> Path | None:
        """Return the grid that is named, or lies beside Eclipse results under their name."""
        beside = [path.with_suffix(suffix) for suffix in GRIDS]
        return self.grid or next(
            (each for each in beside if each != path and each.is_file()), None
        )

    def hashed(self, *digests: str) -> str:
        """Return one hash of files and of what is chosen from them."""
        chosen = (self.keyword, self.layers, self.over_layers, self.rows)
        if len(digests) == 1 and chosen == (None, None, "mean", "south"):
            return digests[0]
        return hashlib.sha256(repr((digests, chosen)).encode()).hexdigest()

    def numbers(self, path: Path, count: int, what: str) -> list[int]:
        """Return the chosen layers, counted from 0.

        Raises
        ------
        MapError
            If there are no such layers.
        """
        if self.layers is None:
            return list(range(count))
        chosen: set[int] = set()
        for part in self.layers.split(","):
            match = _PART.fullmatch(part.strip())
            first, last = (int(n) for n in (match[1], match[2] or match[1])) if match else (0, 0)
            if not 1 <= first <= last <= count:
                raise MapError(
                    path,
                    f"it has {what} 1 to {count}, and --layers asks for {part.strip() or 'nothing'}",
                    "Name layers such as 1-3,7.",
                )
            chosen |= set(range(first - 1, last))
        return sorted(chosen)

    def refuse_rows(self, path: Path, form: str) -> None:
        """Refuse an order of rows for a file that says its own."""
        if self.rows != "south":
            raise MapError(
                path,
                f"it is {form}, which says where its first row lies",
                "Leave out --rows-from.",
            )

    def refuse_choice(self, path: Path, form: str) -> None:
        """Refuse choices that a file of one map cannot follow."""
        given = {"--map-grid": self.grid, "--map-keyword": self.keyword, "--layers": self.layers}
        for option, value in given.items():
            if value is not None:
                raise MapError(
                    path, f"it is {form}: one map, nothing to choose from", f"Leave out {option}."
                )


PLAIN = Reading()
"""The whole file, as it is."""


def needs_extra(path: Path, what: str, library: str) -> MapError:
    """Return the error of a form whose library is not installed."""
    return MapError(
        path,
        f"reading {what} needs {library}",
        "Install it with: pip install -e '.[maps]', or export the map as IRAP or ESRI ASCII.",
    )
