"""Classical attributes: 0 where layers go on, high where they break, blind to gain and to dip."""

from collections.abc import Callable

import numpy as np
import pytest

from models.attributes.dips import Samples, lateral_dips, neighbour
from models.attributes.likelihood import fault_likelihood
from models.attributes.planarity import non_planarity
from models.attributes.semblance import discontinuity

Shape = tuple[int, int, int]
Attribute = Callable[[Samples], Samples]

SHAPES: list[Shape] = [(64, 1, 80), (56, 30, 40)]
INNER = slice(12, -12)


def semblance(amplitude: Samples) -> Samples:
    return discontinuity(amplitude, reach=1, window=9)


ATTRIBUTES: list[Attribute] = [semblance, non_planarity, fault_likelihood]


def layers(shape: tuple[int, int, int], *, dip: float = 0.0, throw: float = 0.0) -> Samples:
    """Layers that dip by samples a trace along axis 0, broken in its middle by an upright fault."""
    i, _, k = np.meshgrid(*(np.arange(side) for side in shape), indexing="ij")
    depth = k - dip * i - throw * (i >= shape[0] // 2)
    signal = np.sin(depth * 0.55) + 0.6 * np.sin(depth * 0.83 + 1)
    return np.asarray(signal, dtype=np.float32)


def inner(samples: Samples) -> Samples:
    return samples[INNER, :, INNER] if samples.shape[1] == 1 else samples[INNER, INNER, INNER]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_layers_that_go_on_are_no_fault_whatever_their_dip(
    attribute: Attribute, shape: Shape
) -> None:
    for dip in (0.0, 0.4):
        found = inner(attribute(layers(shape, dip=dip)))
        assert found.shape == inner(np.empty(shape, np.float32)).shape
        assert found.min() >= 0
        assert found.max() < 0.35


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_a_break_stands_out_of_its_surroundings(attribute: Attribute, shape: Shape) -> None:
    found = attribute(layers(shape, throw=4.0))
    assert found.max() <= 1
    middle = shape[0] // 2
    at_fault = found[middle - 1 : middle + 1, :, INNER].mean()
    assert at_fault > 4 * found[INNER.start : middle - 10, :, INNER].mean()


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_loudness_changes_nothing(attribute: Attribute) -> None:
    amplitude = layers(SHAPES[0], throw=4.0)
    np.testing.assert_allclose(attribute(100 * amplitude), attribute(amplitude), atol=0.01)


def test_likelihood_finds_a_fault_of_its_dips_better_than_one_that_is_not_there() -> None:
    shape = (96, 1, 96)
    i, _, k = np.meshgrid(*(np.arange(side) for side in shape), indexing="ij")
    beyond = i - 48 > 0.5 * (k - 48)
    depth = k - 4.0 * beyond
    amplitude = (np.sin(depth * 0.55) + 0.6 * np.sin(depth * 0.83 + 1)).astype(np.float32)
    found = fault_likelihood(amplitude)
    on = np.abs(i - 48 - 0.5 * (k - 48)) < 1
    far = np.abs(i - 48 - 0.5 * (k - 48)) > 15
    assert found[on].mean() > 5 * found[far].mean()


def test_dips_are_samples_a_trace_along_each_axis() -> None:
    i, j, k = np.meshgrid(*(np.arange(side) for side in (40, 40, 48)), indexing="ij")
    amplitude = np.sin((k - 0.3 * i + 0.2 * j) * 0.5).astype(np.float32)
    dip_0, dip_1 = lateral_dips(amplitude)
    np.testing.assert_allclose(inner(dip_0), 0.3, atol=0.03)
    np.testing.assert_allclose(inner(dip_1), -0.2, atol=0.03)


def test_a_neighbour_read_along_the_dip_is_the_sample_itself() -> None:
    amplitude = layers((20, 1, 64), dip=0.5)
    shift = np.full(amplitude.shape, 0.5, np.float32)
    aside = neighbour(amplitude, (1, 0), shift)
    np.testing.assert_allclose(aside[:-1, :, 5:-5], amplitude[:-1, :, 5:-5], atol=0.1)
