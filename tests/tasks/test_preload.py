"""Workers load the network of a run once, as soon as they are there."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from distributed import Client, LocalCluster

from tasks.preload import end_preload, preload, runtime_of
from tests.stand_in import StandIn


@dataclass(frozen=True, slots=True)
class Noted(StandIn):
    """Leaves a file for every load."""

    folder: str = ""

    def load(self) -> StandIn:
        (Path(self.folder) / f"{os.getpid()}-{time.monotonic_ns()}").touch()
        return self


def test_every_worker_loads_once_also_one_that_comes_later(tmp_path: Path) -> None:
    network = Noted(folder=str(tmp_path))

    def loads() -> list[str]:
        return sorted(path.name.split("-")[0] for path in tmp_path.iterdir())

    def wait_for(count: int) -> None:
        deadline = time.monotonic() + 30
        while len(loads()) < count and time.monotonic() < deadline:
            time.sleep(0.02)

    with (
        LocalCluster(
            n_workers=1, threads_per_worker=2, dashboard_address="127.0.0.1:0"
        ) as cluster,
        Client(cluster) as client,
    ):
        preload(client, network)
        wait_for(1)
        names = client.gather(client.map(_name, [network] * 8, pure=False))
        assert set(names) == {"stand-in"}
        assert len(loads()) == 1
        cluster.scale(2)
        wait_for(2)
        end_preload(client)
        cluster.scale(3)
        client.wait_for_workers(3)
    assert len(loads()) == len(set(loads())) == 2


def _name(network: Noted) -> str:
    return runtime_of(network).name
