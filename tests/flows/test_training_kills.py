"""Trainings that are killed at any moment, and go on to the same weights."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.networks.card import sha256_of
from tasks.checkpoint import CHECKPOINT
from tasks.fan_out import Progress
from tasks.own_process import in_own_process
from tasks.synthesize import ExampleRecipe, synthesize
from tests.flows.running import ROOT, Running, start

pytestmark = [pytest.mark.slow, pytest.mark.timeout(280), pytest.mark.usefixtures("quick_starts")]

STEPS, EVERY = 16, 4
CUBES = ExampleRecipe(seed=1, count=2, size=(16, 16, 16), preset="plain")
KILLS = 3


def undisturbed(examples: Path, out: Path, *, progress: Progress) -> str:
    """Train as the command does; return the hash of the weights."""
    from tasks.train import train
    from tasks.training import training_of

    how = training_of("lean16", steps=STEPS, seed=11, batch_size=2)
    how = replace(how, checkpoint_every=EVERY)
    return sha256_of(train([examples], out, how, threads=1, progress=progress))


def command(examples: Path, out: Path) -> tuple[object, ...]:
    how = ("--steps", STEPS, "--checkpoint-every", EVERY, "--batch-size", 2, "--threads", 1)
    return ("train", "--examples", examples, "--out", out, *how)


def wait_for(happened: Callable[[], bool], run: Running) -> None:
    """Look so often that a file is seen that is there for a few milliseconds."""
    end = time.monotonic() + 120
    while not happened():
        assert run.process.poll() is None, run.end(within=1)
        assert time.monotonic() < end, "it does not happen"
        time.sleep(0.001)


def saved_step(out: Path) -> int:
    """The step that the card beside the weights names; 0 before there are any."""
    card = out / "lean16.json"
    if not card.exists():
        return 0
    return int(json.loads(card.read_text(encoding="utf-8"))["data"]["training"]["step"])


def test_a_killed_command_ends_in_the_weights_of_an_undisturbed_training(tmp_path: Path) -> None:
    home, out, examples = tmp_path / "home", tmp_path / "out", tmp_path / "cubes.zarr"
    home.mkdir()
    synthesize(examples, CUBES)
    expected = in_own_process(undisturbed, examples, tmp_path / "undisturbed")
    part = out / f"{CHECKPOINT}.part"
    moment = EVERY * int(np.random.default_rng().integers(1, STEPS // EVERY - 1))

    run = start(*command(examples, out), home=home)
    wait_for(lambda: saved_step(out) >= moment and part.exists(), run)  # a checkpoint is written
    run.kill()
    assert moment <= saved_step(out) < STEPS

    run = start(*command(examples, out), "--resume", home=home)
    wait_for(lambda: saved_step(out) == STEPS, run)  # its scores are not what this is about
    run.kill()
    assert sha256_of(out / "lean16.keras") == expected, f"killed after step {moment}"


@pytest.mark.parametrize("options", [(), ("--overwrite",)])
def test_a_training_may_end_before_any_write(options: tuple[str, ...], tmp_path: Path) -> None:
    line = [sys.executable, "-m", "tests.training_kills", tmp_path / "work", KILLS, *options]
    answer = subprocess.run(
        list(map(str, line)), capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
