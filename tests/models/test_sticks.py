"""Sticks on one plane: along the samples, never from one piece to another."""

import numpy as np
import pytest
from numpy.typing import NDArray

from models.surfaces.sticks import sticks_on_plane


def digital(rows: NDArray[np.float64], columns: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    places = np.unique(np.rint(np.stack([rows, columns], axis=1)).astype(np.int64), axis=0)
    return sticks_on_plane(places[:, 0], places[:, 1])


@pytest.mark.parametrize("slope", [-1.3, -0.4, 0.0, 0.7, 2.0])
def test_a_straight_fault_is_one_stick_of_few_nodes_within_a_sample(slope: float) -> None:
    down = np.arange(0, 60, 0.2)
    (stick,) = digital(100 + slope * down, down)
    assert len(stick) <= 4
    assert np.abs(stick[:, 0] - 100 - slope * stick[:, 1]).max() < 1.0
    assert np.ptp(stick[:, 1]) > 57


def test_nodes_come_in_order_from_top_to_bottom() -> None:
    down = np.arange(0, 60, 0.2)
    (stick,) = digital(30 + 6 * np.sin(down / 12), down)
    assert (np.diff(stick[:, 1]) > 0).all()
    away = np.interp(stick[:, 1], down, 30 + 6 * np.sin(down / 12)) - stick[:, 0]
    assert np.abs(away).max() < 1.0


def test_two_pieces_are_two_sticks() -> None:
    down = np.arange(0, 60, 0.2)
    apart = (down < 25) | (down > 32)
    sticks = digital(10 + 0.5 * down[apart], down[apart])
    assert len(sticks) == 2
    assert max(stick[:, 1].max() for stick in sticks[:1]) < 26


def test_a_gap_of_two_rows_is_passed_over() -> None:
    down = np.arange(40)
    down = down[(down != 20) & (down != 21)]
    assert len(digital(np.full(len(down), 5.0), down.astype(float))) == 1


def test_a_fork_is_three_sticks() -> None:
    down = np.arange(0, 60, 0.2)
    below = np.maximum(down - 30, 0)
    rows = np.concatenate([20 - 0.6 * below, 20 + 0.6 * below])
    sticks = digital(rows, np.concatenate([down, down]))
    assert len(sticks) == 3
    for stick in sticks:
        aside = np.abs(np.abs(stick[:, 0] - 20) - 0.6 * np.maximum(stick[:, 1] - 30, 0))
        assert aside.max() < 2.0


def test_a_spur_of_two_samples_ends_no_stick() -> None:
    rows = np.array([*[10] * 40, 12, 13])
    columns = np.array([*range(40), 20, 21])
    assert len(sticks_on_plane(rows, columns)) == 1


def test_what_is_shorter_than_a_stick_is_none() -> None:
    assert sticks_on_plane(np.array([3, 3, 4]), np.array([7, 8, 9])) == []
