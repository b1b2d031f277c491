"""Files that are read at any place: on local disks, or by range reads where a URL names them."""

import os
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from storage.locations import Location, is_remote, system_of


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


def stamp(location: Location) -> str:
    """Return what changes when a file is written again: size and time, or the object's own tag."""
    if not is_remote(location):
        status = Path(location).stat()
        return f"{status.st_size} bytes at {status.st_mtime_ns}"
    system, path = system_of(str(location))
    facts = system.info(path)
    changed = facts.get("ETag") or facts.get("LastModified") or facts.get("mtime")
    return f"{int(facts['size'])} bytes at {changed}"
