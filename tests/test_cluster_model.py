"""The simulation of a cluster: between its bounds, and as arithmetic says where that is possible."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.benchmarks.cluster_model import Costs, Survey, bounds, simulate

SURVEY = Survey(tiles=400, samples=2e6, read_bytes=8e6, written_bytes=4e6)


def test_one_worker_takes_the_sum_of_all_costs() -> None:
    costs = Costs(10.0, 1e6, 0.01, 100e6, spread=0.0)
    assert simulate(SURVEY, costs, 1) == pytest.approx(10 + 400 * (2 + 0.12 + 0.01))


def test_a_slow_store_or_a_slow_scheduler_is_what_many_workers_wait_for() -> None:
    store = Costs(0.0, 1e6, 0.0, 12e6, spread=0.0)
    assert simulate(SURVEY, store, 400) == pytest.approx(400 * 1.0, rel=0.02)
    scheduler = Costs(0.0, 1e6, 0.5, 1e12, spread=0.0)
    assert simulate(SURVEY, scheduler, 400) == pytest.approx(400 * 0.5 + 2, rel=0.02)


@given(
    workers=st.integers(1, 600),
    job_s=st.floats(0, 0.1),
    bandwidth=st.floats(1e7, 1e10),
    tiles=st.integers(1, 500),
)
def test_no_cluster_is_faster_than_its_bounds_nor_slower_than_one_worker(
    workers: int, job_s: float, bandwidth: float, tiles: int
) -> None:
    survey = Survey(tiles, SURVEY.samples, SURVEY.read_bytes, SURVEY.written_bytes)
    costs = Costs(3.0, 1e6, job_s, bandwidth, spread=0.0)
    seconds = simulate(survey, costs, workers)
    at_least = bounds(survey, costs, workers)
    at_least = {name: bound for name, bound in at_least.items() if name != "last tile"}
    assert seconds >= max(at_least.values()) * (1 - 1e-9)
    assert seconds <= simulate(survey, costs, 1) * (1 + 1e-9)
