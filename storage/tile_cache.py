"""Arrays that were computed once, kept on disk by name for all processes, the oldest going first.

An array appears whole; one that was damaged is as good as none. Processes that want the same one at once wait
for whoever makes it.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from storage.errors import InputError

LOCKS = 64
"""Files that hold locks; arrays share them."""


@dataclass(frozen=True, slots=True)
class TileCache:
    """A folder of arrays.

    Attributes
    ----------
    folder
        Made where there is none.
    most_bytes
        That it may take.
    """

    folder: Path
    most_bytes: int

    def array(self, name: str, make: Callable[[], NDArray[np.float32]]) -> NDArray[np.float32]:
        """Return an array, which is mapped to memory; it is made where it is not kept.

        Parameters
        ----------
        name
            Says all that the array depends on.
        make
            Makes it.

        Raises
        ------
        InputError
            If the folder cannot be made.
        """
        path = self.folder / f"{sha256(name.encode()).hexdigest()[:32]}.npy"
        if (kept := _read(path)) is not None:
            return kept
        with self._lock(path.stem):
            if (kept := _read(path)) is not None:  # another process made it meanwhile
                return kept
            made = make()
            with suppress(
                OSError
            ):  # a full disk keeps nothing, and the answer is right all the same
                self._write(path, made)
            return made

    def _write(self, path: Path, array: NDArray[np.float32]) -> None:
        """Make room and write, under another name first."""
        self._make_room(array.nbytes)
        part = path.with_suffix(f".{os.getpid()}.part")
        try:
            with part.open("wb") as file:
                np.save(file, array, allow_pickle=False)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)

    def _make_room(self, wanted: int) -> None:
        """Remove what was used longest ago, and what killed processes left half written."""
        kept = []
        for path in self.folder.iterdir():
            with suppress(OSError):
                if path.suffix == ".part" and not _alive(path):
                    path.unlink()
                elif path.suffix == ".npy":
                    state = path.stat()
                    kept.append((state.st_mtime, state.st_size, path))
        total = sum(size for _, size, _ in kept) + wanted
        for _, size, path in sorted(kept):
            if total <= self.most_bytes:
                break
            path.unlink(missing_ok=True)
            total -= size

    @contextmanager
    def _lock(self, stem: str) -> Iterator[None]:
        """Hold what dies with the process."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(
                self.folder / f"lock-{int(stem[:8], 16) % LOCKS}", os.O_RDWR | os.O_CREAT, 0o600
            )
        except OSError as error:
            raise InputError(
                self.folder, error.strerror or str(error), "Name another folder for the cache."
            ) from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _read(path: Path) -> NDArray[np.float32] | None:
    """Return an array that is kept, whole; None otherwise."""
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
        path.touch()
    except FileNotFoundError:
        return None
    except (OSError, ValueError, EOFError):
        path.unlink(missing_ok=True)
        return None
    return np.asarray(array) if array.dtype == np.float32 else None


def _alive(part: Path) -> bool:
    """Tell whether the process that writes a file is still there."""
    try:
        os.kill(int(part.suffixes[-2][1:]), 0)
    except (ValueError, IndexError, ProcessLookupError):
        return False
    except OSError:
        return True
    return True
