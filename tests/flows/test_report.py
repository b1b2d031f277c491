import base64
import io
import re
from html import unescape
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest

from flows.report.faults import write_report
from flows.report.page import Picture, html_page
from storage.segy.checklist import Title
from tasks.export import export
from tasks.infer import infer
from tasks.ingest import ingest
from tasks.plan import plan
from tasks.scan import scan_survey
from tests.plain_survey import write_regular
from tests.stand_in import StandIn


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A complete fault run by a stand-in predictor."""
    survey = scan_survey(write_regular(tmp_path / "survey.sgy", shape=(20, 24, 48)))
    network = StandIn()
    tiling = plan(survey.geometry, network.facts, 1 << 30).tiling
    volume, faults = tmp_path / "volume.zarr", tmp_path / "faults.zarr"
    ingest(survey, volume, identity={"a": 1})
    infer(volume, faults, network, identity={"a": 1}, tiling=tiling, threshold=0.25)
    title = Title("Fault probability", "survey.sgy", "stand-in", "0 to 1")
    export(faults, "fault_probability", tmp_path / "faults.sgy", title, identity={"a": 1})
    return tmp_path


FACTS = {
    "title": "Faults in survey.sgy",
    "threshold": 0.25,
    "found": {"traces": 480},
    "timings": {"infer": "1.5"},
    "warnings": ["387 of 5325 bins have no trace; <they> stay empty."],
}


def pictures(html: str) -> list[np.ndarray]:
    data = re.findall(r'src="data:image/png;base64,([^"]+)"', html)
    return [matplotlib.image.imread(io.BytesIO(base64.b64decode(png))) for png in data]


def test_the_report_shows_three_slices_with_data_and_overlay(run: Path) -> None:
    write_report(run / "report.html", run / "volume.zarr", run / "faults.zarr", FACTS)
    html = (run / "report.html").read_text(encoding="utf-8")
    shown = pictures(html)
    assert len(shown) == 3
    for picture in shown:
        red, blue = picture[..., 0], picture[..., 2]
        shades = np.isclose(red, blue) & (red > 0.02) & (red < 0.85)
        assert shades.mean() > 0.2, "the amplitudes are there"
        assert (red - blue > 0.5).sum() > 100, "faults lie over them in colour"
    captions = re.findall(r"<figcaption>([^<]+)", html)
    assert [caption.split()[0] for caption in captions] == ["Inline", "Crossline", "Twt"]


def test_the_report_says_what_was_found_how_long_it_took_and_what_to_mind(run: Path) -> None:
    write_report(run / "report.html", run / "volume.zarr", run / "faults.zarr", FACTS)
    html = (run / "report.html").read_text(encoding="utf-8")
    assert "<th>traces</th><td>480</td>" in html
    assert "<th>infer</th><td>1.5</td>" in html
    assert unescape(html).count("387 of 5325 bins have no trace; <they> stay empty.") == 1
    assert "<they>" not in html


def test_a_page_fetches_nothing_from_elsewhere() -> None:
    html = html_page("t", tables={}, pictures=[Picture(b"png", "c")], warnings=[])
    assert not re.findall(r'(?:src|href)="(?!data:)', html)
