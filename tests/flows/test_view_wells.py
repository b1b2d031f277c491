"""The page of wells: plans are opened, wells dragged, searches watched, in a real browser and without one."""

import csv
import json
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from flows.__main__ import COMPLETE, WRONG_INPUT, run
from flows.view.wells_run import open_run
from storage.errors import InputError
from tests import browser
from tests.flows.running import serving

FEW = ["--wells", "4", "--radius", "300", "--periods", "3", "--growth", "5", "--starts", "2"]


def write_map(path: Path, seed: int = 2) -> Path:
    field = gaussian_filter(np.random.default_rng(seed).standard_normal((70, 90)), 4.0)
    values = np.maximum(2.0 + field / field.std(), 0.0)
    path.write_text("OIL\n90 70\n100 100\n" + " ".join(f"{value:.5f}" for value in values.flat))
    return path


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wells")
    oil = write_map(folder / "oil.txt")
    assert run(["place-wells", str(oil), "--out", str(folder / "run"), *FEW]) == COMPLETE
    return folder / "run"


@pytest.fixture(scope="module")
def page(plan: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[browser.Page]:
    home, patch = tmp_path_factory.mktemp("page"), pytest.MonkeyPatch()
    patch.setenv("TMPDIR", str(home))
    log = home / "log.txt"
    with serving("view", plan, "--no-browser", home=home, log=log):
        deadline = time.monotonic() + browser.WITHIN_S
        while not (found := re.search(r"http://\S+", log.read_text())):
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        with browser.browsing(home) as page:
            page.open(found[0])
            yield page
    patch.undo()


ROUND_THE_MAP = """
const fig = Bokeh.documents[0].get_model_by_name("map_figure")
const view = Bokeh.index.find_one(fig)
const [x, y] = arguments
const box = view.el.getBoundingClientRect()
const at = view.frame
return [at.x_scale.compute(x) - box.width / 2, at.y_scale.compute(y) - box.height / 2]
"""


def wells(page: browser.Page) -> list[tuple[float, float]]:
    code = (
        "const {x, y} = Bokeh.documents[0].get_model_by_name('wells_source').data;"
        "return [...x].map((v, i) => [v, y[i]])"
    )
    return [(x, y) for x, y in page.driver.execute_script(code)]


def pointer(page: browser.Page, place: tuple[float, float]) -> tuple[int, int]:
    """Return where a place on the map is seen, in pixels from the middle of the figure."""
    x, y = page.driver.execute_script(ROUND_THE_MAP, *place)
    return round(x), round(y)


def summary(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "summary.json").read_text()))


def value_of(line: str) -> float:
    found = re.search(r"collect ([\d.e+]+)", line)
    assert found, line
    return float(found[1])


def fill(page: browser.Page, name: str, words: str) -> None:
    """Put words into a widget in the place of all that is there."""
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    there = page.part(name, "input")
    ActionChains(page.driver).click(there).perform()
    page.driver.execute_script("arguments[0].select()", there)
    ActionChains(page.driver).send_keys(words, Keys.ENTER).perform()


def press(page: browser.Page, name: str) -> None:
    button = page.part(name, "button")
    page.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
    button.click()


def drag(page: browser.Page, first: tuple[float, float], target: tuple[float, float]) -> None:
    """Press on a well and move it; the button stays down."""
    from selenium.webdriver.common.action_chains import ActionChains

    there, back = pointer(page, first), pointer(page, target)
    figure = page.part("map_figure")
    hand = ActionChains(page.driver).move_to_element_with_offset(figure, *there)
    hand = hand.pause(0.3).click_and_hold()
    for part in (0.2, 0.5, 0.8, 1.0):
        step = [round(a + part * (b - a)) for a, b in zip(there, back, strict=True)]
        hand = hand.move_to_element_with_offset(figure, *step)
    hand.perform()


def in_a_browser(test: Any) -> Any:
    why = browser.missing()
    return pytest.mark.slow(pytest.mark.skipif(why is not None, reason=why or "")(test))


@in_a_browser
def test_a_well_is_chosen_dragged_and_saved(page: browser.Page, plan: Path) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    before = value_of(page.expect("done", "4 wells collect"))
    assert before == pytest.approx(summary(plan)["value"], rel=1e-6)
    page.wait(lambda: "at most" in page.part("words").text)
    first, *others_before = wells(page)
    figure = page.part("map_figure")
    hand = ActionChains(page.driver)
    hand.move_to_element_with_offset(figure, *pointer(page, first)).click().perform()
    page.wait(lambda: "Well 1" in page.part("well").text)
    with (plan / "wells.csv").open(newline="") as file:
        share = float(next(csv.DictReader(file))["share"])
    assert f"{share:.2f}" in page.part("well").text

    page.driver.execute_script("Bokeh.documents[0].get_model_by_name('period').value = 2")
    page.wait(lambda: page.state("wells_source", "data")["radius"][0] == 310)

    target = (first[0] + 2500.0, first[1] - 1500.0)
    drag(page, first, target)
    page.wait(lambda: "Edited by hand" in page.line[1])  # while the button is still down
    ActionChains(page.driver).release().perform()
    page.wait(lambda: wells(page)[0] == pytest.approx(target, abs=40))
    others, moved = wells(page)[1:], wells(page)[0]
    assert others == others_before
    line = page.expect("done", "Edited by hand: 4 wells collect")
    assert value_of(line) < before
    saved = Path(page.state("folder", "value"))
    assert saved == plan.with_name("run-edited")
    press(page, "save")
    page.expect("done", "edited by hand: ")
    with (saved / "wells.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert sum(float(row["share"]) for row in rows) == pytest.approx(value_of(line), rel=1e-6)
    assert (float(rows[0]["x_m"]), float(rows[0]["y_m"])) == pytest.approx(moved, abs=1e-3)
    assert summary(saved)["edited_by_hand"] is True
    assert summary(saved)["value_before_editing"] == pytest.approx(before, rel=1e-6)
    press(page, "undo")
    assert value_of(page.expect("done", "4 wells collect")) > 0
    page.wait(lambda: wells(page)[0] == pytest.approx(first))


@in_a_browser
def test_a_search_is_begun_watched_and_stopped(page: browser.Page) -> None:
    fill(page, "wells", "3")
    fill(page, "seconds", "300")
    began = time.monotonic()
    press(page, "search")
    page.wait(lambda: "bound" in page.line[1] and "gap" in page.line[1])
    assert page.line[0] == "busy"
    press(page, "stop")
    value = value_of(page.expect("done", "3 wells collect"))
    assert time.monotonic() - began < 60
    said = page.part("words").text
    found = re.search(r"collects more than ([\d.e+]+)", said)
    assert found, said
    assert value <= float(found[1]) * (1 + 1e-5)
    assert len(wells(page)) == 3


@in_a_browser
def test_what_is_no_map_is_one_line_and_the_page_goes_on(
    page: browser.Page, tmp_path: Path
) -> None:
    fill(page, "map", "/nowhere/at/all.txt")
    page.wait(lambda: page.line[0] == "wrong")
    assert "/nowhere/at/all.txt: No such file" in page.line[1]
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("OIL\n3 2\n100 100\n1 2 x 4 5 6")
    page.part("upload", "input").send_keys(str(wrong))
    page.wait(lambda: page.line[0] == "wrong" and "wrong.txt" in page.line[1])
    page.part("upload", "input").send_keys(str(write_map(tmp_path / "other.txt", seed=5)))
    page.wait(lambda: "other.txt is read" in page.line[1])
    assert wells(page) == []


@pytest.mark.slow
def test_a_run_whose_map_is_another_is_not_shown(plan: Path, tmp_path: Path) -> None:
    other = tmp_path / "run"
    shutil.copytree(plan, other)
    facts = json.loads((other / "summary.json").read_text())
    facts["settings"]["map"] = ["oil.txt"]  # seen from above the run, wherever the page is started
    (other / "summary.json").write_text(json.dumps(facts))
    write_map(tmp_path / "oil.txt", seed=2)
    assert open_run(other).bound == facts["bound"]
    write_map(tmp_path / "oil.txt", seed=9)
    with pytest.raises(InputError, match=r"oil\.txt: it is not the map of"):
        open_run(other)


@pytest.mark.parametrize("what", ["nothing", "incomplete", "no map", "seismic"])
def test_what_cannot_be_shown_is_refused_before_the_page(tmp_path: Path, what: str) -> None:
    target = tmp_path / "target"
    if what == "incomplete":
        target.mkdir()
        (target / "summary.json").write_text('{"complete": false}')
    elif what == "no map":
        target.write_text("a letter")
    elif what == "seismic":
        target = target.with_suffix(".sgy")
        target.write_bytes(bytes(3600))
    assert run(["view", str(target), "--no-browser"]) == WRONG_INPUT
