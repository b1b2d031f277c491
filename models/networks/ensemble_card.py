"""The card of an ensemble: which networks see volumes, which see lines, in which passes; JSON, no weights.

A ``.keras`` file alone is an ensemble of one network in one pass.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from models.averaging import ONE_PASS, Averaging
from models.calibration import UNCHANGED, Calibration
from models.errors import ParameterError, WeightsError
from models.networks.card import Card


@dataclass(frozen=True, slots=True)
class Member:
    """One network of an ensemble.

    Attributes
    ----------
    weights
        Name of the ``.keras`` file beside the card.
    sha256
        Of that file; empty: not yet known.
    averaging
        Its passes.
    """

    weights: str
    sha256: str = ""
    averaging: Averaging = ONE_PASS


@dataclass(frozen=True, slots=True)
class View:
    """What sees one kind of survey.

    Attributes
    ----------
    members
        Networks.
    calibration
        Of the mean of their logits, fitted on validation examples.
    threshold
        Calibrated probability from which a sample counts as fault, fixed on validation examples.
    """

    members: tuple[Member, ...]
    calibration: Calibration = UNCHANGED
    threshold: float = 0.5


@dataclass(frozen=True, slots=True)
class EnsembleCard:
    """What is known about an ensemble.

    Attributes
    ----------
    name
        Of the file.
    volumes, lines
        What sees 3D surveys, and what sees 2D lines.
    data, scores
        Recipes of the examples; scores on examples that were never seen.
    """

    name: str
    volumes: View
    lines: View
    data: dict[str, Any] = field(default_factory=dict)
    scores: dict[str, Any] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        """Hash of all that decides a probability, hexadecimal."""
        deciding = json.dumps([asdict(self.volumes), asdict(self.lines)], sort_keys=True)
        return hashlib.sha256(deciding.encode()).hexdigest()


def ensemble_of(weights: Path, card: Card) -> EnsembleCard:
    """Return the ensemble that one network is, in one pass."""
    member = Member(weights.name, card.sha256)
    lines = card.lines or {"calibration": [1.0, 0.0], "threshold": card.threshold}
    return EnsembleCard(
        card.name,
        View((member,), threshold=card.threshold),
        View((member,), Calibration(*lines["calibration"]), lines["threshold"]),
    )


def read_ensemble(path: Path) -> EnsembleCard:
    """Return the card of an ensemble.

    Raises
    ------
    WeightsError
        If there is none, or it cannot be read.
    """
    mend = "graben's own are fast.json, averaged.json and accurate.json: write one like those."
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return EnsembleCard(
            path.stem,
            _view(found["volumes"]),
            _view(found["lines"]),
            found.get("data", {}),
            found.get("scores", {}),
        )
    except FileNotFoundError:
        raise WeightsError(str(path), "there is no such file", "Check --weights.") from None
    except (OSError, ValueError, TypeError, KeyError, ParameterError) as error:
        said = f"lacks {error}" if isinstance(error, KeyError) else str(error)
        raise WeightsError(str(path), f"this is no ensemble of networks ({said})", mend) from None


def ensemble_text(card: EnsembleCard) -> str:
    """Return a card as JSON text."""
    found = asdict(card)
    del found["name"]
    for kind in ("volumes", "lines"):
        view = found[kind]
        view["calibration"] = [view["calibration"]["slope"], view["calibration"]["offset"]]
    return json.dumps(found, indent=2) + "\n"


def _view(found: dict[str, Any]) -> View:
    members = tuple(
        Member(each["weights"], each.get("sha256", ""), _averaging(each.get("averaging", {})))
        for each in found["members"]
    )
    if not members:
        raise ValueError("no members")
    return View(
        members, Calibration(*found.get("calibration", (1.0, 0.0))), found.get("threshold", 0.5)
    )


def _averaging(found: dict[str, Any]) -> Averaging:
    zooms = tuple((float(a), float(b)) for a, b in found.get("zooms", [(1, 1)]))
    return Averaging(zooms, bool(found.get("mirror", False)))
