"""A Keras network as an ONNX graph, which OpenVINO and ONNX Runtime read.

Channels come first, batch normalizations are folded into the convolutions before them, and sides stay
free. Blocks of samples are moved into channels by convolutions with kernels of zeros and ones, which,
unlike reshaping, need no arithmetic on shapes that are not known yet.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import keras
import numpy as np
import onnx
from keras import layers
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from models.errors import WeightsError
from models.networks.layers import DepthToSpace, SpaceToDepth
from models.networks.weights import load_network
from models.runtime.carded import AMPLITUDE, LOGITS, PROBABILITY

Kernel = NDArray[np.float32]

OPSET, IR_VERSION = 17, 8
"""Of 2022: everything that reads ONNX reads them."""

SHUFFLE = "shuffle"
"""Names of convolutions that only move samples begin with it; they need no rounding."""


@dataclass(slots=True)
class _Convolution:
    """A convolution until all that is folded into it is known; ``kernel`` is (out, in, k0, k1, k2)."""

    source: str
    kernel: Kernel
    bias: Kernel
    strides: tuple[int, ...]


class _Graph:
    """Nodes and constants in the order of the network's layers.

    Attributes
    ----------
    tensors
        From a Keras tensor, by its identity, to the name of what holds it.
    """

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.tensors: dict[int, str] = {}
        self.open: dict[str, _Convolution] = {}

    def constant(self, name: str, values: NDArray[Any]) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> None:  # noqa: ANN401
        for name in inputs:
            self.close(name)
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))

    def close(self, name: str) -> None:
        """Write the convolution of this name, now that nothing more can be folded into it."""
        if (each := self.open.pop(name, None)) is None:
            return
        self.close(each.source)
        sides = each.kernel.shape[2:]
        # As Keras pads where sides are multiples of the stride: the odd sample goes behind.
        total = [max(side - stride, 0) for side, stride in zip(sides, each.strides, strict=True)]
        before = [amount // 2 for amount in total]
        behind = [amount - first for amount, first in zip(total, before, strict=True)]
        weights = self.constant(f"{name}/kernel", each.kernel)
        bias = self.constant(f"{name}/bias", each.bias)
        self.node(
            "Conv",
            [each.source, weights, bias],
            name,
            kernel_shape=sides,
            strides=each.strides,
            pads=before + behind,
        )


def onnx_bytes(weights: Path) -> bytes:
    """Return the network in a ``.keras`` file as an ONNX model; see `onnx_model`."""
    return bytes(onnx_model(load_network(weights), name=weights.stem).SerializeToString())


def onnx_model(network: keras.Model, *, name: str) -> onnx.ModelProto:
    """Return a network as an ONNX model with free sides.

    Parameters
    ----------
    network
        From (batch, n0, n1, n2, 1) to logits of the same shape.
    name
        For messages, and kept in the model.

    Raises
    ------
    WeightsError
        If the network has a layer that is not among those that can be written.
    """
    graph = _Graph()
    for layer in network.layers:
        write = _WRITERS.get(type(layer))
        if write is None or (isinstance(layer, layers.Conv3D) and not _is_plain(layer)):
            raise _unknown(name, layer)
        incoming = layer.input if isinstance(layer.input, list) else [layer.input]
        sources = [graph.tensors.get(id(tensor), AMPLITUDE) for tensor in incoming]
        graph.tensors[id(layer.output)] = write(graph, layer, sources)
    last = graph.tensors[id(network.outputs[0])]
    graph.node("Identity", [last], LOGITS)
    graph.node("Sigmoid", [LOGITS], PROBABILITY)
    return _finished(graph, name)


def _finished(graph: _Graph, name: str) -> onnx.ModelProto:
    """Return the model, checked: one input, logits and their probabilities."""
    sides = (1, 1, "n0", "n1", "n2")
    given, logits, probability = (
        helper.make_tensor_value_info(each, TensorProto.FLOAT, sides)
        for each in (AMPLITUDE, LOGITS, PROBABILITY)
    )
    body = helper.make_graph(
        graph.nodes, name, [given], [logits, probability], initializer=graph.constants
    )
    model = helper.make_model(
        body,
        producer_name="graben",
        ir_version=IR_VERSION,
        opset_imports=[helper.make_opsetid("", OPSET)],
    )
    onnx.checker.check_model(model)
    return model


def _input(_graph: _Graph, _layer: keras.Layer, _sources: list[str]) -> str:
    return AMPLITUDE


def _convolution(graph: _Graph, layer: keras.Layer, sources: list[str]) -> str:
    kernel, *bias = layer.get_weights()
    graph.open[layer.name] = _Convolution(
        sources[0],
        np.moveaxis(kernel, (4, 3), (0, 1)),
        bias[0] if bias else np.zeros(kernel.shape[-1], np.float32),
        tuple(layer.strides),
    )
    return str(layer.name)


def _normalization(graph: _Graph, layer: keras.Layer, sources: list[str]) -> str:
    """Fold a normalization into the convolution before it."""
    into = graph.open.get(sources[0])
    if into is None:
        raise _unknown(layer.name, layer)
    gamma, beta, mean, variance = (each.astype(np.float64) for each in layer.get_weights())
    factor = gamma / np.sqrt(variance + layer.epsilon)
    into.kernel = (into.kernel * factor[:, None, None, None, None]).astype(np.float32)
    into.bias = ((into.bias - mean) * factor + beta).astype(np.float32)
    return sources[0]


def _rectification(graph: _Graph, layer: keras.Layer, sources: list[str]) -> str:
    graph.node("Relu", sources, layer.name)
    return str(layer.name)


def _sum(graph: _Graph, layer: keras.Layer, sources: list[str]) -> str:
    graph.node("Add", sources, layer.name)
    return str(layer.name)


def _repetition(graph: _Graph, layer: keras.Layer, sources: list[str]) -> str:
    scales = graph.constant(f"{layer.name}/scales", np.array([1, 1, *layer.size], np.float32))
    graph.node(
        "Resize",
        [*sources, "", scales],
        layer.name,
        mode="nearest",
        coordinate_transformation_mode="asymmetric",
        nearest_mode="floor",
    )
    return str(layer.name)


def _shuffle_kernel(factors: tuple[int, ...]) -> Kernel:
    """Return zeros and ones, (block, 1, f0, f1, f2): sample by sample of a block its own channel."""
    places = list(product(*(range(factor) for factor in factors)))
    kernel = np.zeros((len(places), 1, *factors), np.float32)
    for channel, place in enumerate(places):
        kernel[(channel, 0, *place)] = 1
    return kernel


def _blocks_to_channels(graph: _Graph, layer: keras.Layer, sources: list[str]) -> str:
    name = f"{SHUFFLE}/{layer.name}"
    kernel = graph.constant(f"{name}/kernel", _shuffle_kernel(layer.factors))
    graph.node("Conv", [*sources, kernel], name, kernel_shape=layer.factors, strides=layer.factors)
    return name


def _channels_to_blocks(graph: _Graph, layer: keras.Layer, sources: list[str]) -> str:
    name = f"{SHUFFLE}/{layer.name}"
    kernel = graph.constant(f"{name}/kernel", _shuffle_kernel(layer.factors))
    graph.node(
        "ConvTranspose",
        [*sources, kernel],
        name,
        kernel_shape=layer.factors,
        strides=layer.factors,
    )
    return name


_WRITERS: dict[type, Callable[[_Graph, Any, list[str]], str]] = {
    layers.InputLayer: _input,
    layers.Conv3D: _convolution,
    layers.BatchNormalization: _normalization,
    layers.ReLU: _rectification,
    layers.Add: _sum,
    layers.UpSampling3D: _repetition,
    SpaceToDepth: _blocks_to_channels,
    DepthToSpace: _channels_to_blocks,
}


def _is_plain(layer: layers.Conv3D) -> bool:
    """Return whether a convolution is of the kind that is written: padded, of all channels, linear."""
    return (
        layer.padding == "same"
        and layer.groups == 1
        and set(layer.dilation_rate) == {1}
        and layer.activation is keras.activations.linear
    )


def _unknown(name: str, layer: keras.Layer) -> WeightsError:
    return WeightsError(
        name,
        f"layer {layer.name} ({type(layer).__name__}) cannot be written to other formats",
        "Use --runtime tensorflow, which runs every network.",
    )
