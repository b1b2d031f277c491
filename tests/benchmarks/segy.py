"""Conversions side by side with OpenVDS+ and MDIO, and reads beside plain decoding: ``make bench-segy``.

Peers live in environments of their own, since their versions would change ours; where one is not named,
its rows say so. They are made once, anywhere outside the repository, MDIO with Python 3.12 or later::

    python3 -m venv OPENVDS && OPENVDS/bin/pip install openvds
    python3.12 -m venv MDIO && MDIO/bin/pip install multidimio

    make bench-segy OPENVDS_ENV=OPENVDS MDIO_ENV=MDIO
    make bench-segy OPENVDS_ENV=OPENVDS MDIO_ENV=MDIO BENCH="--scale 4"

Every round runs every tool once, as a whole process, in an order that turns; before each run its input is
read into the page cache and what others wrote goes out to the disk. The first round is not counted: it
compiles what is kept compiled. The bytes of every export are compared with the cube. The Markdown on
standard output is what is committed; standard error tells what is going on. Nothing else should run on
the machine meanwhile.
"""

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks import reads, report, tools
from tests.benchmarks.conversions import Conversions, convert, find
from tests.benchmarks.cube import SHAPE, cube_bytes, write_cube
from tests.benchmarks.reads import Readings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the comparison and print it; return 1 where graben failed or gave other bytes back."""
    options = _options(arguments)
    load = os.getloadavg()[0]
    cube = options.cube or _cube(options.folder, options.shape)
    place = options.folder / cube.stem
    place.mkdir(parents=True, exist_ok=True)
    compared: list[Conversions] = []
    readings: Readings = {}
    try:
        if options.only != "reads":
            compared = [
                find("graben", tools.graben),
                find("OpenVDS+", lambda: tools.openvds(options.openvds_env)),
                find("MDIO", lambda: tools.mdio(options.mdio_env)),
                find("cp", tools.copy),
            ]
            convert(compared, cube, place, options.rounds, say)
        if options.only != "conversions":
            readings = reads.compare(cube, place, options.rounds, say)
    finally:
        if not options.keep:
            shutil.rmtree(place)
    facts = report.Facts(_command(options), cube.stat().st_size, options.rounds, load)
    sys.stdout.write(report.markdown(facts, compared, readings))
    ours = [one for one in compared if one.name == "graben"]
    return int(any(one.failure or not all(one.same) for one in ours))


def say(words: str) -> None:
    """Tell what is going on, beside the table."""
    sys.stderr.write(words + "\n")


def _cube(folder: Path, shape: tuple[int, int, int]) -> Path:
    """Return the cube of a shape; one of an earlier run is kept."""
    path = folder / ("cube-" + "x".join(map(str, shape)) + ".sgy")
    if not path.exists() or path.stat().st_size != cube_bytes(shape):
        say(f"making the cube, {cube_bytes(shape) / 1e6:.0f} MB")
        folder.mkdir(parents=True, exist_ok=True)
        write_cube(path, shape)
    return path


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-segy BENCH=...", allow_abbrev=False)
    folder = Path(tempfile.gettempdir()) / "graben-bench-segy"
    add = parser.add_argument
    add("--folder", type=Path, default=folder, help="for the cube and the stores")
    add("--cube", type=Path, help="another SEG-Y file, its lines at bytes 189 and 193")
    add("--shape", type=_shape, default=SHAPE, help="inlines,crosslines,samples of the cube")
    add("--scale", type=float, default=1.0, help="times as many traces")
    add("--rounds", type=int, default=5, help="alternating runs that count")
    add("--only", choices=("conversions", "reads"), help="leave the others out")
    add("--keep", action="store_true", help="leave the stores in the folder")
    for name in ("openvds", "mdio"):
        variable = f"{name.upper()}_ENV"
        named = os.environ.get(variable)
        default = Path(named) if named else None
        words = f"virtual environment of {name}, also by {variable}"
        add(f"--{name}-env", type=Path, default=default, help=words)
    options = parser.parse_args(arguments)
    # A larger survey is wider both ways.
    wider = options.scale**0.5
    inlines, crosslines, samples = options.shape
    options.shape = round(inlines * wider), round(crosslines * wider), samples
    return options


def _shape(words: str) -> tuple[int, int, int]:
    inlines, crosslines, samples = map(int, words.split(","))
    return inlines, crosslines, samples


def _command(options: argparse.Namespace) -> str:
    """Return the command that makes the table again, without this machine's folders."""
    said = "" if options.cube else f" --shape {','.join(map(str, options.shape))}"
    said = "" if options.shape == SHAPE else said
    said += f" --cube {options.cube.name}" if options.cube else ""
    said += f" --rounds {options.rounds}" if options.rounds != 5 else ""
    said += f" --only {options.only}" if options.only else ""
    return "make bench-segy" + (f' BENCH="{said.strip()}"' if said else "")


if __name__ == "__main__":
    sys.exit(main())
