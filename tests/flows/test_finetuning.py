"""``train --finetune`` and ``train --labels`` as a user calls them, on a small survey with one fault."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

import flows.train_faults  # noqa: F401 - Prefect keeps the streams that it finds when it is loaded
from flows.__main__ import COMPLETE, WRONG_INPUT, run
from models.networks.card import read_card
from tasks.checkpoint import LOG, read_log
from tasks.finetune import VERDICT
from tasks.synthesize import ExampleRecipe, synthesize
from tests.flows.running import graben
from tests.plain_survey import as_volume
from tests.tiny_network import write_weights

SHAPE = (20, 24, 48)
THROW = 5
EXAMPLES = ExampleRecipe(seed=1, count=2, size=(16, 16, 16), preset="plain")
STEPS = 2


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A survey whose layers are broken between crosslines 11 and 12, picks, weights, examples."""
    folder = tmp_path_factory.mktemp("finetuning")
    rng = np.random.default_rng(0)
    layers = ndimage.gaussian_filter1d(rng.standard_normal(SHAPE[2] + THROW), 1.5)
    samples = np.empty(SHAPE, np.float32)
    samples[:, :12], samples[:, 12:] = layers[: SHAPE[2]], layers[THROW:]
    as_volume(folder / "volume.zarr", samples)
    write_weights(folder / "tiny.keras")
    synthesize(folder / "cubes.zarr", EXAMPLES)
    picks = [f"inline,{line},11.5,{sample},a" for line in (4, 9, 15) for sample in (0, 47)]
    (folder / "sections.csv").write_text("\n".join(["line,number,trace,sample,stick", *picks]))
    return folder


def command(folder: Path, out: Path, *options: object) -> tuple[object, ...]:
    data = ("--examples", folder / "cubes.zarr", "--weights", folder / "tiny.keras")
    few = ("--steps", STEPS, "--score-count", 1, "--threads", 1)
    return ("train", "--out", out, *data, *few, *options)


@pytest.mark.slow
@pytest.mark.usefixtures("quick_starts")
def test_picks_on_a_few_sections_and_the_survey_itself_train_weights(
    folder: Path, tmp_path: Path
) -> None:
    out, home = tmp_path / "out", tmp_path / "home"
    own = ("--finetune", folder / "volume.zarr", "--labels", folder / "sections.csv")
    code, said, error = graben(*command(folder, out, *own), home=home)
    assert code == COMPLETE, error
    told = json.loads((out / VERDICT).read_text(encoding="utf-8"))
    assert told["steps"] == STEPS
    assert 0 < told["before"]["labelled"] < 1, "the last of three sections is not learned from"
    assert "labelled: " in said
    assert "It helped" in said or "It did not help" in said
    assert read_card(out / "tiny.keras").data["examples"]
    log = read_log(out / LOG)
    assert len(log["consistency"]) == STEPS
    code, said, _ = graben(*command(folder, out, *own), home=home)
    assert code == COMPLETE
    assert "nothing to do" in said


@pytest.mark.slow
@pytest.mark.usefixtures("quick_starts")
def test_a_survey_without_picks_trains_weights(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    own = ("--finetune", folder / "volume.zarr")
    code, said, error = graben(*command(folder, out, *own), home=tmp_path / "home")
    assert code == COMPLETE, error
    told = json.loads((out / VERDICT).read_text(encoding="utf-8"))
    assert told["before"]["labelled"] is None
    assert 0 <= told["before"]["agreement"] <= 1
    assert "agreement: " in said


HEAD = "line,number,trace,sample\n"
WRONG_PICKS = [
    ("", "no column 'line'"),
    ("line;number;trace;sample\ninline;4;11;3\n", "separated by commas"),
    ("line,number,trace\n", "no column 'sample'"),
    (HEAD, "holds no section"),
    (f"{HEAD}row,1,2,3\n", "line 2 is 'row,1,2,3'"),
    (f"{HEAD}inline,4,11\n", "line 2 is 'inline,4,11,'"),
    (f"{HEAD}inline,4,11,nan\n", "line 2 is 'inline,4,11,nan'"),
    (f"{HEAD}inline,99,11,3\n", "there is no inline 99"),
    (f"{HEAD}inline,4,24,3\n", "trace 24, sample 3. It has traces 0 to 23"),
    (f"{HEAD}crossline,4,11,48\n", "samples 0 to 47"),
    ("\0\xff" * 9, "not a text file"),
]


@pytest.mark.parametrize(("text", "words"), WRONG_PICKS)
def test_a_wrong_file_of_picks_is_one_line_and_writes_nothing(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, words: str
) -> None:
    picks = tmp_path / "picks.csv"
    picks.write_bytes(text.encode("latin-1"))
    own = ("--finetune", folder / "volume.zarr", "--labels", picks)
    line = refused(capsys, *command(folder, tmp_path / "out", *own))
    assert line.startswith(f"graben: {picks}: ")
    assert words in line


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--finetune", "{}/none.zarr"), "no complete volume. Make one with 'graben ingest'"),
        (("--finetune", "{}/cubes.zarr"), "it holds no amplitudes"),
        (("--finetune", "{}/tiny.keras"), "no complete volume"),
        (("--labels", "{}/sections.csv"), "--finetune"),
        (("--labels", "{}/none.csv", "--finetune", "{}/volume.zarr"), "No such file"),
        (("--labels", "{}", "--finetune", "{}/volume.zarr"), "no .npz files"),
        (("--finetune", "{}/volume.zarr", "--batch-size", "2"), "needs 4 or more"),
        (
            ("--finetune", "{}/volume.zarr", "--weights", "{}/none.keras"),
            "the weights have no card",
        ),
        (("--finetune", "{}/volume.zarr", "--test-seed", "1"), "seeds of their own"),
    ],
)
def test_what_cannot_be_trained_on_is_one_line_and_writes_nothing(
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    words: str,
) -> None:
    own = [each.format(folder) for each in options]
    assert words in refused(capsys, *command(folder, tmp_path / "out", *own))


def refused(capsys: pytest.CaptureFixture[str], *line: object) -> str:
    """Run a command that is refused; return its one line. Nothing was written."""
    out = Path(str(line[2]))
    assert run([str(each) for each in line]) == WRONG_INPUT
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert not out.exists()
    return error
