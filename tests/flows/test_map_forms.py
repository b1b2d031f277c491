"""Maps of every form, from the command line to the wells."""

import math
from pathlib import Path

import numpy as np
import pytest

from flows.__main__ import COMPLETE, WRONG_INPUT, run
from tests.flows.test_place_wells import oil, summary, table
from tests.flows.test_place_wells import place as place_well
from tests.storage.map_writers import irap_text, zmap

__all__ = ["oil"]

FIRST, TURN = (430_000.0, 6_500_000.0), 25.0
"""CDP X/Y of the first node of a map, and how far it is turned counterclockwise, degrees."""


def place(source: Path, out: Path, *more: str) -> int:
    """Place wells, and be soon content."""
    return place_well(source, out, "--gap", "30", "--time", "60", *more)


def turned_map(path: Path, like: Path) -> Path:
    values = np.array(like.read_text().split()[5:], float).reshape(70, 90)
    irap_text(path, values, FIRST, (100.0, 100.0), TURN)
    return path


def corner() -> tuple[float, float]:
    """Return the outer corner of the first cell, half a cell off its node."""
    turn = math.radians(TURN)
    along, across = (math.cos(turn), math.sin(turn)), (-math.sin(turn), math.cos(turn))
    return (
        FIRST[0] - 50 * (along[0] + across[0]),
        FIRST[1] - 50 * (along[1] + across[1]),
    )


@pytest.mark.slow
def test_a_placed_map_gives_the_wells_that_options_give_on_the_bare_one(
    oil: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    turned = turned_map(tmp_path / "oil.irap", oil)
    assert place_well(turned, tmp_path / "placed") == COMPLETE
    assert "IRAP text, 90 x 70 cells of 100 x 100 m, corner at CDP" in capsys.readouterr().out
    x, y = corner()
    given = ["--map-origin", f"{x!r},{y!r}", "--map-azimuth", str(-TURN)]
    assert place_well(oil, tmp_path / "bare", *given) == COMPLETE
    assert summary(tmp_path / "placed")["value"] == summary(tmp_path / "bare")["value"]
    for one, other in zip(table(tmp_path / "placed"), table(tmp_path / "bare"), strict=True):
        for name in ("x_m", "y_m", "cdp_x", "cdp_y"):
            assert float(one[name]) == pytest.approx(float(other[name]), abs=2e-3)


def test_options_go_before_what_the_file_says(oil: Path, tmp_path: Path) -> None:
    turned = turned_map(tmp_path / "oil.irap", oil)
    given = ["--map-origin", "1000,2000", "--map-azimuth", "0"]
    assert place(turned, tmp_path / "wells", *given) == COMPLETE
    for row in table(tmp_path / "wells"):
        assert float(row["cdp_x"]) == pytest.approx(1000 + float(row["x_m"]))
        assert float(row["cdp_y"]) == pytest.approx(2000 + float(row["y_m"]))


def test_a_kept_map_is_the_map(
    oil: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store, cache = tmp_path / "oil.zarr", tmp_path / "cache"
    assert run(["ingest-map", str(oil), str(store)]) == COMPLETE
    assert run(["ingest-map", str(oil), str(store)]) == COMPLETE
    assert "nothing to do" in capsys.readouterr().out
    assert place(store, tmp_path / "wells") == COMPLETE
    # The same map is the same run, wherever it comes from.
    assert place(oil, tmp_path / "wells") == COMPLETE
    assert place(oil, tmp_path / "wells", "--map-cache", str(cache)) == COMPLETE
    assert capsys.readouterr().out.count("nothing to do") == 2
    assert [path.name.startswith("oil.txt-") for path in cache.iterdir()] == [True]


def test_an_ensemble_is_read_as_one_map_is(oil: Path, tmp_path: Path) -> None:
    folder = tmp_path / "maps"
    folder.mkdir()
    values = np.array(oil.read_text().split()[5:], float).reshape(70, 90)
    for seed in range(3):
        many = np.round(values * (1 + seed / 10), 4)
        zmap(folder / f"{seed}.zmap", many, FIRST, (100.0, 100.0), 0.0)
    assert place(folder, tmp_path / "wells") == COMPLETE
    said = summary(tmp_path / "wells")
    assert said["outlook"]["maps"] == 3
    assert said["outlook"]["mean"] == pytest.approx(said["value"], rel=1e-9)
    assert float(table(tmp_path / "wells")[0]["cdp_x"]) > FIRST[0] - 50


@pytest.mark.slow
def test_a_layer_of_an_eclipse_property_becomes_a_map(oil: Path, tmp_path: Path) -> None:
    words = oil.read_text().split()[5:]
    double = [f"{2 * float(word):.5f}" for word in words]
    model, grid = tmp_path / "oil.inc", tmp_path / "grid.inc"
    lines = [" ".join(words), " ".join(double)]
    model.write_text("SOIL\n" + "\n".join(lines) + " /\n")
    grid.write_text("DIMENS\n90 70 2 /\nDXV\n90*100 /\nDYV\n70*100 /\n")
    given = ["--map-grid", str(grid), "--layers", "1"]
    assert place_well(model, tmp_path / "wells", *given) == COMPLETE
    assert place_well(oil, tmp_path / "plain") == COMPLETE
    assert summary(tmp_path / "wells")["value"] == summary(tmp_path / "plain")["value"]
    assert summary(tmp_path / "wells")["map_form"] == "Eclipse SOIL, layer 1"
    before = (tmp_path / "wells" / "summary.json").read_bytes()
    given = ["--map-grid", str(grid), "--layers", "2"]
    assert place_well(model, tmp_path / "wells", *given) == WRONG_INPUT
    assert (tmp_path / "wells" / "summary.json").read_bytes() == before


WRONG = {
    "layers of words": (["--layers", "one"], "--layers"),
    "layers of text": (["--layers", "1"], "Leave out --layers"),
    "a grid for text": (["--map-grid", "{oil}"], "Leave out --map-grid"),
}


@pytest.mark.parametrize(("given", "said"), WRONG.values(), ids=WRONG)
def test_what_a_map_cannot_follow_is_one_clear_line(
    oil: Path,
    tmp_path: Path,
    given: list[str],
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    more = [each.format(oil=oil) for each in given]
    assert place(oil, tmp_path / "wells", *more) == WRONG_INPUT
    told = capsys.readouterr().err.strip()
    assert said in told
    assert "\n" not in told
    assert not (tmp_path / "wells").exists()


def test_a_store_of_another_map_is_kept(
    oil: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other, store = tmp_path / "other.txt", tmp_path / "map.zarr"
    other.write_text("OIL\n2 1\n5 5\n1 2")
    assert run(["ingest-map", str(oil), str(store)]) == COMPLETE
    assert run(["ingest-map", str(other), str(store)]) == WRONG_INPUT
    assert "another map" in capsys.readouterr().err
    assert run(["ingest-map", str(other), str(store), "--overwrite"]) == COMPLETE
    assert "2 x 1 cells of 5 x 5 m, placed nowhere" in capsys.readouterr().out
