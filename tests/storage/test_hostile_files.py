"""Files broken by chance: each becomes a volume that gives its bytes back, or is refused in one line."""

import pytest

from tests.hostile import REHEARSALS, hunt
from tests.hostile_cases import case

FAST, SLOW = range(120), range(120, 620)


@pytest.mark.parametrize(
    "numbers",
    [
        pytest.param(FAST, id="120"),
        pytest.param(SLOW, id="500", marks=[pytest.mark.slow, pytest.mark.timeout(1200)]),
    ],
)
def test_no_broken_file_gives_other_bytes_or_crashes_or_hangs_or_hoards(numbers: range) -> None:
    harvest = hunt(numbers)
    assert harvest.faults == []
    # Both ends are reached, so that the hunt says something.
    assert min(harvest.volumes, harvest.refused) > len(numbers) / 10


def test_a_number_decides_the_file() -> None:
    assert [case(number) for number in range(20)] == [case(number) for number in range(20)]
    assert len({case(number)[1] for number in range(20)}) == 20


@pytest.mark.slow
def test_the_hunt_finds_a_child_that_hangs_or_crashes_or_hoards() -> None:
    faults = hunt(REHEARSALS, workers=1, seconds=2).faults
    assert len(faults) == 3
    for fault, sign in zip(faults, ("MemoryError", "SIGSEGV", "SIGALRM"), strict=True):
        assert sign in fault
