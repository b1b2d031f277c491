import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.image import imread
from scipy.ndimage import gaussian_filter

from flows.__main__ import COMPLETE, WRONG_INPUT, run
from tests.fault_volumes import AFFINE, CROSSLINE_NUMBERS, INLINE_NUMBERS, write_fault_volume
from tests.tasks.test_keep_out import faulty_by_hand

FEW = ["--wells", "4", "--radius", "300", "--periods", "3", "--growth", "5", "--starts", "2"]


@pytest.fixture
def oil(tmp_path: Path) -> Path:
    field = gaussian_filter(np.random.default_rng(2).standard_normal((70, 90)), 4.0)
    values = np.maximum(2.0 + field / field.std(), 0.0)
    path = tmp_path / "oil.txt"
    path.write_text("OIL\n90 70\n100 100\n" + " ".join(f"{value:.5f}" for value in values.flat))
    return path


def table(folder: Path) -> list[dict[str, str]]:
    with (folder / "wells.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def summary(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "summary.json").read_text()))


def place(source: Path, out: Path, *more: str) -> int:
    return run(["place-wells", str(source), "--out", str(out), *FEW, *more])


def test_a_run_leaves_a_table_a_summary_and_a_picture(oil: Path, tmp_path: Path) -> None:
    out = tmp_path / "wells"
    assert place(oil, out) == COMPLETE
    names = ["convergence.png", "map.png", "report.html", "shadow_prices.asc", "summary.json"]
    assert sorted(path.name for path in out.iterdir()) == [*names, "wells.csv", "wells.geojson"]
    rows, said = table(out), summary(out)
    assert list(rows[0]) == [
        "well",
        "x_m",
        "y_m",
        "cdp_x",
        "cdp_y",
        "radius_m",
        "gross",
        "share",
        "marginal",
        "growth_m",
        "last_radius_m",
        "start_period",
        "nearest_well_m",
        "nearest_fault_m",
        "nearest_edge_m",
    ]
    assert [row["well"] for row in rows] == ["1", "2", "3", "4"]
    assert {row["cdp_x"] + row["cdp_y"] for row in rows} == {""}
    assert said["complete"] is True
    assert said["seconds"] > 0
    assert said["settings"]["radius"] == 300.0
    assert sum(float(row["marginal"]) for row in rows) <= said["value"] * (1 + 1e-9)
    assert said["value"] <= sum(float(row["gross"]) for row in rows) * (1 + 1e-9)
    shares = sum(float(row["share"]) for row in rows)
    assert shares == pytest.approx(said["value"], rel=1e-9)
    assert said["value"] <= said["bound"] <= said["value"] * 1.05
    assert f"{said['gap_percent']:.2f}%" in said["guarantee"]
    grid = (out / "shadow_prices.asc").read_text().splitlines()
    assert grid[:5] == ["ncols 90", "nrows 70", "xllcorner 0", "yllcorner 0", "cellsize 100"]
    prices = np.array([line.split() for line in grid[5:]], float)[::-1]
    values = np.array(oil.read_text().split()[5:], float).reshape(70, 90)
    assert (prices <= values * (1 + 1e-5)).all()
    # Ground that nobody contends for keeps its value; where circles crowd, it is worth less.
    assert 0 < np.mean(prices < values * 0.99) < 0.5
    picture = imread(out / "map.png")
    assert min(picture.shape[:2]) > 400
    assert np.unique(picture.reshape(-1, picture.shape[2]), axis=0).shape[0] > 100


def test_a_gap_that_is_reached_ends_the_search(
    oil: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "wells"
    assert place(oil, out, "--gap", "20", "--time", "200") == COMPLETE
    said = summary(out)
    assert said["gap_percent"] <= 20
    assert said["seconds"] < 60
    live = [line for line in capsys.readouterr().out.splitlines() if line.startswith("value ")]
    assert len(live) == len(said["refinement"]["course"]) >= 1
    assert ", bound " in live[-1]
    assert ", gap " in live[-1]


def test_an_origin_places_the_wells(oil: Path, tmp_path: Path) -> None:
    out = tmp_path / "wells"
    assert place(oil, out, "--map-origin", "1000,2000", "--map-azimuth", "90") == COMPLETE
    for row in table(out):
        # The y axis points east and the x axis south.
        assert float(row["cdp_x"]) == pytest.approx(1000 + float(row["y_m"]), abs=2e-3)
        assert float(row["cdp_y"]) == pytest.approx(2000 - float(row["x_m"]), abs=2e-3)


def test_wells_keep_away_from_the_faults_of_a_turned_survey(oil: Path, tmp_path: Path) -> None:
    """Distances are measured here from line numbers and the table alone."""
    write_fault_volume(tmp_path / "faults.zarr")
    # The middle of the survey, in the middle of a map that is turned the other way.
    inline, crossline = INLINE_NUMBERS[70], CROSSLINE_NUMBERS[75]
    east = AFFINE[0] + AFFINE[1] * inline + AFFINE[2] * crossline
    north = AFFINE[3] + AFFINE[4] * inline + AFFINE[5] * crossline
    azimuth = 11.0
    turn = np.deg2rad(azimuth)
    corner = (
        east - 4500 * np.cos(turn) - 3500 * np.sin(turn),
        north + 4500 * np.sin(turn) - 3500 * np.cos(turn),
    )
    nearest = {}
    for keep_out in (400.0, 750.0):
        out = tmp_path / f"wells-{keep_out:g}"
        given = ["--wells", "12", "--interval", "1016,1024", "--keep-out", str(keep_out)]
        given += ["--faults", str(tmp_path / "faults.zarr"), "--map-azimuth", str(azimuth)]
        assert place(oil, out, "--map-origin", f"{corner[0]},{corner[1]}", *given) == COMPLETE
        inlines, crosslines = np.nonzero(faulty_by_hand(4, 7, 0.5))
        il, xl = INLINE_NUMBERS[inlines], CROSSLINE_NUMBERS[crosslines]
        bins_x = AFFINE[0] + AFFINE[1] * il + AFFINE[2] * xl
        bins_y = AFFINE[3] + AFFINE[4] * il + AFFINE[5] * xl
        distances = [
            np.hypot(bins_x - float(row["cdp_x"]), bins_y - float(row["cdp_y"])).min()
            for row in table(out)
        ]
        nearest[keep_out] = min(distances)
        assert nearest[keep_out] >= keep_out
        assert nearest[keep_out] == pytest.approx(summary(out)["nearest_fault_m"], abs=1e-6)
        assert summary(out)["faulty_bins"] == len(il)
    # The faults hold wells back: where less is kept out, they stand nearer than 750 m.
    assert nearest[400.0] < 750.0


def test_radii_of_a_file_are_the_wells(oil: Path, tmp_path: Path) -> None:
    (tmp_path / "radii.txt").write_text("250\n700\n400\n")
    given = ["place-wells", str(oil), "--out", str(tmp_path / "wells"), "--starts", "1"]
    assert run([*given, "--radii", str(tmp_path / "radii.txt"), "--periods", "2"]) == COMPLETE
    assert [row["radius_m"] for row in table(tmp_path / "wells")] == ["250", "700", "400"]


def test_real_maps_are_drilled_and_their_mean_is_the_growth(
    shared_data: Path, tmp_path: Path
) -> None:
    for source in sorted((shared_data / "maps" / "map-format").glob("*.txt")):
        out = tmp_path / source.stem
        given = ["place-wells", str(source), "--out", str(out), "--radius", "300", "--starts", "1"]
        assert run([*given, "--wells", "12", "--growth", str(source)]) == COMPLETE
        said = summary(out)
        assert len(table(out)) == 12
        assert 0.05 < said["growth_m"] < 0.3
        # Twelve circles that do not meet, in rock as good as the best there is, would be the most.
        assert 0.8 < said["value"] / sum(float(row["gross"]) for row in table(out)) <= 1 + 1e-9


def test_output_that_is_present_is_kept(
    oil: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "wells"
    assert place(oil, out) == COMPLETE
    before = (out / "summary.json").read_bytes()
    capsys.readouterr()
    assert place(oil, out) == COMPLETE
    assert "nothing to do" in capsys.readouterr().out
    assert place(oil, out, "--seed", "5") == WRONG_INPUT
    assert "seed was 0 and is 5" in capsys.readouterr().err
    assert (out / "summary.json").read_bytes() == before
    assert place(oil, out, "--seed", "5", "--overwrite") == COMPLETE
    assert summary(out)["settings"]["seed"] == 5


def test_an_unfinished_run_goes_on_with_resume(
    oil: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clean, out = tmp_path / "clean", tmp_path / "wells"
    assert place(oil, clean) == COMPLETE

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("flows.place_wells.write_well_map", interrupt)
        assert place(oil, out) == 130
    assert not (out / "map.png").exists()
    assert place(oil, out) == WRONG_INPUT
    assert "--resume" in capsys.readouterr().err
    assert place(oil, out, "--resume") == COMPLETE
    assert (out / "wells.csv").read_bytes() == (clean / "wells.csv").read_bytes()


BAD = {
    "missing map": (["{none}"], "No such file"),
    "empty map": (["{empty}"], "empty"),
    "too few values": (["{few}"], "3 values, and line 2 asks for 4"),
    "garbage": (["{garbage}"], "'??'"),
    "negative radius": (["{oil}", "--radius", "-5"], "--radius"),
    "no time": (["{oil}", "--time", "0"], "--time"),
    "a gap below nothing": (["{oil}", "--gap", "-1"], "--gap"),
    "no wells": (["{oil}", "--wells", "0"], "--wells"),
    "half a period": (["{oil}", "--periods", "1.5"], "--periods"),
    "negative growth": (["{oil}", "--growth", "-1"], "--growth"),
    "growth of no map": (["{oil}", "--growth", "{none}"], "No such file"),
    "growth of oil": (["{oil}", "--growth", "{oil}"], "map of OIL"),
    "too few radii": (["{oil}", "--wells", "3", "--radii", "{radii}"], "2 radii for 3 wells"),
    "bad radii": (["{oil}", "--radii", "{garbage}"], "line 1"),
    "missing radii": (["{oil}", "--radii", "{none}"], "No such file"),
    "faults nowhere": (["{oil}", "--faults", "{faults}", "--keep-out", "9"], "--map-origin"),
    "no distance": (["{oil}", "--faults", "{faults}", "--map-origin", "1,2"], "--keep-out"),
    "no faults": (["{oil}", "--keep-out", "9", "--map-origin", "1,2"], "--faults"),
    "half an origin": (["{oil}", "--map-origin", "1"], "--map-origin"),
    "interval upside down": (["{oil}", "--interval", "9,3"], "--interval"),
    "far away": (
        ["{oil}", "--faults", "{faults}", "--keep-out", "9", "--map-origin", "1,2"],
        "do not overlap",
    ),
    "wrong interval": (
        ["{oil}", "--faults", "{faults}", "--keep-out", "9", "--map-origin", "1,2", "--interval",
         "1,2"],
        "no sample lies in the interval",
    ),
    "no fault volume": (
        ["{oil}", "--faults", "{none}", "--keep-out", "9", "--map-origin", "1,2"],
        "no such store",
    ),
    "all forbidden": (
        ["{oil}", "--faults", "{faults}", "--keep-out", "90000", "--map-origin", "{origin}"],
        "No cell of the map",
    ),
    "unknown option": (["{oil}", "--colour", "red"], "--colour"),
    "unknown scheduler": (["{oil}", "--scheduler", "127.0.0.1"], "--scheduler"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_wrong_input_is_one_line_and_leaves_nothing(
    case: str, oil: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, said = BAD[case]
    (tmp_path / "empty").write_text("")
    (tmp_path / "few").write_text("OIL\n2 2\n1 1\n1 2 3")
    (tmp_path / "garbage").write_text("OIL\n2 2\n1 1\n1 2 ?? 4")
    (tmp_path / "radii").write_text("100\n200\n")
    if "{faults}" in arguments:
        write_fault_volume(tmp_path / "faults")
    inline, crossline = INLINE_NUMBERS[70], CROSSLINE_NUMBERS[75]
    origin = ",".join(
        str(AFFINE[k] + AFFINE[k + 1] * inline + AFFINE[k + 2] * crossline - 3000) for k in (0, 3)
    )
    names = {
        name: tmp_path / name for name in ("none", "empty", "few", "garbage", "radii", "faults")
    }
    given = [argument.format(oil=oil, origin=origin, **names) for argument in arguments]
    out = tmp_path / "out"
    assert run(["place-wells", *given, "--out", str(out)]) == WRONG_INPUT
    captured = capsys.readouterr()
    assert said in captured.err
    assert len(captured.err.strip().splitlines()) == 1
    assert not out.exists()


def test_neither_prefect_nor_tensorflow_is_loaded(oil: Path, tmp_path: Path) -> None:
    program = (
        "import sys; from flows.__main__ import run; code = run(sys.argv[1:]);"
        "print(code, sorted({'prefect', 'tensorflow', 'keras'} & set(sys.modules)))"
    )
    given = ["place-wells", str(oil), "--out", str(tmp_path / "wells"), *FEW, "--starts", "1"]
    done = subprocess.run(
        [sys.executable, "-c", program, *given], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "0 []"


@pytest.mark.slow
def test_one_and_two_workers_write_the_same_wells(oil: Path, tmp_path: Path) -> None:
    for workers in ("1", "2"):
        assert place(oil, tmp_path / workers, "--workers", workers) == COMPLETE
    tables = [(tmp_path / workers / "wells.csv").read_bytes() for workers in ("1", "2")]
    assert tables[0] == tables[1]
