"""Surfaces of whole surveys: the same whatever the tiles, the workers and the stops."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from distributed import Client
from numpy.typing import NDArray

from models.errors import ParameterError
from storage.geometry import SampleAxis, grid_geometry
from storage.volume import Variable, create_volume, finish, open_array, read_array
from tasks.fan_out import JobsFailedError
from tasks.surfaces import SurfaceSettings, faults_of, find_surfaces, sticks_of
from tasks.survey_frame import frame_of
from tests.fault_planes import Shape, distance_to, probability_of
from tests.flows.running import ROOT
from tests.tasks.volume_runs import contents

SHAPE: Shape = (56, 50, 32)
IDENTITY = {"survey": "made"}
SETTINGS = SurfaceSettings(velocity=3000.0, stick_spacing=8, smallest=100)
AFFINE = (430_000.0, 21.2, -6.6, 6_480_000.0, 13.2, 10.6)
PLANES = ((40.0, 60.0), (130.0, 75.0))

Grid = Callable[[int], None]


@pytest.fixture
def shards(monkeypatch: pytest.MonkeyPatch) -> Grid:
    """Stores are cut into shards of so many traces a side, so that small surveys have many tiles."""

    def cut(side: int) -> None:
        monkeypatch.setattr("storage.layout.LATERAL_SHARD", side)
        monkeypatch.setattr("storage.layout.CHUNK", side // 2)

    return cut


def geometry_for(shape: Shape, live: NDArray[np.bool_] | None = None) -> Any:
    inlines = 101 + np.arange(shape[0], dtype=np.int32)
    crosslines = 2000 + 2 * np.arange(shape[1], dtype=np.int32)
    return grid_geometry(
        inlines, crosslines, SampleAxis("time", 800.0, 4.0, shape[2]), AFFINE, live
    )


def write_faults(path: Path, shape: Shape = SHAPE, *, holes: bool = True) -> NDArray[np.float32]:
    """Write the probability of two planes that cross, with noise and holes; return it."""
    live = np.ones(shape[:2], bool)
    if holes:
        live[:6, :20] = live[30:34, 29:33] = False
    geometry = geometry_for(shape, live)
    frame = frame_of(geometry, SETTINGS.velocity)
    distances = [distance_to(shape, frame, *each) for each in PLANES]
    probability = probability_of(*distances, noise=0.12)
    probability[~live] = np.nan
    line = 1 in shape[:2]
    variable = Variable("fault_probability", np.float32, "1", "fault probability")
    attributes = {"domain": "time", "affine": None if line else AFFINE, "threshold": 0.5}
    create_volume(path, geometry, [variable], attributes)
    open_array(path, "fault_probability", mode="r+")[...] = probability
    finish(path, {})
    return probability


def surfaces_of(folder: Path, **options: Any) -> Path:
    """Write faults and find their surfaces."""
    folder.mkdir(exist_ok=True)
    if not (folder / "faults.zarr").exists():
        write_faults(folder / "faults.zarr")
    return find(folder, **options)


def find(folder: Path, settings: SurfaceSettings = SETTINGS, **options: Any) -> Path:
    faults, path = folder / "faults.zarr", folder / "surfaces.zarr"
    find_surfaces(faults, faults, path, settings=settings, identity=IDENTITY, **options)
    return path


def everything(path: Path) -> list[Any]:
    """What a store of surfaces says, whatever its grid."""
    names = ("fault_thinned", "strike_deg", "dip_deg", "fault_id", "stick_nodes")
    return [faults_of(path), *(read_array(path, name).tobytes() for name in names)]


def test_tiles_of_any_size_give_the_same_bits(tmp_path: Path, shards: Grid) -> None:
    found = []
    for side, several in ((128, 1), (24, 1), (24, 2), (36, 1)):
        shards(side)
        found.append(everything(surfaces_of(tmp_path / f"{side},{several}", shards=several)))
    assert all(each == found[0] for each in found)
    assert len(found[0][0]) >= 2


@pytest.mark.slow
def test_one_and_two_processes_give_the_bytes_of_threads(
    tmp_path: Path, shards: Grid, client: Client
) -> None:
    shards(32)
    for name in ("threads", "two", "one"):
        (tmp_path / name).mkdir()
        write_faults(tmp_path / name / "faults.zarr")
    alone = contents(find(tmp_path / "threads"))
    assert contents(find(tmp_path / "two", client=client)) == alone
    first = next(iter(client.scheduler_info()["workers"]))
    client.retire_workers([first])
    assert contents(find(tmp_path / "one", client=client)) == alone


def test_every_sample_of_a_fault_is_counted_once_and_small_faults_have_none(
    tmp_path: Path, shards: Grid
) -> None:
    shards(32)
    path = surfaces_of(tmp_path)
    ids, thinned = read_array(path, "fault_id"), read_array(path, "fault_thinned")
    rows = faults_of(path)
    counts = np.bincount(ids.ravel())[1:]
    assert [row["fault_id"] for row in rows] == list(range(1, len(rows) + 1))
    assert [row["samples"] for row in rows] == counts.tolist()
    assert counts.tolist() == sorted(counts.tolist(), reverse=True)
    assert counts.min() >= SETTINGS.smallest
    assert (thinned[ids > 0] >= 0.5).all()
    for row in rows:
        mean = float(thinned[ids == row["fault_id"]].mean())
        assert row["mean_probability"] == pytest.approx(mean, abs=1e-4)
    found = find_all(tmp_path)
    everywhere = read_array(found, "fault_id")
    np.testing.assert_array_equal(everywhere > 0, thinned > 0)
    sizes = np.bincount(everywhere.ravel())
    np.testing.assert_array_equal(ids > 0, (everywhere > 0) & (sizes[everywhere] >= 100))


def find_all(folder: Path) -> Path:
    """Find surfaces however small."""
    faults, path = folder / "faults.zarr", folder / "all.zarr"
    settings = SurfaceSettings(velocity=3000.0, stick_spacing=8, smallest=1)
    find_surfaces(faults, faults, path, settings=settings, identity={"smallest": 1})
    return path


def test_the_largest_two_are_the_planes_with_their_strike_and_dip(tmp_path: Path) -> None:
    rows = faults_of(surfaces_of(tmp_path))[:2]
    for row in rows:
        off = [
            max(abs((row["strike_deg"] or 0) - strike), abs(row["dip_deg"] - dip))
            for strike, dip in PLANES
        ]
        assert min(off) < 3.0


def test_what_is_not_live_is_nan_and_has_no_fault(tmp_path: Path) -> None:
    folder = tmp_path / "holes"
    folder.mkdir()
    probability = write_faults(folder / "faults.zarr")
    path = find(folder)
    dead = np.isnan(probability)
    np.testing.assert_array_equal(np.isnan(read_array(path, "fault_thinned")), dead)
    assert (read_array(path, "fault_id")[dead] == 0).all()
    known = np.isfinite(read_array(path, "dip_deg"))
    np.testing.assert_array_equal(known, np.nan_to_num(probability) >= 0.25)


def test_sticks_lie_on_their_plane_and_their_fault(tmp_path: Path) -> None:
    path = surfaces_of(tmp_path)
    geometry = geometry_for(SHAPE)
    frame = frame_of(geometry, SETTINGS.velocity)
    distances = [np.abs(distance_to(SHAPE, frame, *each)) for each in PLANES]
    sticks = list(sticks_of(path))
    assert [stick.number for stick in sticks] == list(range(len(sticks)))
    rows = faults_of(path)
    for row in rows:
        assert row["sticks"] == sum(stick.fault_id == row["fault_id"] for stick in sticks)
    away = []
    for stick in sticks:
        inline, crossline, twt, x, y = stick.nodes.T
        places = np.stack([inline - 101, (crossline - 2000) / 2, (twt - 800) / 4])
        assert len(set(inline)) == 1 or len(set(crossline)) == 1
        plane = places[0, 0] if len(set(inline)) == 1 else places[1, 0]
        assert plane % 8 == 4
        np.testing.assert_allclose(x, AFFINE[0] + AFFINE[1] * inline + AFFINE[2] * crossline)
        np.testing.assert_allclose(y, AFFINE[3] + AFFINE[4] * inline + AFFINE[5] * crossline)
        index = tuple(np.rint(places).astype(int))
        away += np.min([each[index] for each in distances], axis=0).tolist()
    assert np.mean(np.array(away) <= 2.0) > 0.9


def test_sticks_are_picked_on_the_planes_that_are_asked_for(tmp_path: Path) -> None:
    for planes, column in (("inline", 0), ("crossline", 1), ("slice", 2)):
        settings = SurfaceSettings(stick_planes=planes, stick_spacing=8, smallest=100)  # type: ignore[arg-type]
        path = tmp_path / f"{planes}.zarr"
        if not (tmp_path / "faults.zarr").exists():
            write_faults(tmp_path / "faults.zarr")
        faults = tmp_path / "faults.zarr"
        find_surfaces(faults, faults, path, settings=settings, identity={"planes": planes})
        sticks = list(sticks_of(path))
        assert sticks
        assert all(len(set(stick.nodes[:, column])) == 1 for stick in sticks)


@pytest.mark.parametrize("shape", [(1, 90, 70), (90, 1, 70)])
def test_a_line_has_sticks_along_it_and_no_strike(tmp_path: Path, shape: Shape) -> None:
    write_faults(tmp_path / "faults.zarr", shape, holes=False)
    settings = SurfaceSettings(velocity=3000.0, smallest=10)
    path = find(tmp_path, settings)
    rows, sticks = faults_of(path), list(sticks_of(path))
    assert rows
    assert all(row["strike_deg"] is row["area_m2"] is row["length_m"] is None for row in rows)
    assert all(0 <= row["dip_deg"] <= 90 and row["height_m"] > 0 for row in rows)
    assert sum(row["sticks"] for row in rows) == len(sticks) > 0
    assert np.isfinite(np.concatenate([stick.nodes for stick in sticks])).all()


def failing_after(calls: int, function: Callable[..., Any]) -> Callable[..., Any]:
    left: Iterator[int] = iter(range(calls))

    def sometimes(*args: Any, **kwargs: Any) -> Any:
        if next(left, None) is None:
            msg = "disk gone"
            raise OSError(msg)
        return function(*args, **kwargs)

    return sometimes


@pytest.mark.parametrize(
    ("place", "calls"),
    [
        ("tasks.surface_tiles.write_region", 7),
        ("tasks.surface_tiles.across", 3),
        ("tasks.surface_tiles.write_region", 22),
        ("tasks.sticks.sticks_on_plane", 5),
    ],
)
def test_a_stop_anywhere_ends_with_the_same_bytes(
    tmp_path: Path, shards: Grid, monkeypatch: pytest.MonkeyPatch, place: str, calls: int
) -> None:
    shards(32)
    clean = contents(surfaces_of(tmp_path / "clean"))
    module, _, name = place.rpartition(".")
    original = getattr(__import__(module, fromlist=[name]), name)
    with monkeypatch.context() as broken:
        broken.setattr(place, failing_after(calls, original))
        with pytest.raises(JobsFailedError):
            surfaces_of(tmp_path / "stopped")
    assert contents(surfaces_of(tmp_path / "stopped")) == clean
    assert sorted(each.name for each in (tmp_path / "stopped").iterdir()) == [
        "faults.zarr",
        "surfaces.zarr",
    ]


@pytest.mark.slow
def test_a_kill_at_any_write_ends_with_the_same_bytes(tmp_path: Path, shards: Grid) -> None:
    shards(32)
    write_faults(tmp_path / "faults.zarr")
    line = [sys.executable, "-m", "tests.surface_kills", str(tmp_path), "10"]
    answer = subprocess.run(line, capture_output=True, text=True, cwd=ROOT, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_a_survey_without_faults_has_an_empty_table(tmp_path: Path) -> None:
    write_faults(tmp_path / "faults.zarr")
    open_array(tmp_path / "faults.zarr", "fault_probability", mode="r+")[...] = 0.01
    path = find(tmp_path)
    assert faults_of(path) == []
    assert list(sticks_of(path)) == []


@pytest.mark.parametrize(
    "wrong", [{"velocity": 0.0}, {"stick_spacing": 0}, {"smallest": 0}, {"angle_deg": 120.0}]
)
def test_settings_that_cannot_be_are_refused_by_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(ParameterError, match="Use "):
        SurfaceSettings(**wrong)
