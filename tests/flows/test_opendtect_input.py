"""Volumes of OpendTect surveys as inputs: found by name, placed by their survey, delivered as from SEG-Y."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest
import segyio
import xarray as xr

from flows.__main__ import COMPLETE, WRONG_INPUT, run
from tasks.section_source import open_volume, volumes_at
from tests.cbvs_parts import make_cbvs, read_plain
from tests.flows.running import graben
from tests.opendtect_surveys import (
    CROSSLINES,
    INLINES,
    SAMPLES,
    X,
    Y,
    ingested,
    project,
    samples,
    volume_file,
)
from tests.surveys import grid_traces, write_segy


@pytest.fixture
def survey(tmp_path: Path) -> Path:
    folder = project(
        tmp_path / "F3 Made",
        {"name": "Raw data (4 ms)", "file": "raw.cbvs"},
        {"name": "Depth", "file": "depth.cbvs", "keys": "#ZDomain: Depth\n#ZDomain.Unit: Feet\n"},
        {"name": "Blocks", "file": "b.h5", "translator": "HDF5"},
        {"name": "Gathers", "file": "g", "group": "Prestack Seismic"},
        {"name": "Linked", "file": "linked.sgydef", "translator": "SEGYDirect"},
        {"name": "Gone", "file": "gone.cbvs"},
    )
    volume_file(folder / "Seismics" / "raw.cbvs", samples())
    volume_file(folder / "Seismics" / "depth.cbvs", samples(1), z=(500.0, 12.5))
    return folder


def test_a_volume_is_found_by_its_name_and_placed_by_its_survey(
    survey: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = ingested(survey / "Raw data (4 ms)", tmp_path / "a.zarr")
    assert "179 traces" in capsys.readouterr().out
    np.testing.assert_array_equal(made.inline, INLINES)
    np.testing.assert_array_equal(made.crossline, CROSSLINES)
    np.testing.assert_array_equal(made.twt, 500 + 4 * np.arange(SAMPLES))
    expected = samples()
    expected[4, 2] = np.nan
    np.testing.assert_array_equal(made.amplitude, expected)
    assert not made.live_mask[4, 2]
    assert made.attrs["affine"] == [*X, *Y]
    assert float(made.cdp_x[3, 5]) == X[0] + X[1] * 104 + X[2] * 310
    assert float(made.cdp_y[3, 5]) == Y[0] + Y[1] * 104 + Y[2] * 310
    assert made.attrs["title"] == "Raw data (4 ms)"
    # By its file, whose survey is found around it: the same volume.
    again = ingested(survey / "Seismics" / "raw.cbvs", tmp_path / "b.zarr")
    xr.testing.assert_equal(made, again)
    # Complete, and said so; another component or volume is another run.
    assert run(["ingest", str(survey / "Raw data (4 ms)"), str(tmp_path / "a.zarr")]) == COMPLETE
    assert "nothing to do" in capsys.readouterr().out
    assert run(["ingest", str(survey / "Depth"), str(tmp_path / "a.zarr")]) == WRONG_INPUT
    assert "another run" in capsys.readouterr().err


def test_the_domain_is_the_volumes_own_else_the_surveys(survey: Path, tmp_path: Path) -> None:
    made = ingested(survey / "Depth", tmp_path / "a.zarr")
    np.testing.assert_array_equal(made.depth, 500 + 12.5 * np.arange(SAMPLES))
    assert made.depth.attrs["units"] == "ft"
    metres = project(tmp_path / "Metres", {"name": "V", "file": "v.cbvs"}, z="500`987.5`12.5`D")
    volume_file(metres / "Seismics" / "v.cbvs", samples(), z=(500.0, 12.5))
    assert ingested(metres / "V", tmp_path / "b.zarr").depth.attrs["units"] == "m"
    # A file on its own: the user says.
    alone = volume_file(tmp_path / "alone.cbvs", samples(), z=(500.0, 12.5))
    assert ingested(alone, tmp_path / "c.zarr", "--domain", "depth").depth[1] == 512.5


def test_depth_is_the_same_by_name_by_file_and_on_the_page(survey: Path, tmp_path: Path) -> None:
    by_name = ingested(survey / "Depth", tmp_path / "a.zarr")
    file = survey / "Seismics" / "depth.cbvs"
    xr.testing.assert_equal(by_name.depth, ingested(file, tmp_path / "b.zarr").depth)
    seen = [each for each in volumes_at(survey) if each.name == "Depth"] + volumes_at(file)
    assert len(seen) == 2
    for volume in seen:
        axis = open_volume(volume).geometry.samples
        assert (axis.domain, axis.length_unit) == ("depth", "ft")
        np.testing.assert_array_equal(axis.values(), by_name.depth)


def test_one_of_several_components_is_chosen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    traces = {
        (row, column): [np.full(3, number, kind) for number, kind in enumerate(("f4", "u1", "i2"))]
        for row, column in product(range(1, 4), range(1, 5))
    }
    path = make_cbvs(tmp_path / "three.cbvs", traces, names=("Likelihood", "Strike", "Dip"))
    for said, value, kind in (
        ([], 0, "f4"),
        (["--component", "Dip"], 2, "i2"),
        (["--component", "2"], 1, "u1"),
    ):
        made = ingested(path, tmp_path / f"{value}.zarr", *said)
        assert made.amplitude.dtype == kind
        assert (made.amplitude == value).all()
    assert "of 3 components (Likelihood, Strike, Dip) 'Strike' is taken" in capsys.readouterr().out
    wrong = ["ingest", str(path), str(tmp_path / "x.zarr"), "--component", "Azimuth"]
    assert run(wrong) == WRONG_INPUT
    assert "There are: Likelihood, Strike, Dip" in capsys.readouterr().err


def test_linked_segy_is_read_where_it_lies(survey: Path, tmp_path: Path) -> None:
    traces = grid_traces((4, 5, 20), first=(101, 300))
    for place, name in ((survey, "Seismics/far.sgy"), (tmp_path, str(tmp_path / "far.sgy"))):
        write_segy(place / name, traces)
        (survey / "Seismics" / "linked.sgydef").write_bytes(
            b"dTect V7.0.0\nSEG-Y Direct Definition\nnow\n!\nVersion: 3\n!\nNumber of files: 1\n"
            b"File 0.File name: " + name.encode() + b"\nFile 0.Size: 20\n!\n" + bytes(range(256))
        )
        out = tmp_path / f"{place.name}.zarr"
        made = ingested(survey / "Linked", out)
        assert made.amplitude.shape == (4, 5, 20)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Raw", "it has no volume 'Raw'. Name one: Raw data (4 ms), Depth, Blocks, Linked, Gone"),
        ("Gathers", "it has no volume 'Gathers'"),
        ("", "this is a survey folder. Name a volume in it: Raw data (4 ms), Depth"),
        ("Blocks", "'Blocks' is stored as HDF5, which graben does not read"),
        ("Gone", "gone.cbvs: there is no such file"),
        ("Linked", "linked.sgydef: No such file"),
        ("Seismics/none.cbvs", "it has no volume 'Seismics/none.cbvs'"),
        ("../none.cbvs", "none.cbvs: there is no such file"),
        ("../none", "none: there is no such file"),
    ],
)
@pytest.mark.parametrize("command", [("ingest", "out.zarr"), ("map-faults", "--out=out")])
def test_what_is_not_there_is_said_in_one_line(
    survey: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    command: tuple[str, str],
    name: str,
    words: str,
) -> None:
    out = (
        command[1].replace("out", str(tmp_path / "out"), 1)
        if command[0] == "ingest"
        else f"--out={tmp_path / 'out'}"
    )
    before = sorted(tmp_path.rglob("*"))
    assert run([command[0], str(survey / name), out]) == WRONG_INPUT
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--inline-byte", "9"], "--inline-byte says how SEG-Y is read"),
        (["--domain", "depth"], "--domain depth is said, and its survey says time"),
    ],
)
def test_options_that_would_be_ignored_are_refused(
    survey: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    words: str,
) -> None:
    arguments = ["ingest", str(survey / "Raw data (4 ms)"), str(tmp_path / "a.zarr"), *options]
    assert run(arguments) == WRONG_INPUT
    assert words in capsys.readouterr().err


def test_files_are_not_mixed(
    survey: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_segy(tmp_path / "a.sgy", grid_traces((3, 3, 8)))
    raw, out = str(survey / "Raw data (4 ms)"), str(tmp_path / "a.zarr")
    assert run(["ingest", str(tmp_path / "a.sgy"), raw, out]) == WRONG_INPUT
    assert "is read alone" in capsys.readouterr().err
    assert run(["ingest", str(tmp_path / "a.sgy"), out, "--component", "1"]) == WRONG_INPUT
    assert "--component is for volumes of OpendTect's own" in capsys.readouterr().err


def test_zarr_goes_to_cbvs_and_to_segy_with_new_headers(
    survey: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store, cube, file = (str(tmp_path / name) for name in ("a.zarr", "back.cbvs", "back.sgy"))
    ingested(survey / "Raw data (4 ms)", store)
    assert run(["export", store, cube]) == COMPLETE
    plain, expected = read_plain(Path(cube)), samples()
    assert plain.transform == (*X, *Y)
    assert len(plain.traces) == 179
    for (inline, crossline), (trace,) in plain.traces.items():
        np.testing.assert_array_equal(trace, expected[inline - 101, (crossline - 300) // 2])
    assert run(["export", store, cube]) == WRONG_INPUT
    assert "it exists" in capsys.readouterr().err
    assert run(["export", store, cube, "--overwrite"]) == COMPLETE
    for option in ("--verify", "--profile=same", "--sample-format=int8", "--crs=EPSG:32631"):
        assert run(["export", store, str(tmp_path / "b.cbvs"), option]) == WRONG_INPUT
        assert "is for SEG-Y" in capsys.readouterr().err
    # What never was SEG-Y gets headers of its own.
    assert run(["export", store, file]) == COMPLETE
    with segyio.open(file, ignore_geometry=True) as made:
        assert made.tracecount == 179
        for number in (0, 60, 178):
            header = made.header[number]
            inline, crossline = header[189], header[193]
            assert header[71] == -100
            assert header[181] == round(100 * (X[0] + X[1] * inline + X[2] * crossline))
            assert header[185] == round(100 * (Y[0] + Y[1] * inline + Y[2] * crossline))
            assert (header[109], header[117]) == (500, 4000)
            np.testing.assert_array_equal(
                made.trace[number], expected[inline - 101, (crossline - 300) // 2]
            )
    assert run(["export", store, str(tmp_path / "c.sgy"), "--profile=same"]) == WRONG_INPUT
    assert "no group 'segy'" in capsys.readouterr().err


def test_samples_between_whole_milliseconds_are_said_to_move_in_segy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = project(tmp_path / "S", {"name": "Raw", "file": "raw.cbvs"})
    volume_file(folder / "Seismics" / "raw.cbvs", samples(), z=(0.5005, 0.001))
    store = tmp_path / "a.zarr"
    made = ingested(folder / "Raw", store)
    assert made.twt[0] == 500.5
    assert "lie 0.5 ms too shallow at the top" in capsys.readouterr().out
    options = ["--profile=opendtect"]
    assert run(["export", str(store), str(tmp_path / "a.sgy"), *options]) == COMPLETE
    assert "lie 0.5 ms too shallow at the top" in capsys.readouterr().out
    with segyio.open(tmp_path / "a.sgy", ignore_geometry=True) as written:
        assert written.attributes(109)[0] == 500


@pytest.mark.slow
@pytest.mark.timeout(280)
def test_faults_are_mapped_in_a_volume_of_a_survey(survey: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    code, said, err = graben(
        "map-faults",
        survey / "Raw data (4 ms)",
        "--out",
        out,
        "--workers",
        1,
        home=tmp_path / "home",
    )
    assert code == 0, err
    assert "OpendTect" in said
    faults = xr.open_zarr(out / "faults.zarr", chunks=None)
    assert int(np.isfinite(faults.fault_probability.values[..., 0]).sum()) == 179
    for name in ("faults.sgy", "thinned.sgy"):
        with segyio.open(out / name, ignore_geometry=True) as made:
            assert made.tracecount == 179
            assert made.header[0][181] == round(100 * (X[0] + X[1] * 101 + X[2] * 300))
            assert made.attributes(109)[0] == 500
    with segyio.open(out / "faults.sgy", ignore_geometry=True) as made:
        np.testing.assert_array_equal(made.trace[0], faults.fault_probability.values[0, 0])
    for name in ("report.html", "sticks.dat", "faults.csv", "run.json"):
        assert (out / name).is_file()
