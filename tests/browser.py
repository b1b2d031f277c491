"""The system's Chromium without a window, worked as somebody works it: real keys, clicks, drops, pixels."""

import io
import shutil
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

BROWSERS = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser")
WITHIN_S = 40.0

PART = """
const model = Bokeh.documents[0].get_model_by_name(arguments[0])
const view = Bokeh.index.find_one(model)
return arguments[1] ? view.shadow_el.querySelector(arguments[1]) : view.el
"""

DROP = """
const bytes = Uint8Array.from(atob(arguments[1]), (c) => c.charCodeAt(0))
const dataTransfer = new DataTransfer()
dataTransfer.items.add(new File([bytes], arguments[0]))
document.body.dispatchEvent(new DragEvent("drop", {dataTransfer, bubbles: true, cancelable: true}))
"""


def missing() -> str | None:
    """Return why there is no browser to test with, None where there is one."""
    if not any(map(shutil.which, BROWSERS)):
        return "no Chromium: apt-get install chromium"
    return None if shutil.which("chromedriver") else "no driver: apt-get install chromium-driver"


@dataclass(frozen=True, slots=True)
class Page:
    """A page of `view` in a tab."""

    driver: Any
    downloads: Path

    def open(self, address: str) -> None:
        """Go to an address; the page is there when it can say something."""
        self.driver.get(address)
        self.wait(lambda: self.driver.execute_script("return !!window.Bokeh?.documents[0]"))
        self.wait(lambda: self.line[1] != "")

    def part(self, name: str, selector: str = "") -> Any:
        """Return an element of a widget, or the widget itself."""
        return self.driver.execute_script(PART, name, selector)

    def state(self, name: str, field: str) -> Any:
        """Return what the browser knows of a widget."""
        code = "return Bokeh.documents[0].get_model_by_name(arguments[0])[arguments[1]]"
        return self.driver.execute_script(code, name, field)

    @property
    def line(self) -> tuple[str, str]:
        """Kind and words of the line that the page says."""
        line = self.driver.execute_script(PART, "status", ".line")
        if line is None:
            return "", ""
        return line.get_attribute("class").removeprefix("line").strip(), line.text

    def expect(self, kind: str, words: str) -> str:
        """Wait until the page says something; return it."""

        def said() -> bool:
            there, line = self.line
            assert kind == "wrong" or there != "wrong", line
            return there == kind and words in line

        self.wait(said)
        return self.line[1]

    def wait(self, happened: Callable[[], bool]) -> None:
        deadline = time.monotonic() + WITHIN_S
        while True:
            try:
                if happened():
                    return
            except AssertionError:
                raise
            except Exception as error:  # what is being drawn anew is not there for a moment
                if time.monotonic() > deadline:
                    raise AssertionError(self.line) from error
            assert time.monotonic() < deadline, self.line
            time.sleep(0.1)

    def press(self, *keys: str) -> None:
        """Press keys, whatever has the focus."""
        from selenium.webdriver.common.action_chains import ActionChains

        ActionChains(self.driver).send_keys(*keys).perform()

    def type(self, name: str, words: str) -> None:
        """Put words into a widget in the place of its own."""
        from selenium.webdriver.common.action_chains import ActionChains
        from selenium.webdriver.common.keys import Keys

        there = self.part(name, "input")
        ActionChains(self.driver).double_click(there).send_keys(words, Keys.ENTER).perform()

    def drop(self, path: Path) -> None:
        """Drop a file on the page."""
        self.driver.execute_script(DROP, path.name, b64encode(path.read_bytes()).decode())

    def figure(self) -> NDArray[np.int64]:
        """Return the pixels of the figure as they are seen, shape (down, across, 3)."""
        png = self.part("section").screenshot_as_png
        with Image.open(io.BytesIO(png)) as image:
            return np.asarray(image.convert("RGB")).astype(np.int64)

    @property
    def fault_pixels(self) -> int:
        """Pixels in colours from yellow to green, which no seismic section has."""
        red, green, blue = np.moveaxis(self.figure(), 2, 0)
        return int(((green > red - 10) & (green > blue + 60)).sum())


@contextmanager
def browsing(folder: Path, size: tuple[int, int] = (1400, 900)) -> Iterator[Page]:
    """Yield a browser that keeps all it keeps in a folder."""
    from selenium import webdriver

    downloads = folder / "downloads"
    downloads.mkdir()
    options = webdriver.ChromeOptions()
    options.binary_location = next(filter(None, map(shutil.which, BROWSERS)))
    for each in (
        "headless=new",
        "no-sandbox",  # as root, and in containers, there is none
        "disable-dev-shm-usage",
        "disable-gpu",
        f"user-data-dir={folder / 'browser'}",
        f"window-size={size[0]},{size[1]}",
    ):
        options.add_argument(f"--{each}")
    options.add_experimental_option("prefs", {"download.default_directory": str(downloads)})
    service = webdriver.ChromeService(shutil.which("chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    try:
        yield Page(driver, downloads)
    finally:
        driver.quit()
