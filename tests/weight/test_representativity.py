"""R-indicators: the worked split of 2017, and what must hold for any response."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.weight.representativity import of_sample, partial, representativity

UNITS = np.array([308.0, 19.0, 262.0])
ANSWERED = np.array([52.0, 8.0, 53.0])
REGIONS = ["flanders", "brussels", "wallonia"]


def test_the_regions_of_2017():
    found = representativity(UNITS, ANSWERED)
    assert round(found.rate, 3) == 0.192
    assert found.raw_r == pytest.approx(1 - 2 * found.raw_spread)
    assert found.r > found.raw_r
    region = partial(UNITS, ANSWERED, REGIONS, np.zeros(3, dtype=np.intp))
    assert round(region.unconditional, 3) == 0.045
    assert round(region.categories["brussels"], 3) == 0.041
    assert round(region.categories["flanders"], 3) == -0.017


def test_an_even_response_is_representative():
    found = representativity(UNITS, UNITS / 4)
    assert (found.raw_r, found.r, found.variation) == (1.0, 1.0, 0.0)
    assert found.share_bias == 0.0


@given(st.lists(st.tuples(st.integers(1, 50), st.floats(0, 1)), min_size=2, max_size=8))
def test_the_adjustment_never_worsens_and_r_stays_in_range(cells):
    size = np.array([float(n) for n, _ in cells])
    answered = np.round(size * np.array([share for _, share in cells]))
    answered[0] = max(answered[0], 1.0)
    found = representativity(size, answered)
    assert found.spread <= found.raw_spread
    assert -0.5 <= found.raw_r <= found.r <= 1.0
    # One variable that tells all cells apart carries all of the spread, given nothing else.
    whole = partial(size, answered, list(map(str, range(len(size)))), np.zeros(len(size), int))
    assert whole.conditional == pytest.approx(found.raw_spread)
    total = size.sum()
    assert whole.unconditional**2 * total == pytest.approx(found.raw_spread**2 * (total - 1))


def test_a_variable_that_says_nothing_has_no_part():
    size, answered = np.array([10.0, 10, 20, 20]), np.array([2.0, 2, 8, 8])
    found = partial(size, answered, ["a", "b", "a", "b"], np.array([0, 0, 1, 1]))
    assert found.unconditional == pytest.approx(0)
    assert found.conditional == pytest.approx(0)


def test_the_wave(wave):
    whole, parts = of_sample(wave.sample)
    assert round(whole.rate, 3) == 0.192
    assert set(parts) == {"region", "rurality"}
    assert round(parts["region"].unconditional, 3) == 0.045
    assert (round(whole.raw_r, 3), round(whole.r, 3)) == (0.879, 0.909)
