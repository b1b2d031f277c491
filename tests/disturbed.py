"""`graben` with a stand-in for its networks that tests disturb by files: the whole flow, no TensorFlow.

Started by `tests.disturbed_run`. Worker processes look for these files in the folder::

    halts           so many writes of shards stop half way, each once, and wait to be killed
    half-PID-N      made by a worker that waits so
    hungry          the tile that takes all memory, as ``128,0``
    predicted       every tile that was predicted, a line each
"""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from flows import fault_run
from flows.__main__ import run
from storage import shards
from storage.locations import Location, write_whole
from tasks import infer
from tests.stand_in import StandIn

PAUSE_S, PATIENCE_S = 0.4, 120
STEP_BYTES = 50 << 20


@dataclass(frozen=True, slots=True)
class Disturbed(StandIn):
    """A stand-in that does what the files of its folder say, as soon as a process has loaded it."""

    folder: Path = Path()

    def load(self) -> "Disturbed":
        """Put hooks where a tile is predicted and where a shard is written."""
        infer.predict_tile = _predicting(self.folder, infer.predict_tile)
        shards.write_whole = _writing(self.folder)  # type: ignore[attr-defined]
        return self


class Card(NamedTuple):
    """As much of a card as a run asks for."""

    sha256: str


@dataclass(frozen=True, slots=True)
class DisturbedNetworks:
    """What a run takes for the networks of its weights file."""

    network: Disturbed

    @property
    def card(self) -> Card:
        return Card("0" * 64)

    def view(self, *, line: bool) -> Disturbed:
        assert not line
        return self.network

    def for_survey(self, _shape: tuple[int, ...]) -> Disturbed:
        return self.network


def _predicting(folder: Path, predict: Callable[..., Any]) -> Callable[..., Any]:
    def predict_tile(amplitude: Any, tile: Any, *rest: Any) -> Any:
        name = f"{tile.core[0].start},{tile.core[1].start}"
        hungry = folder / "hungry"
        held = []
        while hungry.exists() and name == hungry.read_text():
            held.append(b"\1" * STEP_BYTES)
            time.sleep(0.02)
        with (folder / "predicted").open("a") as file:
            file.write(name + "\n")
        return predict(amplitude, tile, *rest)

    return predict_tile


def _writing(folder: Path) -> Callable[..., None]:
    def write(location: Location, parts: Sequence[bytes]) -> None:
        if "fault_probability" in str(location) and _claim(folder, Path(location), parts):
            time.sleep(PATIENCE_S)
        write_whole(location, parts)

    return write


def _claim(folder: Path, location: Path, parts: Sequence[bytes]) -> bool:
    """Write half a shard if that is asked of this process; no other does it then."""
    halts = folder / "halts"
    for number in range(int(halts.read_text()) if halts.exists() else 0):
        try:
            os.close(os.open(folder / f"claimed-{number}", os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            continue
        location.parent.mkdir(parents=True, exist_ok=True)
        content = b"".join(parts)
        location.with_name(location.name + ".partial").write_bytes(content[: len(content) // 2])
        (folder / f"half-{os.getpid()}-{number}").touch()
        return True
    return False


def main(folder: Path, arguments: list[str]) -> int:
    """Run one command with the stand-in."""
    networks = DisturbedNetworks(Disturbed(pause_s=PAUSE_S, folder=folder))
    fault_run.fault_networks = lambda *_, **__: networks  # type: ignore[assignment,attr-defined]
    return run(arguments)
