"""Maps that belong together lie in one place: realizations, and the growth of a map's places."""

from pathlib import Path

import numpy as np
import pytest

from models.wells.frame import MapFrame
from models.wells.objective import Drainage, ValueMap
from storage.errors import MapError
from storage.map_store import write_map_store
from storage.maps.chosen import Reading
from storage.maps.grid import GridMap
from tasks.keep_map import keep_map
from tasks.map_places import either_apart_m
from tasks.maps import assign, mean_value
from tasks.realizations import on_the_mean
from tasks.well_problem import pose, posed_on
from tasks.well_program import growth_of_places
from tasks.wells_page import Asked, state
from tests.storage.map_writers import irap_text, zmap

CORNER = (430_000.0, 6_500_000.0)


def kept(
    path: Path, corner: tuple[float, float] | None, azimuth_deg: float = 0.0, kind: str = "OIL"
) -> Path:
    """Keep a map of 8 x 6 cells of 100 x 50 m that lies somewhere."""
    values = 1 + np.arange(48.0).reshape(6, 8)
    write_map_store(path, GridMap(kind, values, 100, 50, 0, path.name, corner, azimuth_deg), {})
    return path


def asked(path: Path, **more: object) -> Asked:
    return Asked((path,), radii=100.0, wells=2, periods=2, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("corner", "azimuth", "together"),
    [
        (CORNER, 0.0, True),
        ((CORNER[0] + 0.4, CORNER[1]), 0.0, True),  # a hundredth of a cell is 0.5 m
        ((CORNER[0] + 0.6, CORNER[1]), 0.0, False),
        ((CORNER[0], CORNER[1] - 5000.0), 0.0, False),
        (CORNER, 0.01, True),
        (CORNER, 30.0, False),
        (None, 0.0, True),  # nobody knows where it lies
    ],
)
def test_realizations_lie_in_one_place(
    tmp_path: Path, corner: tuple[float, float] | None, azimuth: float, together: bool
) -> None:
    bare = kept(tmp_path / "bare.zarr", None)
    files = [bare, kept(tmp_path / "one.zarr", CORNER)]
    files.append(kept(tmp_path / "other.zarr", corner, azimuth))
    assignment = assign(bare, 100.0, wells=2, periods=1, growth=0.0, origin=None, azimuth_deg=None)
    if together:
        on_the_mean(assignment, files)
        return
    with pytest.raises(MapError, match="lie in one place") as caught:
        on_the_mean(assignment, files)
    assert "other.zarr" in str(caught.value)
    assert "one.zarr with its corner at CDP X/Y 430000.00, 6500000.00" in str(caught.value)


@pytest.mark.parametrize(
    ("corner", "azimuth", "said"),
    [
        (CORNER, 0.0, None),
        (None, 0.0, None),
        (
            (CORNER[0] + 24.0, CORNER[1]),
            0.0,
            None,
        ),  # a quarter of a cell, as nodes and cells differ
        ((CORNER[0] + 100.0, CORNER[1]), 0.0, "430100.00"),
        (CORNER, 90.0, "azimuth 90 degrees"),
    ],
)
@pytest.mark.parametrize("placed_by", ["file", "options"])
def test_growth_by_the_place_is_of_the_same_place(
    tmp_path: Path,
    corner: tuple[float, float] | None,
    azimuth: float,
    said: str | None,
    placed_by: str,
) -> None:
    path = kept(tmp_path / "oil.zarr", CORNER if placed_by == "file" else None)
    rock = kept(tmp_path / "poro.zarr", corner, azimuth, kind="PORO")
    origin = CORNER if placed_by == "options" else None
    wish = asked(path, growth=rock, growth_local=True, origin=origin)
    if said is None:
        assert state(wish).problem.local() is not None
        return
    with pytest.raises(MapError, match="a map of the same ground") as caught:
        state(wish)
    assert said in str(caught.value)


def test_a_map_moved_by_options_has_growth_by_either_of_its_places(tmp_path: Path) -> None:
    path, there = kept(tmp_path / "oil.zarr", CORNER), (1000.0, 2000.0)
    for number, place in enumerate((CORNER, there)):
        rock = kept(tmp_path / f"poro-{number}.zarr", place, kind="PORO")
        state(asked(path, growth=rock, growth_local=True, origin=there))
    elsewhere = kept(tmp_path / "poro.zarr", (1000.0, 9000.0), kind="PORO")
    with pytest.raises(MapError, match="same ground"):
        state(asked(path, growth=elsewhere, growth_local=True, origin=there))


@pytest.mark.parametrize("turn", [0.0, 33.0])
def test_finer_nodes_of_one_outline_lie_in_the_same_place(tmp_path: Path, turn: float) -> None:
    files = tmp_path / "oil.irap", tmp_path / "poro.irap"
    irap_text(files[0], np.ones((7, 9)), CORNER, (100.0, 100.0), turn)
    irap_text(files[1], np.ones((13, 17)), CORNER, (50.0, 50.0), turn)
    stated = state(asked(files[0], growth=files[1], growth_local=True))
    assert stated.problem.local() is not None


@pytest.mark.parametrize(("rows", "columns"), [(7, 8), (6, 9), (7, 9), (5, 7)])
@pytest.mark.parametrize("turn", [0.0, 33.0])
def test_growth_of_a_row_or_column_more_lies_in_the_same_place(
    tmp_path: Path, turn: float, rows: int, columns: int
) -> None:
    path = kept(tmp_path / "oil.zarr", CORNER, turn)
    for name, corner in (("poro", CORNER), ("far", (CORNER[0] + 120.0, CORNER[1] + 120.0))):
        rock = GridMap("PORO", np.ones((rows, columns)), 100, 50, 0, name, corner, turn)
        write_map_store(tmp_path / f"{name}.zarr", rock, {})
    wish = asked(path, growth=tmp_path / "poro.zarr", growth_local=True)
    assert state(wish).problem.local() is not None
    with pytest.raises(MapError, match="a map of the same ground"):
        state(asked(path, growth=tmp_path / "far.zarr", growth_local=True))


def test_half_a_cell_between_maps_is_not_a_matter_of_rounding(tmp_path: Path) -> None:
    """Places of nodes taken for corners of cells, far from 0, 0, on either side."""
    side, ones = 33.3, np.ones((6, 8))
    for number, way in enumerate((-0.5, 0.5)):
        path, rock = tmp_path / f"oil-{number}.zarr", tmp_path / f"poro-{number}.zarr"
        moved = (CORNER[0] + way * side, CORNER[1])
        write_map_store(path, GridMap("OIL", ones, side, side, 0, "oil", CORNER), {})
        write_map_store(rock, GridMap("PORO", ones, side, side, 0, "rock", moved), {})
        state(asked(path, growth=rock, growth_local=True))


def test_a_turn_moves_the_corners_and_not_the_middle() -> None:
    """The farthest corner is held against its own path round the middle."""
    grid = ValueMap(np.ones((6, 8)), 100.0, 50.0)
    middle = np.array([[400.0, 150.0]])
    one, turn = MapFrame(*CORNER, 10.0), MapFrame(0.0, 0.0, 25.0)
    corner = (one.to_cdp(middle) - turn.to_cdp(middle))[0]
    other = MapFrame(corner[0], corner[1], 25.0)
    ends = np.array([[0.0, 0.0], [800.0, 300.0]])
    moved = np.hypot(*(one.to_cdp(ends) - other.to_cdp(ends)).T)
    assert either_apart_m(one, grid, other, grid) == pytest.approx(moved.max(), rel=1e-9)


@pytest.mark.parametrize("rows", ["south", "north"])
def test_growth_is_read_as_its_map_is(tmp_path: Path, rows: str) -> None:
    """Where text begins in the north, that of the growth does too."""
    path, rock = tmp_path / "oil.txt", tmp_path / "poro.txt"
    path.write_text("OIL\n10 10\n100 100\n" + "1 " * 100)
    rock.write_text("PORO\n10 10\n100 100\n" + "9 " * 50 + "1 " * 50)  # its first rows are better
    reading = Reading(rows=rows)  # type: ignore[arg-type]
    problem = state(asked(path, growth=rock, growth_local=True, reading=reading)).problem
    places = np.array([[500.0, 200.0], [500.0, 800.0]])
    grown = problem.at(places).growth_of
    np.testing.assert_allclose(grown, [9, 1] if rows == "south" else [1, 9], rtol=1e-9)


def north_text(path: Path, kind: str, top: int, base: int) -> Path:
    """Write text of 10 x 10 cells with its first row in the north."""
    path.write_text(f"{kind}\n10 10\n100 100\n" + f"{top} " * 50 + f"{base} " * 50)
    return path


@pytest.mark.parametrize("form", ["store", "ZMAP+", "Eclipse", "text"])
@pytest.mark.parametrize("cached", [False, True])
def test_rows_of_text_of_growth_are_asked_for_beside_maps_that_say_their_own(
    tmp_path: Path, form: str, cached: bool
) -> None:
    values, path = np.repeat([2.0, 8.0], 50).reshape(10, 10), tmp_path / "map"
    text = north_text(tmp_path / "oil.txt", "OIL", 8, 2)
    rock = north_text(tmp_path / "poro.txt", "PORO", 9, 1)
    if form == "store":
        keep_map(text, path, Reading(rows="north"))
    elif form == "ZMAP+":
        zmap(path, values, CORNER, (100.0, 100.0), 0.0)
    elif form == "Eclipse":
        cells = " ".join(f"{value}" for value in values.flat)
        path.write_text(f"DIMENS\n10 10 1 /\nDXV\n10*100 /\nDYV\n10*100 /\nPORO\n{cells} /\n")
    else:
        path = text
    reading = Reading(rows="north", cache=tmp_path / "cache" if cached else None)
    stated = state(asked(path, growth=rock, growth_local=True, reading=reading))
    np.testing.assert_array_equal(posed_on(stated.problem)[0].values, values)
    places = np.array([[500.0, 200.0], [500.0, 800.0]])
    np.testing.assert_allclose(stated.problem.at(places).growth_of, [1, 9], rtol=1e-9)


def test_the_side_of_rows_is_refused_where_no_file_is_text(tmp_path: Path) -> None:
    path, rock = kept(tmp_path / "oil.zarr", None), kept(tmp_path / "poro.zarr", None, kind="PORO")
    for growth in (rock, 5.0):
        with pytest.raises(MapError, match="Leave out --rows-from"):
            state(asked(path, growth=growth, reading=Reading(rows="north")))


def test_growth_by_the_place_takes_the_porosity_of_an_eclipse_file(tmp_path: Path) -> None:
    """A file of several properties, as simulators write them: the porosity alone counts."""
    path, model = tmp_path / "oil.txt", tmp_path / "model.inc"
    path.write_text("OIL\n4 3\n100 100\n" + "1 " * 12)
    porosity = " ".join(f"{0.1 + cell / 100:.2f}" for cell in range(12))
    model.write_text(
        "DIMENS\n4 3 1 /\nDXV\n4*100 /\nDYV\n3*100 /\nPERMX\n12*300 /\nNTG\n12*.5 /\n"
        f"PORO\n{porosity} /\n"
    )
    assert mean_value(model) == pytest.approx(0.155)
    assignment = assign(
        path, 40.0, wells=1, periods=2, growth=model, origin=None, azimuth_deg=None
    )
    growth = growth_of_places(assignment, model)
    ground = state(asked(path, growth=model)).problem.ground
    problem = pose(assignment, ground, growth_map=growth, seed=0)
    places = np.array([[350.0, 250.0]])
    assert problem.at(places).growth_of == pytest.approx([0.21])


def test_a_growth_that_changes_during_the_run_is_noticed(tmp_path: Path) -> None:
    path, rock = kept(tmp_path / "oil.zarr", None), kept(tmp_path / "poro.zarr", None, kind="PORO")
    problem = state(asked(path, growth=rock, growth_local=True)).problem
    assert isinstance(problem.at(np.array([[400.0, 150.0]])), Drainage)
    values = GridMap("PORO", np.ones((6, 8)), 100, 50, 0, "another")
    write_map_store(rock, values, {})
    with pytest.raises(MapError, match="changed during the run"):
        problem.local()
