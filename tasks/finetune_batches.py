"""Batches of fine-tuning: synthetic examples, unlabelled blocks of a survey, interpreted sections."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.augment import vary_amplitude
from models.errors import ParameterError
from models.networks.card import Card
from models.runtime.quiet import quiet_start
from storage.examples import ExampleStore
from tasks.batches import Batch, Examples, draw_batch, opened
from tasks.finetune_checks import two_passes
from tasks.survey_crops import LabelledSlab, SurveyCrops, draw_labelled, labelled_slabs
from tasks.synthesize import ExampleRecipe

with quiet_start():  # TensorFlow
    from models.networks.training import Trainer

Samples = NDArray[np.float32]

AGREED = 0.15
"""Largest difference between the teacher's passes at which their mean is learned from."""

HELD_OUT_FROM = 3
"""From so many interpreted sections on, the last with faults is not learned from but scored."""


@dataclass(frozen=True, slots=True)
class Finetuning:
    """How to fine-tune.

    Attributes
    ----------
    weights
        To begin with.
    held_out
        Synthetic examples that tell whether something was forgotten.
    survey, labels
        Volume to train itself on; picks on its sections, or a folder of labelled sections. One at least.
    steps, seed, batch_size, checkpoint_every
        As in `tasks.train.Training`; half of a batch is synthetic.
    peak_rate
        Highest learning rate, a tenth of a training's.
    """

    weights: Path
    held_out: ExampleRecipe
    survey: Path | None
    labels: Path | None
    steps: int = 1000
    seed: int = 11
    batch_size: int = 4
    checkpoint_every: int = 200
    peak_rate: float = 2e-4


@dataclass(frozen=True, slots=True)
class Sources:
    """What batches are made of.

    Attributes
    ----------
    stores
        Synthetic examples.
    survey
        Unlabelled blocks; None: none.
    slabs, held_out
        Interpreted sections to learn from, and to score on.
    tuning, card
        How, and of which network.
    """

    stores: Sequence[ExampleStore]
    survey: SurveyCrops | None
    slabs: Sequence[LabelledSlab]
    held_out: Sequence[LabelledSlab]
    tuning: Finetuning
    card: Card

    @classmethod
    def of(cls, examples: Examples, tuning: Finetuning, card: Card) -> "Sources":
        """Open everything.

        Raises
        ------
        InputError, ParameterError
            What is wrong and how to mend it.
        """
        if tuning.batch_size < 4:
            raise ParameterError(
                "batch_size", tuning.batch_size, "Fine-tuning mixes sources; it needs 4 or more."
            )
        survey = SurveyCrops(tuning.survey) if tuning.survey else None
        slabs = labelled_slabs(tuning.labels, survey) if tuning.labels else []
        held = (
            [slab for slab in slabs if slab.has_both][-1:] if len(slabs) >= HELD_OUT_FROM else []
        )
        taught = [slab for slab in slabs if not any(slab is each for each in held)]
        return cls(opened(examples), survey, taught, held, tuning, card)

    @property
    def check_size(self) -> tuple[int, int, int]:
        """Size of the blocks that tell before from after."""
        return (96, 1, 96) if self.card.sections else (64, 64, 64)

    def draw(self, step: int, trainer: Trainer) -> Batch:
        """Return the batch of a step: half of it synthetic, the rest of the user's data."""
        count, card = self.tuning.batch_size, self.card
        synthetic = draw_batch(
            self.stores,
            self.tuning.seed,
            step,
            batch_size=count // 2,
            stride=card.stride,
            extruded=not card.sections,
        )
        shape = synthetic.amplitude.shape
        size = (shape[1], shape[2], shape[3])
        rng = np.random.default_rng([self.tuning.seed, step, 1])
        parts = [_synthetic(synthetic)]
        rest = count - count // 2
        if self.slabs:
            own = rest if self.survey is None else rest // 2
            parts.append(self._interpreted(rng, own, size))
            rest -= own
        if self.survey is not None:
            parts.append(_taught(self.survey, rng, rest, size, trainer))
        return Batch(*(np.concatenate(each) for each in zip(*parts, strict=True)))

    def _interpreted(
        self, rng: np.random.Generator, count: int, size: tuple[int, int, int]
    ) -> "Part":
        drawn = [
            draw_labelled(rng, self.slabs[int(rng.integers(len(self.slabs)))], size)
            for _ in range(count)
        ]
        amplitude, label, known = (np.stack(each) for each in zip(*drawn, strict=True))
        return amplitude, label, known, np.zeros_like(known)


Part = tuple[Samples, Samples, Samples, Samples]
"""Amplitude, label or what the teacher finds, where it is a label, where the teacher's passes agree."""


def _synthetic(batch: Batch) -> Part:
    amplitude, label = batch.amplitude, batch.label
    labelled = np.ones_like(label) if batch.labelled is None else batch.labelled
    return amplitude, label, labelled, np.zeros_like(label)


def _taught(
    survey: SurveyCrops,
    rng: np.random.Generator,
    count: int,
    size: tuple[int, int, int],
    trainer: Trainer,
) -> Part:
    """Return blocks of the survey, changed for the student, with what the teacher finds in them."""
    crops = [survey.draw(rng, size, turned=bool(rng.random() < 0.5)) for _ in range(count)]
    amplitude = np.stack([each for each, _ in crops])
    live = np.stack([each for _, each in crops])
    first, second = two_passes(trainer.mean_probability, rng, amplitude)
    target = (first + second) * np.float32(0.5)
    agreed = live * (np.abs(first - second) < AGREED).astype(np.float32)
    changed: Samples = np.stack([vary_amplitude(rng, each) for each in amplitude])
    for axis in (1, 2):
        if rng.random() < 0.5:
            changed, target = np.flip(changed, axis), np.flip(target, axis)
            agreed = np.flip(agreed, axis)
    return changed, target, np.zeros_like(target), agreed
