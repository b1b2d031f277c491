import os
import threading
import time
from functools import partial
from pathlib import Path

import numpy as np
import psutil
import pytest

from deploy.cluster import connect
from models.errors import ParameterError
from models.wells.constraints import Ground
from models.wells.objective import Drainage, evaluate
from storage.errors import InputError, MapError
from tasks.fan_out import run_jobs
from tasks.free_memory import free_bytes
from tasks.maps import Assignment, assign, mean_value, reservoir_map
from tasks.search import MAPS_PER_START, run_start, search
from tasks.well_problem import Problem, pose


def write_map(path: Path, *, kind: str = "OIL", side: int = 40) -> Path:
    rng = np.random.default_rng(1)
    values = np.abs(np.cumsum(rng.standard_normal((side, side)), axis=1))
    path.write_text(
        f"{kind}\n{side} {side}\n100 100\n" + " ".join(f"{v:.4f}" for v in values.flat)
    )
    return path


def assigned(path: Path) -> Assignment:
    return assign(path, 400.0, wells=5, periods=3, growth=10.0, origin=(0.0, 0.0), azimuth_deg=0.0)


def posed(path: Path, *, distance: float = 350.0) -> Problem:
    points = np.array([[1000.0, 1000.0], [2200.0, 3000.0], [3900.0, 10.0]])
    return pose(assigned(path), Ground(4000.0, 4000.0, points, distance), seed=3)


def test_the_best_start_wins_and_what_is_valued_is_what_is_given(tmp_path: Path) -> None:
    problem = posed(write_map(tmp_path / "map.txt"))
    plan = search(problem, starts=4, output=tmp_path / "wells.csv", identity={"a": 1})
    assert plan.value == max(plan.values) == plan.values[plan.start]
    assert len(set(plan.values)) > 1
    value_map = reservoir_map(tmp_path / "map.txt").value_map
    np.testing.assert_array_equal(np.round(plan.positions_m, 3), plan.positions_m)
    assert evaluate(value_map, plan.positions_m, problem.drainage).value == plan.value
    assert not (tmp_path / "wells.csv.ledger").exists()


def test_starts_do_not_depend_on_each_other_or_on_threads(tmp_path: Path) -> None:
    problem = posed(write_map(tmp_path / "map.txt"))
    work = partial(run_start, problem=problem)
    runs = [
        run_jobs(work, {str(n): n for n in numbers}, what="wells", threads=threads)
        for numbers, threads in (((0, 1, 2, 3), 1), ((3, 2, 1, 0), 2))
    ]
    for name in "0123":
        assert runs[0][name] == runs[1][name]


def test_wells_keep_their_distance_from_every_point(tmp_path: Path) -> None:
    problem = posed(write_map(tmp_path / "map.txt"))
    plan = search(problem, starts=2, output=tmp_path / "wells.csv", identity={})
    gaps = np.hypot(
        *(plan.positions_m[:, None] - problem.ground.keep_out_m[None]).transpose(2, 0, 1)
    )
    assert gaps.min() >= 350.0


def test_a_map_full_of_faults_is_told(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="No cell of the map is that far"):
        posed(write_map(tmp_path / "map.txt"), distance=5000.0)


def test_a_map_that_changes_during_the_run_is_noticed(tmp_path: Path) -> None:
    problem = posed(write_map(tmp_path / "map.txt"))
    time.sleep(0.01)
    write_map(tmp_path / "map.txt", side=41)
    with pytest.raises(MapError, match="changed during the run"):
        run_start(0, problem=problem)


def test_the_growth_is_the_mean_of_the_cells_with_a_value(tmp_path: Path) -> None:
    path = tmp_path / "poro.txt"
    path.write_text("PORO\n2 2\n1 1\n1 2 -999.25 6")
    assert mean_value(path) == 3.0
    with pytest.raises(MapError, match="map of OIL"):
        mean_value(write_map(tmp_path / "oil.txt"))


def test_radii_must_be_as_many_as_wells(tmp_path: Path) -> None:
    path = write_map(tmp_path / "map.txt")
    radii = tmp_path / "radii.txt"
    radii.write_text("100\n200\n")

    def drainage(wells: int | None) -> Drainage:
        return assign(
            path, radii, wells=wells, periods=1, growth=0.0, origin=None, azimuth_deg=0.0
        ).drainage

    assert drainage(None).radii_m.tolist() == drainage(2).radii_m.tolist() == [100.0, 200.0]
    with pytest.raises(InputError, match="2 radii for 3 wells"):
        drainage(3)


@pytest.mark.parametrize(("starts_with_room", "most"), [(0.5, 1), (1.5, 1), (2.5, 2), (1e6, 4)])
def test_no_more_starts_run_side_by_side_than_memory_bears(
    starts_with_room: float, most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running, highest, lock = [0], [0], threading.Lock()

    def start(number: int, *, problem: Problem) -> dict[str, object]:  # noqa: ARG001
        with lock:
            running[0] += 1
            highest[0] = max(highest[0], running[0])
        time.sleep(0.1)
        with lock:
            running[0] -= 1
        return {"value": 1.0, "positions_m": [[0.0, 0.0]]}

    free = int(starts_with_room * MAPS_PER_START * 40 * 40 * 8)
    monkeypatch.setattr("tasks.search.free_bytes", lambda: free)
    monkeypatch.setattr("tasks.search.run_start", start)
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    problem = posed(write_map(tmp_path / "map.txt"))
    search(problem, starts=8, output=tmp_path / "wells.csv", identity={})
    assert highest[0] == most


def test_this_process_has_memory_left_and_no_more_than_the_machine() -> None:
    assert 0 < free_bytes() < psutil.virtual_memory().total


@pytest.mark.slow
def test_one_worker_two_workers_and_threads_find_the_same_wells(tmp_path: Path) -> None:
    problem = posed(write_map(tmp_path / "map.txt"))
    plans = [search(problem, starts=5, output=tmp_path / "threads", identity={})]
    for workers in (1, 2):
        with connect(workers=workers) as client:
            plans.append(
                search(
                    problem, starts=5, output=tmp_path / str(workers), identity={}, client=client
                )
            )
    for plan in plans[1:]:
        np.testing.assert_array_equal(plan.positions_m, plans[1].positions_m)
        assert plan.values == plans[1].values
    # Threads too, where linear algebra has one thread as on workers: sums then have one order.
    if os.environ.get("OPENBLAS_NUM_THREADS") == "1":
        assert plans[0].values == plans[1].values
