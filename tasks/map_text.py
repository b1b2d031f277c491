"""Long text of a map into a Zarr store by byte ranges, in any number of jobs, the same bytes.

::

    count    values in ranges of 16 MiB; the file's hash      ->  which bytes hold which rows
    parse    the rows of one job: find their bytes, parse them piece by piece, write them

A job holds its values and a mebibyte of text, whatever the size of the file.
"""

import hashlib
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from storage.map_store import (
    create_map_store,
    finish_map_store,
    part_of_store,
    rows_of_job,
    write_part,
)
from storage.maps.chosen import PLAIN, Reading
from storage.maps.formats import TEXT
from storage.maps.grid import GridMap, nothing_in
from storage.maps.ranges import NoNumberError, count_in_range, find_in_range, ranges, read_span
from storage.maps.spread import Spread, spread_of
from storage.maps.text import (
    NO_VALUE,
    Header,
    no_number,
    read_header,
    refuse_count,
    refuse_signs,
)
from tasks.fan_out import Progress, Result, run_jobs

if TYPE_CHECKING:
    from distributed import Client

DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one job and where their text lies.

    Attributes
    ----------
    first, count
        Rows of the map.
    line
        Number of the first of them in the text; where the text begins in the north, of the last.
    turned
        Whether the text has them from north to south.
    begin, end
        The range of the file and the value in it at which they begin, and those at which the next ones
        do; None: with the file.
    """

    first: int
    count: int
    line: int
    turned: bool
    begin: tuple[int, int]
    end: tuple[int, int] | None


def keep_text(
    path: Path,
    store: Path,
    reading: Reading,
    facts: dict[str, str],
    client: "Client | None",
    progress: Progress | None,
) -> None:
    """Parse a text map into a store.

    Parameters
    ----------
    path, store, reading, client, progress
        As in `tasks.keep_map`; ``path`` is absolute, as workers have other folders.
    facts
        Attributes beside those of the map.

    Raises
    ------
    MapError
        What of the map is wrong.
    """
    header = read_header(path)
    cuts = ranges(header.start, header.size)
    jobs: dict[str, tuple[int, int] | None] = {DIGEST: None}
    jobs |= {f"count {first}": (first, stop) for first, stop in cuts}
    count = partial(count_range, path=path, start=header.start)
    counted = run_jobs(count, jobs, what="count", client=client, progress=progress)
    sha256 = reading.hashed(str(counted.pop(DIGEST)["sha256"]))
    counts = [int(each["values"]) for each in counted.values()]
    refuse_count(path, header, sum(counts))
    part = part_of_store(store)
    cell = header.cell_width_m, header.cell_height_m
    create_map_store(part, (header.rows, header.columns), cell, "float64")
    rows = {f"rows {each.first}": each for each in rows_of_jobs(header, counts, reading)}
    parse = partial(parse_rows, path=path, header=header, store=part.absolute())
    parsed = run_jobs(parse, rows, what="map", client=client, progress=progress).values()
    signs, spread = 0, Spread()
    for each in parsed:
        signs, spread = signs | int(each["signs"]), spread | Spread(**each["spread"])
    refuse_signs(path, signs)
    if spread.without_value == header.rows * header.columns:
        raise nothing_in(path)
    grid = GridMap(header.kind, np.empty((0, 0)), *cell, 0, sha256, form=TEXT)
    finish_map_store(part, store, {**grid.facts(), **spread.facts(), **facts})


def rows_of_jobs(header: Header, counts: list[int], reading: Reading = PLAIN) -> list[Rows]:
    """Return the rows of every job, and where they begin, from the number of values in each range."""
    before = np.array([0, *accumulate(counts)])
    turned = reading.rows == "north"

    def place(line: int) -> tuple[int, int] | None:
        number = line * header.columns
        if number == before[-1]:
            return None
        which = int(np.searchsorted(before, number, side="right")) - 1
        return which, number - int(before[which])

    found = []
    step = rows_of_job(header.columns)
    for first in range(0, header.rows, step):
        count = min(step, header.rows - first)
        line = header.rows - first - count if turned else first
        found.append(Rows(first, count, line, turned, place(line) or (0, 0), place(line + count)))
    return found


def count_range(cut: tuple[int, int] | None, *, path: Path, start: int) -> Result:
    """Count the values that begin in a range; without one, hash the file."""
    if cut is None:
        with path.open("rb") as file:
            return {"sha256": hashlib.file_digest(file, "sha256").hexdigest()}
    return {"values": count_in_range(path, *cut, start)}


def parse_rows(job: Rows, *, path: Path, header: Header, store: Path) -> Result:
    """Parse the rows of one job and write them."""
    cuts = ranges(header.start, header.size)
    begin = find_in_range(path, *cuts[job.begin[0]], header.start, job.begin[1])
    end = header.size
    if job.end is not None:
        end = find_in_range(path, *cuts[job.end[0]], header.start, job.end[1])
    values = np.empty(job.count * header.columns)
    try:
        signs = read_span(path, begin, end, values)
    except NoNumberError as error:
        number = job.line * header.columns + error.number
        raise no_number(path, number, error.offset, error.token) from None
    values[values == NO_VALUE] = np.nan
    rows = values.reshape(job.count, header.columns)
    write_part(store, job.first, 0, rows[::-1] if job.turned else rows)
    return {"signs": signs, "spread": spread_of(values).facts()}
