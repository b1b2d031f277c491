"""The record of a run: a JSON file beside its results, and what it says about an output folder.

It is written when a run begins, with ``complete: false``, and again at the end. So a folder always tells
which run it holds, and whether that run came to its end.
"""

import fcntl
import json
import os
import platform
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from enum import Enum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from storage.errors import OtherRunError, OutputError
from storage.export_files import part_of
from storage.ledger import Identity, differences, key_of
from storage.locations import write_text

PACKAGES = (
    "graben",
    "dask",
    "keras",
    "numpy",
    "prefect",
    "segyio",
    "tensorflow",
    "tensorflow-cpu",
    "xarray",
    "zarr",
)

CLEARING = "clearing"
"""In a record while results of another run are still there."""


class Found(Enum):
    """What lies at an output."""

    NOTHING = "nothing"
    INCOMPLETE = "incomplete"
    COMPLETE = "complete"


def look(
    record: Path, outputs: Sequence[str], identity: Identity, *, resume: bool, overwrite: bool
) -> Found:
    """Tell what an output folder holds of this run; nothing is changed.

    Parameters
    ----------
    record
        Path of the run's record; the outputs lie beside it.
    outputs
        Names of all that the run writes.
    identity
        Facts that decide the results.
    resume, overwrite
        What the user allows.

    Raises
    ------
    OtherRunError
        If the folder holds another run.
    OutputError
        If it holds part of this one without leave to go on, or files of no known run.
    """
    folder = record.parent
    if overwrite:
        return Found.NOTHING
    if not record.exists():
        present = [name for name in outputs if (folder / name).exists()]
        if present:
            raise OutputError(
                folder,
                f"it holds {', '.join(present)} of no known run",
                "Choose another --out, or start anew with --overwrite.",
            )
        return Found.NOTHING
    found = read(record)
    if key_of(found.get("identity", {})) != key_of(identity):
        raise OtherRunError(
            folder,
            f"it holds another run: {differences(found.get('identity', {}), identity)}",
            "Choose another --out, or start anew with --overwrite.",
        )
    if resume and found.get(CLEARING):
        return Found.NOTHING
    if found.get("complete") and all((folder / name).exists() for name in outputs):
        return Found.COMPLETE
    if not resume:
        raise OutputError(
            folder,
            "it holds an incomplete run",
            "Go on with --resume, or start anew with --overwrite.",
        )
    return Found.INCOMPLETE


def look_at_part(
    record: Path, part: str, outputs: Sequence[str], identity: Identity, *, resume: bool
) -> Found:
    """Tell what the folder of a complete run holds of a part that has settings of its own.

    Parameters
    ----------
    record
        Of the run, under whose ``parts`` the identity of the part is kept.
    part, outputs, identity
        Name of the part, names of what it writes, facts that decide it.
    resume
        Whether the user lets it be made, or made anew.

    Raises
    ------
    OutputError
        If it is not there, or of other settings, without leave to go on.
    """
    folder, made = record.parent, part_identity(record, part)
    missing = [name for name in outputs if not (folder / name).exists()]
    if made == dict(identity) and not missing:
        return Found.COMPLETE
    if not resume:
        lacks = f"it lacks {', '.join(missing)}"
        other = f"its {part} are of other settings: {differences(made or {}, identity)}"
        raise OutputError(
            folder,
            other if made and made != dict(identity) else lacks,
            f"Make the {part} and nothing else with --resume, or choose another --out.",
        )
    return Found.INCOMPLETE


def part_identity(record: Path, part: str) -> dict[str, Any] | None:
    """Return the identity of a part as a record has it, None where it speaks of none."""
    found = read(record).get("parts", {}) if record.exists() else {}
    return dict(found[part]) if found.get(part) else None


def begin(
    record: Path,
    outputs: Sequence[str],
    identity: Identity,
    facts: Mapping[str, Any],
    found: Found,
) -> None:
    """Make the folder ready: a record that says what is under way, and no results of another run.

    Nothing but the outputs themselves, their ledgers and their parts is removed. A run that is killed
    meanwhile begins anew: what it has not cleared is not taken for its own.
    """
    if found is Found.NOTHING:
        write(record, identity, {**facts, "complete": False, CLEARING: True})
        clear(record.parent, outputs)
    write(record, identity, {**facts, "complete": False})


def clear(folder: Path, outputs: Sequence[str]) -> None:
    """Remove outputs of a folder, whole or under way."""
    for name in outputs:
        output = folder / name
        beside = [output.with_name(name + suffix) for suffix in (".ledger", ".part")]
        for path in (output, *beside, part_of(output)):
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Hold an output folder against other runs; the hold dies with the process.

    Raises
    ------
    OutputError
        If another run holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise OutputError(
            folder, "another run is writing it", "Wait for that run, or stop it."
        ) from None
    finally:
        os.close(descriptor)


def refuse_inputs_among(
    record: Path, outputs: Sequence[str], inputs: Sequence[Path | None]
) -> None:
    """Refuse a run that would write over what it reads.

    Raises
    ------
    OutputError
        If an input is one of the outputs, or lies within one.
    """
    written = [(record.parent / name).resolve() for name in (record.name, *outputs)]
    for path in inputs:
        if path and any(path.resolve().is_relative_to(output) for output in written):
            raise OutputError(path, "the run would write over its input", "Choose another --out.")


def write(record: Path, identity: Identity, facts: Mapping[str, Any]) -> None:
    """Write the record, whole or not at all."""
    content = {
        **facts,
        "identity": dict(identity),
        "key": key_of(identity),
        "versions": {"python": platform.python_version(), **versions()},
    }
    write_text(record, json.dumps(content, indent=2, default=str) + "\n")


def read(record: Path) -> dict[str, Any]:
    """Return the content of a record.

    Raises
    ------
    OutputError
        If it is not JSON.
    """
    try:
        content = json.loads(record.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise OutputError(
            record,
            f"the record of the run cannot be read ({error})",
            "Start anew with --overwrite.",
        ) from None
    return content if isinstance(content, dict) else {}


def versions() -> dict[str, str]:
    """Return the versions of what decides results."""
    found = {}
    for name in PACKAGES:
        # TensorFlow comes as one of two packages.
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found
