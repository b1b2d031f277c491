"""What a training keeps in its folder: a checkpoint to go on from, a log, weights with their card."""

import csv
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from models.errors import WeightsError
from models.networks.card import Card, card_path, card_text, sha256_of
from models.runtime.quiet import quiet_start
from storage.errors import OutputError
from storage.ledger import differences
from storage.locations import whole_file, write_text

with quiet_start():  # TensorFlow
    from models.networks.weights import save_network

logger = logging.getLogger(__name__)

CHECKPOINT = "checkpoint.npz"
LOG, CHECKS = "training.csv", "checks.csv"

State = dict[str, NDArray[np.generic]]


def write_checkpoint(path: Path, state: State, identity: Mapping[str, Any]) -> None:
    """Write the whole state; a kill leaves the old checkpoint or the new one."""
    content = {**state, "identity": np.asarray(json.dumps(identity))}
    with whole_file(path) as part, part.open("wb") as file:
        np.savez(file, **content)  # type: ignore[arg-type]  # its stub takes no mapping


def read_checkpoint(path: Path, *names: str) -> State:
    """Return the named arrays of a checkpoint, or all of them.

    Raises
    ------
    WeightsError
        If it cannot be read.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in names or file.files}
    except (OSError, ValueError, EOFError, KeyError, BadZipFile) as error:
        raise WeightsError(
            str(path), f"the checkpoint cannot be read ({error})", "Start anew with --overwrite."
        ) from None


def check_folder(
    out: Path, identity: Mapping[str, Any], steps: int, *, resume: bool, overwrite: bool
) -> None:
    """Check that a training of this identity and so many steps may write ``out``; nothing is written.

    Raises
    ------
    OutputError
        Unless ``overwrite``: if ``out`` holds the checkpoint of another training, naming what
        differs, or one of this training without ``resume``, or one that has done more steps.
    WeightsError
        If the checkpoint cannot be read.
    """
    checkpoint = out / CHECKPOINT
    if overwrite or not checkpoint.exists():
        return
    kept = read_checkpoint(checkpoint, "identity", "step")
    begun = json.loads(str(kept["identity"]))
    if differing := differences(begun, identity):
        raise OutputError(
            checkpoint,
            f"another training has begun there: {differing}",
            "Choose another --out, or start anew with --overwrite.",
        )
    if not resume:
        raise OutputError(
            checkpoint,
            "a training has begun there",
            "Go on, or score it anew, with --resume; start anew with --overwrite.",
        )
    if (done := int(kept["step"])) > steps:
        raise OutputError(
            checkpoint,
            f"the training there has done {done} steps, which are not undone",
            f"Ask for --steps {done} or more, or choose another --out.",
        )


def rewind(path: Path, columns: Sequence[str], step: int) -> None:
    """Make a log end at a step: what a killed training did after its checkpoint is done again."""
    lines = path.read_text(encoding="utf-8").splitlines()[1:] if path.exists() else []
    kept = [line for line in lines if line.endswith(tuple("0123456789")) and _step(line) <= step]
    write_text(path, "\n".join([",".join(columns), *kept]) + "\n")


def _step(line: str) -> float:
    """Return the step of a line of a log; of a torn one, one that is never kept."""
    first = line.partition(",")[0]
    return int(first) if first.isdecimal() else np.inf


def append(path: Path, values: Sequence[str]) -> None:
    """Append one line to a log."""
    with path.open("a", encoding="utf-8") as file:
        file.write(",".join(values) + "\n")


def read_log(path: Path) -> dict[str, list[float]]:
    """Return the columns of a log by their names; nothing of a log that is not there."""
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: [float(row[name]) for row in rows] for name in (rows[0] if rows else ())}


def write_weights(weights: Path, network: Any, card: Card) -> None:  # noqa: ANN401 - a Keras model
    """Write weights, and their card with the hash of the file, each whole or not at all."""
    part = weights.with_suffix(".part.keras")  # Keras insists on the suffix
    save_network(network, part)
    part.replace(weights)
    card = replace(card, sha256=sha256_of(weights))
    write_text(card_path(weights), card_text(card))
