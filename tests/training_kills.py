"""Kill a tiny training at its n-th write, for any n, and see whether it goes on to the same weights.

    python -m tests.training_kills FOLDER KILLS [--overwrite]

makes examples and trains on them, in forks of this process as in `tests.kill_points`: no Prefect, no Dask.
Every other step is followed by a checkpoint, so that most kills are in the middle of one, or between a
checkpoint, the weights and their card. It prints a line for every kill, and fails if one led to anything else
than an undisturbed training does. With ``--overwrite`` such a training is there before every run, and goes.
"""

import shutil
import sys
from pathlib import Path

import numpy as np

from models.networks.card import sha256_of
from models.networks.lean import Lean
from tasks.certify import finished_card
from tasks.checkpoint import CHECKPOINT, LOG, read_log
from tasks.steps import CURVES
from tasks.synthesize import ExampleRecipe, synthesize
from tasks.train import check_out, stored_recipes, train
from tasks.training import Training
from tests.flows.running import contents
from tests.kill_points import MOST, SEED, fork

CUBES = ExampleRecipe(seed=1, count=2, size=(16, 16, 16), preset="plain")
SCORED = ExampleRecipe(seed=2, count=1, size=(16, 16, 16), preset="plain")
TINY = Training(4, seed=5, batch_size=2, network=Lean((4,), (1,)), checkpoint_every=2, name="tiny")


def make_and_train(folder: Path, *, resume: bool, overwrite: bool) -> int:
    """Do what ``graben train`` does but for the scores; return an exit code."""
    examples, out = folder / "cubes.zarr", folder / "out"
    synthesize(examples, CUBES, resume=resume, overwrite=overwrite)
    recipes = stored_recipes([examples])
    if finished_card(out, recipes, TINY, SCORED, [SCORED]):
        return 1  # it was never scored
    check_out(out, recipes, TINY, resume=resume, overwrite=overwrite)
    train([examples], out, TINY, threads=1, resume=resume, overwrite=overwrite)
    return 0


def result(folder: Path) -> dict[str, object]:
    """Return what trainings may not differ in: all files but the curves, and times left out."""
    out = folder / "out"
    with np.load(out / CHECKPOINT) as file:
        state = {name: file[name].tobytes() for name in file.files}
    losses = {name: each for name, each in read_log(out / LOG).items() if name != "seconds"}
    return {
        "examples": contents(folder / "cubes.zarr"),
        "checkpoint": state,
        "losses": losses,
        "weights": sha256_of(out / "tiny.keras"),
        "card": (out / "tiny.json").read_text(encoding="utf-8"),
        "files": [each.name for parent in (folder, out) for each in sorted(parent.iterdir())],
    }


def main(folder: Path, kills: int, *, overwrite: bool = False) -> bool:
    """Kill the training at so many of its writes, spread over all; tell whether all went well."""
    start, log = folder.with_name("start"), folder.with_name("log.txt")

    def run(at: int = MOST, *, resume: bool = False, anew: bool = False) -> tuple[int, int]:
        return fork(lambda: make_and_train(folder, resume=resume, overwrite=anew), log, at)

    folder.mkdir()
    code, calls = run()
    assert code == 0, log.read_text()
    clean = result(folder)
    if overwrite:
        shutil.copytree(folder, start, ignore=shutil.ignore_patterns(CURVES))
        code, calls = run(anew=True)
        assert code == 0, log.read_text()
    else:
        start.mkdir()
    shares = (np.arange(kills) + np.random.default_rng(SEED).random(kills)) / kills
    wrong = sprung = 0
    for at in np.unique((1 + shares * calls).astype(int)):
        shutil.rmtree(folder)
        shutil.copytree(start, folder)
        killed, _ = run(int(at), anew=overwrite)
        sprung += killed < 0
        again, _ = run(resume=True) if killed else (0, 0)
        found = {} if again else result(folder)
        other = [name for name, value in clean.items() if found.get(name) != value]
        wrong += bool(other)
        words = log.read_text().strip().splitlines()[-1:] if again else []
        sys.stdout.write(f"exit {again}, other: {other} {words}\n" if other else "fine\n")
        sys.stdout.flush()
    sys.stdout.write(f"{wrong} of {sprung} kills; {kills} were meant\n")
    return not wrong and sprung >= kills / 2


if __name__ == "__main__":
    well = main(Path(sys.argv[1]), int(sys.argv[2]), overwrite=sys.argv[3:] == ["--overwrite"])
    sys.exit(not well)
