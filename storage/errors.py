"""What can go wrong with files.

::

    StorageError
    ├── InputError              the user's file or setting is wrong: exit code 2
    │   ├── SegyError           not SEG-Y, truncated, odd samples, traces that form no grid
    │   ├── MapError            a reservoir map that cannot be read
    │   └── OutputError         what lies at the output forbids the run
    │       └── OtherRunError   it is of another input or other settings
    └── RegionError             a region off the shard grid: a defect of ours

All of them pickle, since they come back from workers: arguments go to ``super().__init__`` unchanged.
"""


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


class MapError(InputError):
    """A reservoir map that cannot be used as it is."""


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
