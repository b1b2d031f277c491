"""Conversions that are killed at any moment, in both directions, and go on to the same bytes."""

import time
from pathlib import Path

import numpy as np
import pytest

from flows.__main__ import COMPLETE, WRONG_INPUT
from tests.flows.conversions import SHARDS, Conversion, convert_undisturbed, ledger
from tests.flows.running import graben, jobs_done, wait_until, workers_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(280)]

KILLS = 20
ROUNDS = (1, 1, 1, 2) * 4
"""How often a run is killed before it may come to its end; 20 in all."""


@pytest.fixture(scope="module")
def conversions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Conversion]:
    return convert_undisturbed(tmp_path_factory.mktemp("undisturbed"))


@pytest.fixture(params=["ingest", "export"])
def conversion(request: pytest.FixtureRequest, conversions: dict[str, Conversion]) -> Conversion:
    return conversions[request.param]


def kill_at(conversion: Conversion, out: Path, moment: float, *options: str) -> bool:
    """Kill a run at a moment of its length; return whether it was still under way."""
    running = conversion.start(out, *options)
    if moment < 0:
        time.sleep(-moment * conversion.before_s)
    else:
        end = time.monotonic() + 120
        while not ledger(out).exists() and running.process.poll() is None:
            assert time.monotonic() < end, "it does not begin"
            time.sleep(0.002)
        time.sleep(moment * conversion.span_s)
    if running.process.poll() is not None:
        return False
    running.kill()
    return True


def test_twenty_kills_at_random_moments_end_in_the_same_bytes(
    conversion: Conversion, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(20)
    # Two before anything is written, the others spread over what follows; in no order.
    moments = np.r_[-rng.random(2), (np.arange(KILLS - 2) + rng.random(KILLS - 2)) / (KILLS - 2)]
    drawn = iter(rng.permutation(moments))
    hit = 0
    for number, times in enumerate(ROUNDS):
        out = conversion.output(tmp_path / str(number))
        for again in range(times):
            resume = ("--resume",) if again else ()
            hit += kill_at(conversion, out, float(next(drawn)), *resume)
        if not ledger(out).exists() and out.exists():
            conversion.check(out)  # the kill came after the last write
            continue
        if number % 4 == 0 and ledger(out).exists() and ledger(out).stat().st_size:
            assert conversion.run_here(out) == WRONG_INPUT
            said = capsys.readouterr().err
            assert said.count("\n") == 1
            assert "--resume" in said
        assert conversion.run_here(out, "--resume") == COMPLETE
        conversion.check(out)
    assert hit > KILLS // 2


def test_a_worker_may_die(conversion: Conversion, tmp_path: Path) -> None:
    out = conversion.output(tmp_path / "out")
    running = conversion.start(out, "--workers", 2)
    wait_until(lambda: jobs_done(ledger(out)) >= 1, running, within=120)
    workers_of(running.process.pid)[0].kill()
    code, err = running.end(within=120)
    assert code == COMPLETE, err
    conversion.check(out)


def test_workers_and_their_driver_may_die(conversion: Conversion, tmp_path: Path) -> None:
    out = conversion.output(tmp_path / "out")
    running = conversion.start(out, "--workers", 2)
    wait_until(lambda: jobs_done(ledger(out)) >= 2, running, within=120)
    running.kill()
    assert 2 <= jobs_done(ledger(out)) < SHARDS
    # Any number of workers may go on.
    code, _, err = graben(*conversion.line(out, "--resume", "--workers", 1), home=conversion.home)
    assert code == COMPLETE, err
    conversion.check(out)
