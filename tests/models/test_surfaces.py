"""Normals, ridges and segments of planes whose strike and dip are known."""

import numpy as np
import pytest
from numpy.typing import NDArray

from models.surfaces.frame import Frame
from models.surfaces.orientation import (
    HALO,
    Normals,
    around,
    decoded,
    encoded,
    normals_of,
    strike_and_dip,
)
from models.surfaces.segments import (
    ADDED,
    PROBABILITY,
    SAMPLES,
    joining,
    label,
    number_faults,
    sums_of,
)
from models.surfaces.shape import shape_of
from models.surfaces.thinning import on_ridge
from tests.fault_planes import Shape, distance_to, probability_of, turned_frame, unit_normal

SHAPE: Shape = (36, 34, 38)
TIME = turned_frame(32.0, 25.0, 12.5, 2500.0 * 4 / 2000)
DEPTH = turned_frame(-71.0, 12.5, 25.0, 10.0)
CUBE = Frame((0.0, 1.0, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0))

Positions = NDArray[np.int32]


def ridge_of(
    probability: NDArray[np.float32], frame: Frame, threshold: float = 0.5
) -> tuple[Positions, Normals]:
    block = around(probability, (HALO,) * 3, (HALO,) * 3)
    positions = np.argwhere(probability >= threshold).astype(np.int32)
    normals = normals_of(block, positions + HALO, frame)
    kept = on_ridge(block, positions + HALO, normals.in_samples)
    return positions[kept], Normals(normals.in_samples[kept], normals.in_space[kept])


def segments(
    probability: NDArray[np.float32], frame: Frame, angle_deg: float = 30.0
) -> tuple[NDArray[np.int32], Positions, Normals]:
    positions, normals = ridge_of(probability, frame)
    attitude = np.zeros(probability.shape, np.uint16)
    attitude[tuple(positions.T)] = encoded(normals.in_space)
    return label(attitude, positions, joining(frame, angle_deg)), positions, normals


def inside(positions: Positions, shape: Shape, margin: int = 4) -> NDArray[np.bool_]:
    return np.asarray(((positions >= margin) & (positions < np.array(shape) - margin)).all(axis=1))


@pytest.mark.parametrize("frame", [TIME, DEPTH, CUBE], ids=["time", "depth", "cube"])
@pytest.mark.parametrize(("strike", "dip"), [(10, 60), (123, 35), (200, 75), (290, 50), (355, 85)])
def test_strike_and_dip_of_a_plane_are_true_within_a_degree(
    frame: Frame, strike: float, dip: float
) -> None:
    positions, normals = ridge_of(probability_of(distance_to(SHAPE, frame, strike, dip)), frame)
    found_strike, found_dip = strike_and_dip(normals.in_space, frame)
    turned = (found_strike - strike + 180) % 360 - 180
    assert np.median(np.abs(turned)) < 1.0
    assert np.median(np.abs(found_dip - dip)) < 1.0
    assert len(positions)


@pytest.mark.parametrize("frame", [TIME, CUBE], ids=["time", "cube"])
@pytest.mark.parametrize(("strike", "dip"), [(10, 60), (123, 35), (290, 80)])
def test_a_thinned_plane_is_one_sample_thick_and_within_a_sample_of_it(
    frame: Frame, strike: float, dip: float
) -> None:
    distance = distance_to(SHAPE, frame, strike, dip)
    positions, _ = ridge_of(probability_of(distance, noise=0.03), frame)
    positions = positions[inside(positions, SHAPE)]
    assert np.abs(distance[tuple(positions.T)]).max() < 1.0
    nearest = int(np.abs(frame.steps @ unit_normal(strike, dip)).argmax())
    rows = np.delete(positions, nearest, axis=1)
    assert len(np.unique(rows, axis=0)) > 0.97 * len(rows)
    inner = np.abs(distance)[4:-4, 4:-4, 4:-4]
    crossed = (inner <= 0.5).any(axis=nearest).sum()
    assert len(np.unique(rows, axis=0)) >= 0.97 * crossed


@pytest.mark.parametrize(
    ("frame", "attitudes"),
    [
        (CUBE, ((10, 60), (190, 60))),
        (CUBE, ((10, 70), (100, 70))),
        (TIME, ((10, 70), (100, 70))),
        (TIME, ((10, 80), (55, 80))),
    ],
)
def test_two_planes_that_cross_are_two_faults(
    frame: Frame, attitudes: tuple[tuple[float, float], ...]
) -> None:
    distances = [distance_to((44, 44, 44), frame, *each) for each in attitudes]
    labels, positions, _ = segments(probability_of(*distances, noise=0.05), frame)
    sizes = np.bincount(labels)
    large = np.flatnonzero(sizes >= 100)
    assert len(large) == 2
    for number in large:
        places = tuple(positions[labels == number].T)
        assert max(float((np.abs(each[places]) < 1.2).mean()) for each in distances) > 0.95


def test_a_plane_with_a_gap_of_two_samples_is_one_fault() -> None:
    probability = probability_of(distance_to(SHAPE, CUBE, 10, 70))
    probability[15:17] = 0.1
    labels, _, _ = segments(probability, CUBE)
    assert (np.bincount(labels) >= 100).sum() == 1


def test_what_is_not_live_takes_no_part_and_turns_no_normal() -> None:
    probability = probability_of(distance_to(SHAPE, TIME, 123, 60))
    probability[10:14, 12:20] = np.nan
    probability[25:, 28:] = np.nan
    positions, normals = ridge_of(probability, TIME)
    assert np.isfinite(probability[tuple(positions.T)]).all()
    strike, dip = strike_and_dip(normals.in_space, TIME)
    assert np.quantile(np.abs(strike - 123), 0.9) < 5.0
    assert np.quantile(np.abs(dip - 60), 0.9) < 5.0


def test_flat_probability_has_neither_normals_nor_ridges() -> None:
    positions, _ = ridge_of(np.ones((9, 9, 9), np.float32), CUBE)
    assert len(positions) == 0


@pytest.mark.parametrize("missing", [0, 1])
def test_a_line_has_an_apparent_dip_and_no_strike(missing: int) -> None:
    shape = (1, 40, 60) if missing == 0 else (40, 1, 60)
    along, down = np.indices((40, 60))
    distance = ((along - 20) * np.sin(np.radians(40)) + (down - 30) * np.cos(np.radians(40))) - 0.3
    frame = Frame((0.0, 25.0, 0.0), (25.0, 0.0, 0.0), (0.0, 0.0, 10.0), missing)
    positions, normals = ridge_of(probability_of(distance.reshape(shape)), frame)
    strike, dip = strike_and_dip(normals.in_space, frame)
    apparent = np.degrees(np.arctan2(np.sin(np.radians(40)) / 25, np.cos(np.radians(40)) / 10))
    assert np.isnan(strike).all()
    assert np.median(np.abs(dip - apparent)) < 1.0
    assert len(positions) > 30


def test_codes_of_normals_are_true_within_a_degree() -> None:
    rng = np.random.default_rng(0)
    normals = rng.standard_normal((500, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    normals[normals[:, 2] > 0] *= -1
    agree = np.abs((decoded()[encoded(normals)] * normals).sum(axis=1))
    assert np.degrees(np.arccos(np.clip(agree, 0, 1))).max() < 1.0


def test_sums_count_every_sample_once_and_add_up_however_they_are_grouped() -> None:
    probability = probability_of(
        distance_to(SHAPE, CUBE, 10, 60), distance_to(SHAPE, CUBE, 100, 60), noise=0.1
    )
    labels, positions, normals = segments(probability, CUBE)
    values = probability[tuple(positions.T)]

    def sums(labels: NDArray[np.int32]) -> NDArray[np.int64]:
        return sums_of(
            labels,
            positions,
            values,
            normals.in_space,
            origin=(0, 0, 0),
            shape=SHAPE,
            frame=CUBE,
        )

    each, single = sums(labels), sums(np.arange(len(labels), dtype=np.int32))
    assert each[:, SAMPLES].sum() == len(positions)
    assert each[:, PROBABILITY].sum() == np.rint(values.astype(float) * 65536).sum()
    first = {int(number): int(np.flatnonzero(labels == number)[0]) for number in set(labels)}
    pairs = np.array([(index, first[int(number)]) for index, number in enumerate(labels)])
    ids, together = number_faults(single, pairs, 1)
    order = np.lexsort((-each[:, ADDED], -each[:, SAMPLES]))
    np.testing.assert_array_equal(together, each[order])
    assert set(ids) == set(range(1, len(each) + 1))


def test_faults_are_numbered_by_size_and_small_ones_are_none() -> None:
    sums = np.zeros((4, 48), np.int64)
    sums[:, SAMPLES] = [5, 30, 7, 12]
    sums[:, ADDED] = [0, -1, -2, -3]
    ids, together = number_faults(sums, np.array([[0, 2]]), 12)
    assert ids.tolist() == [2, 1, 2, 3]
    assert together[:, SAMPLES].tolist() == [30, 12, 12]


@pytest.mark.parametrize("frame", [TIME, DEPTH], ids=["time", "depth"])
def test_the_size_of_a_plane_is_that_of_its_cut_through_the_survey(frame: Frame) -> None:
    strike, dip = 60.0, 65.0
    distance = distance_to(SHAPE, frame, strike, dip)
    labels, positions, normals = segments(probability_of(distance), frame)
    rows = sums_of(
        labels,
        positions,
        np.ones(len(labels), np.float32),
        normals.in_space,
        origin=(0, 0, 0),
        shape=SHAPE,
        frame=frame,
    )
    found = shape_of(rows[rows[:, SAMPLES].argmax()], frame)
    places = np.argwhere(np.abs(distance) <= 0.5)
    per_sample = np.linalg.norm(frame.steps @ unit_normal(strike, dip))
    area = len(places) * frame.cell_m3 / per_sample
    # At the faces of a survey, where half of what is around is missing, ridges are up to two samples thick.
    assert found.area_m2 == pytest.approx(area, rel=0.08)
    space = places @ frame.steps
    towards = np.array([np.sin(np.radians(strike)), np.cos(np.radians(strike)), 0.0])
    assert found.length_m == pytest.approx(np.ptp(space @ towards), rel=0.1)
    assert found.height_m == pytest.approx(np.ptp(space[:, 2]), rel=0.1)
    assert found.strike_deg == pytest.approx(strike, abs=2)
    assert found.dip_deg == pytest.approx(dip, abs=2)
