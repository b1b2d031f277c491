"""The fan-out: order, ledger, failures, a bounded window; the same in threads and on a cluster."""

import errno
import pickle
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from distributed import Client

from storage.errors import SegyError
from storage.ledger import open_ledger
from tasks.fan_out import (
    WAITING,
    WINDOW_PER_THREAD,
    JobsFailedError,
    Result,
    StageStoppedError,
    run_jobs,
    stream_jobs,
)

JOBS = {f"{n},0": n for n in range(40)}


def square(n: int) -> Result:
    """Later jobs are quicker, so that they finish in another order than they began."""
    time.sleep(0.002 * (n % 7 == 0))
    return {"square": n * n}


def picky(n: int, *, bad: tuple[int, ...]) -> Result:
    if n in bad:
        msg = f"{n} is no good\nand this is a second line"
        raise ValueError(msg)
    return {"square": n * n}


def refuse(n: int) -> Result:
    time.sleep(0.01)
    if n == 3:
        raise SegyError("survey.sgy", "the file ends within trace 9", "Copy it again.")
    return {"square": n * n}


EXPECTED = {name: {"square": n * n} for name, n in JOBS.items()}


@pytest.fixture(params=["threads", pytest.param("processes", marks=pytest.mark.slow)])
def where(request: pytest.FixtureRequest) -> Client | None:
    """Where jobs run: threads of this process, or two worker processes."""
    return request.getfixturevalue("client") if request.param == "processes" else None


def test_results_come_in_the_order_of_the_jobs(where: Client | None) -> None:
    told: list[tuple[int, int]] = []
    results = run_jobs(
        square,
        JOBS,
        what="test",
        client=where,
        progress=lambda done, total: told.append((done, total)),
    )
    assert list(results.items()) == list(EXPECTED.items())
    assert told == [(done, 40) for done in range(41)]


def test_no_jobs_are_no_results(where: Client | None) -> None:
    assert run_jobs(square, {}, what="test", client=where) == {}


def test_jobs_in_the_ledger_are_not_done_again(where: Client | None, tmp_path: Path) -> None:
    with open_ledger(tmp_path / "out.zarr", {}) as ledger:
        ledger.record("template", {})
        for n in range(0, 40, 2):
            ledger.record(f"{n},0", {"square": -1})
        told: list[int] = []
        results = run_jobs(
            square,
            JOBS,
            what="test",
            client=where,
            ledger=ledger,
            progress=lambda done, _: told.append(done),
        )
    assert told == list(range(20, 41))
    assert list(results) == list(JOBS)
    assert [results[name]["square"] for name in list(JOBS)[:4]] == [-1, 1, -1, 9]


def test_failures_are_collected_while_all_others_are_completed_and_recorded(
    where: Client | None, tmp_path: Path
) -> None:
    work = partial(picky, bad=(0, 11, 39))
    with open_ledger(tmp_path / "out.zarr", {}) as ledger:
        with pytest.raises(JobsFailedError) as caught:
            run_jobs(work, JOBS, what="infer", client=where, ledger=ledger, retries=0)
        assert set(ledger.done) == set(JOBS) - {"0,0", "11,0", "39,0"}
        assert caught.value.failures == {
            f"{n},0": f"ValueError: {n} is no good" for n in (0, 11, 39)
        }
        assert "3 of 40 jobs failed" in str(caught.value)
        assert "\n" not in str(caught.value)
        results = run_jobs(square, JOBS, what="infer", client=where, ledger=ledger)
    assert list(results.items()) == list(EXPECTED.items())


def test_wrong_input_stops_at_once(where: Client | None, tmp_path: Path) -> None:
    jobs = {str(n): n for n in range(400)}
    with open_ledger(tmp_path / "out.zarr", {}) as ledger:
        with pytest.raises(SegyError, match="ends within trace 9"):
            run_jobs(refuse, jobs, what="ingest", client=where, ledger=ledger, threads=2)
        assert len(ledger.done) < 40


def fill_disk(n: int) -> Result:
    if n >= 5:
        raise OSError(errno.ENOSPC, "No space left on device", "faults.zarr/c/0/0/0.partial")
    return {"square": n * n}


def test_a_full_disk_stops_a_stage_at_once_and_says_where_and_what_to_do(
    where: Client | None, tmp_path: Path
) -> None:
    jobs = {str(n): n for n in range(400)}
    with open_ledger(tmp_path / "out.zarr", {}) as ledger:
        with pytest.raises(StageStoppedError) as caught:
            run_jobs(fill_disk, jobs, what="infer", client=where, ledger=ledger, threads=2)
        assert ledger.done <= {str(n) for n in range(5)}
        left = 400 - len(ledger.done)
    assert str(pickle.loads(pickle.dumps(caught.value))) == (
        f"infer: No space left on device: faults.zarr/c/0/0/0.partial, {left} jobs are left. "
        "The others are done; with room there, --resume does the rest."
    )
    assert set(caught.value.failures) == {WAITING}


class Numbers(Mapping[str, int]):
    """Jobs that are made when asked for, and counted."""

    def __init__(self) -> None:
        self.made = 0

    def __len__(self) -> int:
        return 1000

    def __iter__(self) -> Iterator[str]:
        return map(str, range(1000))

    def __getitem__(self, name: str) -> int:
        self.made += 1
        return int(name)


def test_streamed_jobs_are_made_in_their_turn_and_their_results_handed_on(
    where: Client | None, tmp_path: Path
) -> None:
    jobs, ahead, taken = Numbers(), list[int](), dict[str, Result]()

    def take(name: str, result: Result) -> None:
        taken[name] = result
        ahead.append(jobs.made - len(taken))

    with open_ledger(tmp_path / "out.zarr", {}) as ledger:
        ledger.record("7", {"square": -1})
        stream_jobs(square, jobs, take, what="test", client=where, ledger=ledger, threads=2)
    assert taken == {str(n): {"square": -1 if n == 7 else n * n} for n in range(1000)}
    assert max(ahead) <= 2 * WINDOW_PER_THREAD + 2


def test_after_wrong_input_nothing_more_is_started() -> None:
    started: list[int] = []

    def work(n: int) -> Result:
        started.append(n)
        return refuse(n)

    with pytest.raises(SegyError) as caught:
        run_jobs(work, {str(n): n for n in range(400)}, what="ingest", threads=2)
    at_once = len(started)
    time.sleep(0.1)
    assert caught.value.mend == "Copy it again."
    assert len(started) == at_once <= 3 + 2 * 2


@pytest.mark.parametrize("threads", [1, 3])
def test_no_more_jobs_exist_than_the_window_holds(
    threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, most = threading.Lock(), [0, 0]

    class Counting(ThreadPoolExecutor):
        def submit(self, *args: Any, **kwargs: Any) -> Any:
            with lock:
                most[0] += 1
                most[1] = max(most)
            future = super().submit(*args, **kwargs)

            def finished(_: object) -> None:
                with lock:
                    most[0] -= 1

            future.add_done_callback(finished)
            return future

    monkeypatch.setattr("tasks.fan_out.ThreadPoolExecutor", Counting)
    assert run_jobs(square, JOBS, what="test", threads=threads) == EXPECTED
    assert threads < most[1] <= threads * WINDOW_PER_THREAD


@pytest.mark.slow
def test_no_more_futures_exist_on_a_cluster_than_the_window_holds(client: Client) -> None:
    seen: list[int] = []
    run_jobs(
        square,
        {str(n): n for n in range(100)},
        what="test",
        client=client,
        progress=lambda *_: seen.append(len(client.futures)),
    )
    assert 2 < max(seen) <= 2 * WINDOW_PER_THREAD + 1


@pytest.mark.slow
def test_nothing_is_left_on_the_cluster_after_wrong_input(client: Client) -> None:
    with pytest.raises(SegyError):
        run_jobs(refuse, {str(n): n for n in range(400)}, what="ingest", client=client)
    until = time.monotonic() + 10
    while client.futures and time.monotonic() < until:
        time.sleep(0.05)
    assert not client.futures


def test_the_error_of_failed_jobs_pickles() -> None:
    error = JobsFailedError("infer", {"0,0": "ValueError: bad"}, 9)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    own = JobsFailedError("field run", {"north": "bad"}, 2, "the next run goes on")
    assert str(pickle.loads(pickle.dumps(own))).endswith(
        "The others are done; the next run goes on."
    )
