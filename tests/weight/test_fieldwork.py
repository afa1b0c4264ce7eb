"""Whom to ask next: the worked split of 2017, and what must hold for any fieldwork."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.weight.fieldwork import Fieldwork, gains
from barograph.weight.representativity import representativity

# Region x rurality as in 2017, with 151 rural municipalities: units, respondents.
CELLS = {
    ("flanders", "rural"): (35, 7),
    ("flanders", "urban"): (273, 45),
    ("brussels", "urban"): (19, 8),
    ("wallonia", "rural"): (116, 22),
    ("wallonia", "urban"): (146, 31),
}


def fieldwork(cells=CELLS, contacts=1):
    """Units cell by cell; the first of each have answered."""
    rows = [values for values, (units, _) in cells.items() for _ in range(units)]
    answered = [i < n for units, n in cells.values() for i in range(units)]
    names = [f"d{k}" for k in range(len(rows[0]))] if cells is not CELLS else ["region", "rurality"]
    columns = {name: np.array([row[k] for row in rows]) for k, name in enumerate(names)}
    codes = [f"{i:04d}" for i in range(len(rows))]
    return Fieldwork(codes, columns, np.array(answered), np.full(len(rows), contacts))


def test_the_worked_split():
    whole, parts = fieldwork().evenness
    assert round(whole.rate, 3) == 0.192
    assert (round(whole.raw_spread, 4), round(whole.spread, 4)) == (0.0463, 0.0261)
    assert (round(whole.raw_r, 3), round(whole.r, 3)) == (0.907, 0.948)
    assert (round(whole.raw_variation, 3), round(whole.variation, 3)) == (0.241, 0.136)
    assert round(whole.share_bias, 3) == 0.068
    assert round(parts["region"].unconditional, 3) == 0.045
    assert round(parts["region"].categories["brussels"], 3) == 0.041
    assert round(parts["region"].categories["flanders"], 3) == -0.017
    assert round(parts["rurality"].unconditional, 3) == 0.000


def test_a_gain_by_hand():
    # Two cells of 10, 2 and 6 answered: S^2 = 10(.04 + .04)/19, CV = .205196/.4.
    # With 3 and 6: S^2 = 10(.0225 + .0225)/19, CV = .153897/.45.
    size, answered = np.array([10.0, 10.0]), np.array([2.0, 6.0])
    found = gains(size, answered)
    assert found[0] == pytest.approx(0.512989 - 0.341993, abs=1e-6)
    assert found[1] < 0


def test_the_order_asks_first_where_response_lacks():
    order = fieldwork().order()
    assert len(order) == 589 - 113
    # Flanders lacks most; there the urban units are many, and one of them gains more than a rural.
    assert (order[0].domain, order[0].value) == ("region", "flanders")
    assert order[0].part == pytest.approx(-0.0166, abs=1e-4)
    assert order[0].gain > 0 > min(a.gain for a in order)
    last = [a for a in order if a.part == 0]
    assert order[-len(last) :] == last
    assert not any(a.personal for a in order)  # no cell is below 0.7 x .192 = .134


def test_a_cell_below_seven_tenths_of_the_mean_is_called():
    cells = CELLS | {("flanders", "rural"): (35, 4)}  # 11.4 %, mean 18.7 %, 0.7 of it 13.1 %
    found = {(a.value, a.personal) for a in fieldwork(cells).order() if a.personal}
    assert found == {("flanders", True)}
    assert sum(a.personal for a in fieldwork(cells).order()) == 31


@pytest.mark.parametrize(
    ("brussels", "contacts", "enough"), [(8, 3, False), (8, 4, True), (15, 1, True)]
)
def test_when_to_stop(brussels, contacts, enough):
    even = {
        ("flanders", "rural"): (35, 15),
        ("flanders", "urban"): (273, 117),
        ("brussels", "urban"): (19, brussels),
        ("wallonia", "rural"): (116, 50),
        ("wallonia", "urban"): (146, 63),
    }
    field = fieldwork(even, contacts)
    lacking = [r.value for r in field.reached() if not r.enough]
    assert lacking == ([] if enough else ["brussels"])
    assert field.evenness[0].variation <= 0.10 or brussels == 15
    assert field.enough() == (enough and field.even)
    assert not fieldwork(CELLS, 9).enough()  # CV .136


def test_nobody_yet():
    field = fieldwork({key: (units, 0) for key, (units, _) in CELLS.items()})
    assert field.evenness is None
    assert not field.enough()
    assert {(a.part, a.gain, a.personal) for a in field.order()} == {(0.0, 0.0, False)}


cell = st.tuples(st.integers(1, 30), st.floats(0, 1)).map(lambda p: (p[0], round(p[0] * p[1])))


@given(st.lists(cell, min_size=6, max_size=6))
def test_what_holds_for_any_response(drawn):
    cells = dict(zip([(a, b) for a in "xy" for b in "pqr"], drawn, strict=True))
    field = fieldwork(cells, 2)
    order = field.order()
    units, answered = (sum(x) for x in zip(*drawn, strict=True))
    assert sorted(a.row for a in order) == list(np.flatnonzero(~field.answered))
    assert len(order) == units - answered
    assert [a.part for a in order] == sorted(a.part for a in order)
    for reached in field.reached():
        assert 0 <= reached.respondents <= reached.units
    # A gain is what another answer does: added to the cell, the CV is lower by it.
    if answered:
        now = field.evenness[0].raw_variation
        for a in order[:3]:
            more = field.respondents.copy()
            more[field.cell[a.row]] += 1
            assert representativity(field.size, more).raw_variation == pytest.approx(now - a.gain)
