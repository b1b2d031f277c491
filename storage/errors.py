"""What can go wrong with files.

::

    StorageError
    ├── InputError              the user's file or setting is wrong: exit code 2
    │   ├── SegyError           not SEG-Y, truncated, odd samples, traces that form no grid
    │   ├── CbvsError           not CBVS, truncated, of a kind that cannot be read
    │   ├── DamagedStoreError   a file of a store is torn or was changed
    │   ├── MapError            a reservoir map that cannot be read
    │   ├── ProjectError        an OpendTect survey folder, or what goes there, that cannot be used
    │   └── OutputError         what lies at the output forbids the run
    │       └── OtherRunError   it is of another input or other settings
    └── RegionError             a region off the shard grid: a defect of ours

All of them pickle, since they come back from workers: arguments go to ``super().__init__`` unchanged.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager


class StorageError(Exception):
    """Anything wrong with files or stores."""


class InputError(StorageError):
    """Wrong input: what is wrong, where, and how to mend it, in one line.

    Parameters
    ----------
    where
        Path, with trace, line or key where there is one.
    what
        What is wrong, with the numbers.
    mend
        What the user can do about it.
    """

    def __init__(self, where: object, what: str, mend: str) -> None:
        super().__init__(str(where), what, mend)
        self.where, self.what, self.mend = str(where), what, mend

    def __str__(self) -> str:
        return f"{self.where}: {self.what}. {self.mend}"


class SegyError(InputError):
    """A SEG-Y file that cannot be used as it is."""


class CbvsError(InputError):
    """A volume of OpendTect's own that cannot be used as it is."""


class DamagedStoreError(InputError):
    """A file of a store that is torn or was changed since it was written."""

    def __init__(self, where: object, what: str) -> None:
        super().__init__(where, what, "Make the store anew with --overwrite.")

    def __reduce__(self) -> tuple[type, tuple[str, str]]:
        """Pickle by the two arguments that this class takes."""
        return type(self), (self.where, self.what)


@contextmanager
def undamaged(path: object) -> Iterator[None]:
    """Turn whatever a library says of bytes that make no sense into one line about the store."""
    try:
        yield
    except StorageError:
        raise
    except (FileNotFoundError, KeyError, TypeError, ValueError, RuntimeError) as error:
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        raise DamagedStoreError(path, f"it cannot be read ({reason})") from error


def is_full(error: BaseException) -> bool:
    """Tell whether an error says that a disk is full, or a quota used up: all other writes fail as well."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


class MapError(InputError):
    """A reservoir map that cannot be used as it is."""


class ProjectError(InputError):
    """A survey folder of OpendTect that cannot be used, or what does not fit into it."""


class OutputError(InputError):
    """The output is present, and is incomplete or of another run."""


class OtherRunError(OutputError):
    """The output is of another run: its input or its settings were others."""


class RegionError(StorageError):
    """A region is off the shard grid or out of the volume."""

    def __init__(self, array: str, region: object, reason: str) -> None:
        super().__init__(array, region, reason)
        self.array, self.region, self.reason = array, region, reason

    def __str__(self) -> str:
        return f"{self.array}: region {self.region} {self.reason}. Please report this."
