"""Presets: the bytes of those that weights were trained on, and what the others promise."""

from hashlib import sha256

import numpy as np
import pytest

from models.earth import acquisition
from models.earth.channels import cut_channels
from models.earth.example import make_example
from models.earth.faults import draw_faults
from models.earth.kernels import FARTHEST
from models.earth.presets import VARIED, Preset
from models.earth.truth import undo

CUBE, SECTION = (24, 20, 32), (40, 1, 32)

BYTES = {
    ("demo", CUBE): "bc2b00465081168f",
    ("demo", SECTION): "e2a7403b41aa21ff",
    ("field", CUBE): "a981ff14c5d99d23",
    ("field", SECTION): "9d149d0454c2d42f",
    ("holdout", CUBE): "30abb697e2c1d7c1",
    ("holdout", SECTION): "f011f4051193cbfd",
    ("mixed", CUBE): "f45d19a6d8615e1e",
    ("mixed", SECTION): "03daf8fe8fb61e5f",
    ("plain", CUBE): "88e34411a5a1b837",
    ("plain", SECTION): "345de80c2a20f779",
}
"""Hash of six examples of seed 11, as GENERATOR_VERSION 1 made them on 2026-11-24."""

SAMPLES = {
    "demo": [-0.846, 0.0291, -0.5298, -5.8668],
    "field": [0.4161, 1.8349, 0.3092, -0.5045],
    "holdout": [0.583, -0.6412, 1.2326, -1.257],
    "plain": [-0.4244, 4.4806, -0.1636, -0.3743],
}


@pytest.mark.parametrize("preset", SAMPLES)
def test_a_preset_draws_what_it_always_drew(preset: str) -> None:
    amplitude = make_example(11, 0, size=CUBE, preset=preset).amplitude
    np.testing.assert_allclose(amplitude[3::9, 0, 5::13].ravel()[:4], SAMPLES[preset], atol=2e-3)


@pytest.mark.parametrize(("preset", "size"), BYTES)
def test_a_preset_keeps_its_bytes_on_one_kind_of_processor(
    preset: str, size: tuple[int, int, int]
) -> None:
    digest = sha256()
    for index in range(6):
        example = make_example(11, index, size=size, preset=preset)
        digest.update(example.amplitude.tobytes() + example.fault_distance.tobytes())
    if digest.hexdigest()[:16] != BYTES[preset, size] and not _is_known_processor():
        pytest.skip("recorded with AVX-512; the test beside this one holds on any processor")
    assert digest.hexdigest()[:16] == BYTES[preset, size]


def _is_known_processor() -> bool:
    """Say whether this processor rounds as the one that the bytes were recorded on."""
    return bool(np.show_config(mode="dicts")["SIMD Extensions"]["found"].count("X86_V4"))


def test_unfaulted_examples_have_no_fault_and_no_label() -> None:
    for index in range(8):
        example = make_example(5, index, size=CUBE, preset="unfaulted")
        assert example.fault_count == 0
        assert (example.fault_distance == FARTHEST).all()


def test_a_listric_set_flattens_with_depth() -> None:
    preset = Preset(fault_sets={"listric": 1.0}, fault_counts={"listric": (1, 1)}, large_share=1.0)
    size = (64, 1, 96)
    seen = 0
    for seed in range(20):
        fault = draw_faults(np.random.default_rng(seed), size, 12.0, 0.0, preset)
        fault["x"], fault["z"] = 32, 48
        undone = undo(fault, size)
        dip = np.where(undone.distance < 1, undone.attitude[2], np.nan)[:, 0]
        upper, lower = dip[:, 28:40], dip[:, 56:68]
        if np.isfinite(upper).any() and np.isfinite(lower).any() and fault["down_z"] < 0.97:
            seen += 1
            assert np.nanmean(lower) < np.nanmean(upper)
    assert seen >= 5


def test_a_conjugate_set_dips_both_ways_and_strikes_one() -> None:
    preset = Preset(fault_sets={"conjugate": 1.0}, fault_counts={"conjugate": (8, 8)})
    faults = draw_faults(np.random.default_rng(3), (64, 64, 64), 12.0, 0.0, preset)
    azimuth = np.arctan2(faults["down_y"], faults["down_x"])
    facing = np.cos(azimuth - azimuth[0])
    assert (np.abs(facing) > 0.7).all()
    assert facing.min() < 0 < facing.max()


def test_a_channel_changes_what_lies_between_its_top_and_its_base_and_nothing_else() -> None:
    level = np.broadcast_to(np.arange(48, dtype=np.float32), (40, 36, 48)).copy()
    cut = cut_channels(np.random.default_rng(2), level, 8.0)
    inside = cut.level != level
    assert 0 < inside.mean() < 0.5
    np.testing.assert_array_equal(cut.deposited[~inside], level[~inside])
    # Its fill came later than what it cut.
    assert (cut.deposited[inside] < level[inside]).all()


def test_a_footprint_is_the_same_along_its_lines_and_fades_with_depth() -> None:
    flat = np.ones((48, 1, 64), np.float32)
    flat[::2] = -1
    added = acquisition.add_footprint(np.random.default_rng(4), flat) / flat - 1
    assert np.abs(added[..., :8]).mean() > np.abs(added[..., -8:]).mean() > 0
    even = np.full((24, 24, 8), 2, np.float32)
    for seed in range(4):
        log = np.log(acquisition.add_footprint(np.random.default_rng(seed), even))
        assert log.std() > 0
        # A sum of stripes along the lines: what differs between two inlines is the same on all crosslines.
        np.testing.assert_allclose(np.diff(np.diff(log, axis=0), axis=1), 0, atol=1e-5)


def test_channels_and_footprints_draw_apart_from_all_else() -> None:
    from models.earth.example import draw_example

    plain = Preset(fault_sets=VARIED.fault_sets)
    drawn = [
        draw_example(
            np.random.default_rng(3), np.random.default_rng(apart), (24, 20, 32), ranges
        ).fault_distance
        for apart, ranges in ((1, plain), (2, plain), (1, VARIED))
    ]
    np.testing.assert_array_equal(drawn[0], drawn[1])
    np.testing.assert_array_equal(drawn[0], drawn[2])
