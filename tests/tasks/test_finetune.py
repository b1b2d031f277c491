"""Fine-tuning: resumed as if never stopped, only labels count, and worse weights are not taken."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.errors import WeightsError
from models.networks.card import Card, card_path, card_text, read_card, sha256_of
from models.networks.lean import Lean, lean
from models.networks.seeds import seeded
from models.networks.training import Trainer, use_threads
from models.networks.weights import save_network
from storage.errors import InputError, OutputError
from storage.examples import ExampleStore
from storage.section_picks import Section, read_picks
from tasks.checkpoint import CHECKPOINT
from tasks.finetune import VERDICT, Outcome, finetune
from tasks.finetune_batches import Finetuning, Sources
from tasks.finetune_checks import Found, verdict
from tasks.ingest import ingest
from tasks.scan import scan_survey
from tasks.survey_crops import SurveyCrops, distance_to, draw_labelled, labelled_slabs
from tasks.synthesize import ExampleRecipe, synthesize
from tests.plain_survey import write_regular

THREADS = 1
use_threads(THREADS)  # before TensorFlow computes anything in this process

NETWORK = Lean((4,), (1,))
EXAMPLES = ExampleRecipe(seed=1, count=2, size=(16, 16, 16), preset="plain")
HELD_OUT = ExampleRecipe(seed=9, count=1, size=(16, 16, 16), preset="plain")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights, synthetic examples and a survey."""
    folder = tmp_path_factory.mktemp("finetune")
    synthesize(folder / "cubes.zarr", EXAMPLES)
    survey = scan_survey(write_regular(folder / "survey.sgy", shape=(20, 24, 48)))
    ingest(survey, folder / "volume.zarr", identity={"a": 1})
    weights = folder / "tiny.keras"
    save_network(seeded(3, lambda: lean(NETWORK)), weights)
    card = Card("tiny", sha256_of(weights), NETWORK.stride, data={"examples": [{"seed": 1}]})
    card_path(weights).write_text(card_text(card))
    return folder


@pytest.fixture(scope="module")
def picks(folder: Path) -> Path:
    """A stick on one inline, and a crossline without a fault."""
    survey = SurveyCrops(folder / "volume.zarr").geometry
    inline, crossline = survey.inlines[7], survey.crosslines[3]
    first, second = survey.crosslines[5], survey.crosslines[9]
    table = folder / "sections.csv"
    table.write_text(
        "line,number,trace,sample,stick\n"
        f"inline,{inline},{first},10,a\ninline,{inline},{second},30,a\n"
        f"crossline,{crossline},,,\n"
    )
    return table


def tuning(folder: Path, *, labels: Path | None = None) -> Finetuning:
    return Finetuning(
        folder / "tiny.keras",
        HELD_OUT,
        folder / "volume.zarr",
        labels,
        steps=4,
        checkpoint_every=2,
    )


def run(folder: Path, out: Path, how: Finetuning, **options: object) -> object:
    return finetune(
        [folder / "cubes.zarr"],
        out,
        how,
        threads=THREADS,
        **options,  # type: ignore[arg-type]
    )


def state(out: Path) -> dict[str, np.ndarray]:
    with np.load(out / CHECKPOINT) as file:
        return {name: file[name] for name in file.files}


def test_a_resumed_finetuning_ends_with_the_same_weights(
    folder: Path, picks: Path, tmp_path: Path
) -> None:
    how = tuning(folder, labels=picks)
    straight = run(folder, tmp_path / "a", how)
    assert run(folder, tmp_path / "b", how, stop_after=3) is None
    assert not (tmp_path / "b" / VERDICT).exists()
    with pytest.raises(OutputError, match="has begun"):
        run(folder, tmp_path / "b", how)
    with pytest.raises(OutputError, match="another training"):
        run(folder, tmp_path / "b", replace(how, seed=12), resume=True)
    resumed = run(folder, tmp_path / "b", how, resume=True)
    first, second = state(tmp_path / "a"), state(tmp_path / "b")
    for name, array in first.items():
        np.testing.assert_array_equal(array, second[name])
    told = json.loads((tmp_path / "a" / VERDICT).read_text())
    assert told == json.loads((tmp_path / "b" / VERDICT).read_text()) | {
        "weights_sha256": told["weights_sha256"]
    }
    assert straight.helped == resumed.helped == told["helped"]  # type: ignore[attr-defined]
    if not told["helped"]:
        assert told["weights_sha256"] == sha256_of(how.weights)


def test_worse_weights_are_not_taken(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.finetune.verdict", lambda *_: ["agreement went down"])
    outcome = run(folder, tmp_path, tuning(folder))
    assert sha256_of(tmp_path / "tiny.keras") == sha256_of(folder / "tiny.keras")
    assert "old weights are kept: agreement went down" in outcome.lines()[-1]  # type: ignore[attr-defined]


def test_what_was_forgotten_or_spread_speaks_against_new_weights() -> None:
    before = Found(0.5, agreement=0.6, picks=0.01)
    assert not verdict(before, Found(0.49, agreement=0.7, picks=0.012))
    assert "synthetic" in verdict(before, Found(0.4, agreement=0.7, picks=0.01))[0]
    assert "agreement" in verdict(before, Found(0.5, agreement=0.6, picks=0.01))[0]
    assert "share of picks" in verdict(before, Found(0.5, agreement=0.9, picks=0.2))[0]
    labelled = replace(before, labelled=0.2)
    assert not verdict(labelled, Found(0.5, agreement=0.5, picks=0.01, labelled=0.3))
    assert "held-out" in verdict(labelled, Found(0.5, agreement=0.9, picks=0.01, labelled=0.1))[0]


def test_weights_that_nothing_tells_of_are_not_said_to_have_helped(tmp_path: Path) -> None:
    silent, told = Found(0.5), Found(0.5, agreement=0.7, picks=0.01)
    assert "Nothing says whether" in Outcome(tmp_path, silent, silent, ()).lines()[-1]
    assert "It helped" in Outcome(tmp_path, told, told, ()).lines()[-1]


def test_a_section_without_faults_is_learned_from_and_not_scored(
    folder: Path, picks: Path, tmp_path: Path
) -> None:
    number = SurveyCrops(folder / "volume.zarr").geometry.inlines[9]
    first, *others = picks.read_text().splitlines()
    table = tmp_path / "three.csv"
    stick = [line.replace(others[0].split(",")[1], str(number), 1) for line in others[:2]]
    table.write_text("\n".join([first, *others[:2], *stick, others[2]]) + "\n")
    how = tuning(folder, labels=table)
    source = Sources.of([], how, read_card(how.weights))
    assert [len(source.slabs), len(source.held_out)] == [2, 1]
    assert source.held_out[0].has_both
    assert [each.has_both for each in source.slabs] == [True, False]


def test_the_old_weights_are_not_written_over(folder: Path) -> None:
    before = sha256_of(folder / "tiny.keras")
    with pytest.raises(WeightsError, match="write over the weights it begins with"):
        run(folder, folder, tuning(folder))
    assert sha256_of(folder / "tiny.keras") == before


def test_a_verdict_goes_when_its_training_goes_on(folder: Path, tmp_path: Path) -> None:
    how = tuning(folder)
    run(folder, tmp_path, how)
    longer = replace(how, steps=6)
    run(folder, tmp_path, longer, resume=True, stop_after=5)
    assert not (tmp_path / VERDICT).exists()
    with pytest.raises(OutputError, match="has done 5 steps"):
        run(folder, tmp_path, how, resume=True)


def test_half_of_a_batch_is_synthetic_and_the_teacher_counts_where_it_agrees(
    folder: Path, picks: Path
) -> None:
    how = tuning(folder, labels=picks)
    card = Card("tiny", "", NETWORK.stride)
    source = Sources.of([ExampleStore(folder / "cubes.zarr")], how, card)
    trainer = Trainer(seeded(3, lambda: lean(NETWORK)), trained=True)
    batch = source.draw(5, trainer)
    assert batch.labelled is not None
    assert batch.agreed is not None
    assert batch.labelled[:2].all()
    assert not batch.labelled[3].any()
    assert not batch.agreed[:3].any()
    section = batch.labelled[2]
    assert 0 < section.mean() <= 2 / 16, "one plane of the block, and only where it has traces"
    again = source.draw(5, trainer)
    np.testing.assert_array_equal(batch.amplitude, again.amplitude)


def test_samples_that_nobody_interpreted_change_nothing() -> None:
    rng = np.random.default_rng(0)
    amplitude = rng.standard_normal((2, 8, 8, 8)).astype(np.float32)
    label = (rng.random(amplitude.shape) < 0.2).astype(np.float32)
    known = np.zeros_like(label)
    known[:, 4] = 1
    weights = []
    for guess in (label, np.where(known > 0, label, 1 - label)):
        trainer = Trainer(seeded(0, lambda: lean(NETWORK)))
        trainer.train_step(amplitude, guess, steps=2, labelled=known, agreed=np.zeros_like(known))
        weights.append(trainer.mean_weights)
    for one, other in zip(*weights, strict=True):
        np.testing.assert_array_equal(one, other)


def test_picks_lie_where_they_were_made(folder: Path, picks: Path) -> None:
    survey = SurveyCrops(folder / "volume.zarr")
    inline, crossline = labelled_slabs(picks, survey)
    section = inline.distance[:, inline.line]
    assert section[5, 10] == section[9, 30] == section[7, 20] == 0
    assert section[15, 10] > 3
    assert np.isnan(np.delete(inline.distance, inline.line, axis=1)).all()
    np.testing.assert_array_equal(
        inline.amplitude[:, inline.line], survey.read((7, 0, 0), (1, 24, 48))[0][0]
    )
    assert np.nanmin(crossline.distance) > 100, "an interpreted section without a fault"
    _, label, known = draw_labelled(np.random.default_rng(0), inline, (16, 16, 16))
    assert known.any(axis=(0, 2)).sum() == 1
    assert not label[known == 0].any()


def test_picks_of_a_stick_are_joined_and_others_stand_alone(tmp_path: Path) -> None:
    table = tmp_path / "sections.csv"
    table.write_text("line,number,trace,sample\ninline,1,10,2\ninline,1,14,2\n")
    sticks = read_picks(table)[Section("inline", 1)]
    assert sticks == [[(10.0, 2.0)], [(14.0, 2.0)]]
    traces = np.arange(8, 20, 2, dtype=np.int32)
    assert distance_to(sticks, traces, 5)[2, 2] == 1
    assert distance_to([sticks[0] + sticks[1]], traces, 5)[2, 2] == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("line,number,trace\n", "no column 'sample'"),
        ("line,number,trace,sample\n", "holds no section"),
        ("line,number,trace,sample\nrow,1,2,3\n", "line 2 is 'row,1,2,3'"),
        ("line,number,trace,sample\ninline,1,2,x\n", "line 2"),
        ("line,number,trace,sample\ninline,99999,2,3\n", "no inline 99999"),
    ],
)
def test_wrong_tables_are_refused_in_one_line(
    folder: Path, tmp_path: Path, text: str, words: str
) -> None:
    table = tmp_path / "sections.csv"
    table.write_text(text)
    with pytest.raises(InputError, match=words) as error:
        labelled_slabs(table, SurveyCrops(folder / "volume.zarr"))
    assert "\n" not in str(error.value)


def test_picks_without_their_survey_are_refused(picks: Path) -> None:
    with pytest.raises(InputError, match="--finetune"):
        labelled_slabs(picks, None)
