"""Whether fine-tuning helped: what weights find before and after, on examples and on the survey."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from models.metrics import average_precision
from models.normalize import CLIP
from tasks.survey_crops import LabelledSlab, SurveyCrops
from tasks.validation import Validation

Samples = NDArray[np.float32]
Predict = Callable[[Samples], Samples]

CHECK_CROPS, CHECK_SEED = 8, 0xC4EC
FORGOTTEN = 0.02
"""Average precision on held-out examples that may be lost."""

SHARES = (1 / 3, 3.0)
"""How the share of picks may change: a teacher of itself may end with faults everywhere or nowhere."""


@dataclass(frozen=True, slots=True)
class Found:
    """What weights find; None where there is nothing to find it on.

    Attributes
    ----------
    synthetic
        Average precision on held-out synthetic examples.
    agreement
        Of two passes over the survey, the second mirrored, with noise and another gain: Dice coefficient
        of their probabilities, 1 for the same.
    picks
        Share of the survey's samples at or above the threshold.
    labelled
        Average precision on an interpreted section that was not learned from.
    """

    synthetic: float
    agreement: float | None = None
    picks: float | None = None
    labelled: float | None = None

    @property
    def tells(self) -> bool:
        """Whether there was anything of the user's to find it on."""
        return self.agreement is not None or self.labelled is not None

    def as_dict(self) -> dict[str, float | None]:
        """Return plain numbers of five digits."""
        return {name: v if v is None else round(v, 5) for name, v in asdict(self).items()}


def look(
    predict: Predict,
    validation: Validation,
    *,
    size: tuple[int, int, int],
    threshold: float,
    survey: SurveyCrops | None,
    held_out: Sequence[LabelledSlab],
) -> Found:
    """Return what a network finds.

    Parameters
    ----------
    predict
        From a batch of normalized amplitudes to probabilities.
    validation
        Held-out synthetic examples.
    size
        Of the crops of the survey.
    threshold
        Probability that counts as fault.
    survey, held_out
        The user's; None or empty where there is none.
    """
    agreement = picks = labelled = None
    if survey is not None:
        rng = np.random.default_rng(CHECK_SEED)
        crops = [survey.draw(rng, size, turned=i % 2 == 1) for i in range(CHECK_CROPS)]
        amplitude = np.stack([each for each, _ in crops])
        live = np.stack([each for _, each in crops]) > 0
        first, second = two_passes(predict, rng, amplitude)
        first, second = first[live], second[live]
        total = float((first * first).sum() + (second * second).sum())
        agreement = float(2 * (first * second).sum()) / total if total else 1.0
        picks = float((first >= threshold).mean())
    if held_out:
        labelled = _labelled(predict, held_out, size)
    return Found(validation.score(predict), agreement, picks, labelled)


def two_passes(
    predict: Predict, rng: np.random.Generator, amplitude: Samples
) -> tuple[Samples, Samples]:
    """Return probabilities of a batch as it is; and mirrored, louder or softer, with a little noise."""
    gain = np.float32(rng.uniform(0.8, 1.25))
    noise = np.float32(0.1) * rng.standard_normal(amplitude.shape, dtype=np.float32)
    changed = np.clip(np.flip(amplitude, 1) * gain + noise, -CLIP, CLIP)
    return predict(amplitude), np.flip(predict(changed), 1)


def verdict(before: Found, after: Found) -> list[str]:
    """Return what speaks against the new weights; nothing: they helped."""
    against = []
    if after.synthetic < before.synthetic - FORGOTTEN:
        against.append(
            _fell("average precision on synthetic examples", before, after, "synthetic")
        )
    if before.labelled is not None and after.labelled is not None:  # what people said decides
        if after.labelled <= before.labelled:
            against.append(
                _fell("average precision on a held-out section", before, after, "labelled")
            )
    elif (
        before.agreement is not None
        and after.agreement is not None
        and after.agreement <= before.agreement
    ):
        against.append(_fell("agreement of two passes", before, after, "agreement"))
    if before.picks is not None and after.picks is not None:
        change = (after.picks + 1e-4) / (before.picks + 1e-4)
        if not SHARES[0] <= change <= SHARES[1]:
            against.append(_fell("share of picks", before, after, "picks"))
    return against


def _fell(what: str, before: Found, after: Found, name: str) -> str:
    old, new = (float(getattr(each, name)) for each in (before, after))
    return f"{what} went from {old:.4f} to {new:.4f}"


def _labelled(
    predict: Predict, slabs: Sequence[LabelledSlab], size: tuple[int, int, int]
) -> float:
    """Return the average precision over whole interpreted sections."""
    probability, label = [], []
    for slab in slabs:
        known = np.isfinite(slab.distance)
        amplitude = slab.amplitude if size[1] > 1 else slab.amplitude[:, slab.line, None]
        if size[1] > 1 and amplitude.shape[1] == 1:
            amplitude = np.repeat(amplitude, 16, axis=1)
        widths = [
            (0, -side % 16) if axis != 1 or size[1] > 1 else (0, 0)
            for axis, side in enumerate(amplitude.shape)
        ]
        whole = predict(np.pad(amplitude, widths, mode="reflect")[None])[0]
        line = whole[
            : slab.distance.shape[0], slab.line if size[1] > 1 else 0, : slab.distance.shape[2]
        ]
        there = known[:, slab.line]
        probability.append(line[there])
        label.append((slab.distance[:, slab.line][there] < 1).astype(np.uint8))
    return average_precision(np.concatenate(probability), np.concatenate(label))


def as_table(before: Found, after: Found) -> Mapping[str, str]:
    """Return rows for people: before and after of everything that was looked at."""
    rows = {}
    for name, old in before.as_dict().items():
        new = after.as_dict()[name]
        if old is not None and new is not None:
            rows[name] = f"{old:.4f} before, {new:.4f} after"
    return rows
