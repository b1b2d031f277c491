"""OpendTect's button and its page, pressed and worked in a real browser, the networks at work behind it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import numpy as np
import pytest
from PIL import Image

from tests import browser
from tests import opendtect_files as dtect
from tests.flows.running import ROOT, let_in
from tests.page_survey import FIRST, SHAPE, STEP, Place, make_place

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(browser.missing() is not None, reason=browser.missing() or ""),
]

SEEN = 300
"""Pixels in the colours of faults that are no chance."""


@dataclass(frozen=True)
class Toolbar:
    """OpendTect, as far as the button needs it: it starts what its settings name."""

    place: Place
    opened: Path
    variables: dict[str, str]

    def graben(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "flows", *arguments]
        subprocess.run(command, cwd=ROOT, env=self.variables, check=True, capture_output=True)

    @contextmanager
    def press(self) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
        """Press the button; yields what it started, and where a browser that it opens gets to."""
        settings = dtect.pairs(
            dtect.body(self.place.personal / "settings_python", "Default settings")
        )
        before = len(self.addresses())
        log = self.opened.with_suffix(".log").open("wb")
        process = subprocess.Popen(
            [settings["PythonIDE.Command"]], env=self.variables, stdout=log, stderr=log
        )
        try:
            deadline = time.monotonic() + 30
            while len(self.addresses()) == before:
                assert time.monotonic() < deadline, self.opened.with_suffix(".log").read_text()
                time.sleep(0.1)
            yield process, let_in(self.addresses()[-1])
        finally:
            log.close()
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise

    def addresses(self) -> list[str]:
        return self.opened.read_text().splitlines() if self.opened.exists() else []


@pytest.fixture(scope="module")
def toolbar(tmp_path_factory: pytest.TempPathFactory) -> Toolbar:
    code = "import flows; print(flows.__file__)"  # as the launcher finds it
    found = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, check=True)
    assert found.stdout.decode().startswith(str(ROOT)), (
        "another checkout is installed: make install"
    )
    folder = tmp_path_factory.mktemp("page")
    place = make_place(folder)
    stub, opened = folder / "browser.sh", folder / "opened.txt"
    stub.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$1\" >> '{opened}'\n")
    stub.chmod(0o755)
    ours = {
        "DTECT_SETTINGS": str(place.personal),
        "TMPDIR": str(folder),
        "BROWSER": f"{stub} %s",
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DTECT")}
    toolbar = Toolbar(place, opened, kept | ours)
    toolbar.graben("opendtect", "install-button", "--yes")
    return toolbar


@pytest.fixture(scope="module")
def address(toolbar: Toolbar) -> Iterator[str]:
    with toolbar.press() as (_, address):
        yield address


@pytest.fixture(scope="module")
def page(address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[browser.Page]:
    with browser.browsing(tmp_path_factory.mktemp("browser")) as page:
        page.open(address)
        yield page


def asked(page: browser.Page) -> dict[str, str]:
    return {
        name: each[0] for name, each in parse_qs(urlsplit(page.driver.current_url).query).items()
    }


def test_a_second_press_opens_another_tab_of_the_same_server(
    toolbar: Toolbar, address: str
) -> None:
    with toolbar.press() as (process, again):
        assert process.wait(30) == 0
    assert again == address


def test_a_volume_and_a_place_are_picked_and_faults_are_seen(page: browser.Page) -> None:
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.select import Select

    page.expect("done", f"Inline {FIRST[0] + SHAPE[0] // 2}: faults found now")
    Select(page.part("volume", "select")).select_by_visible_text("Seismic")
    page.wait(lambda: asked(page).get("volume") == "Seismic")
    page.expect("done", "faults found now")
    assert page.fault_pixels > SEEN
    page.driver.execute_script("document.activeElement.blur()")
    page.press("f")
    page.wait(lambda: page.fault_pixels == 0)
    page.press("f")
    page.wait(lambda: page.fault_pixels > SEEN)
    page.press("x")
    middle = FIRST[1] + STEP[1] * (SHAPE[1] // 2)
    page.expect("done", f"Crossline {middle}: faults found now")
    page.press(Keys.ARROW_RIGHT)
    page.expect("done", f"Crossline {middle + STEP[1]}: faults found now")
    page.type("number", f"{middle - STEP[1]}")
    page.expect("done", f"Crossline {middle - STEP[1]}: faults found now")
    assert asked(page)["crossline"] == f"{middle - STEP[1]}"
    assert "inline" not in asked(page)


def test_the_address_opens_the_same_section_again(page: browser.Page, address: str) -> None:
    wanted = {"volume": "Seismic", "slice": "800", "threshold": "0.9", "colours": "Grey"}
    page.open(f"{address}&{urlencode(wanted)}")
    page.expect("done", "Time 800 ms: faults found now")
    assert page.state("threshold", "value") == pytest.approx(0.9)
    assert asked(page).items() >= wanted.items()
    grey = page.figure()
    assert (np.ptp(grey, axis=2) < 30).mean() > 0.9


def test_a_section_is_stored_in_the_project(
    page: browser.Page, address: str, toolbar: Toolbar
) -> None:
    place, seismic = toolbar.place, toolbar.place.survey / "Seismics"
    before = {each.name for each in dtect.table(seismic)}
    page.open(f"{address}&{urlencode({'volume': 'Seismic', 'inline': 410})}")
    said = page.expect("done", "Inline 410: faults found now")
    button = page.part("store", "button")
    assert button.text == f"Store section in {place.survey.name}"
    button.click()
    line = page.expect("done", f"Stored in {place.survey.name}")
    stored = {each.name: each for each in dtect.table(seismic)}
    (name,) = stored.keys() - before
    assert name == "Seismic faults inline 410"
    assert f"'{name}'" in line
    cube = dtect.cbvs(stored[name].path)
    assert {inline for inline, _ in cube.samples} == {410}
    assert len(cube.samples) == SHAPE[1]
    assert cube.z == pytest.approx((0.6, 0.004, SHAPE[2]))
    probability = np.stack(list(cube.samples.values()))
    assert probability.min() >= 0
    assert f"largest probability {probability.max():.2f}" in said
    assert probability.max() > page.state("threshold", "value")


def test_a_picture_that_is_dropped_shows_its_faults_and_gives_them_back(
    page: browser.Page, address: str, toolbar: Toolbar
) -> None:
    picture = toolbar.place.picture
    page.open(address)
    page.expect("done", "faults found now")
    page.drop(picture)
    page.expect("done", f"{picture.name}: largest probability")
    page.press("x")
    page.expect("done", "Crossline")
    page.drop(picture)  # once more the same
    page.expect("done", f"{picture.name}: largest probability")
    assert page.fault_pixels > SEEN
    assert not page.part("store", "button").is_enabled()
    page.wait(lambda: page.state("links", "visible"))
    with Image.open(picture) as image:
        size = image.size
    for name, mode in (("section_faults.png", "RGB"), ("section_probability.png", "I;16")):
        page.part("links", f"a[href$='{name}']").click()
        page.wait(lambda file=page.downloads / name: file.exists())  # type: ignore[misc]
        with Image.open(page.downloads / name) as image:
            assert (image.size, image.mode) == (size, mode)
            found = np.asarray(image)
    assert found.max() > 0.5 * 65535


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n" + bytes(50)])
def test_what_is_no_picture_is_one_line_and_the_page_goes_on(
    page: browser.Page, address: str, tmp_path: Path, content: bytes
) -> None:
    wrong = tmp_path / "wrong.png"
    wrong.write_bytes(content)
    page.open(address)
    page.expect("done", "faults found now")
    page.drop(wrong)
    page.expect("wrong", "wrong.png: this is no picture")
    page.press("x")
    page.wait(lambda: page.line[0] == "done" and "Crossline" in page.line[1])


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "with 'graben view', which know its key"),
        ("key=0", "with 'graben view', which know its key"),
        ("{key}&open=/nowhere/at/all", "/nowhere/at/all"),
    ],
)
def test_an_address_that_shows_nothing_says_why(
    page: browser.Page, address: str, query: str, words: str
) -> None:
    where = address.split("?", maxsplit=1)
    page.open(f"{where[0]}?{query.format(key=where[1])}")
    page.expect("wrong", words)


def test_a_page_whose_program_has_ended_says_so(toolbar: Toolbar, tmp_path: Path) -> None:
    toolbar.graben("opendtect", "install-button", "--yes")
    other = Toolbar(
        toolbar.place, tmp_path / "opened.txt", toolbar.variables | {"TMPDIR": str(tmp_path)}
    )
    stub = tmp_path / "browser.sh"
    stub.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$1\" >> '{other.opened}'\n")
    stub.chmod(0o755)
    other.variables["BROWSER"] = f"{stub} %s"
    with browser.browsing(tmp_path) as page:
        with other.press() as (_, address):
            page.open(address)
        page.expect("wrong", "has ended")
    assert not list(tmp_path.glob("graben-view-*/server.json"))


def test_the_button_is_taken_away_again(toolbar: Toolbar) -> None:
    toolbar.graben("opendtect", "uninstall-button", "--yes")
    settings = (toolbar.place.personal / "settings_python").read_text()
    assert "PythonIDE.ExeName: spyder" in settings
    assert "graben" not in settings
