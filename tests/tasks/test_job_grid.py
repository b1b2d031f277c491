"""Jobs on the survey's grid: the blocks of the layout, made when asked for."""

from hypothesis import given
from hypothesis import strategies as st

from storage.layout import lateral_blocks
from tasks.ingest import block_name
from tasks.job_grid import Block, GridJobs

sides = st.integers(1, 300)


@given(shape=st.tuples(sides, sides), steps=st.tuples(sides, sides))
def test_jobs_on_the_grid_are_its_blocks_in_order(
    shape: tuple[int, int], steps: tuple[int, int]
) -> None:
    steps = (max(steps[0], 20), max(steps[1], 20))
    jobs = GridJobs(shape, steps, lambda block: block)
    expected = {block_name(block): block for block in lateral_blocks(shape, steps)}
    assert list(jobs.items()) == list(expected.items())
    assert len(jobs) == len(expected)


def test_a_job_is_made_when_it_is_asked_for_and_for_no_other_name() -> None:
    made: list[Block] = []
    jobs = GridJobs((10_000_000, 10_000_000, 9), (128, 128), made.append)
    assert "128,9999872" in jobs
    for name in ("template", "1,0", "-128,0", "0", "10000000,0", ""):
        assert name not in jobs
        assert jobs.get(name, "none") == "none"
    assert not made
    jobs["0,9999872"]
    assert made == [(slice(0, 128), slice(9999872, 10_000_000))]
