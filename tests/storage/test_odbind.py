"""Volumes through OpendTect's own library, played by a module with the calls of its documentation."""

import sys
from collections import namedtuple
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from flows.__main__ import COMPLETE, WRONG_INPUT, run
from storage.cbvs.reader import open_cbvs, read_traces
from storage.errors import ProjectError
from storage.geometry import SampleAxis, grid_geometry
from storage.opendtect.odbind import open_volume
from storage.opendtect.survey import survey_of, write_survey

Sampling = namedtuple("Sampling", ["inlrg", "crlrg", "zrg"])

AFFINE = (455_000.0, -11.98, 10.97, 6_780_000.0, 21.94, 5.99)
AXIS = SampleAxis("time", 500.0, 4.0, 6)
INLINES, CROSSLINES = np.arange(100, 109, dtype=np.int32), np.arange(300, 313, 2, dtype=np.int32)


class Played:
    """What the module knows: samples by component, and which bins have a trace."""

    def __init__(self, live: np.ndarray, inlines: np.ndarray = INLINES) -> None:
        rng = np.random.default_rng(5)
        shape = (2, len(inlines), len(CROSSLINES), AXIS.count)
        self.inlines, self.live = inlines, live
        self.samples = rng.normal(size=shape).astype(np.float32)
        self.samples[:, ~live] = np.nan
        self.samples[1, 2 % len(inlines), 3, 4] = np.nan  # an undefined sample of a trace


def module(played: Played) -> dict[str, ModuleType]:
    """Return the modules odbind, odbind.survey and odbind.seismic3d."""

    class Survey:
        def __init__(self, survey_name: str, basedir: str | None = None) -> None:
            if not (Path(str(basedir)) / survey_name / ".survey").exists():
                raise ValueError("no such survey")

        def coords(self, iline: int, xline: int) -> tuple[float, float]:
            x0, x_il, x_xl, y0, y_il, y_xl = AFFINE
            return x0 + x_il * iline + x_xl * xline, y0 + y_il * iline + y_xl * xline

    class Seismic3D:
        use_xarray = True

        def __init__(self, survey: Survey, name: str) -> None:
            assert isinstance(survey, Survey)
            if name != "Compressed cube":
                raise ValueError("cannot find object\nof that name")

        comp_names = ("Likelihood", "Dip")
        zistime = True

        @property
        def ranges(self) -> Sampling:
            z = [float(np.float32(each)) for each in (500.0, 520.0, 4.0)]
            il, xl = played.inlines.tolist(), CROSSLINES.tolist()
            step = il[1] - il[0] if len(il) > 1 else 1
            return Sampling([il[0], il[-1], step], [xl[0], xl[-1], 2], z)

        @property
        def trace_count(self) -> int:
            return int(played.live.sum())

        def info(self) -> dict[str, Any]:
            return {"zunit": "ms", "comp_count": 2}

        def trace_index(self, inline: int, crossline: int) -> int:
            row, column = self._bin(inline, crossline)
            if not played.live[row, column]:
                raise IndexError("invalid bin location.")
            return int(played.live.ravel()[: row * len(CROSSLINES) + column].sum())

        def _bin(self, inline: int, crossline: int) -> tuple[int, int]:
            return int(np.searchsorted(played.inlines, inline)), (crossline - 300) // 2

        def getdata(
            self, inlrg: list[int], crlrg: list[int], zrg: list[float]
        ) -> tuple[list[np.ndarray], dict[str, Any]]:
            assert not Seismic3D.use_xarray
            assert all(isinstance(each, int) for each in (*inlrg, *crlrg))
            assert zrg == [500.0, 520.0, 4.0]
            first, _ = self._bin(inlrg[0], crlrg[0])
            last, column = self._bin(inlrg[1], crlrg[1])
            part = played.samples[:, first : last + 1, : column + 1]  # ends are included
            return [component.squeeze() for component in part], {"twt": zrg}

    package, survey, seismic = (
        ModuleType(f"odbind{name}") for name in ("", ".survey", ".seismic3d")
    )
    survey.Survey, seismic.Seismic3D = Survey, Seismic3D  # type: ignore[attr-defined]
    return {"odbind": package, "odbind.survey": survey, "odbind.seismic3d": seismic}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "Survey"
    folder.mkdir()
    write_survey(folder, survey_of(grid_geometry(INLINES, CROSSLINES, AXIS, AFFINE), "Survey"))
    return folder


def install(monkeypatch: pytest.MonkeyPatch, played: Played) -> None:
    for name, each in module(played).items():
        monkeypatch.setitem(sys.modules, name, each)


HOLES = np.random.default_rng(7).random((len(INLINES), len(CROSSLINES))) > 0.3


@pytest.mark.parametrize(
    "played",
    [
        Played(np.ones((9, 7), bool)),
        Played(HOLES),
        Played(np.ones((1, 7), bool), INLINES[:1]),
    ],
    ids=["full", "holes", "one inline"],
)
def test_a_volume_becomes_cbvs_sample_by_sample(
    folder: Path, tmp_path: Path, played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, played)
    monkeypatch.setattr(
        "tasks.fetch.BLOCK_BYTES", 4 * 7 * AXIS.count * 2 * 2
    )  # two inlines at once
    out = tmp_path / "out.cbvs"
    assert run(["opendtect", "fetch", str(folder / "Compressed cube"), str(out)]) == COMPLETE
    cbvs = open_cbvs(out)
    assert [each.name for each in cbvs.components] == ["Likelihood", "Dip"]
    geometry = cbvs.geometry
    np.testing.assert_array_equal(geometry.inlines, played.inlines)
    np.testing.assert_array_equal(geometry.crosslines, CROSSLINES)
    np.testing.assert_array_equal(geometry.live_mask, played.live)
    assert geometry.samples == AXIS
    assert geometry.affine == pytest.approx(AFFINE, rel=1e-9)
    for component in (0, 1):
        whole = read_traces(cbvs, component, slice(None), slice(None), slice(None))
        np.testing.assert_array_equal(whole, played.samples[component])
    assert run(["opendtect", "fetch", str(folder / "Compressed cube"), str(out)]) == WRONG_INPUT


def test_without_the_module_one_line_says_what_to_do(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "odbind" not in sys.modules
    out = tmp_path / "out.cbvs"
    assert run(["opendtect", "fetch", str(folder / "Any"), str(out)]) == WRONG_INPUT
    (line,) = capsys.readouterr().err.splitlines()
    assert "PYTHONPATH" in line
    assert "CBVS" in line
    assert not list(tmp_path.glob("out*"))
    assert run(["opendtect", "fetch", str(tmp_path / "No" / "Any"), str(out)]) == WRONG_INPUT


def test_what_the_library_says_is_one_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, Played(HOLES))
    with pytest.raises(ProjectError, match="cannot find object") as error:
        open_volume(folder, "Other cube")
    assert "\n" not in str(error.value)
