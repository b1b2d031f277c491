"""Networks in other formats: exports agree with TensorFlow, take any size, and fail in one line."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from models.errors import ParameterError, WeightsError
from models.networks.card import Card, card_path, card_text, read_card, sha256_of
from models.networks.lean import Lean, lean
from models.networks.seeds import seeded
from models.networks.training import use_threads
from models.networks.weights import save_network
from models.runtime.carded import CardedRuntime
from models.runtime.keras_graph import KerasGraph

pytest.importorskip("onnx", reason="the extra onnx is not installed")

from models.networks.onnx_export import onnx_bytes, onnx_model

SHAPES = {
    "volume": Lean((4, 4, 8), (1, 1, 1)),
    "sections": Lean((4, 4), (1, 1), sections=True),
}
THREADS = 1
use_threads(THREADS)  # before TensorFlow computes anything in this process


def with_statistics(network: keras.Model) -> keras.Model:
    """Give normalizations statistics of their own, so that folding them is no identity."""
    rng = np.random.default_rng(7)
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([rng.uniform(0.5, 1.5, each.shape) for each in layer.get_weights()])
    return network


def write_card(path: Path, shape: Lean, **facts: object) -> Path:
    card = Card("tiny", sha256_of(path), shape.stride, shape.sections, halo=16)
    card_path(path).write_text(card_text(replace(card, **facts)))  # type: ignore[arg-type]
    return path


def keras_file(folder: Path, shape: Lean) -> Path:
    path = folder / "tiny.keras"
    save_network(with_statistics(seeded(0, lambda: lean(shape))), path)
    return write_card(path, shape)


def exported(folder: Path, shape: Lean, runtime: str) -> CardedRuntime:
    model = onnx_bytes(folder / "tiny.keras")
    if runtime == "onnx":
        pytest.importorskip("onnxruntime")
        from models.runtime.onnx_graph import OnnxGraph

        path = folder / "tiny-onnx.onnx"
        path.write_bytes(model)
        return OnnxGraph(write_card(path, shape), threads=THREADS)
    pytest.importorskip("openvino")
    from models.runtime.openvino_export import write_openvino
    from models.runtime.openvino_ir import OpenvinoGraph

    path = folder / "tiny-openvino.xml"
    write_openvino(model, path)
    return OpenvinoGraph(write_card(path, shape), threads=THREADS)


def amplitude(*sides: int) -> np.ndarray:
    return np.random.default_rng(1).standard_normal(sides).astype(np.float32)


@pytest.mark.parametrize("runtime", ["onnx", "openvino"])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_an_export_gives_the_logits_of_tensorflow_for_tiles_of_any_size(
    tmp_path: Path, shape: Lean, runtime: str
) -> None:
    original = KerasGraph(keras_file(tmp_path, shape), threads=THREADS)
    found = exported(tmp_path, shape, runtime)
    odd = 3 if shape.sections else 2 * shape.stride
    for sides in ((16, odd, 24), (32, 8, 16), (16, odd, 24)):
        samples = amplitude(*sides)
        np.testing.assert_allclose(found.logits(samples), original.logits(samples), atol=1e-4)
        np.testing.assert_allclose(found.predict(samples), original.predict(samples), atol=1e-4)
        np.testing.assert_array_equal(found.predict(samples), found.predict(samples))


@pytest.mark.parametrize("runtime", ["onnx", "openvino"])
def test_sides_off_the_stride_are_refused_by_every_runtime(tmp_path: Path, runtime: str) -> None:
    keras_file(tmp_path, SHAPES["volume"])
    with pytest.raises(ParameterError, match="multiple of 8"):
        exported(tmp_path, SHAPES["volume"], runtime).predict(amplitude(8, 8, 12))


def test_an_export_has_no_normalization_left_and_free_sides() -> None:
    network = with_statistics(seeded(0, lambda: lean(SHAPES["volume"])))
    model = onnx_model(network, name="tiny")
    assert "BatchNormalization" not in {node.op_type for node in model.graph.node}
    sides = model.graph.input[0].type.tensor_type.shape.dim
    assert [side.dim_param for side in sides[2:]] == ["n0", "n1", "n2"]


def test_a_layer_that_cannot_be_written_is_named() -> None:
    inputs = keras.Input((None, None, None, 1))
    network = keras.Model(inputs, keras.layers.Dropout(0.5, name="drop")(inputs))
    with pytest.raises(WeightsError, match="drop"):
        onnx_model(network, name="other")


@pytest.mark.parametrize("runtime", ["onnx", "openvino"])
def test_a_damaged_export_with_a_card_to_match_is_refused_in_one_line(
    tmp_path: Path, runtime: str
) -> None:
    keras_file(tmp_path, SHAPES["volume"])
    exported(tmp_path, SHAPES["volume"], runtime)
    path = next(tmp_path.glob(f"tiny-{runtime}.[ox]*"))
    path.write_bytes(b"damaged")
    write_card(path, SHAPES["volume"])
    kind = _class_of(runtime)
    with pytest.raises(WeightsError, match="cannot load") as refused:
        kind(path, threads=THREADS)
    assert "\n" not in str(refused.value)


def _class_of(runtime: str) -> Callable[..., CardedRuntime]:
    if runtime == "onnx":
        from models.runtime.onnx_graph import OnnxGraph

        return OnnxGraph
    from models.runtime.openvino_ir import OpenvinoGraph

    return OpenvinoGraph


def test_the_card_of_an_xml_vouches_for_its_bin_too(tmp_path: Path) -> None:
    keras_file(tmp_path, SHAPES["volume"])
    exported(tmp_path, SHAPES["volume"], "openvino")
    path = tmp_path / "tiny-openvino.xml"
    read_card(path)
    with path.with_suffix(".bin").open("ab") as file:
        file.write(b"more")
    with pytest.raises(WeightsError, match="other weights"):
        read_card(path)
    path.with_suffix(".bin").unlink()
    with pytest.raises(WeightsError, match="missing"):
        read_card(path)


def test_half_precision_departs_little_and_is_named(tmp_path: Path) -> None:
    path = keras_file(tmp_path, SHAPES["volume"])
    full, half = (KerasGraph(path, threads=THREADS, mixed=mixed) for mixed in (False, True))
    samples = amplitude(16, 16, 16)
    assert (full.name, half.name) == ("tensorflow float32", "tensorflow mixed_float16")
    assert half.predict(samples).dtype == np.float32
    change = np.abs(half.predict(samples) - full.predict(samples)).max()
    assert 0 < change < 0.02
