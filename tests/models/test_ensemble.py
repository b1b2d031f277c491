"""Ensembles: what members see, how they are put together, and that no tile shows."""

from pathlib import Path

import numpy as np
import pytest

from models.averaging import ONE_PASS, Averaging
from models.calibration import Calibration
from models.errors import WeightsError
from models.networks.ensemble_card import (
    EnsembleCard,
    Member,
    View,
    ensemble_text,
    read_ensemble,
)
from models.runtime.ensemble import EXTRUSION, Context, Ensemble, cost_of
from models.runtime.protocol import Lateral, Runtime
from models.tiles import Tiling, missing_axis, tile_grid
from tasks.evaluate import predict_survey
from tasks.infer import predict_tile
from tests.stand_in import Neighborhood, StandIn

PASSES = Averaging(((1.0, 1.0), (1.5, 1.0), (2.0, 1.5)), mirror=True)
SHAPES = [(44, 37, 40), (60, 1, 40), (1, 60, 40)]


class Sections(StandIn):
    """Sees crosslines, and refuses to be shown zooms of the axis between them."""

    def predict(self, amplitude: np.ndarray, _core: Lateral | None = None) -> np.ndarray:
        assert amplitude.shape[1] == 1
        assert amplitude.shape[0] % self.stride == amplitude.shape[2] % self.stride == 0
        return np.asarray(np.minimum(np.abs(amplitude) * 0.25, 1), np.float32)


class Volumes(StandIn):
    """Sees volumes whose sides are whole strides."""

    def predict(self, amplitude: np.ndarray, _core: Lateral | None = None) -> np.ndarray:
        assert all(side % self.stride == 0 for side in amplitude.shape)
        return np.asarray(np.minimum(np.abs(amplitude) * 0.25, 1), np.float32)


def smooth(shape: tuple[int, int, int]) -> np.ndarray:
    i, j, k = np.meshgrid(*(np.arange(side) for side in shape), indexing="ij")
    wave = np.sin(0.15 * i + 1) * np.cos(0.1 * j) * np.sin(0.12 * k + 1)
    return np.asarray(2 + wave, dtype=np.float32)


def together(shape: tuple[int, ...], *members: tuple[Runtime, Averaging]) -> Ensemble:
    return Ensemble(members, line=missing_axis(shape) is not None)


@pytest.mark.parametrize("shape", SHAPES)
def test_networks_that_agree_say_together_what_each_says(shape: tuple[int, int, int]) -> None:
    volumes, sections = Volumes(), Sections(sections=True)
    both = together(shape, (volumes, PASSES), (sections, PASSES))
    amplitude = smooth(shape)
    once = predict_survey(together(shape, (volumes, ONE_PASS)), amplitude)
    found = predict_survey(both, amplitude)
    assert found.shape == shape
    assert np.corrcoef(once.ravel(), found.ravel())[0, 1] > 0.97


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("sections", [False, True])
def test_no_tiling_changes_what_an_ensemble_says(
    shape: tuple[int, int, int], sections: bool
) -> None:
    member = Neighborhood(stride=4, halo=8, sections=sections)
    ensemble = together(shape, (member, Averaging(((1.0, 1.0), (1.5, 1.0)))))
    volume = np.random.default_rng(0).standard_normal(shape).astype(np.float32)

    def tiled(shard: tuple[int, int], depth: int) -> np.ndarray:
        tiling = Tiling(shape, ensemble.stride, ensemble.halo, 1, shard, depth * ensemble.stride)
        found = np.full(shape, np.nan, np.float32)
        for tile in tile_grid(tiling):
            found[tile.core] = predict_tile(volume[tile.read], tile, tiling, ensemble)
        return found

    np.testing.assert_allclose(
        tiled((16, 16), 2), tiled((shape[0], shape[1]), 20), rtol=1e-5, atol=1e-6
    )


def test_a_line_is_repeated_for_a_network_of_volumes_and_stays_one_trace_for_sections() -> None:
    widths = []

    class Wide(Volumes):
        def predict(self, amplitude: np.ndarray, _core: Lateral | None = None) -> np.ndarray:
            widths.append(amplitude.shape[1])
            return super().predict(amplitude)

    predict_survey(Wide(), smooth((40, 1, 32)))
    predict_survey(Sections(sections=True), smooth((40, 1, 32)))
    assert widths == [EXTRUSION]


@pytest.mark.parametrize("shape", [(16, 16, 16), (16, 1, 16)])
@pytest.mark.parametrize("sections", [False, True])
def test_the_cost_is_what_networks_are_shown(shape: tuple[int, int, int], sections: bool) -> None:
    shown = []

    class Counts(StandIn):
        def predict(self, amplitude: np.ndarray, _core: Lateral | None = None) -> np.ndarray:
            shown.append(amplitude.size)
            return np.zeros_like(amplitude)

    line = shape[1] == 1
    Ensemble([(Counts(halo=0, sections=sections), PASSES)], line=line).predict(
        np.zeros(shape, np.float32)
    )
    context = Context(8, 0, sections, 1, PASSES)
    assert sum(shown) == cost_of([context], line=line) * np.prod(shape)


def test_calibration_comes_after_the_mean_of_logits() -> None:
    class Says(StandIn):
        def predict(self, amplitude: np.ndarray, _core: Lateral | None = None) -> np.ndarray:
            return np.full_like(amplitude, self.pause_s)

    members = [(Says(pause_s=0.2), ONE_PASS), (Says(pause_s=0.8), ONE_PASS)]
    found = Ensemble(members, Calibration(1.0, 1.0), line=False).predict(smooth((16, 16, 16)))
    np.testing.assert_allclose(found, 1 / (1 + np.exp(-1)), rtol=1e-5)


CARD = EnsembleCard(
    "mine",
    View((Member("a.keras", "1", PASSES), Member("b.keras")), Calibration(0.5, -1.0), 0.2),
    View((Member("b.keras", "2"),)),
)


def test_a_card_is_read_as_it_was_written_and_its_hash_is_of_what_decides(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text(ensemble_text(CARD))
    assert read_ensemble(path) == CARD
    path.write_text(ensemble_text(EnsembleCard("mine", CARD.volumes, CARD.lines, {"seed": 1})))
    assert read_ensemble(path).sha256 == CARD.sha256
    path.write_text(ensemble_text(CARD).replace("-1.0", "-1.1"))
    assert read_ensemble(path).sha256 != CARD.sha256


@pytest.mark.parametrize("text", ["{}", "[", '{"volumes": {"members": []}, "lines": {}}'])
def test_what_is_no_ensemble_is_said_in_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "broken.json"
    path.write_text(text)
    with pytest.raises(WeightsError, match="no ensemble") as caught:
        read_ensemble(path)
    assert "\n" not in str(caught.value)
