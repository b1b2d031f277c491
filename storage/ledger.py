"""Which jobs of an output are complete, so that a killed run can go on.

Beside an output under way lies ``NAME.ledger``: a first line with the identity of the run, then one
JSON line for each finished job with its small results, appended by the driver alone after the job's
shards are in place. A torn last line is dropped. The driver holds a lock on the file that dies with
it, so two runs never write one output.
"""

import fcntl
import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from storage.errors import OutputError

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


class Ledger:
    """The finished jobs of one output; made by `open_ledger`."""

    def __init__(self, path: Path, file: IO[str], done: dict[str, dict[str, Any]]) -> None:
        self.path = path
        self.done = done
        self._file = file

    def record(self, job: str, result: Mapping[str, Any]) -> None:
        """Note that a job is complete; its shards must be in place."""
        self._file.write(json.dumps({"job": job, "result": dict(result)}) + "\n")
        self._file.flush()
        self.done[job] = dict(result)

    def close_complete(self) -> None:
        """Remove the ledger: the output says itself that it is complete."""
        self.path.unlink(missing_ok=True)


@contextmanager
def open_ledger(output: Path, identity: Identity) -> Iterator[Ledger]:
    """Open the ledger of an output, new or of an earlier run with the same identity.

    Parameters
    ----------
    output
        The store or file under way; the ledger lies beside it.
    identity
        Facts that decide its bytes; plain JSON values.

    Raises
    ------
    OutputError
        If another process writes this output, or an earlier run had another identity.
    """
    path = output.with_name(output.name + ".ledger")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OutputError(
                output, "another run is writing it", "Wait for that run, or stop it."
            ) from None
        file.seek(0)
        lines = _whole_lines(file)
        if lines:
            found = lines[0]["identity"]
            if key_of(found) != key_of(identity):
                raise OutputError(
                    output,
                    f"an unfinished run differs: {differences(found, identity)}",
                    "Use the same settings with --resume, or --overwrite to start anew.",
                )
        else:
            file.truncate(0)
            file.write(json.dumps({"key": key_of(identity), "identity": dict(identity)}) + "\n")
            file.flush()
        done = {line["job"]: line["result"] for line in lines[1:]}
        yield Ledger(path, file, done)


def _whole_lines(file: IO[str]) -> list[dict[str, Any]]:
    """Return the entries of a ledger and cut a torn last line off the file."""
    entries: list[dict[str, Any]] = []
    end = 0
    while line := file.readline():
        try:
            if not line.endswith("\n"):
                break
            entries.append(json.loads(line))
        except json.JSONDecodeError:
            break
        end = file.tell()
    file.seek(end)
    file.truncate()
    return entries
