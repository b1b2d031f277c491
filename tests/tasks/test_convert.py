"""Weights become files of other runtimes: measured, carded, found again, refused where they do not fit."""

from importlib.machinery import ModuleSpec
from pathlib import Path

import numpy as np
import pytest

import tasks.network
from models.errors import ParameterError, WeightsError
from models.networks.card import read_card
from models.networks.training import use_threads
from storage.errors import OutputError
from tasks.convert import Conversion, convert
from tasks.departure import quality_lines
from tasks.network import ExportedNetwork, ExportName, exported_path, stored_network
from tasks.preload import runtime_of
from tasks.synthesize import ExampleRecipe
from tests.tiny_network import write_weights

THREADS = 1
SIZE = (32, 32, 32)
use_threads(THREADS)  # before TensorFlow computes anything in this process


def conversion(runtime: ExportName, *, quality_seed: int = 601) -> Conversion:
    calibration = ExampleRecipe(501, 2, SIZE, "demo")
    return Conversion(runtime, calibration, ExampleRecipe(quality_seed, 2, SIZE, "demo"), THREADS)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    return write_weights(tmp_path / "tiny.keras")


def need(runtime: str) -> None:
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime" if runtime == "onnx" else "openvino")
    if runtime.endswith("int8"):
        pytest.importorskip("nncf")


@pytest.mark.parametrize("runtime", ["onnx", "openvino"])
def test_a_float32_export_lies_beside_the_weights_where_a_run_finds_it(
    weights: Path, runtime: ExportName
) -> None:
    need(runtime)
    out, card = convert(weights, None, conversion(runtime))
    assert out == exported_path(weights, runtime)
    assert card.export["largest_logit_change"] < 1e-4
    assert card == read_card(out)
    for given in (weights, out):
        network = stored_network(given, runtime)
        assert isinstance(network, ExportedNetwork)
        assert network.weights == out
        assert network.card.sha256 == card.sha256 != read_card(weights).sha256
    assert runtime_of(network).name.endswith("float32")


def test_int8_is_scored_on_examples_and_on_labelled_sections(
    weights: Path, tmp_path: Path
) -> None:
    need("openvino-int8")
    rng = np.random.default_rng(0)
    folder = tmp_path / "surveys"
    folder.mkdir()
    section = rng.standard_normal((40, 32)).astype(np.float32)
    np.savez(folder / "north_1.npz", seis=section, fault=section > 1)
    seen: list[tuple[int, int]] = []
    out, card = convert(
        weights,
        tmp_path / "small.xml",
        conversion("openvino-int8"),
        sections=folder,
        progress=lambda done, total: seen.append((done, total)),
    )
    quality = card.export["quality"]
    assert list(quality) == ["synthetic", "north"]
    names = ["tensorflow float32", *(name for name in quality["north"] if name.endswith("int8"))]
    assert list(quality["north"]) == names
    assert card.export["calibration"]["seed"] == 501
    assert seen[-1] == (6, 6)
    assert len(quality_lines(card)) == 5
    assert read_card(out) == card
    assert "FakeQuantize" in out.read_text()


def test_an_export_of_older_weights_is_refused(weights: Path) -> None:
    need("onnx")
    convert(weights, None, conversion("onnx"))
    write_weights(weights, seed=1)
    with pytest.raises(WeightsError, match=r"other weights.*--overwrite"):
        stored_network(weights, "onnx")
    with pytest.raises(OutputError, match="--overwrite"):
        convert(weights, None, conversion("onnx"))
    convert(weights, None, conversion("onnx"), overwrite=True)
    stored_network(weights, "onnx")


def test_a_missing_export_is_asked_for_by_the_command_that_makes_it(weights: Path) -> None:
    need("openvino")
    with pytest.raises(WeightsError, match=f"convert-weights {weights} --to openvino$"):
        stored_network(weights, "openvino")


def test_an_export_runs_on_its_own_runtime_only(weights: Path) -> None:
    need("onnx")
    out, _ = convert(weights, None, conversion("onnx"))
    with pytest.raises(WeightsError, match="--runtime onnx"):
        stored_network(out)
    with pytest.raises(WeightsError, match="no weights file"):
        stored_network(weights.with_suffix(".h5"))


def test_an_export_cannot_take_the_card_of_its_weights(weights: Path) -> None:
    need("onnx")
    with pytest.raises(OutputError, match="card"):
        convert(weights, weights.with_suffix(".onnx"), conversion("onnx"))
    with pytest.raises(OutputError, match=r"\.onnx"):
        convert(weights, weights.with_name("other.xml"), conversion("onnx"))


def test_seeds_of_the_training_score_nothing(weights: Path) -> None:
    need("onnx")
    with pytest.raises(ParameterError, match="101"):
        convert(weights, None, conversion("onnx", quality_seed=101))


def test_an_export_that_departs_is_left_without_a_card(
    weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need("onnx")
    monkeypatch.setattr("tasks.convert.ALLOWED", -1.0)
    with pytest.raises(WeightsError, match="logits differ"):
        convert(weights, None, conversion("onnx"))
    with pytest.raises(WeightsError, match="no card"):
        stored_network(weights, "onnx")


def test_a_missing_library_is_named_with_what_to_install(
    weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(_name: str) -> ModuleSpec | None:
        return None

    monkeypatch.setattr(tasks.network, "find_spec", nothing)
    with pytest.raises(ParameterError, match=r"openvino\. .*pip install -e '\.\[openvino\]'"):
        stored_network(weights, "openvino-int8")
