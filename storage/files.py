"""Files that are read at any place: on local disks, or by range reads where a URL names them."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from storage.locations import Location, is_remote, system_of

MOST_OPEN = 8
"""Files that are open at once of many; more than threads that share them, fewer than any limit."""


class RandomAccess(Protocol):
    """An open file that several threads may read at once."""

    size: int

    def read(self, offset: int, count: int) -> bytes:
        """Return ``count`` bytes, fewer at the end of the file."""

    def read_into(self, offset: int, out: NDArray[np.uint8]) -> int:
        """Fill a flat array; return how many bytes the file still had."""

    def close(self) -> None:
        """Release the file."""


class LocalFile:
    """A file on a local disk."""

    def __init__(self, path: str) -> None:
        self._descriptor = os.open(path, os.O_RDONLY)
        self.size = os.fstat(self._descriptor).st_size

    def read(self, offset: int, count: int) -> bytes:
        """Return ``count`` bytes, fewer at the end of the file."""
        return os.pread(self._descriptor, count, offset)

    def read_into(self, offset: int, out: NDArray[np.uint8]) -> int:
        """Fill a flat array; one system call moves at most 2 GiB."""
        view, done = out.data, 0
        while done < len(view):
            count = os.preadv(self._descriptor, [view[done:]], offset + done)
            if count == 0:
                break
            done += count
        return done

    def close(self) -> None:
        """Release the file."""
        os.close(self._descriptor)


class RemoteFile:
    """An object that fsspec reaches; every read is one range request."""

    def __init__(self, url: str) -> None:
        self._system, self._path = system_of(url)
        self.size = int(self._system.size(self._path))

    def read(self, offset: int, count: int) -> bytes:
        """Return ``count`` bytes, fewer at the end of the object."""
        end = min(offset + count, self.size)
        if end <= offset:
            return b""
        return bytes(self._system.cat_file(self._path, start=offset, end=end))

    def read_into(self, offset: int, out: NDArray[np.uint8]) -> int:
        """Fill a flat array."""
        data = self.read(offset, out.size)
        out[: len(data)] = np.frombuffer(data, np.uint8)
        return len(data)

    def close(self) -> None:
        """Release nothing: there is no connection of its own."""


def open_file(location: Location) -> RandomAccess:
    """Open a file for reads at any place.

    Raises
    ------
    OSError
        If it is not there or may not be read.
    """
    return RemoteFile(str(location)) if is_remote(location) else LocalFile(str(location))


File = TypeVar("File")


@dataclass(slots=True)
class _Opened(Generic[File]):
    file: File
    users: int = 0


class FewOpen(Generic[File]):
    """Many files of which few are open: the one used longest ago gives way to the next.

    Several threads may use them; a file in use stays open.

    Parameters
    ----------
    open_one, close_one
        Open a file by its number; close it.
    """

    def __init__(self, open_one: Callable[[int], File], close_one: Callable[[File], None]) -> None:
        self._open_one, self._close_one = open_one, close_one
        self._opened: dict[int, _Opened[File]] = {}
        """In the order of their last use."""
        self._lock = Lock()

    @contextmanager
    def using(self, number: int) -> Iterator[File]:
        """Hand out a file; it must not be used after the block."""
        with self._lock:
            opened = self._opened.pop(number, None)
            if opened is None:
                idle = [old for old, other in self._opened.items() if not other.users]
                for old in idle[: max(0, len(self._opened) - MOST_OPEN + 1)]:
                    self._close_one(self._opened.pop(old).file)
                opened = _Opened(self._open_one(number))
            self._opened[number] = opened
            opened.users += 1
        try:
            yield opened.file
        finally:
            with self._lock:
                opened.users -= 1

    def close(self) -> None:
        """Close those that are open."""
        while self._opened:
            self._close_one(self._opened.popitem()[1].file)


def stamp(location: Location) -> str:
    """Return what changes when a file is written again: size and time, or the object's own tag."""
    if not is_remote(location):
        status = Path(location).stat()
        return f"{status.st_size} bytes at {status.st_mtime_ns}"
    system, path = system_of(str(location))
    facts = system.info(path)
    changed = facts.get("ETag") or facts.get("LastModified") or facts.get("mtime")
    return f"{int(facts['size'])} bytes at {changed}"
