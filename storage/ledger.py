"""Which jobs of an output are complete, so that a killed run can go on.

Beside an output under way lies ``NAME.ledger``: a first line with the identity of the run, then one
JSON line for each finished job with its small results, appended by the driver alone after the job's
shards are in place. A torn last line is dropped. The driver holds a lock on the file that dies with
it, so two runs never write one output. Beside an output in object storage, which knows neither appending
nor locks, the ledger is a folder with one object for the identity and one for each job. Results stay where
they are recorded, so that a ledger takes no memory however many jobs there are.

What was recorded outlives the process. A power cut may lose the last lines, whose jobs are then done again;
it does no harm where a job flushes what it wrote before it is recorded, as those of an export do. Shards of
a store are not flushed: after a power cut, a store that was under way is made anew with ``--overwrite``.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Protocol

from storage.errors import OutputError
from storage.locations import Location, beside, remove, system_of, within, write_whole
from storage.remote_ledger import RemoteLedger

IDENTITY = "identity.json"
"""Name of the object that tells the identity, of a ledger in object storage."""

Identity = Mapping[str, Any]
"""Facts that decide the bytes of an output: source fingerprint, settings, weights, tiling."""


def key_of(identity: Identity) -> str:
    """Return the SHA-256 of an identity, hexadecimal."""
    return hashlib.sha256(_canonical(identity).encode()).hexdigest()


def _canonical(value: object) -> str:
    """Return the same text for values that JSON does not tell apart."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)


def differences(old: Identity, new: Identity) -> str:
    """Name what differs between two identities, old value first."""
    names = sorted(n for n in {*old, *new} if _canonical(old.get(n)) != _canonical(new.get(n)))
    return ", ".join(f"{name} was {old.get(name)!s} and is {new.get(name)!s}" for name in names)


class Finished(Protocol):
    """The finished jobs of a run, wherever they are kept."""

    def results(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the finished jobs with their results, in the order in which they were recorded."""

    def record(self, job: str, result: Mapping[str, Any]) -> None:
        """Note that a job is complete; its shards must be in place."""


class Ledger(Finished, Protocol):
    """The finished jobs of one output, beside it; made by `open_ledger`."""

    anew: bool
    """Whether what lies at the output may go."""

    @property
    def done(self) -> Set[str]:
        """Names of the finished jobs, in the order in which they were recorded; looked up anew."""

    def record(self, job: str, result: Mapping[str, Any], *, durable: bool = False) -> None:
        """Note that a job is complete; its shards must be in place. ``durable``: on the disk at return."""

    def forget(self) -> None:
        """Drop all jobs: what they wrote is gone. The identity stays."""

    def close_complete(self) -> None:
        """Remove the ledger: the output says itself that it is complete."""


def result_of(ledger: Finished, job: str) -> dict[str, Any]:
    """Return the result of one finished job."""
    return next(result for name, result in ledger.results() if name == job)


class _LocalLedger:
    """One file of lines, locked while it is open."""

    def __init__(self, path: Path, file: IO[str], *, anew: bool) -> None:
        self.anew = anew
        self.path = path
        self._file = file

    @property
    def done(self) -> Set[str]:
        """Names of the finished jobs, in the order in which they were recorded; looked up anew."""
        return dict.fromkeys(json.loads(_name_in(line)) for line in self._lines()).keys()

    def results(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the finished jobs with their results, in the same order."""
        for entry in map(json.loads, self._lines()):
            yield entry["job"], entry["result"]

    def _lines(self) -> Iterator[str]:
        with self.path.open(encoding="utf-8") as file:
            file.readline()
            yield from file

    def record(self, job: str, result: Mapping[str, Any], *, durable: bool = False) -> None:
        """Note that a job is complete; its shards must be in place. ``durable``: on the disk at return."""
        self._file.write(json.dumps({"job": job, "result": dict(result)}) + "\n")
        self._file.flush()
        if durable:
            os.fsync(self._file.fileno())

    def forget(self) -> None:
        """Drop all lines but the first."""
        self._file.seek(0)
        self._file.readline()
        self._file.seek(self._file.tell())  # drops what was read ahead
        self._file.truncate()

    def close_complete(self) -> None:
        """Remove the ledger: the output says itself that it is complete."""
        self.path.unlink(missing_ok=True)


def ledger_of(output: Location) -> Location:
    """Return where the ledger of an output lies."""
    return beside(output, ".ledger")


@contextmanager
def open_ledger(output: Location, identity: Identity, *, anew: bool = False) -> Iterator[Ledger]:
    """Open the ledger of an output, new or of an earlier run with the same identity.

    Parameters
    ----------
    output
        The store or file under way; the ledger lies beside it.
    identity
        Facts that decide its bytes; plain JSON values.
    anew
        Forget what an earlier run did; whatever lies at the output may go.

    Raises
    ------
    OutputError
        If another process of this machine writes this output, an earlier run had another identity, or
        a file that is no ledger lies at its place.
    """
    if isinstance(output, Path):
        with _open_local(output, identity, anew=anew) as ledger:
            yield ledger
        return
    folder = str(ledger_of(output))
    if anew:
        remove(folder)
    found = read_identity(output)
    if found is None:
        write_whole(within(folder, IDENTITY), [_canonical(identity).encode()])
    else:
        _refuse_other(output, found, identity)
    yield RemoteLedger(folder, anew=anew)


@contextmanager
def _open_local(output: Path, identity: Identity, *, anew: bool) -> Iterator[_LocalLedger]:
    path = Path(ledger_of(output))
    path.parent.mkdir(parents=True, exist_ok=True)
    with _locked(path, output) as file:
        if anew:
            file.truncate(0)
        file.seek(0)
        first = _cut_torn_line(file)
        if first:
            _refuse_other(output, first["identity"], identity)
        else:
            file.truncate(0)
            first = {"key": key_of(identity), "identity": dict(identity), "anew": anew}
            file.write(json.dumps(first) + "\n")
            file.flush()
        yield _LocalLedger(path, file, anew=bool(first.get("anew")))


@contextmanager
def _locked(path: Path, output: Path) -> Iterator[IO[str]]:
    """Open and lock the file of a ledger; one that its holder removed meanwhile is opened again."""
    while True:
        if path.is_dir():
            raise _no_ledger(output, path)
        with path.open("a+", encoding="utf-8", errors="replace") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise OutputError(
                    output, "another run is writing it", "Wait for that run, or stop it."
                ) from None
            file.seek(0)
            if not _begins_ledger(file.readline()):
                raise _no_ledger(output, path)
            if path.exists() and path.stat().st_ino == os.fstat(file.fileno()).st_ino:
                yield file
                return


def _begins_ledger(line: str) -> bool:
    """Tell a first line of ours, whole or torn, from one of somebody else's file."""
    return line.startswith('{"key"') if line.endswith("\n") else line[:1] in {"", "{", "\0"}


def _no_ledger(output: Path, path: Path) -> OutputError:
    return OutputError(
        output,
        f"{path.name} beside it is no ledger of graben's",
        "Name another output, or move that away.",
    )


def drop_ledger(output: Location) -> None:
    """Remove the ledger of a complete output, of a run that was killed in its last moment."""
    path = ledger_of(output)
    if not isinstance(path, Path):
        remove(path)
    elif path.exists():
        with suppress(OutputError), _locked(path, path):
            path.unlink()


def _refuse_other(output: Location, found: Identity, identity: Identity) -> None:
    if key_of(found) != key_of(identity):
        raise OutputError(
            output,
            f"an unfinished run differs: {differences(found, identity)}",
            "Use the same settings with --resume, or --overwrite to start anew.",
        )


def read_identity(output: Location) -> dict[str, Any] | None:
    """Return the identity of an unfinished output, None where there is no ledger beside it."""
    ledger = ledger_of(output)
    try:
        if isinstance(ledger, Path):
            with ledger.open(encoding="utf-8") as file:
                return dict(json.loads(file.readline())["identity"])
        system, path = system_of(f"{ledger}/{IDENTITY}")
        return dict(json.loads(system.cat_file(path)))
    except (FileNotFoundError, KeyError, TypeError, ValueError):  # none, or its first line torn
        return None


def _cut_torn_line(file: IO[str]) -> dict[str, Any] | None:
    """Cut off what follows the last whole entry of a ledger; return the first one, if any."""
    first: dict[str, Any] | None = None
    end = 0
    while line := file.readline():
        try:
            if not line.endswith("\n"):
                break
            entry = json.loads(line)
        except json.JSONDecodeError:
            break
        first, end = first or entry, file.tell()
    file.seek(end)
    file.truncate()
    return first


def _name_in(line: str) -> str:
    """Return the name in an entry as JSON text; the result behind it, which may be long, is not parsed."""
    return line.removeprefix('{"job": ').partition(', "result": ')[0]
