import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy.stats import spearmanr

from models.wells.agreement import rank_agreement
from models.wells.depletion import LEAST_PART, Rock, coarsened, reservoir_of

MAPS = arrays(
    np.float64,
    array_shapes(min_dims=2, max_dims=2, max_side=23),
    elements=st.floats(0, 10, allow_subnormal=False),
)
ROCK = Rock(radius_m=500.0, years=10.0)


@given(MAPS, st.integers(1, 600))
def test_a_coarser_map_holds_the_same(values: np.ndarray, most: int) -> None:
    means, widths, heights, factor = coarsened(values, 50.0, 80.0, most)
    assert means.size <= most
    assert (widths.sum(), heights.sum()) == (50.0 * values.shape[1], 80.0 * values.shape[0])
    total = (means * widths * heights[:, None]).sum()
    assert total == pytest.approx(values.sum() * 50.0 * 80.0, rel=1e-12)
    if values.size <= most:
        assert factor == 1
        np.testing.assert_array_equal(means, values)


@given(MAPS, st.integers(20, 600), st.sampled_from([0.0, 3.0]))
def test_pore_volume_goes_by_the_value(values: np.ndarray, most: int, power: float) -> None:
    rock = Rock(500.0, 10.0, power=power)
    found = reservoir_of(values, 50.0, 80.0, rock=rock, most_cells=most)
    means = coarsened(values, 50.0, 80.0, most)[0]
    pores = (found.porosity * found.thickness_m)[found.active]
    worth = means[found.active]
    np.testing.assert_allclose(pores * worth.sum(), worth * pores.sum(), rtol=1e-9)
    assert (found.porosity >= 0.03 - 1e-12).all()
    assert (found.porosity <= 0.35 + 1e-12).all()
    if (means > 0).any():
        np.testing.assert_array_equal(found.active, means >= LEAST_PART * means[means > 0].mean())
    assert (np.ptp(found.permeability_md) == 0) == (power == 0 or np.ptp(found.porosity) == 0)


def test_porosities_are_taken_as_they_stand() -> None:
    values = np.array([[0.1, 0.3], [0.2, 0.0]])
    found = reservoir_of(values, 1.0, 1.0, rock=Rock(9.0, 1.0, is_porosity=True), most_cells=9)
    np.testing.assert_allclose(found.porosity[found.active], [0.1, 0.3, 0.2])
    assert found.active.tolist() == [[True, True], [True, False]]
    assert "porosity is the map's" in found.assumptions[0]


@given(st.floats(100, 3000), st.floats(0.5, 30))
def test_a_closed_circle_gives_up_most_of_it_in_the_time(radius: float, years: float) -> None:
    """A tank whose rate falls with its pressure, by Dake's formula for a well in a closed circle."""
    values = np.ones((3, 3))
    found = reservoir_of(values, 50.0, 50.0, rock=Rock(radius, years), most_cells=9)
    mobility = found.permeability_md[0, 0] * 9.869233e-16 / 1.5e-3
    rate = 2 * np.pi * mobility / (np.log(radius / 0.1) - 0.75)  # for a metre and a pascal
    stored = 0.2 * 3.1e-9 * np.pi * radius**2
    made = 1 - np.exp(-rate / stored * years * 365.25 * 86400)
    assert made == pytest.approx(1 - np.exp(-1), rel=1e-9)


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 1600), st.data())
def test_a_well_stands_in_the_cell_around_it(
    rows: int, columns: int, most: int, data: st.DataObject
) -> None:
    found = reservoir_of(np.ones((rows, columns)), 33.3, 70.1, rock=ROCK, most_cells=most)
    at = st.tuples(st.floats(0, columns * 33.3), st.floats(0, rows * 70.1))
    places = np.array(data.draw(st.lists(at, min_size=1, max_size=5)))
    for (x, y), (column, row) in zip(places, found.cells_of(places), strict=True):
        left, bottom = found.widths_m[:column].sum(), found.heights_m[:row].sum()
        assert left - 1e-6 <= x <= left + found.widths_m[column] + 1e-6
        assert bottom - 1e-6 <= y <= bottom + found.heights_m[row] + 1e-6
    off = np.array([[-1.0, 5.0], [5.0, rows * 70.1 + 1.0]])
    assert (found.cells_of(off) == -1).all()


FIGURES = st.lists(st.tuples(st.integers(-20, 20), st.integers(-20, 20)), min_size=3, max_size=12)


@pytest.mark.filterwarnings("ignore:An input array is constant")
@given(FIGURES)
def test_ranks_agree_as_others_say(pairs: list[tuple[int, int]]) -> None:
    ours, theirs = np.array(pairs, float).T
    found = rank_agreement(ours, theirs)
    if np.ptp(ours) == 0 or np.ptp(theirs) == 0:
        assert found is None
        return
    assert found is not None
    assert found == pytest.approx(spearmanr(ours, theirs).statistic, abs=1e-9)
    # The order alone counts.
    assert rank_agreement(np.exp(ours / 10), theirs) == found
    assert rank_agreement(-ours, theirs) == pytest.approx(-found)
    assert rank_agreement(ours, ours) == 1.0


def test_two_plans_have_no_order() -> None:
    assert rank_agreement([1.0, 2.0], [1.0, 2.0]) is None
    assert rank_agreement([], []) is None
