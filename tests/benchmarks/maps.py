"""The OIL/PORO reader beside the pandas route, on one giant line: ``make bench-maps``.

Both read the same file in this process in turn; the first round is not counted: it compiles. The pandas
route is the quickest that a script takes: blanks become line ends, then ``read_csv``. It gives numbers
only; graben also checks, counts and hashes the file. Figures are CPU time of the process, medians.
"""

import argparse
import io
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from storage.maps.ranges import count_in_range, ranges, read_span
from storage.maps.text import read_header, read_map

Float = NDArray[np.float64]


def write_line(path: Path, columns: int, rows: int, form: str) -> None:
    """Write a map whose values are one line."""
    rng = np.random.default_rng(0)
    with path.open("w") as file:
        file.write(f"OIL\n{columns} {rows}\n100 100\n")
        for _ in range(rows):
            file.write(" ".join(np.char.mod(form, rng.random(columns) * 5).tolist()) + " ")


def pandas_route(path: Path) -> Float:
    """Read the values as a script would."""
    import pandas as pd  # type: ignore[import-untyped]

    line = path.read_bytes().split(b"\n", 3)[3].rstrip().replace(b" ", b"\n")
    return np.asarray(pd.read_csv(io.BytesIO(line), header=None, dtype=np.float64)).ravel()


def by_ranges(path: Path) -> Float:
    """Read by byte ranges as jobs do: count values in ranges, then parse to where they belong."""
    head = read_header(path)
    counts = [count_in_range(path, *ends, head.start) for ends in ranges(head.start, head.size)]
    values = np.empty(sum(counts))
    read_span(path, head.start, head.size, values)
    return values


def main() -> int:
    """Print the table; return 1 where the readers disagree."""
    parser = argparse.ArgumentParser(prog="make bench-maps BENCH=...")
    parser.add_argument("--megabytes", type=float, default=200.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--form", default="%.6f", help="how values are written")
    options = parser.parse_args()
    columns = 5000
    rows = max(1, round(options.megabytes * 1e6 / columns / len(options.form % 2.5 + " ")))
    readers: dict[str, Callable[[Path], Float]] = {
        "graben, one core": lambda path: read_map(path).values.ravel(),
        "graben, counted and by ranges": by_ranges,
        "pandas": pandas_route,
    }
    seconds: dict[str, list[float]] = {name: [] for name in readers}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "map.txt"
        write_line(path, columns, rows, options.form)
        megabytes, sums = path.stat().st_size / 1e6, set()
        for counted in range(options.rounds + 1):
            for name, reader in readers.items():
                begun = time.process_time()
                values = reader(path)
                if counted:
                    seconds[name].append(time.process_time() - begun)
                sums.add(float(values.sum()))
                del values
    middle = {name: statistics.median(each) for name, each in seconds.items()}
    say = sys.stdout.write
    say(f"{megabytes:.0f} MB, {columns} x {rows} values as {options.form} on one line\n\n")
    say("| reader | CPU s | MB per CPU-s | times pandas |\n| --- | --- | --- | --- |\n")
    for name, cpu in middle.items():
        say(f"| {name} | {cpu:.2f} | {megabytes / cpu:.0f} | {middle['pandas'] / cpu:.2f} |\n")
    say(f"\nSums agree: {len(sums) == 1}\n")
    return int(len(sums) != 1)


if __name__ == "__main__":
    sys.exit(main())
