"""No seam where tiles meet, no fault where the survey or its live area ends: measured with our weights."""

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from models.earth.example import make_example
from models.fill import REACH, fill_dead
from models.normalize import normalize, scale_of
from models.runtime.ensemble import Ensemble
from models.statistics import amplitude_histogram
from models.tiles import Tiling, tile_grid
from tasks.ensemble import fault_networks
from tasks.infer import predict_tile

pytestmark = pytest.mark.slow

Samples = NDArray[np.float32]

SHARD = (64, 64)
UNSEEN_SEED, LIVE_SEED = 902, 903
LARGEST_CHANGE, MEAN_CHANGE = 0.01, 1e-4
APPEARED = 3e-4
"""Of the samples at the live area's end: with the traces carried by 0 or 16 bins, more than that appear."""


@pytest.fixture(scope="module")
def network() -> Ensemble:
    return fault_networks(None).view(line=False).with_threads(1).load()


def normalized(shape: tuple[int, int, int], preset: str) -> Samples:
    amplitude = make_example(UNSEEN_SEED, 0, size=shape, preset=preset).amplitude
    return normalize(amplitude, scale_of(amplitude_histogram(amplitude)))


def tiled(volume: Samples, network: Ensemble, shards: int) -> Samples:
    tiling = Tiling(
        (volume.shape[0], volume.shape[1], volume.shape[2]),
        network.stride,
        network.halo,
        shards,
        SHARD,
        volume.shape[2],
    )
    found = np.full_like(volume, np.nan)
    for tile in tile_grid(tiling):
        found[tile.core] = predict_tile(volume[tile.read], tile, tiling, network)
    return found


@pytest.mark.parametrize("preset", ["field", "holdout"])
def test_cutting_the_survey_or_moving_the_cuts_changes_next_to_nothing(
    network: Ensemble, preset: str, capsys: pytest.CaptureFixture[str]
) -> None:
    volume = normalized((200, 136, 96), preset)
    whole = tiled(volume, network, shards=9)
    cut = tiled(volume, network, shards=1)
    move = 3 * network.stride
    moved = tiled(np.ascontiguousarray(volume[move:]), network, shards=1)
    away = slice(network.halo, None)
    changes = {
        "cut": np.abs(cut - whole),
        "moved": np.abs(moved[away] - cut[move:][away]),
    }
    with capsys.disabled():
        for name, change in changes.items():
            print(f" [{name}: {change.max():.4f}, mean {change.mean():.1e}]", end="")  # noqa: T201
    for change in changes.values():
        assert change.max() <= LARGEST_CHANGE
    assert abs(float(cut.mean() - whole.mean())) < MEAN_CHANGE
    assert abs(float(moved[away].mean() - cut[move:][away].mean())) < MEAN_CHANGE


def live_areas(shape: tuple[int, int]) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """A survey cut along a slant, one with holes, and one with single dead traces."""
    row, column = np.ogrid[: shape[0], : shape[1]]
    yield "slant", (row + 2 * column > 90) & (row - column < 100)
    yield "holes", (row - 60) ** 2 + (column - 50) ** 2 > 18**2
    yield "dead traces", np.random.default_rng(1).random(shape) > 0.03


def test_few_faults_appear_where_the_live_area_ends(
    network: Ensemble, capsys: pytest.CaptureFixture[str]
) -> None:
    threshold = fault_networks(None).card.volumes.threshold
    appeared = {}
    for preset in ("field", "holdout", "unfaulted"):
        example = make_example(LIVE_SEED, 0, size=(136, 128, 96), preset=preset)
        volume = normalize(example.amplitude, scale_of(amplitude_histogram(example.amplitude)))
        complete = tiled(volume, network, shards=9) >= threshold
        known = widened(complete | (example.fault_label > 0))
        for name, live in live_areas(volume.shape[:2]):
            dead = np.where(live[..., None], volume, np.float32(0))
            found = tiled(fill_dead(dead, live, REACH), network, shards=9) >= threshold
            near = live & ~eroded(live, 4)
            appeared[f"{preset}, {name}"] = (found & ~known)[near].mean()
    with capsys.disabled():
        for name, share in appeared.items():
            print(f" [{name}: {share:.3%}]", end="")  # noqa: T201
    assert np.mean(list(appeared.values())) < APPEARED


def widened(found: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return what lies within two samples of a fault."""
    return np.asarray(ndimage.binary_dilation(found, iterations=2), bool)


def eroded(live: NDArray[np.bool_], bins: int) -> NDArray[np.bool_]:
    """Return the live bins that have no dead one as near as that."""
    for _ in range(bins):
        around = np.pad(live, 1, constant_values=True)
        live = live & around[:-2, 1:-1] & around[2:, 1:-1] & around[1:-1, :-2] & around[1:-1, 2:]
    return live


def test_no_more_false_faults_at_the_edge_of_a_survey_than_inside(
    network: Ensemble, capsys: pytest.CaptureFixture[str]
) -> None:
    threshold = fault_networks(None).card.volumes.threshold
    false_at_edge, false_inside = [], []
    for preset in ("unfaulted", "field", "holdout"):
        example = make_example(UNSEEN_SEED, 0, size=(128, 120, 96), preset=preset)
        volume = normalize(example.amplitude, scale_of(amplitude_histogram(example.amplitude)))
        found = tiled(volume, network, shards=9) >= threshold
        false = found & ~widened(example.fault_label > 0)
        rim = np.ones(found.shape, bool)
        rim[6:-6, 6:-6, 6:-6] = False
        false_at_edge.append(false[rim].mean())
        false_inside.append(false[~rim].mean())
    edge, inside = np.mean(false_at_edge), np.mean(false_inside)
    with capsys.disabled():
        print(f" [at the edge {edge:.2%}, inside {inside:.2%}]", end="")  # noqa: T201
    assert edge < inside + 0.002
