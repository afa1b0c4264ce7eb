"""Intervals of any moments: what each policy promises, and worked values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.estimate.intervals import (
    POLICIES,
    absence_bound,
    minority_wilson,
    square_and_add,
    wilson,
)
from barograph.estimate.moments import Moments

BOUNDED = sorted(set(POLICIES) - {"t"})
SHRUNK = ["minority_wilson", "shrunk_wilson"]


def moments_of(p, n, population, factor=1.0, spread=1.0):
    """A share p among n: weights cost `spread` of effective n, variances are `factor` as large."""
    p, n = (np.asarray(x, dtype=float) for x in (p, n))
    n_eff = n / spread
    variance = factor * p * (1 - p) * (1 - n / population) / np.maximum(n_eff, 1e-300)
    return Moments(
        value=np.where(n > 0, p, np.nan),
        base=n,
        hits=p * n,
        effective_n=n_eff,
        population=np.asarray(float(population)),
        variance=variance,
        response_variance=variance,
        spread=p * (1 - p),
        df=np.maximum(n - 1, 1),
    )


@st.composite
def any_moments(draw):
    n = draw(st.integers(1, 400))
    p = draw(st.one_of(st.integers(0, n).map(lambda k: k / n), st.floats(1e-6, 1 - 1e-6)))
    population = n + draw(st.integers(0, 1000))
    return moments_of(
        p,
        n,
        population,
        draw(st.floats(0.1, 3)),
        draw(st.floats(1, min(n, 3)) if n > 1 else st.just(1)),
    )


@pytest.mark.parametrize("policy", sorted(POLICIES))
@given(m=any_moments())
def test_holds_its_estimate(policy, m):
    low, high = POLICIES[policy](m, 0.95)
    assert low - 1e-12 <= m.value <= high + 1e-12


@pytest.mark.parametrize("policy", BOUNDED)
@given(m=any_moments())
def test_lies_between_0_and_1(policy, m):
    low, high = POLICIES[policy](m, 0.95)
    assert 0 <= low <= high <= 1


@pytest.mark.parametrize("policy", sorted(POLICIES))
@given(m=any_moments(), level=st.floats(0.5, 0.98), more=st.floats(0.001, 0.019))
def test_a_higher_level_is_no_narrower(policy, m, level, more):
    inner, outer = (POLICIES[policy](m, x) for x in (level, level + more))
    assert outer[0] <= inner[0] + 1e-9
    assert inner[1] <= outer[1] + 1e-9


@pytest.mark.parametrize("policy", sorted(POLICIES))
@given(n=st.integers(1, 400), data=st.data())
def test_a_census_gives_a_point(policy, n, data):
    p = data.draw(st.integers(0, n)) / n
    low, high = POLICIES[policy](moments_of(p, n, n), 0.95)
    assert (low, high) == (pytest.approx(p), pytest.approx(p))


@pytest.mark.parametrize("policy", BOUNDED)
@given(m=any_moments())
def test_no_and_yes_mirror_each_other(policy, m):
    swapped = Moments(**{**vars(m), "value": 1 - m.value})
    low, high = POLICIES[policy](m, 0.95)
    other_low, other_high = POLICIES[policy](swapped, 0.95)
    assert other_low == pytest.approx(1 - high, abs=1e-8)
    assert other_high == pytest.approx(1 - low, abs=1e-8)


@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_nobody_gives_nan_without_a_warning(policy, recwarn):
    low, high = POLICIES[policy](moments_of([0.5, 0.0], [40, 0], 100), 0.95)
    assert np.isnan([low[1], high[1]]).all()
    assert np.isfinite([low[0], high[0]]).all()
    assert not recwarn.list


@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_arrays_give_what_each_gives(policy):
    p, n = np.array([[0.0, 0.1], [0.5, 1.0]]), np.array([[12, 30], [113, 60]])
    low, high = POLICIES[policy](moments_of(p, n, 589), 0.95)
    for i in np.ndindex(p.shape):
        one = POLICIES[policy](moments_of(p[i], n[i], 589), 0.95)
        assert (low[i], high[i]) == (pytest.approx(one[0]), pytest.approx(one[1]))


def test_the_policies_that_wave_toml_may_name():
    assert list(POLICIES) == ["minority_wilson", "shrunk_wilson", "wilson", "beta", "logit", "t"]


def test_minority_wilson_worked_by_hand():
    # 4 of 100 in a population of 500: p~ = 6/104, V_b = p~(1-p~).8/100 = 4.3491e-4,
    # V_r = p(1-p).8/100 = 3.072e-4 (< .75 V_b = 3.2618e-4), k = 400 p~(1-p~) = 21.746,
    # V = (k .75 V_b + 20 V_b)/(k + 20) = 3.7827e-4, n* = 143.72, t at 24.746 = 2.0606.
    low, high = minority_wilson(moments_of(0.04, 100, 500), 0.95)
    assert (low, high) == (pytest.approx(0.017477, abs=2e-6), pytest.approx(0.088925, abs=2e-6))


def test_minority_wilson_is_wilson_where_variances_agree():
    m = moments_of(0.5, 200, 1000)
    low, high = minority_wilson(m, 0.95)
    plain = wilson(0.5, 250.0, 1.9718)  # t at 200.. degrees of freedom, n/(1 - f) answers
    assert (low, high) == (pytest.approx(plain[0], abs=1e-4), pytest.approx(plain[1], abs=1e-4))


@given(k=st.integers(0, 10))
def test_minority_wilson_is_wider_where_the_answer_is_rare(k):
    m = moments_of(k / 113, 113, 589)
    widths = [np.diff(POLICIES[policy](m, 0.95))[0] for policy in SHRUNK]
    assert widths[0] > widths[1]


def test_wilson_as_published():
    # Newcombe (1998), table I, method 3: 81/263 -> 0.2553 to 0.3662
    low, high = wilson(81 / 263, 263.0, 1.959964)
    assert (round(float(low), 4), round(float(high), 4)) == (0.2553, 0.3662)


def test_square_and_add_worked():
    # Newcombe (1998), Statistics in Medicine 17, 873-890, table II: 56/70 - 48/80, method 10
    a, b = 56 / 70, 48 / 80
    low, high = square_and_add(a, wilson(a, 70.0, 1.959964), b, wilson(b, 80.0, 1.959964))
    assert (round(float(low), 4), round(float(high), 4)) == (0.0524, 0.3339)


def test_absence_bound():
    assert absence_bound(113, 589) == 13
    assert absence_bound(589, 589) == 0
    assert absence_bound(0, 10) == 10
