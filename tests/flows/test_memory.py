"""A survey larger than what the workers and the driver may hold."""

import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.flows.running import ROOT, environment
from tests.plain_survey import write_regular

SHAPE = (700, 700, 640)
SURVEY_BYTES = 4 * 700 * 700 * 640
WORKER_LIMIT = 600_000_000
DRIVER_LIMIT = 1_000_000_000


@pytest.mark.slow
@pytest.mark.timeout(280)
def test_no_stage_holds_a_whole_volume(tmp_path: Path) -> None:
    survey = write_regular(tmp_path / "survey.sgy", shape=SHAPE)
    assert SURVEY_BYTES > 2 * WORKER_LIMIT
    assert SURVEY_BYTES > DRIVER_LIMIT

    def limit() -> None:
        # Counts what a process allocates for itself; its children inherit the limit.
        resource.setrlimit(resource.RLIMIT_DATA, (DRIVER_LIMIT, DRIVER_LIMIT))

    answer = subprocess.run(
        [sys.executable, "-m", "tests.drive_stages", survey, tmp_path, str(WORKER_LIMIT)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment(tmp_path / "prefect"),
        preexec_fn=limit,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr[-2000:]
    assert "exceeded" not in answer.stderr, "no worker came near its limit"
    peak = int(answer.stdout.split()[-1])
    assert peak < SURVEY_BYTES / 2
    # What came out is what a quarter of the normalized amplitude gives, to the last trace.
    with (tmp_path / "faults.sgy").open("rb") as file:
        file.seek(-4 * SHAPE[2], 2)
        last = np.frombuffer(file.read(), ">f4")
    assert 0 < last.max() <= 1
