"""Ctrl-C ends a wait for the cluster at any moment, and nothing of it is said on the terminal."""

import logging
import os
import signal
import time
from asyncio import sleep
from collections.abc import Iterator
from contextlib import suppress

import pytest
from distributed import LocalCluster
from distributed.process import AsyncProcess
from psutil import NoSuchProcess

from deploy.cluster import NOT_STARTED, connect
from tests.flows.running import workers_of
from tests.interrupts import ctrl_c_after

QUIETED = ("distributed", "tornado", "tornado.application", "asyncio")


@pytest.fixture
def said() -> Iterator[list[str]]:
    """What Dask's loops say of errors in their callbacks."""
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    levels = {name: logging.getLogger(name).level for name in QUIETED}
    logger = logging.getLogger("tornado.application")
    logger.addHandler(handler)
    yield lines
    logger.removeHandler(handler)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def interrupted_wait(scheduler: str) -> None:
    """Wait for the cluster, and be interrupted while the wait still stands in a queue."""
    with connect(scheduler=scheduler) as client:
        client.loop.add_callback(time.sleep, 0.4)
        with ctrl_c_after(0.2):
            client.sync(sleep, 30)


def test_an_interrupt_before_a_wait_has_begun_is_silent(said: list[str]) -> None:
    with LocalCluster(n_workers=1, processes=False, dashboard_address="127.0.0.1:0") as cluster:
        with pytest.raises(KeyboardInterrupt):
            interrupted_wait(cluster.scheduler_address)
        cluster.sync(sleep, 0.1)  # what stood in the queue has had its turn
    assert said == []


def test_an_interrupt_while_workers_start_ends_them_and_is_not_lost() -> None:
    others = workers_of(os.getpid())  # of tests before this one
    with pytest.raises(KeyboardInterrupt), ctrl_c_after(0.1) as pressed, connect(workers=1):
        pressed.wait(20)
    assert set(workers_of(os.getpid())) <= set(others)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_interrupt_that_is_not_wanted_ends_nothing_while_workers_start() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with ctrl_c_after(0.1) as pressed, connect(workers=1) as client:
            assert pressed.wait(20)
            assert client.submit(int, 5).result(20) == 5
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.slow
def test_workers_leave_ctrl_c_to_the_driver_also_those_that_are_started_again() -> None:
    with connect(workers=1) as client:
        pids: set[int] = set()
        for _ in range(2):
            pid = client.submit(os.getpid, pure=False).result(20)
            os.kill(pid, signal.SIGINT)
            assert client.submit(os.getpid, pure=False).result(20) == pid
            pids.add(pid)
            os.kill(pid, signal.SIGKILL)
        assert len(pids) == 2


def test_a_worker_that_died_as_it_started_does_not_keep_a_cluster_from_closing(
    said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def join(*_: object) -> None:
        raise AssertionError(NOT_STARTED)

    others = workers_of(os.getpid())
    with connect(workers=1):
        monkeypatch.setattr(AsyncProcess, "join", join)
        started = set(workers_of(os.getpid())) - set(others)
        assert len(started) == 1
    assert said == []
    # Such a worker takes half a minute to give up its nanny; a driver that ends takes it along.
    for worker in started:
        with suppress(NoSuchProcess):
            worker.kill()


def test_errors_of_other_callbacks_are_said(said: list[str]) -> None:
    with (
        LocalCluster(n_workers=1, processes=False, dashboard_address="127.0.0.1:0") as cluster,
        connect(scheduler=cluster.scheduler_address) as client,
    ):
        client.loop.add_callback(lambda: 1 / 0)
        client.sync(sleep, 0.1)
    assert len(said) == 1
