"""Files that many jobs write in place, under names of their own until all is written.

A file under way is ``.NAME.graben-part`` beside its place: no file of anybody else has that name, so none
is taken for it. How far an export is, its ledger says::

    (nothing)  the parts may be half laid out
    LAID_OUT   they lie at full size, and jobs write to them
    WHOLE      they lie on the disk, by their stamps, and take their names one after the other

Wherever a process is killed, the next goes on from there. Where parts are gone, all begins anew: a file
at the place of an output passes for one of them by its stamp alone.

A power cut is no worse than a kill: parts are flushed to the disk before the ledger says that they are laid
out or whole, every job flushes what it wrote before it is recorded, and the ledger goes when the new names
are on the disk.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from storage.errors import OutputError
from storage.ledger import Ledger, result_of

LAID_OUT, WHOLE = "laid out", "whole"
"""Ledger entries of the steps before and after the jobs."""


def part_of(path: Path) -> Path:
    """Return where a file lies while it is written."""
    return path.with_name(f".{path.name}.graben-part")


def refuse_present(files: Sequence[Path]) -> None:
    """Refuse to write over files.

    Raises
    ------
    OutputError
        Naming the first that is there.
    """
    for file in files:
        if file.exists():
            raise OutputError(
                file, "it exists", "Name another output, or start anew with --overwrite."
            )


def flush(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class ExportFiles:
    """The files of one export.

    Parameters
    ----------
    targets
        Where they will lie.
    ledger
        Of the export, open.
    replace
        Files at the targets may go.
    """

    def __init__(self, targets: Sequence[Path], ledger: Ledger, *, replace: bool = False) -> None:
        self.parts = tuple(part_of(target) for target in targets)
        self._targets, self._ledger = tuple(targets), ledger
        self._replace = replace or ledger.anew

    def begin(self, lay_out: Callable[[Sequence[Path]], Mapping[str, Any]]) -> dict[str, Any]:
        """Lay the parts out, unless an earlier run did and they are still there.

        Parameters
        ----------
        lay_out
            Makes the parts at full size, whatever lies there, and returns what is to be kept of it.

        Returns
        -------
        dict
            What `lay_out` returned, in this run or in the earlier one.

        Raises
        ------
        OutputError
            If a file lies at a target that may not be replaced.
        """
        if not self._are_there():
            if not self._replace:
                refuse_present(self._targets)
            self._ledger.forget()
            for target in self._targets:
                target.parent.mkdir(parents=True, exist_ok=True)
            facts = lay_out(self.parts)
            for part in self.parts:
                flush(part)
            self._ledger.record(LAID_OUT, facts)
        return result_of(self._ledger, LAID_OUT)

    def start_over(self) -> None:
        """Drop what earlier runs wrote; what has taken its name already is theirs, and may be replaced."""
        self._replace |= WHOLE in self._ledger.done and self._are_there()
        self._ledger.forget()

    def finish(self) -> None:
        """Give the files their names, and remove the ledger."""
        if WHOLE not in self._ledger.done:
            for part in self.parts:
                flush(part)
            self._ledger.record(
                WHOLE, {"stamps": [_stamp(part) for part in self.parts]}, durable=True
            )
        stamps = result_of(self._ledger, WHOLE)["stamps"]
        for part, target, stamp in zip(self.parts, self._targets, stamps, strict=True):
            if _stamp(target) != stamp:
                part.replace(target)
        for folder in {target.parent for target in self._targets}:
            flush(folder)
        self._ledger.close_complete()

    def _are_there(self) -> bool:
        """Tell whether everything that the ledger speaks of lies at its place."""
        done = self._ledger.done
        if WHOLE not in done:
            return LAID_OUT in done and all(part.exists() for part in self.parts)
        return all(
            stamp in (_stamp(part), _stamp(target))
            for part, target, stamp in zip(
                self.parts, self._targets, result_of(self._ledger, WHOLE)["stamps"], strict=True
            )
        )


def _stamp(path: Path) -> list[int] | None:
    """Return what of a file a new name does not change, None where there is none."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return [status.st_ino, status.st_size]
