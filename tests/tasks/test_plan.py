"""What a run takes and what it needs of its workers, found before anything is written."""

from pathlib import Path
from typing import Any

import pytest

from deploy.cluster import default_workers
from models.errors import ParameterError
from models.tiles import Tiling
from tasks.plan import WORKER_BYTES, Plan, check_workers, plan, with_surfaces
from tasks.scan import scan_survey
from tests.tasks.volume_runs import SMALL, TIGHT, WIDE, contents

PLAN = Plan(
    Tiling((9, 9, 9), 8, 16, 1, (128, 128), 64),
    1,
    1,
    1.5,
    tile_bytes=2 << 30,
    output_bytes=1 << 30,
)


class Cluster:
    """As much of a client as the check asks for."""

    def __init__(self, *limits: int) -> None:
        self.limits = limits

    def scheduler_info(self, n_workers: int) -> dict[str, Any]:
        assert n_workers == -1, "all workers, not the first few"
        return {"workers": {str(i): {"memory_limit": m} for i, m in enumerate(self.limits)}}


def test_workers_that_cannot_hold_a_tile_are_refused_with_both_figures() -> None:
    with pytest.raises(ParameterError) as caught:
        check_workers(Cluster(8 << 30, 2 << 30), PLAN)
    assert "needs 2.68 GiB and has 2.00 GiB" in str(caught.value)


def test_workers_with_room_or_without_a_limit_are_not() -> None:
    check_workers(Cluster(PLAN.worker_bytes, 0), PLAN)
    assert PLAN.worker_bytes == PLAN.tile_bytes + WORKER_BYTES


def test_there_are_no_more_workers_than_the_machine_has_memory_for() -> None:
    assert default_workers(1 << 62) == 1
    assert default_workers(0) == default_workers(1) >= 1


def test_a_plan_counts_jobs_tiles_and_bytes(wide: Path, clean: Path) -> None:
    geometry = scan_survey(wide).geometry
    tight, roomy = (plan(geometry, SMALL.facts, memory) for memory in (TIGHT, 3 << 30))
    assert (tight.jobs, tight.tiles) == (6, 6)
    assert roomy.tiles == 1
    assert tight.tile_bytes <= TIGHT < roomy.tile_bytes
    assert tight.redundancy > roomy.redundancy >= 1
    written = sum(len(content) for content in contents(clean).values())
    assert written < roomy.output_bytes
    samples = WIDE[0] * WIDE[1] * WIDE[2]
    assert with_surfaces(roomy, geometry).output_bytes > roomy.output_bytes + 24 * samples
