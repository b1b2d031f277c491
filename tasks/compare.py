"""One autoencoder of a comparison: trained, given a fault head, scored; what was done is not done again.

Every autoencoder sees the same patches in the same order, for as many steps; then it is kept as it is, and
the same head learns to map faults from what it rebuilds, again from the same patches. Where a store does not
know whether there is a fault, nothing is learned and nothing scored.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.augment import label_and_known
from models.metrics import average_precision
from models.networks.capacity import Kind, architecture
from models.runtime.quiet import quiet_start
from storage.examples import ExampleStore
from storage.locations import write_text
from tasks.checkpoint import read_checkpoint, write_checkpoint
from tasks.contest import Contest
from tasks.fan_out import Progress
from tasks.memory import peak_memory, used_memory
from tasks.patches import Patches, Samples, draw_patches, tile_patches

with quiet_start():  # TensorFlow
    from models.networks.autoencoders import build
    from models.networks.reconstruction import Reconstructor, with_fault_head
    from models.networks.seeds import seeded
    from models.networks.training import Trainer, be_deterministic, use_threads
    from models.networks.weights import save_network

    Fitted = Reconstructor | Trainer

RESULT = "result.json"
PARTS = ("autoencoder", "head")
"""What is trained one after the other, each with a checkpoint."""

LABEL_DISTANCE = 1.0
"""Samples from a fault within which a sample is labelled, as in the stores."""

CHECKPOINT_EVERY = 200
TIMED_RUNS = 7
PICTURES = 3


def compete(
    kind: Kind,
    contest: Contest,
    examples: Sequence[Path],
    test: Path,
    out: Path,
    threads: int,
    *,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Train and score one autoencoder; return what ``result.json`` says.

    Parameters
    ----------
    kind
        Which.
    contest
        How; a folder holds one contest only.
    examples, test
        Stores of cubes to learn from, and the one to be scored on.
    out
        Folder for the network, its checkpoints and its result; where the result is present it is returned.
    threads
        Of TensorFlow.
    progress
        Told of steps, those of the head included.
    """
    result = out / RESULT
    if result.exists():
        _forget(out)  # of a run that was killed in its last moment
        kept: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
        return kept
    use_threads(threads)
    be_deterministic()
    out.mkdir(parents=True, exist_ok=True)
    stores = [ExampleStore(path) for path in examples]
    held = used_memory()
    shape = architecture(kind, budget=contest.budget, patch=contest.patch, code=contest.code)
    network = seeded(contest.seed, lambda: build(shape))

    def fit(fitted: Fitted, learn: Callable[[Patches], object], part: int) -> float:
        def told(done: int) -> None:
            if progress:
                progress(part * contest.steps + done, len(PARTS) * contest.steps)

        return _fit(fitted, learn, stores, contest, out / f"{PARTS[part]}.npz", told)

    reconstructor = Reconstructor(network, seed=contest.seed)
    training_s = fit(
        reconstructor,
        lambda patches: reconstructor.train_step(patches.amplitude, steps=contest.steps),
        0,
    )
    save_network(network, out / f"{kind}.keras")
    trainer = Trainer(seeded(contest.seed, lambda: with_fault_head(network)))

    def teach(patches: Patches) -> None:
        label, known = label_and_known(patches.fault_distance)
        trainer.train_step(patches.amplitude, label, steps=contest.steps, labelled=known)

    head_s = fit(trainer, teach, 1)
    peak = peak_memory()  # of the training: the patches to score on are many at once
    held_out = tile_patches(ExampleStore(test), size=contest.patch)
    scores = _scores(network, trainer.mean_network(), held_out, contest.batch_size)
    found = {
        "kind": kind,
        "parameters": network.count_params(),
        "widths": list(shape.widths),
        **scores,
        "training_s": round(training_s, 1),
        "head_training_s": round(head_s, 1),
        "peak_memory_mib": round(max(0, peak - held) / 2**20),
    }
    write_text(result, json.dumps(found) + "\n")
    _forget(out)
    return found


def _forget(out: Path) -> None:
    """Remove the checkpoints."""
    for part in PARTS:
        (out / f"{part}.npz").unlink(missing_ok=True)


def _fit(
    fitted: Fitted,
    learn: Callable[[Patches], object],
    stores: Sequence[ExampleStore],
    contest: Contest,
    checkpoint: Path,
    told: Callable[[int], None],
) -> float:
    """Do the steps that are left; return the seconds of all steps, reading of patches left out."""
    seconds = _restore(fitted, checkpoint) if checkpoint.exists() else 0.0
    for patches in _ahead(stores, contest, fitted.step):
        began = time.perf_counter()
        learn(patches)
        seconds += time.perf_counter() - began
        if fitted.step % CHECKPOINT_EVERY == 0 and fitted.step < contest.steps:
            _save(fitted, contest, checkpoint, seconds)
        if fitted.step % 10 == 0:
            told(fitted.step)
    _save(fitted, contest, checkpoint, seconds)
    return seconds


def _ahead(stores: Sequence[ExampleStore], contest: Contest, first: int) -> Iterator[Patches]:
    """Yield the patches of the steps from ``first`` on, each read while the ones before are used."""

    def draw(step: int) -> Patches:
        return draw_patches(
            stores, contest.seed, step, count=contest.batch_size, size=contest.patch
        )

    with ThreadPoolExecutor(1) as pool:
        following = pool.submit(draw, first)
        for step in range(first, contest.steps):
            patches = following.result()
            if step + 1 < contest.steps:
                following = pool.submit(draw, step + 1)
            yield patches


def _save(fitted: Fitted, contest: Contest, checkpoint: Path, seconds: float) -> None:
    state = {**fitted.state(), "seconds": np.asarray(seconds)}
    write_checkpoint(checkpoint, state, asdict(contest))


def _restore(fitted: Fitted, checkpoint: Path) -> float:
    """Take over the state of a checkpoint; return the seconds that it took."""
    state = read_checkpoint(checkpoint)
    fitted.restore(state, source=str(checkpoint))
    return float(state["seconds"])


def _scores(network: Any, head: Any, held_out: Patches, batch_size: int) -> dict[str, Any]:  # noqa: ANN401 - Keras models
    """Return errors, average precision, speed and the pictures, from patches that were never seen."""
    amplitude, distance = held_out.amplitude, held_out.fault_distance
    label, known = (distance <= LABEL_DISTANCE).astype(np.uint8), np.isfinite(distance)
    rebuilt = network.predict(amplitude[..., None], batch_size=batch_size, verbose=0)[..., 0]
    logits = head.predict(amplitude[..., None], batch_size=batch_size, verbose=0)[..., 0]
    error = rebuilt - amplitude
    shown = _worth_showing(label)
    middle = amplitude.shape[2] // 2

    def sections(samples: Samples) -> list[Any]:
        """Return the middle crosslines of the patches to show, as JSON takes them."""
        lists: list[Any] = np.round(samples[shown, :, middle].astype(float), 3).tolist()
        return lists

    return {
        "patches": len(amplitude),
        "mae": round(float(np.abs(error).mean()), 5),
        "mse": round(float(np.square(error).mean()), 5),
        "blank_mae": round(float(np.abs(amplitude).mean()), 5),
        "blank_mse": round(float(np.square(amplitude).mean()), 5),
        "average_precision": round(average_precision(logits[known], label[known]), 5),
        "fault_share": round(float(label[known].mean()), 5),
        "samples_per_s": _speed(network, amplitude[:batch_size]),
        "sections": {
            "amplitude": sections(amplitude),
            "reconstruction": sections(rebuilt),
            "fault_label": sections(label.astype(np.float32)),
            "fault_probability": sections(1 / (1 + np.exp(-logits))),
        },
    }


def _worth_showing(label: NDArray[np.uint8]) -> list[int]:
    """Return the patches with most faults in their middle crossline, from all parts of the set."""
    share = label[:, :, label.shape[2] // 2].mean(axis=(1, 2))
    parts = np.array_split(np.arange(len(share)), min(PICTURES, len(share)))
    return [int(part[np.argmax(share[part])]) for part in parts]


def _speed(network: Any, amplitude: Samples) -> int:  # noqa: ANN401 - a Keras model
    """Return the samples a second that are encoded and decoded, the median of several runs."""
    seconds = []
    for _ in range(TIMED_RUNS):
        began = time.perf_counter()
        network.predict_on_batch(amplitude[..., None])
        seconds.append(time.perf_counter() - began)
    return round(amplitude.size / float(np.median(seconds)))
