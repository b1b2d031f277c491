"""Trained weights to weights for one survey: self-training without labels, or a few interpreted sections.

A mean teacher: the running mean of the weights looks at an unlabelled block twice, the second time mirrored,
with noise and another gain. Where both passes agree, their mean is what the student is to find in the same
block after other changes. Half of every batch stays synthetic, so that nothing is forgotten; of interpreted
sections only what was interpreted counts. At the end the new weights have to be better than the old, or the
old are kept.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from models.networks.card import Card, card_path, finished_pair, read_card, sha256_of
from models.runtime.quiet import quiet_start
from storage.locations import write_text
from tasks.batches import Examples
from tasks.checkpoint import CHECKPOINT, check_folder, write_weights
from tasks.fan_out import Progress
from tasks.finetune_batches import Finetuning, Sources
from tasks.finetune_checks import Found, as_table, look, verdict
from tasks.steps import Steps, run_steps
from tasks.training import check_apart
from tasks.validation import Validation

with quiet_start():  # TensorFlow
    from models.networks.placement import Placement
    from models.networks.training import Trainer, be_deterministic, probability_of, use_threads
    from models.networks.weights import load_network

VERDICT = "finetune.json"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it.

    Attributes
    ----------
    weights
        The file to use: the new weights, or a copy of the old.
    before, after
        What each finds.
    against
        Why the old weights were kept; nothing: the new ones are better.
    """

    weights: Path
    before: Found
    after: Found
    against: tuple[str, ...]

    @property
    def helped(self) -> bool:
        """Whether the new weights were taken."""
        return not self.against

    def lines(self) -> list[str]:
        """Return what people should read."""
        rows = [f"{name}: {words}" for name, words in as_table(self.before, self.after).items()]
        if self.helped and not self.after.tells:
            return [
                *rows,
                "Nothing says whether it helped: that takes --finetune, or three interpreted sections with "
                "faults. The new weights are taken.",
            ]
        if self.helped:
            return [*rows, "It helped: the new weights are taken."]
        return [*rows, f"It did not help, the old weights are kept: {'; '.join(self.against)}."]


def finetune(
    examples: Examples,
    out: Path,
    tuning: Finetuning,
    *,
    threads: int,
    resume: bool = False,
    overwrite: bool = False,
    progress: Progress | None = None,
    stop_after: int | None = None,
) -> Outcome | None:
    """Fine-tune weights, writing them and ``finetune.json`` into ``out``; None where it was stopped.

    Parameters
    ----------
    examples
        Synthetic ones to mix in.
    out, threads, resume, overwrite, progress, stop_after
        As in `tasks.train.train`.
    tuning
        How.

    Raises
    ------
    InputError, OutputError, WeightsError, ParameterError
        What is wrong and how to mend it.
    """
    use_threads(threads)
    be_deterministic()
    card = read_card(tuning.weights)
    source = Sources.of(examples, tuning, card)
    recipes = [store.recipe for store in source.stores]
    identity = identity_of(tuning, card, source, recipes)
    check_apart(tuning.weights, out / f"{card.name}.keras")
    check_folder(out, identity, tuning.steps, resume=resume, overwrite=overwrite)
    (out / VERDICT).unlink(missing_ok=True)  # none may outlive the weights it was on
    if overwrite:
        (out / CHECKPOINT).unlink(missing_ok=True)
    old = load_network(tuning.weights)
    trainer = Trainer(
        load_network(tuning.weights),
        peak_rate=tuning.peak_rate,
        placement=Placement(),
        trained=True,
    )
    seen = [*card.data.get("examples", ()), *recipes]

    def save() -> Path:
        weights = out / f"{card.name}.keras"
        data = {**card.data, "examples": seen, "finetuned": {**identity, "step": trainer.step}}
        write_weights(weights, trainer.mean_network(), replace(card, data=data, scores={}))
        return weights

    plan = Steps(
        out,
        identity,
        tuning.steps,
        lambda step: source.draw(step, trainer),
        save,
        ahead=False,
        losses=3,
        checkpoint_every=tuning.checkpoint_every,
    )
    weights = run_steps(trainer, plan, progress=progress, stop_after=stop_after)
    if trainer.step < tuning.steps:
        return None
    held = Validation(tuning.held_out)
    new = trainer.mean_network()
    before, after = (
        look(
            lambda amplitude, network=network: probability_of(network, amplitude),  # type: ignore[misc]
            held,
            size=source.check_size,
            threshold=card.threshold,
            survey=source.survey,
            held_out=source.held_out,
        )
        for network in (old, new)
    )
    outcome = Outcome(weights, before, after, tuple(verdict(before, after)))
    if not outcome.helped:
        shutil.copyfile(tuning.weights, weights)
        shutil.copyfile(card_path(tuning.weights), card_path(weights))
    write_text(out / VERDICT, _as_json(outcome, tuning.steps))
    return outcome


def identity_of(
    tuning: Finetuning, card: Card, source: Sources, recipes: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return what decides the result but for the number of steps."""
    settings = asdict(tuning)
    del settings["steps"]
    labels = [each.name for each in (*source.slabs, *source.held_out)]
    if tuning.labels:
        files = [tuning.labels] if tuning.labels.is_file() else tuning.labels.glob("*.npz")
        labels += [sha256_of(each) for each in sorted(files)]
    return {
        **settings,
        "weights": card.sha256,
        "held_out": tuning.held_out.as_identity(),
        "survey": source.survey.key if source.survey else None,
        "labels": labels,
        "examples": list(recipes),
    }


def is_finished(
    out: Path,
    tuning: Finetuning,
    recipes: Sequence[Mapping[str, Any]],
    *,
    resume: bool,
    overwrite: bool,
) -> bool:
    """Tell whether a fine-tuning came to its verdict in ``out``; it may begin or go on there otherwise.

    Parameters
    ----------
    out, tuning, resume, overwrite
        As in `finetune`.
    recipes
        Of the synthetic examples.

    Raises
    ------
    InputError, OutputError, WeightsError, ParameterError
        What is wrong and how to mend it; nothing is written.
    """
    card = read_card(tuning.weights)
    check_apart(tuning.weights, out / f"{card.name}.keras")
    identity = identity_of(tuning, card, Sources.of([], tuning, card), recipes)
    done = out / VERDICT
    if done.is_file() and not overwrite:
        check_folder(out, identity, tuning.steps, resume=True, overwrite=False)
        told = json.loads(done.read_text(encoding="utf-8"))
        found = finished_pair(out / f"{card.name}.keras")
        scored = found is not None and bool(found.scores)
        return bool(told["steps"] == tuning.steps and (scored or not told["helped"]))
    check_folder(out, identity, tuning.steps, resume=resume, overwrite=overwrite)
    return False


def looks_at_sections(weights: Path) -> bool:
    """Tell whether weights are those of a network of sections."""
    return read_card(weights).sections


def examples_seen(weights: Path, recipes: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the recipes of all examples that fine-tuned weights will have seen."""
    return [*read_card(weights).data.get("examples", ()), *recipes]


def _as_json(outcome: Outcome, steps: int) -> str:
    content: Mapping[str, Any] = {
        "helped": outcome.helped,
        "steps": steps,
        "against": list(outcome.against),
        "before": outcome.before.as_dict(),
        "after": outcome.after.as_dict(),
        "weights_sha256": sha256_of(outcome.weights),
    }
    return json.dumps(content, indent=2) + "\n"
