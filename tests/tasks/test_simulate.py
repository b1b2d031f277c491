"""Plans and simulators, with a stand-in that behaves well or badly at once."""

import os
import signal
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.wells.constraints import Ground
from models.wells.drainage import Drainage, Existing
from storage.errors import InputError
from tasks.fan_out import JobsFailedError
from tasks.simulate import Simulation, SimulationError, flow_version, simulate
from tasks.verify_wells import Verified, verify
from tasks.well_contrast import random_layouts
from tasks.well_decks import Check, Layout
from tasks.well_problem import Problem, pose
from tests.simulator import install
from tests.tasks.test_well_search import assigned, write_map

CHECK = Check(
    top=3,
    period_years=1.0,
    years=None,
    permeability_md=None,
    power=0.0,
    is_porosity=False,
    limit_s=20.0,
    simulator="flow 2022.10",
)


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    return tmp_path / "bin"


@pytest.fixture
def problem(tmp_path: Path) -> Problem:
    return pose(assigned(write_map(tmp_path / "map.txt")), Ground(4000.0, 4000.0), seed=3)


def row_of(column: int, value: float) -> Layout:
    places = np.array([[column * 100.0 + 50.0, 300.0 * well + 50.0] for well in range(5)])
    return Layout(f"at {column}", places, value)


def checked(problem: Problem, out: Path, *layouts: Layout, check: Check = CHECK) -> Verified:
    return verify(problem, layouts, [], check, out=out)


def test_plans_that_no_deck_can_tell_apart_are_one(
    problem: Problem, tmp_path: Path, bin_folder: Path
) -> None:
    log = install(bin_folder)
    near = Layout("a metre away", row_of(4, 9.0).positions_m[::-1] + 1.0, 8.9)
    layouts = (row_of(4, 9.0), near, row_of(7, 8.0), row_of(2, 7.0), row_of(30, 6.0))
    facts = checked(problem, tmp_path / "out", *layouts).facts
    assert [plan["plan"] for plan in facts["plans"]] == ["at 4", "at 7", "at 2"]
    assert len(log.read_text().split()) == 3
    # The stand-in makes more oil the higher the numbers of the columns: 5, 8, 3.
    made = [plan["oil_m3"] for plan in facts["plans"]]
    assert made == pytest.approx([5 * n * 3 * 365.25 for n in (5, 8, 3)], rel=1e-6)
    assert facts["spearman"] == facts["spearman_of_best"] == 0.5
    assert facts["years"] == 3.0
    assert len(facts["spearman_by_period"]) == 3


def test_finished_simulations_are_not_run_again(
    problem: Problem, tmp_path: Path, bin_folder: Path
) -> None:
    """One of three decks hangs, once; what the second call makes is what one call makes."""
    log, out = install(bin_folder, "hangs once"), tmp_path / "out"
    layouts = [row_of(4, 9.0), row_of(7, 8.0), row_of(2, 7.0)]
    broken = checked(problem, out, *layouts, check=replace(CHECK, limit_s=4.0))
    assert isinstance(broken.failure, JobsFailedError)
    assert "took more than 4 s" in str(broken.failure)
    assert sum(plan["oil_m3"] is None for plan in broken.facts["plans"]) == 1
    mended = checked(problem, out, *layouts)
    assert mended.failure is None
    calls = log.read_text().split()
    assert len(calls) == 4
    assert len(set(calls)) == 3
    whole = checked(problem, tmp_path / "other", *layouts)
    timeless = [
        [{k: v for k, v in plan.items() if k != "seconds"} for plan in each.facts["plans"]]
        for each in (mended, whole)
    ]
    assert timeless[0] == timeless[1]
    left = {path.name.partition("-")[0] for path in (out / "simulations").iterdir()}
    assert left == {"PLAN"}
    assert not [*out.rglob("*.part")]


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("fails", "ended with 1: Error: Unrecoverable errors while loading input"),
        ("silent", "left no results that can be read"),
    ],
)
def test_a_simulator_that_fails_is_one_line_and_leaves_its_words(
    tmp_path: Path, bin_folder: Path, mode: str, said: str
) -> None:
    install(bin_folder, mode)
    deck = tmp_path / "PLAN.DATA"
    deck.write_text("RUNSPEC\n")
    with pytest.raises(SimulationError, match=said) as caught:
        simulate(Simulation(deck, (365.25,), 20.0))
    assert "\n" not in str(caught.value)
    assert (tmp_path / "PLAN.part" / "said.txt").exists()
    assert not (tmp_path / "PLAN").exists()


def test_an_interrupt_ends_what_runs(problem: Problem, tmp_path: Path, bin_folder: Path) -> None:
    log = install(bin_folder, "hangs")
    before = signal.getsignal(signal.SIGINT)

    def interrupt() -> None:
        while not log.read_text():
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        checked(problem, tmp_path / "out", row_of(4, 9.0), row_of(7, 8.0))
    assert time.monotonic() - began < 10
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize("mode", ["other", None])
def test_without_the_simulator_one_line_says_how_to_get_it(
    bin_folder: Path, monkeypatch: pytest.MonkeyPatch, mode: str | None
) -> None:
    monkeypatch.setenv("PATH", str(bin_folder))
    if mode:
        install(bin_folder, mode)
    with pytest.raises(InputError, match="apt-get install libopm-simulators-bin") as caught:
        flow_version()
    assert "\n" not in str(caught.value)


def test_existing_wells_and_dates_are_in_the_deck(tmp_path: Path, bin_folder: Path) -> None:
    install(bin_folder)
    asked = assigned(write_map(tmp_path / "map.txt"))
    there = Existing(
        np.array([[1950.0, 2050.0], [9e9, 0.0]]), Drainage(np.full(2, 400.0), 3, 10.0)
    )
    drainage = Drainage(np.full(5, 400.0), 3, 10.0, starts=np.array([0, 0, 1, 1, 2]))
    problem = pose(
        type(asked)(asked.path, asked.reservoir, drainage, asked.frame),
        Ground(4000.0, 4000.0),
        existing=there,
        seed=3,
    )
    facts = checked(problem, tmp_path / "out", row_of(4, 9.0)).facts
    text = (tmp_path / "out" / facts["plans"][0]["deck"]).read_text()
    assert " E1 20 21 1 1 OPEN" in text
    assert "E2" not in text
    parts = text.split("TSTEP")
    assert [
        sorted(w for w in ("W1", "W2", "W3", "W4", "W5") if f" {w} G" in part) for part in parts
    ] == [
        ["W1", "W2"],
        ["W3", "W4"],
        ["W5"],
        [],
    ]


def test_random_plans_stand_where_wells_may(tmp_path: Path) -> None:
    path = write_map(tmp_path / "map.txt")
    points = np.array([[1000.0, 1000.0], [2200.0, 3000.0]])
    ground = Ground(4000.0, 4000.0, points, 800.0, spacing_m=500.0)
    problem = pose(assigned(path), ground, seed=3)
    found = random_layouts(problem, 3, 5)
    assert len({layout.value for layout in found}) == 3
    for layout, again in zip(found, random_layouts(problem, 3, 5), strict=True):
        np.testing.assert_array_equal(layout.positions_m, again.positions_m)
        assert ground.allows(layout.positions_m).all()
        assert (ground.apart_m(layout.positions_m) >= 0).all()
