"""What reservoir engineers ask of a well plan, from the command line to the files."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flows.__main__ import COMPLETE, WRONG_INPUT, run
from models.wells.frame import MapFrame
from models.wells.objective import Drainage, ValueMap, evaluate
from tests.fault_volumes import (
    AFFINE,
    CROSSLINE_NUMBERS,
    CROSSLINES,
    INLINE_NUMBERS,
    INLINES,
    SAMPLES,
    write_fault_volume,
)
from tests.flows.test_place_wells import oil, place, summary, table
from tests.models.test_wells_ground import winding_inside

__all__ = ["oil"]

RING = [[600, 700], [8200, 900], [7000, 6300], [4200, 3600], [900, 6000]]
BLOCK = [[1500, 2500], [3500, 2500], [3500, 4500], [1500, 4500]]


def polygon(path: Path, *rings: Any) -> Path:
    path.write_text(
        json.dumps({"type": "Polygon", "coordinates": [np.array(r).tolist() for r in rings]})
    )
    return path


def read_values(path: Path) -> np.ndarray:
    return np.array(path.read_text().split()[5:], float).reshape(70, 90)


def positions(folder: Path, x: str = "x_m", y: str = "y_m") -> np.ndarray:
    return np.array([[float(row[x]), float(row[y])] for row in table(folder)])


def test_wells_of_a_turned_map_stand_within_the_lease_and_out_of_the_blocks(
    oil: Path, tmp_path: Path
) -> None:
    """Positions are held here against the polygons of the files, in CDP X/Y."""
    frame = MapFrame(430_000.0, 6_500_000.0, 25.0)
    lease = polygon(tmp_path / "lease.json", frame.to_cdp(np.array(RING, float)))
    block = polygon(tmp_path / "block.json", frame.to_cdp(np.array(BLOCK, float)))
    given = ["--lease", str(lease), "--no-drill", str(block), "--wells", "9"]
    given += ["--map-origin", "430000,6500000", "--map-azimuth", "25"]
    assert place(oil, tmp_path / "wells", *given) == COMPLETE
    for well in positions(tmp_path / "wells", "cdp_x", "cdp_y"):
        assert winding_inside(frame.to_cdp(np.array(RING, float)), well)
        assert not winding_inside(frame.to_cdp(np.array(BLOCK, float)), well)
    rows = table(tmp_path / "wells")
    assert min(float(row["nearest_edge_m"]) for row in rows) < 1.0


def test_polygons_in_metres_on_the_map_are_those_in_cdp(oil: Path, tmp_path: Path) -> None:
    lease = polygon(tmp_path / "lease.json", RING)
    given = ["--lease", str(lease), "--wells", "6"]
    assert place(oil, tmp_path / "on-map", *given) == COMPLETE
    frame = MapFrame(430_000.0, 6_500_000.0, 25.0)
    polygon(lease, frame.to_cdp(np.array(RING, float)))
    given += ["--map-origin", "430000,6500000", "--map-azimuth", "25"]
    assert place(oil, tmp_path / "in-cdp", *given) == COMPLETE
    here, there = summary(tmp_path / "on-map"), summary(tmp_path / "in-cdp")
    assert here["value"] == pytest.approx(there["value"], rel=1e-3)
    assert here["value"] <= here["bound"] < here["value"] * 1.1


def test_wells_beside_those_of_another_run_collect_what_it_has_left(
    oil: Path, tmp_path: Path
) -> None:
    assert place(oil, tmp_path / "first") == COMPLETE
    given = ["--existing", str(tmp_path / "first" / "wells.csv"), "--spacing", "650"]
    assert place(oil, tmp_path / "second", *given) == COMPLETE
    first, second = summary(tmp_path / "first"), summary(tmp_path / "second")
    assert second["existing"]["wells"] == 4
    assert second["existing"]["value"] == pytest.approx(first["value"])
    everyone = np.concatenate([positions(tmp_path / name) for name in ("first", "second")])
    value_map = ValueMap(read_values(oil), 100.0, 100.0)
    together = evaluate(value_map, everyone, Drainage(np.full(8, 300.0), 3, 5.0)).value
    assert first["value"] + second["value"] == pytest.approx(together, rel=1e-9)
    gaps = np.hypot(*(everyone[:, None] - everyone[None, 4:]).transpose(2, 0, 1))
    gaps[4:][np.eye(4, dtype=bool)] = np.inf
    assert gaps.min() >= 650
    nearest = [float(row["nearest_well_m"]) for row in table(tmp_path / "second")]
    np.testing.assert_allclose(nearest, gaps.min(axis=0), atol=1e-3)
    assert second["value"] <= second["bound"]
    assert any("takes no account" in note for note in second["notes"])


def test_the_nearest_well_may_be_one_beside_the_map(oil: Path, tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_text("x,y,radius,growth\n-250,3500,300,0\n9000.5,-40,300,0\n")
    given = ["--wells", "1", "--existing", str(tmp_path / "old.csv")]
    assert place(oil, tmp_path / "wells", *given) == COMPLETE
    old = np.array([[-250.0, 3500.0], [9000.5, -40.0]])
    away = np.hypot(*(old - positions(tmp_path / "wells")).T).min()
    assert float(table(tmp_path / "wells")[0]["nearest_well_m"]) == pytest.approx(away, abs=1e-3)


def test_as_many_wells_are_drilled_as_pay_for_themselves(oil: Path, tmp_path: Path) -> None:
    given = ["--wells", "12", "--discount", "8", "--period-years", "2"]
    assert place(oil, tmp_path / "all", *given) == COMPLETE
    marginal = sorted(float(row["marginal"]) for row in table(tmp_path / "all"))
    cost = 2.5 * (marginal[3] + marginal[4]) / 2
    money = ["--price", "2.5", "--well-cost", str(cost)]
    assert place(oil, tmp_path / "some", *given, *money) == COMPLETE
    said, rows = summary(tmp_path / "some"), table(tmp_path / "some")
    assert 5 <= said["wells"] == len(rows) < 12
    assert all(float(row["marginal"]) * 2.5 >= cost for row in rows)
    assert said["npv"] == pytest.approx(2.5 * said["value"] - cost * len(rows), rel=1e-9)
    assert said["npv"] <= said["npv_bound"]
    # Drilling all of them would be worth less, and no more than the bound either.
    assert 2.5 * summary(tmp_path / "all")["value"] - 12 * cost < said["npv"]
    # What is discounted is what each period collects: radii grow from 300 by 5.
    value_map = ValueMap(read_values(oil), 100.0, 100.0)
    plan = positions(tmp_path / "some")
    by_hand = sum(
        1.08 ** (-2 * m)
        * evaluate(value_map, plan, Drainage(np.full(len(plan), 300.0 + 5 * m))).value
        for m in range(3)
    )
    assert said["value"] == pytest.approx(by_hand, rel=1e-9)


def test_the_budget_is_never_exceeded(oil: Path, tmp_path: Path) -> None:
    money = ["--wells", "12", "--price", "1", "--well-cost", "3e5", "--budget", "1.05e6"]
    assert place(oil, tmp_path / "few", *money) == COMPLETE
    assert summary(tmp_path / "few")["wells"] == summary(tmp_path / "few")["most_wells"] == 3
    thrift = ["--wells", "12", "--well-cost", "10", "--budget", "29.9"]
    assert place(oil, tmp_path / "thrift", *thrift) == COMPLETE
    assert summary(tmp_path / "thrift")["wells"] == 2


def test_rigs_drill_wells_one_after_the_other(oil: Path, tmp_path: Path) -> None:
    assert place(oil, tmp_path / "rigs", "--wells", "5", "--rigs", "2") == COMPLETE
    rows, said = table(tmp_path / "rigs"), summary(tmp_path / "rigs")
    assert [row["start_period"] for row in rows] == ["0", "0", "1", "1", "2"]
    assert [row["last_radius_m"] for row in rows] == ["310", "310", "305", "305", "300"]
    assert said["value"] <= said["bound"] < said["value"] * 1.1
    assert place(oil, tmp_path / "at-once", "--wells", "5") == COMPLETE
    assert said["value"] < summary(tmp_path / "at-once")["value"]
    # What is drilled first is what collects most: no two would better change places.
    value_map = ValueMap(read_values(oil), 100.0, 100.0)
    drainage = Drainage(np.full(5, 300.0), 3, 5.0, [0, 0, 1, 1, 2])
    plan = positions(tmp_path / "rigs")
    swapped = plan[[4, 1, 2, 3, 0]]
    assert evaluate(value_map, swapped, drainage).value <= said["value"]


def test_many_maps_are_drilled_on_their_mean_and_valued_each(oil: Path, tmp_path: Path) -> None:
    values, folder = read_values(oil), tmp_path / "maps"
    folder.mkdir()
    rng = np.random.default_rng(1)
    each = [
        values * (1 + 0.3 * rng.standard_normal()) + rng.random(values.shape) for _ in range(4)
    ]
    for number, field in enumerate(each):
        numbers = " ".join(f"{value:.5f}" for value in field.flat)
        (folder / f"map-{number}.txt").write_text(f"OIL\n90 70\n100 100\n{numbers}")
    assert place(folder, tmp_path / "wells") == COMPLETE
    said = summary(tmp_path / "wells")
    outlook = said["outlook"]
    assert outlook["maps"] == 4
    assert np.mean(outlook["values"]) == pytest.approx(said["value"], rel=1e-9)
    assert (
        outlook["least"] <= outlook["p90"] <= outlook["p50"] <= outlook["p10"] <= outlook["most"]
    )
    plan, drainage = positions(tmp_path / "wells"), Drainage(np.full(4, 300.0), 3, 5.0)
    by_hand = [
        evaluate(ValueMap(np.round(field, 5), 100.0, 100.0), plan, drainage).value
        for field in each
    ]
    np.testing.assert_allclose(outlook["values"], by_hand, rtol=1e-9)
    assert not list((tmp_path / "wells").glob(".*"))
    # On one map of the mean the same wells are found.
    mean = " ".join(
        f"{value:.17g}" for value in np.mean([np.round(f, 5) for f in each], axis=0).flat
    )
    (tmp_path / "mean.txt").write_text(f"OIL\n90 70\n100 100\n{mean}")
    assert place(tmp_path / "mean.txt", tmp_path / "of-mean") == COMPLETE
    np.testing.assert_allclose(positions(tmp_path / "of-mean"), plan, atol=0.01)


def test_faults_take_value_off_the_map(oil: Path, tmp_path: Path) -> None:
    """A fault all along one inline: its penalty is worked out here from the affine alone."""
    field = np.zeros((INLINES, CROSSLINES, SAMPLES), np.float32)
    field[70, :, 5] = 0.8
    write_fault_volume(tmp_path / "faults.zarr", values=field)
    x0, x_inline, x_crossline, y0, y_inline, y_crossline = AFFINE
    line = np.column_stack(
        [
            x0 + x_inline * INLINE_NUMBERS[70] + x_crossline * CROSSLINE_NUMBERS,
            y0 + y_inline * INLINE_NUMBERS[70] + y_crossline * CROSSLINE_NUMBERS,
        ]
    )
    assert place(oil, tmp_path / "free", "--wells", "6") == COMPLETE
    # The fault goes right through the first of the wells that know nothing of it.
    corner = line[75] - positions(tmp_path / "free")[0]
    given = ["--faults", str(tmp_path / "faults.zarr"), "--fault-penalty", "900", "--wells", "6"]
    given += ["--map-origin", f"{corner[0]},{corner[1]}"]
    assert place(oil, tmp_path / "soft", *given) == COMPLETE
    x, y = (np.arange(90) + 0.5) * 100, (np.arange(70) + 0.5) * 100
    centres = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2) + corner
    away = np.min([np.hypot(*(centres - spot).T) for spot in line], axis=0).reshape(70, 90)
    kept = 1 - 0.8 * np.clip(1 - away / 900, 0, 1)
    plan, drainage = positions(tmp_path / "soft"), Drainage(np.full(6, 300.0), 3, 5.0)
    values = read_values(oil)
    by_hand = evaluate(ValueMap(values * kept, 100.0, 100.0), plan, drainage).value
    said = summary(tmp_path / "soft")
    # Faulty bins count in the middle of their cells, up to half a diagonal away.
    assert said["value"] == pytest.approx(by_hand, rel=0.06)
    plain = evaluate(ValueMap(values, 100.0, 100.0), plan, drainage).value
    assert said["value_without_penalty"] == pytest.approx(plain, rel=1e-9)
    assert said["value"] <= said["bound"] <= said["value"] * 1.1
    assert not list((tmp_path / "soft").glob(".*"))
    blind = evaluate(ValueMap(values * kept, 100.0, 100.0), positions(tmp_path / "free"), drainage)
    assert blind.value < said["value"] < summary(tmp_path / "free")["value"]


def test_wells_grow_by_the_rock_of_their_places_or_by_a_file(oil: Path, tmp_path: Path) -> None:
    east = np.linspace(0, 20, 90) * np.ones((70, 1))
    numbers = " ".join(f"{value:.3f}" for value in east.flat)
    (tmp_path / "poro.txt").write_text(f"PORO\n90 70\n100 100\n{numbers}")
    given = ["--growth", str(tmp_path / "poro.txt")]
    assert place(oil, tmp_path / "local", *given, "--growth-from", "local") == COMPLETE
    for row in table(tmp_path / "local"):
        x = float(row["x_m"])
        if 300 < x < 8700 and 300 < float(row["y_m"]) < 6700:
            # A mean over a circle, on rock that gets better evenly, is the rock of its centre.
            assert float(row["growth_m"]) == pytest.approx((x / 100 - 0.5) * 20 / 89, abs=0.02)
    rows = table(tmp_path / "local")
    by_hand = evaluate(
        ValueMap(read_values(oil), 100.0, 100.0),
        positions(tmp_path / "local"),
        Drainage(np.full(4, 300.0), 3, np.array([float(row["growth_m"]) for row in rows])),
    ).value
    said = summary(tmp_path / "local")
    assert said["value"] == pytest.approx(by_hand, rel=1e-9)
    assert said["value"] <= said["bound"] <= said["value"] * 1.15
    (tmp_path / "radii.txt").write_text("300 2\n400\n")
    call = ["place-wells", str(oil), "--radii", str(tmp_path / "radii.txt"), "--growth", "7"]
    assert (
        run([*call, "--periods", "3", "--starts", "1", "--out", str(tmp_path / "file")])
        == COMPLETE
    )
    assert [row["growth_m"] for row in table(tmp_path / "file")] == ["2", "7"]
    assert [row["last_radius_m"] for row in table(tmp_path / "file")] == ["304", "414"]


def test_the_report_says_how_good_the_plan_is_and_shapes_are_geojson(
    oil: Path, tmp_path: Path
) -> None:
    out = tmp_path / "wells"
    assert place(oil, out, "--map-origin", "1000,2000", "--spacing", "700") == COMPLETE
    page, said = (out / "report.html").read_text(), summary(out)
    assert said["guarantee"] in page
    assert "takes no account" in page
    assert page.count("data:image/png;base64,") == 2
    assert "http" not in page.replace("http-equiv", "")
    shapes = json.loads((out / "wells.geojson").read_text())
    points = [each for each in shapes["features"] if each["geometry"]["type"] == "Point"]
    circles = [each for each in shapes["features"] if each["geometry"]["type"] == "Polygon"]
    assert (len(points), len(circles)) == (4, 8)
    for point, row in zip(points, table(out), strict=True):
        assert point["geometry"]["coordinates"] == [float(row["cdp_x"]), float(row["cdp_y"])]
        assert point["properties"]["marginal"] == float(row["marginal"])
    ring = np.array(circles[0]["geometry"]["coordinates"][0])
    away = np.hypot(*(ring - points[0]["geometry"]["coordinates"]).T)
    np.testing.assert_allclose(away, 300.0, atol=0.01)
    assert (ring[0] == ring[-1]).all()


def test_another_lease_is_another_run(
    oil: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lease, out = polygon(tmp_path / "lease.json", RING), tmp_path / "wells"
    assert place(oil, out, "--lease", str(lease)) == COMPLETE
    assert place(oil, out, "--lease", str(lease)) == COMPLETE
    assert "nothing to do" in capsys.readouterr().out
    polygon(lease, RING[:4])
    assert place(oil, out, "--lease", str(lease)) == WRONG_INPUT
    assert "lease was" in capsys.readouterr().err


BAD = {
    "lease nowhere": (["--lease", "{none}"], "No such file"),
    "lease of text": (["--lease", "{text}"], "neither GeoJSON"),
    "lease in degrees": (
        ["--lease", "{degrees}", "--map-origin", "430000,6500000"],
        "longitudes and latitudes",
    ),
    "lease beside the map": (["--lease", "{far}"], "beside the map"),
    "lease smaller than a cell": (["--lease", "{tiny}"], "No cell of the map is within it"),
    "no-drill everywhere": (["--no-drill", "{everywhere}"], "No cell of the map is outside"),
    "CDP of a map that lies nowhere": (
        ["--lease", "{lease}", "--coordinates", "cdp"],
        "--map-origin",
    ),
    "other coordinates": (["--lease", "{lease}", "--coordinates", "utm"], "--coordinates"),
    "existing nowhere": (["--existing", "{none}"], "No such file"),
    "existing far away": (["--existing", "{far_wells}"], "beside the map"),
    "existing without places": (["--existing", "{text}"], "no columns x and y"),
    "no room": (["--spacing", "4000", "--wells", "9"], "room for"),
    "no spacing": (["--spacing", "0"], "--spacing"),
    "cost of what": (["--well-cost", "5"], "--price or --budget"),
    "budget for what": (["--budget", "5"], "--well-cost"),
    "not one well": (["--budget", "5", "--well-cost", "6"], "less than one well costs"),
    "no well pays": (["--price", "1", "--well-cost", "1e12"], "No well pays for itself"),
    "free oil": (["--price", "0"], "--price"),
    "negative rate": (["--discount", "-1"], "--discount"),
    "too few periods": (["--rigs", "1", "--wells", "4"], "4 wells need 4 periods"),
    "no rigs": (["--rigs", "0"], "--rigs"),
    "choice among radii": (
        ["--radii", "{radii}", "--price", "1", "--well-cost", "1"],
        "where all are alike",
    ),
    "a penalty of nothing": (["--fault-penalty", "9"], "give --faults too"),
    "a penalty of no length": (["--fault-penalty", "0"], "--fault-penalty"),
    "growth of no place": (["--growth", "3", "--growth-from", "local"], "path of a PORO map"),
    "growth of other ground": (
        ["--growth", "{small_rock}", "--growth-from", "local"],
        "a map of the same ground",
    ),
    "maps that differ": (["{other}"], "OIL of 2 x 1 cells"),
    "a map twice": (["{oil}"], "named twice"),
    "no map in a folder": (["{folder}"], "holds no map"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_wrong_wishes_are_one_line_and_leave_nothing(
    case: str, oil: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, said = BAD[case]
    names = {name: tmp_path / name for name in ("none", "text", "radii", "other", "folder")}
    names["text"].write_text("block 7")
    names["radii"].write_text("100\n200\n300\n400\n")
    names["other"].write_text("OIL\n2 1\n100 100\n1 2")
    names["folder"].mkdir()
    names["small_rock"] = tmp_path / "small-rock"
    names["small_rock"].write_text("PORO\n2 1\n100 100\n1 2")
    names["far_wells"] = tmp_path / "far.csv"
    names["far_wells"].write_text("x,y\n1e6,1e6\n")
    square = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    for name, ring in (
        ("degrees", square + np.array([3, 58])),
        ("far", square * 1000 + 50_000),
        ("tiny", square * 20 + 10),
        ("everywhere", square * 99_999 - 9_999),
        ("lease", square * 5000),
    ):
        names[name] = polygon(tmp_path / name, ring)
    given = [argument.format(oil=oil, **names) for argument in arguments]
    out = tmp_path / "out"
    few = ["--wells", "4", "--periods", "3"] if "--radii" not in given else ["--periods", "3"]
    call = ["place-wells", str(oil), "--radius", "300", *few, *given, "--out", str(out)]
    assert run(call) == WRONG_INPUT
    captured = capsys.readouterr()
    assert said in captured.err
    assert len(captured.err.strip().splitlines()) == 1
    assert not out.exists()


@pytest.mark.slow
def test_workers_search_on_a_map_that_no_file_holds(oil: Path, tmp_path: Path) -> None:
    other = " ".join(f"{value:.5f}" for value in read_values(oil)[::-1].flat)
    (tmp_path / "other.txt").write_text(f"OIL\n90 70\n100 100\n{other}")
    given = [str(tmp_path / "other.txt"), "--spacing", "700", "--rigs", "2"]
    for workers in ("1", "2"):
        assert place(oil, tmp_path / workers, *given, "--workers", workers) == COMPLETE
        assert not list((tmp_path / workers).glob(".*"))
    tables = [(tmp_path / workers / "wells.csv").read_bytes() for workers in ("1", "2")]
    assert tables[0] == tables[1]
