"""Draw docs/wells-page.png, the page of wells on a made map: ``python -m tests.wells_picture [FILE]``."""

import io
import json
import os
import re
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

from flows.__main__ import COMPLETE, run
from tests import browser
from tests.fault_volumes import AFFINE, CROSSLINE_NUMBERS, INLINE_NUMBERS, write_fault_volume
from tests.flows.running import serving

SIZE = (1400, 900)
CELLS, CELL_M = (110, 150), 60.0
SHOWN = 2
"""Well whose numbers are shown, from 0."""


def main(path: Path) -> None:
    """Place wells, serve the page of the run, look at it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plan = make_plan(folder)
        os.environ["TMPDIR"] = name
        log = folder / "log.txt"
        with serving("view", plan, "--no-browser", home=folder, log=log):
            while not (found := re.search(r"http://\S+", log.read_text())):
                time.sleep(0.1)
            with browser.browsing(folder, SIZE) as page:
                page.open(found[0])
                page.expect("done", "wells collect")
                page.driver.execute_script(
                    "Bokeh.documents[0].get_model_by_name('wells_source').selected.indices = [arguments[0]]",
                    SHOWN,
                )
                page.wait(lambda: f"Well {SHOWN + 1}" in page.part("well").text)
                time.sleep(1)  # the last colours are drawn
                png = page.driver.get_screenshot_as_png()
    with Image.open(io.BytesIO(png)) as image:
        image.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


def make_plan(folder: Path) -> Path:
    """Place wells on a map across a fault, within a lease; return the folder of the run."""
    field = gaussian_filter(np.random.default_rng(11).standard_normal(CELLS), 7.0)
    values = np.maximum(2.0 + field / field.std(), 0.0)
    oil = folder / "oil.txt"
    text = " ".join(f"{value:.4f}" for value in values.flat)
    oil.write_text(f"OIL\n{CELLS[1]} {CELLS[0]}\n{CELL_M} {CELL_M}\n{text}")
    write_fault_volume(folder / "faults.zarr")
    size = np.array([CELLS[1], CELLS[0]]) * CELL_M
    lines = INLINE_NUMBERS[70], CROSSLINE_NUMBERS[75]
    middle = np.array([a + b * lines[0] + c * lines[1] for a, b, c in (AFFINE[:3], AFFINE[3:])])
    corner = middle - size / 2
    lease = folder / "lease.geojson"
    ring = [[0.04, 0.06], [0.97, 0.1], [0.93, 0.96], [0.3, 0.94], [0.04, 0.06]]
    shape = {"type": "Polygon", "coordinates": [(np.array(ring) * size).tolist()]}
    lease.write_text(json.dumps(shape))
    out = folder / "wells"
    given = ["--wells", "14", "--radius", "420", "--periods", "8", "--growth", "25", "--time", "8"]
    given += ["--faults", str(folder / "faults.zarr"), "--keep-out", "200", "--lease", str(lease)]
    given += ["--map-origin", f"{corner[0]},{corner[1]}", "--coordinates", "map"]
    assert run(["place-wells", str(oil), "--out", str(out), *given]) == COMPLETE
    return out


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/wells-page.png"))
