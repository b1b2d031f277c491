"""The picture of docs/opendtect.md: a section as a screenshot has it, and what `graben picture` makes of it.

The section is one of `graben demo`.

``.venv/bin/python -m tests.opendtect_pictures docs/opendtect-picture.png`` makes it anew.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from flows.__main__ import COMPLETE, run
from models.earth.example import make_example
from tasks.demo import FIRST_CROSSLINE, FIRST_INLINE, INTERVAL_MS, PRESET, SIZE, START_MS

SEED, LINE = 7, 80
GAP = 24
COLOURS = 128
"""Of the palette that the picture is kept in: a third of the bytes."""


def screenshot(path: Path, seed: int = SEED) -> None:
    """Draw an inline of the demonstration with axes and margins, red, white and blue."""
    example = make_example(seed, 0, size=SIZE, preset=PRESET)
    section = example.amplitude[LINE].T
    most = float(np.quantile(np.abs(section), 0.99))
    figure = Figure(figsize=(6.4, 6.4), dpi=100, layout="constrained")
    axes = figure.subplots()
    last = START_MS + INTERVAL_MS * SIZE[2]
    extent = (FIRST_CROSSLINE, FIRST_CROSSLINE + SIZE[1], last, START_MS)
    axes.imshow(
        section, cmap="RdBu", vmin=-most, vmax=most, aspect="auto", extent=extent,
        interpolation="bilinear",
    )  # fmt: skip
    axes.set(xlabel="crossline", ylabel="two-way time, ms", title=f"Inline {FIRST_INLINE + LINE}")
    figure.savefig(path)


def side_by_side(left: Path, right: Path, out: Path) -> None:
    """Put two pictures of one size beside each other, in few colours."""
    pictures = [Image.open(path).convert("RGB") for path in (left, right)]
    width, height = pictures[0].size
    both = Image.new("RGB", (2 * width + GAP, height), "white")
    for number, picture in enumerate(pictures):
        both.paste(picture, (number * (width + GAP), 0))
    both.quantize(COLOURS).save(out, optimize=True)


def main(out: Path) -> None:
    """Make the picture."""
    with tempfile.TemporaryDirectory() as folder:
        section, faults = Path(folder) / "section.png", Path(folder) / "faults.png"
        screenshot(section)
        if run(["picture", str(section), str(faults)]) != COMPLETE:
            sys.exit("graben picture failed")
        side_by_side(section, faults, out)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
