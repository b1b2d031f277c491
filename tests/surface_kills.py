"""Kill the search for surfaces at its n-th write, for many n, and see whether it goes on to the same bytes.

::

    python -m tests.surface_kills FOLDER KILLS

``FOLDER`` holds ``faults.zarr``. Every run is a fork of this process, as in `tests.kill_points`.
"""

import shutil
import sys
from functools import partial
from pathlib import Path
from unittest.mock import patch

import numpy as np

from tasks.surfaces import SurfaceSettings, find_surfaces
from tests.flows.running import contents
from tests.kill_points import MOST, fork


def find(folder: Path) -> int:
    """Find the surfaces, or go on with them."""
    settings = SurfaceSettings(stick_spacing=8, smallest=100)
    faults = folder / "faults.zarr"
    find_surfaces(faults, faults, folder / "out" / "surfaces.zarr", settings=settings, identity={})
    return 0


def main(folder: Path, kills: int) -> int:
    """Return how many kills were not mended; say which."""
    work, log, out = partial(find, folder), folder / "log.txt", folder / "out"

    def anew(at: int) -> tuple[int, int]:
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        return fork(work, log, at)

    code, calls = anew(MOST)
    assert code == 0, log.read_text()
    clean, wrong, sprung = contents(out), 0, 0
    shares = (np.arange(kills) + np.random.default_rng(5).random(kills)) / kills
    for at in np.unique((1 + shares * calls).astype(int)):
        killed, _ = anew(int(at))
        sprung += killed < 0
        again, _ = fork(work, log)
        if again or contents(out) != clean:
            wrong += 1
            sys.stdout.write(f"not mended after call {at}: {log.read_text()[-300:]}\n")
    sys.stdout.write(f"{sprung} kills of {kills}, {wrong} not mended\n")
    return wrong + (sprung < kills // 2)


if __name__ == "__main__":
    with patch.multiple("storage.layout", LATERAL_SHARD=32, CHUNK=16):  # several tiles
        sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
