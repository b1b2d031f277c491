"""What lies where a store or a file is to be written, and what may be done with it."""

import os
from collections.abc import Sequence
from pathlib import Path

from storage.errors import OtherRunError, OutputError
from storage.export_files import part_of, refuse_present
from storage.ledger import Identity, differences, drop_ledger, key_of, ledger_of, read_identity
from storage.locations import Location, is_occupied, lies_in
from storage.run_record import Found
from storage.volume import attributes_of

INCOMPLETE_MEND = "Go on with --resume, or start anew with --overwrite."


def look_at_store(path: Location, identity: Identity, *, resume: bool, overwrite: bool) -> Found:
    """Tell what a Zarr store that is to be written holds already; nothing is changed.

    Parameters
    ----------
    path
        The store.
    identity
        Facts that decide its bytes.
    resume, overwrite
        What the user allows.

    Raises
    ------
    OtherRunError
        If it is a store of other input or other settings.
    OutputError
        If it is incomplete, without leave to go on, or no store of graben's.
    """
    _refuse_place(path)
    attributes = attributes_of(path)
    begun = read_identity(path)
    if begun is None and "identity" not in attributes and is_occupied(path):
        raise OutputError(
            path, "something that is no store of graben's lies there", "Name another path."
        )
    if overwrite:
        return Found.NOTHING
    if attributes.get("complete") and attributes.get("key") == key_of(identity):
        return Found.COMPLETE
    if begun is None and attributes:
        refuse_other_store(path, identity)
        if not resume:
            raise OutputError(path, "it is incomplete", INCOMPLETE_MEND)
    return _look_at_ledger(path, identity, resume=resume)


def forget_run(path: Location) -> None:
    """Remove what the run of a complete store left beside it, killed in its last moment."""
    drop_ledger(path)


def refuse_other_store(path: Location, identity: Identity) -> None:
    """Refuse to write where a store of another run lies.

    Raises
    ------
    OtherRunError
        Naming what differs.
    """
    attributes = attributes_of(path)
    if attributes and attributes.get("key") != key_of(identity):
        raise OtherRunError(
            path,
            f"it holds another run: {differences(attributes.get('identity', {}), identity)}",
            "Name another store, or start anew with --overwrite.",
        )


def look_at_files(
    output: Path, files: Sequence[Path], identity: Identity, *, resume: bool, overwrite: bool
) -> Found:
    """Tell what lies where files are to be written; nothing is changed.

    Parameters
    ----------
    output
        The file, or the folder of the files; the ledger lies beside it.
    files
        All that will be written; whatever else a folder holds is nobody's business here.
    identity, resume, overwrite
        As in `look_at_store`.

    Raises
    ------
    OutputError
        As `look_at_store`; also if a file exists, whole or under way, since files do not say what they
        were made from.
    """
    _refuse_place(output)
    parts = [part_of(file) for file in files]
    for file in files:
        if file.is_dir():
            raise OutputError(file, "a folder lies there", "Name a file that may be written.")
        if file in parts:
            raise OutputError(
                file,
                "another file of the export has this name while it is written",
                "Ingest the file under another name.",
            )
    if overwrite:
        return Found.NOTHING
    if read_identity(output) is None:
        refuse_present([*files, *parts])
    return _look_at_ledger(output, identity, resume=resume)


def refuse_own_input(output: Location, inputs: Sequence[Location]) -> None:
    """Refuse an output that, or whose ledger, would lie on, in or above what it is made from.

    Raises
    ------
    OutputError
        Naming the output.
    """
    for place, what in ((output, "it"), (ledger_of(output), "its ledger")):
        if any(lies_in(place, each) or lies_in(each, place) for each in inputs):
            raise OutputError(output, f"{what} would lie on its own input", "Name another output.")


def _refuse_place(path: Location) -> None:
    """Refuse a place where no folder can be made, or nothing written."""
    if not isinstance(path, Path):
        return
    nearest = next(parent for parent in path.absolute().parents if parent.exists())
    if not nearest.is_dir():
        raise OutputError(path, f"{nearest} is a file and no folder", "Name another output.")
    if not os.access(nearest, os.W_OK):
        raise OutputError(path, f"nothing may be written into {nearest}", "Name another output.")


def _look_at_ledger(path: Location, identity: Identity, *, resume: bool) -> Found:
    """Tell whether an unfinished output may go on."""
    found = read_identity(path)
    if found is None:
        return Found.NOTHING
    if key_of(found) != key_of(identity):
        raise OtherRunError(
            path,
            f"an unfinished run differs: {differences(found, identity)}",
            "Use the same settings with --resume, or --overwrite to start anew.",
        )
    if not resume:
        raise OutputError(path, "it is incomplete", INCOMPLETE_MEND)
    return Found.INCOMPLETE
