"""The card of a weights file: what it is, needs and can do; read without TensorFlow."""

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from models.errors import WeightsError

DEFAULT_HALO = 32
DEFAULT_BYTES_PER_SAMPLE = 400
DEFAULT_THRESHOLD = 0.5


@dataclass(frozen=True, slots=True)
class Card:
    """What is known about a weights file.

    Attributes
    ----------
    name
        Of the network.
    sha256
        Of the ``.keras`` file, hexadecimal.
    stride
        Sides of the input are multiples of it.
    sections
        True: it sees every crossline for itself, and their number may be any.
    halo
        Samples of context that a prediction needs on each side, measured.
    bytes_per_sample
        Peak memory of one call for each input sample, measured.
    calibration
        Slope and offset of `models.calibration.Calibration`, fitted on validation examples; (1, 0) changes
        nothing.
    threshold
        Calibrated probability from which a sample counts as fault, fixed on validation examples.
    lines
        Calibration (on top of the one above) and threshold for 2D lines, fixed on validation sections; empty:
        as for volumes.
    data, scores
        Recipes of the examples and of the training; scores on examples that were never seen.
    limits
        What the weights are not good for.
    export
        Of files in other formats: runtime and precision, the hash of the ``.keras`` file, versions of what
        wrote it, how far it departs from TensorFlow.
    """

    name: str
    sha256: str
    stride: int
    sections: bool = False
    halo: int = DEFAULT_HALO
    bytes_per_sample: int = DEFAULT_BYTES_PER_SAMPLE
    calibration: list[float] = field(default_factory=lambda: [1.0, 0.0])
    threshold: float = DEFAULT_THRESHOLD
    lines: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    scores: dict[str, Any] = field(default_factory=dict)
    limits: list[str] = field(default_factory=list)
    export: dict[str, Any] = field(default_factory=dict)

    @property
    def used_examples(self) -> list[dict[str, Any]]:
        """Recipes of all examples that decided weights, calibration or threshold: none may score them."""
        used = [
            *self.data.get("examples", ()),
            self.data.get("validation"),
            self.lines.get("examples"),
        ]
        training = self.data.get("training", {})
        while training:  # and those of the trainings that it began with
            used.append(training.get("stopping", {}).get("examples"))
            training = training.get("begin", {})
        return [recipe for recipe in used if recipe]


def card_path(weights: Path) -> Path:
    """Return where the card of a weights file lies: beside it, ``.json``."""
    return weights.with_suffix(".json")


def sha256_of(weights: Path) -> str:
    """Return the SHA-256 of a file, hexadecimal; of an ``.xml`` together with the ``.bin`` beside it."""
    digest = hashlib.sha256(weights.read_bytes())
    if weights.suffix == ".xml":
        digest.update(weights.with_suffix(".bin").read_bytes())
    return digest.hexdigest()


def read_card(weights: Path) -> Card:
    """Return the card of a weights file, checked against the file's hash.

    Raises
    ------
    WeightsError
        If the card is missing, cannot be read, or belongs to another file.
    """
    path = card_path(weights)
    mend = "Put the card that came with the weights beside them."
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        card = Card(**{each.name: found[each.name] for each in fields(Card) if each.name in found})
    except FileNotFoundError:
        raise WeightsError(str(path), "the weights have no card", mend) from None
    except (OSError, ValueError, TypeError) as error:
        raise WeightsError(str(path), f"the card cannot be read ({error})", mend) from None
    try:
        belongs = not weights.is_file() or sha256_of(weights) == card.sha256
    except FileNotFoundError as error:
        raise WeightsError(
            str(error.filename), "this part of the weights is missing", mend
        ) from None
    if not belongs:
        raise WeightsError(str(path), "the card belongs to other weights", mend)
    return card


def finished_pair(weights: Path) -> Card | None:
    """Return the card of weights that a training wrote, None where a kill came between the two files."""
    try:
        return read_card(weights) if weights.is_file() else None
    except WeightsError:
        return None


def card_text(card: Card) -> str:
    """Return a card as JSON text."""
    return json.dumps(asdict(card), indent=2) + "\n"
