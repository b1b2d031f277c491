"""Memory of driver and scheduler while jobs go through the window; ``make bench-scheduler`` in short."""

import pytest

from tests.benchmarks.scheduler import measure

JOBS = 5000
BYTES_A_JOB = 2000
"""Logs of fixed length fill in so short a run; a result that was kept would take more than this."""


@pytest.mark.slow
@pytest.mark.timeout(280)
def test_neither_driver_nor_scheduler_keeps_what_jobs_gave() -> None:
    found = measure(JOBS, 2)
    assert found.driver.slope() < BYTES_A_JOB
    assert found.scheduler.slope() < BYTES_A_JOB
    # Other tests may have filled this process, now or at its peak: what it holds more counts here.
    assert max(found.driver.resident) - found.driver.resident[0] < 100_000_000
    assert found.most[1] < 400_000_000
