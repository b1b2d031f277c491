"""Draw docs/opendtect-page.png: the page on a synthetic survey. ``python -m tests.page_picture [FILE]``."""

import io
import os
import re
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

from PIL import Image

from tests import browser
from tests.flows.running import serving
from tests.page_survey import make_place

SHAPE, SEED = (40, 240, 288), 5
SHOWN = {"volume": "Seismic", "inline": "421"}
SIZE = (1400, 900)


def main(path: Path) -> None:
    """Make the survey, serve its page, look at it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        place = make_place(folder, SHAPE, SEED)
        os.environ |= {"DTECT_SETTINGS": str(place.personal), "TMPDIR": name}
        log = folder / "log.txt"
        with serving("view", "--no-browser", home=folder, log=log):
            while not (found := re.search(r"http://\S+", log.read_text())):
                time.sleep(0.1)
            with browser.browsing(folder, SIZE) as page:
                page.open(f"{found[0]}&{urlencode(SHOWN)}")
                page.expect("done", "faults found now")
                time.sleep(1)  # the last colours are drawn
                png = page.driver.get_screenshot_as_png()
    with Image.open(io.BytesIO(png)) as image:
        colours = image.convert("RGB").quantize(192, dither=Image.Dither.NONE)
        colours.save(path, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/opendtect-page.png"))
