"""What examples made from an unlabelled survey are worth on labelled sections: ``make bench-like``.

Every arm begins with the same weights of a network of sections and trains as many steps, with equal seeds.
Batches take turns between field sections, the same in every arm, and small sections that differ from
arm to arm, so that only their making is compared; fine-tuning has plain ones of both and the survey. ::

    make bench-like BENCH="--survey f3_100x100x100_float32.npy --sections faults --weights section24.keras"

A survey is a volume of 'graben ingest', or samples (inlines, crosslines, time) in an .npy file. The labelled
sections only score. What is done is kept in --folder, so that a run goes on. The Markdown on standard
output is what is committed.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from models.metrics import average_precision, best_threshold, counts_at
from models.networks.card import read_card
from models.networks.training import Trainer, be_deterministic, probability_of, use_threads
from models.networks.weights import load_network
from models.normalize import normalize, scale_of
from models.statistics import amplitude_histogram
from storage.examples import ExampleStore
from storage.sections import LabelledSection, read_surveys
from tasks.batches import Batch, draw_batch
from tasks.compare import compete
from tasks.contest import Contest
from tasks.finetune_batches import Finetuning, Sources
from tasks.synthesize import ExampleRecipe, synthesize
from tests.plain_survey import as_volume

LARGE, SMALL, CUBE = (288, 1, 224), (96, 1, 96), (64, 64, 64)
BATCH, MARGIN = 8, 48
THRESHOLDS = tuple(float(each) for each in np.round(np.arange(0.02, 0.98, 0.02), 2))
CONTEST = Contest(budget=300_000, steps=300, batch_size=8, patch=32, code=256, seed=1)

Draw = Callable[[int, Trainer], Batch]
Scores = dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Bench:
    """What was asked for."""

    survey: Path
    sections: Path
    weights: Path
    folder: Path
    seeds: tuple[int, ...]
    steps: int
    count: int
    peak_rate: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Run every arm and print the table."""
    bench = _options(arguments)
    use_threads(1)
    be_deterministic()
    bench.folder.mkdir(parents=True, exist_ok=True)
    surveys = read_surveys(bench.sections)
    began, arms = time.process_time(), arms_of(bench)
    results = {"the weights as they are": [score(load_network(bench.weights), surveys, bench)]}
    for name, draw in arms.items():
        results[name] = [run(name, draw, seed, surveys, bench) for seed in bench.seeds]
    say(f"{time.process_time() - began:.0f} s of CPU in this run")
    sys.stdout.write(markdown(results, bench))
    return 0


def arms_of(bench: Bench) -> dict[str, Callable[[int], Draw]]:
    """Make what the arms learn from; return from a seed to the batches, by the name of the arm."""
    volume = bench.survey
    if volume.suffix == ".npy":
        volume = bench.folder / "volume.zarr"
        if not volume.exists():
            as_volume(volume, np.load(bench.survey).astype(np.float32))
    plain = ExampleRecipe(4202, bench.count, SMALL, "field")
    like = replace(plain, like=volume)
    texture = learnt_texture(bench, volume)
    recipes = {
        "plain field sections": plain,
        "spectrum, histogram, noise of the survey": replace(like, inserted=0.0),
        "faults put into its blocks": replace(like, inserted=1.0),
        "half of either": like,
        "half of either, with textures": replace(like, texture=texture),
    }
    field = made(bench, "field.zarr", replace(plain, seed=4201, size=LARGE))
    stores = {
        name: made(bench, f"{i}.zarr", each) for i, (name, each) in enumerate(recipes.items())
    }
    arms = {name: _synthetic([field, store]) for name, store in stores.items()}
    both = [field, stores["plain field sections"]]
    return {**arms, "fine-tuning on the survey": _finetuning(both, volume, bench)}


def made(bench: Bench, name: str, recipe: ExampleRecipe) -> ExampleStore:
    """Return an example store, made where it is not there."""
    say(f"examples {name}")
    synthesize(bench.folder / name, recipe, resume=True)
    return ExampleStore(bench.folder / name)


def learnt_texture(bench: Bench, volume: Path) -> Path:
    """Return a variational autoencoder that has learnt blocks of the survey, as they are."""
    recipe = ExampleRecipe(4203, 12, CUBE, "unfaulted", like=volume, inserted=1.0)
    made(bench, "blocks.zarr", recipe)
    blocks = bench.folder / "blocks.zarr"
    say("autoencoder")
    compete("variational", CONTEST, [blocks], blocks, bench.folder / "autoencoder", 1)
    return bench.folder / "autoencoder" / "variational.keras"


def _synthetic(stores: list[ExampleStore]) -> Callable[[int], Draw]:
    def of_seed(seed: int) -> Draw:
        return lambda step, _: draw_batch(
            stores, seed, step, batch_size=BATCH, stride=16, extruded=False
        )

    return of_seed


def _finetuning(stores: list[ExampleStore], volume: Path, bench: Bench) -> Callable[[int], Draw]:
    def of_seed(seed: int) -> Draw:
        held_out = ExampleRecipe(4204, 1, SMALL, "field")
        tuning = Finetuning(bench.weights, held_out, volume, None, seed=seed, batch_size=BATCH)
        return Sources.of(stores, tuning, read_card(bench.weights)).draw

    return of_seed


def run(
    name: str,
    draw_of: Callable[[int], Draw],
    seed: int,
    surveys: dict[str, list[LabelledSection]],
    bench: Bench,
) -> Scores:
    """Train an arm and score it, or return what an earlier run found."""
    kept = bench.folder / f"{name.replace(' ', '-').replace(',', '')}-{seed}.json"
    if kept.exists():
        return dict(json.loads(kept.read_text(encoding="utf-8")))
    began, draw = time.process_time(), draw_of(seed)
    trainer = Trainer(load_network(bench.weights), peak_rate=bench.peak_rate, trained=True)
    for step in range(bench.steps):
        batch = draw(step, trainer)
        trainer.train_step(
            batch.amplitude,
            batch.label,
            steps=bench.steps,
            labelled=batch.labelled,
            agreed=batch.agreed,
        )
    scores = score(trainer.mean_network(), surveys, bench)
    kept.write_text(json.dumps(scores), encoding="utf-8")
    say(f"{name}, seed {seed}: {time.process_time() - began:.0f} s of CPU, {json.dumps(scores)}")
    return scores


def score(
    network: Any,  # a Keras model
    surveys: dict[str, list[LabelledSection]],
    bench: Bench,
) -> Scores:
    """Return exact average precision and F1 within two samples for each survey, sections pooled."""
    threshold = read_card(bench.weights).threshold
    scores = {}
    for survey, sections in surveys.items():
        pairs = [(predict(network, each.amplitude), each.label) for each in sections]
        found, labels = (
            np.concatenate([each.ravel() for each in part]) for part in zip(*pairs, strict=True)
        )
        best = best_threshold(pairs, THRESHOLDS)
        fixed, oracle = counts_at(pairs, (threshold, best))
        scores[survey] = {
            "average_precision": float(average_precision(found, labels)),
            "f1": float(fixed.f1),
            "best_f1": float(oracle.f1),
        }
    return scores


def predict(network: Any, amplitude: np.ndarray) -> np.ndarray:
    """Return probabilities of a section in one pass, as a survey of its own."""
    scaled = normalize(amplitude, scale_of(amplitude_histogram(amplitude)))
    widths = [(0, 0) if n == 1 else (MARGIN, MARGIN + -n % 16) for n in scaled.shape]
    whole = probability_of(network, np.pad(scaled, widths, mode="reflect")[None])[0]
    n0, _, n2 = scaled.shape
    return np.ascontiguousarray(whole[MARGIN : MARGIN + n0, :, MARGIN : MARGIN + n2])


def markdown(results: dict[str, list[Scores]], bench: Bench) -> str:
    """Return the table; where there are several seeds, their values side by side."""
    surveys = list(next(iter(results.values()))[0])
    head = ["learned from"] + [
        f"{survey} {what}" for survey in surveys for what in ("AP", "F1", "best F1")
    ]
    rows = [head, ["---"] * len(head)]
    for name, scores in results.items():
        rows.append(
            [name]
            + [
                " / ".join(f"{each[survey][what]:.3f}" for each in scores)
                for survey in surveys
                for what in ("average_precision", "f1", "best_f1")
            ]
        )
    table = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    command = (
        f"python -m tests.benchmarks.like --survey {bench.survey.name} --sections "
        f"{bench.sections.name} --weights {bench.weights.name} --steps {bench.steps} "
        f"--count {bench.count} --seeds {' '.join(map(str, bench.seeds))} --peak-rate {bench.peak_rate}"
    )
    return f"    {command}\n\n{table}\n"


def say(line: str) -> None:
    """Tell what is going on."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _options(arguments: Sequence[str] | None) -> Bench:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--survey", type=Path, required=True, help="what examples are made like")
    parser.add_argument("--sections", type=Path, required=True, help="folder of labelled sections")
    parser.add_argument("--weights", type=Path, required=True, help="of a network of sections")
    parser.add_argument("--folder", type=Path, default=Path("bench-like"), help="for what is made")
    parser.add_argument("--seeds", type=int, nargs="+", default=[11, 12])
    parser.add_argument("--steps", type=int, default=300, help="of every arm")
    parser.add_argument("--count", type=int, default=200, help="sections in every store")
    parser.add_argument("--peak-rate", type=float, default=5e-4, help="highest learning rate")
    options = vars(parser.parse_args(arguments))
    return Bench(**{**options, "seeds": tuple(options["seeds"])})


if __name__ == "__main__":
    sys.exit(main())
