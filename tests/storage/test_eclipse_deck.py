import re
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from storage.eclipse_deck import DeckWell, DepletionCase, deck_text
from storage.maps.eclipse.deck import Deck

WELLS = [DeckWell("W1", 0, 2, 0), DeckWell("W2", 3, 1, 4), DeckWell("W3", 1, 1, 4)]


def case_of(porosity: np.ndarray, wells: list[DeckWell], days: list[float]) -> DepletionCase:
    rows, columns = porosity.shape
    return DepletionCase(
        title="a case",
        widths_m=np.full(columns, 50.0),
        heights_m=np.full(rows, 75.0),
        porosity=porosity,
        thickness_m=porosity * 100,
        permeability_md=np.full(porosity.shape, 3.0),
        active=porosity > 0.1,
        wells=wells,
        step_days=days,
    )


@given(
    arrays(
        np.float64,
        array_shapes(min_dims=2, max_dims=2, max_side=9),
        elements=st.sampled_from([0.03, 0.123456, 0.2, 0.35]),
    )
)
def test_what_is_written_is_read_by_the_reader_of_maps(porosity: np.ndarray) -> None:
    text = deck_text(case_of(porosity, [], [30.0] * 5))
    assert max(map(len, text.splitlines())) <= 128
    deck = Deck(Path("case.DATA"), text.encode())
    for keyword, values in (
        ("PORO", porosity),
        ("DZ", porosity * 100),
        ("ACTNUM", porosity > 0.1),
        ("PERMX", np.full(porosity.shape, 3.0)),
        ("DXV", np.full(porosity.shape[1], 50.0)),
        ("DYV", np.full(porosity.shape[0], 75.0)),
    ):
        found = deck.values(keyword, values.size)
        assert found is not None
        np.testing.assert_allclose(found, np.ravel(values), rtol=1e-6)
    assert [int(word) for word in deck.words("DIMENS")] == [*porosity.shape[::-1], 1]


@given(st.integers(0, 20), st.integers(1, 20))
def test_wells_begin_after_the_steps_before_them(start: int, steps: int) -> None:
    wells = [WELLS[0], DeckWell("W2", 3, 1, start), DeckWell("W3", 1, 1, start)]
    text = deck_text(case_of(np.full((4, 5), 0.2), wells, [10.0] * steps))
    schedule = text.split("SCHEDULE")[1]
    days = {"": 0.0}
    passed = 0.0
    for keyword, data in re.findall(r"(WELSPECS|TSTEP)\n((?: .*\n)+)", schedule):
        if keyword == "TSTEP":
            for word in data.replace("/", "").split():
                count, _, length = word.rpartition("*")
                passed += int(count or 1) * float(length)
        else:
            days |= {line.split()[0]: passed for line in data.splitlines() if "OIL" in line}
    assert passed == 10.0 * steps
    assert days["W1"] == 0.0
    # What would begin after the end is left out.
    assert days.get("W2") == days.get("W3") == (10.0 * start if start < steps else None)


def test_columns_lie_along_x() -> None:
    text = deck_text(case_of(np.full((4, 5), 0.2), WELLS, [30.0] * 8))
    assert " W2 4 2 1 1 OPEN" in text
    assert " W2 G 4 2 1* OIL /" in text
