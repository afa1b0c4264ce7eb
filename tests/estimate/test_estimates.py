"""Identities and edges of the figures."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.errors import BadInput
from barograph.estimate import Estimator, Item, compare_items, holm, rank_ranges
from barograph.estimate.estimate import cells_in_memory
from barograph.estimate.intervals import absence_bound, square_and_add, wilson
from barograph.weight import Weighting, calibrate

ANY = slice(None)


def item(value, base=None, statistic="share"):
    value = np.asarray(value, dtype=float)
    base = np.ones(len(value), dtype=bool) if base is None else np.asarray(base, dtype=bool)
    return Item.of("x", "x", statistic, value, np.ones(len(value), dtype=bool), base)


def test_cells_merge_in_any_order(wave):
    rng = np.random.default_rng(5)
    whole = item(rng.integers(0, 2, len(wave.sample)))
    (expected,) = cells_in_memory(wave.sample, [whole])
    parts = []
    for part in np.array_split(rng.permutation(len(wave.sample)), 4):
        sample = replace(
            wave.sample,
            cell=wave.sample.cell[part],
            w0=wave.sample.w0[part],
            w1=wave.sample.w1[part],
        )
        parts += cells_in_memory(sample, [replace(whole, level=whole.level[part])])
    merged = parts[2] + (parts[0] + parts[3]) + parts[1]
    for field in ("n", "w0", "w1", "w1_squared"):
        assert getattr(merged, field) == pytest.approx(getattr(expected, field), rel=1e-12)


@settings(max_examples=40)
@given(st.data())
def test_domains_add_up(wave, data):
    bits = data.draw(st.lists(st.booleans(), min_size=113, max_size=113))
    total = item(bits, statistic="total")
    everybody = wave.estimator.estimate("x", total).value
    for name in ("region", "rurality"):
        parts = [wave.estimator.estimate("x", total, d) for d in wave.domains(name)]
        assert sum(e.value for e in parts) == pytest.approx(everybody, rel=1e-9, abs=1e-9)
        assert all(e.low - 1e-9 <= e.value <= e.high + 1e-9 for e in parts)


def test_shares_of_a_question_sum_to_one(wave):
    assert sum(e.value for e in wave.share("d_priority")) == pytest.approx(1)


def test_multiple_choices_are_never_scaled_to_one(wave):
    """Each share is of those who answered; together they are the mean number of choices."""
    answers = wave.responses.answers["b_top3"]
    answered = np.array([a != "" for a in answers])
    chosen = np.array([len(a.split()) for a in answers])
    shares = wave.share("b_top3")
    weights = wave.sample.w1
    mean = (weights * chosen)[answered].sum() / weights[answered].sum()
    assert sum(e.value for e in shares) == pytest.approx(mean)
    assert mean > 1.5
    assert {e.base for e in shares} == {answered.sum()}


def test_base_excludes_dont_know_and_counts_what_was_not_asked_only_on_request(wave):
    assert wave.share("p_relevance", top=2)[0].base == 112
    by_name = wave.barometer.indicators
    assert wave.estimates(by_name["plan_intent"])[0].base == 113
    assert wave.share("s_plan_intent", codes=["yes_2y", "yes_later"])[0].base == 98


def test_a_base_of_nobody_gives_no_estimate(wave):
    e = wave.estimator.estimate("x", item([1] * 113, base=[False] * 113))
    assert e.flag == "none"
    assert math.isnan(e.value)
    assert math.isnan(e.low)


def test_flags(wave):
    flags = {e.domain: e.flag for e in wave.share("p_relevance", top=2, by="region")}
    assert flags == {"region=flanders": "", "region=brussels": "base<10", "region=wallonia": ""}
    assert wave.share("p_relevance", top=2, by="rurality")[0].flag == "base<30"


def test_nobody_and_everybody_have_one_sided_intervals(wave):
    none = wave.estimator.estimate("x", item([0] * 113))
    everybody = wave.estimator.estimate("x", item([1] * 113))
    assert none.value == none.low == 0 < none.high < 0.05
    assert everybody.value == everybody.high == 1 > everybody.low > 0.95
    assert none.se == pytest.approx(0, abs=1e-12)


def test_a_census_has_no_uncertainty(wave):
    frame = wave.frame
    sample = calibrate(
        frame, [str(c) for c in frame.codes], Weighting("raking", ("region", "rurality"))
    )
    assert sample.w1 == pytest.approx(np.ones(589))
    rng = np.random.default_rng(1)
    e = Estimator.of(sample, "census").estimate("x", item(rng.integers(0, 2, 589)))
    assert e.se == 0
    assert e.low == pytest.approx(e.value) == pytest.approx(e.high)


def test_paired_difference_of_an_item_with_itself_is_nothing(wave):
    a = item(np.arange(113) % 2)
    same = compare_items(wave.estimator, a, a)
    assert (same.difference, same.p) == (0.0, 1.0)


def test_ranks_hold_the_place_of_the_estimate(wave):
    ranges = {r.category: (r.best, r.worst) for r in wave.rank("d_priority")}
    assert ranges["environment"] == (1, 3)
    values = {e.category: e.value for e in wave.share("d_priority")}
    for place, key in enumerate(sorted(values, key=lambda k: -values[k]), start=1):
        assert ranges[key][0] <= place <= ranges[key][1]


def test_rank_ranges_separate_what_differs(wave):
    high, low = item([1] * 100 + [0] * 13), item([0] * 100 + [1] * 13)
    ranges = rank_ranges(wave.estimator, [replace(high, key="h"), replace(low, key="l")])
    assert ranges == {"h": (1, 1), "l": (2, 2)}


def test_holm():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.6, 0.7]) == [1.0, 1.0]


def test_absence_bound_is_the_largest_number_not_excluded():
    assert absence_bound(113, 589) == 13
    # 3 of 10 drawn, none found: P(0 | K = 5) = C(5,3)/C(10,3) = 1/12 and P(0 | K = 6) = 1/30.
    assert absence_bound(3, 10) == 5
    assert absence_bound(10, 10) == 0


@given(st.floats(0, 1), st.floats(5, 500))
def test_wilson_holds_its_estimate_and_stays_in_range(p, n):
    low, high = wilson(p, n, 1.96)
    assert -1e-12 <= low <= p <= high <= 1 + 1e-12


def test_square_and_add_is_symmetric():
    one = square_and_add(0.6, (0.5, 0.7), 0.4, (0.35, 0.5))
    other = square_and_add(0.4, (0.35, 0.5), 0.6, (0.5, 0.7))
    assert one == pytest.approx((-other[1], -other[0]))


def test_the_table_shows_itself(wave):
    table = wave.share("p_relevance", top=2, by="region")
    assert "region=flanders" in repr(table)
    assert table._repr_html_().count("<tr>") == 4
    assert [e.domain for e in table[ANY]] == [e.domain for e in table]


def test_tables_go_to_any_data_frame(wave):
    import pandas
    import polars
    import pyarrow

    table = wave.share("p_relevance", top=2, by="region")
    arrow = pyarrow.table(table)  # by the PyCapsule interface
    assert arrow.num_rows == 3
    for frame in (table.to_pandas(), table.to_polars(), pandas.DataFrame(arrow.to_pydict())):
        assert list(frame["domain"]) == [e.domain for e in table]
        assert list(frame["se"]) == [e.se for e in table]
    assert isinstance(table.to_polars(), polars.DataFrame)
    assert len(wave.table()) == sum(
        len(wave.estimates(i)) for i in wave.barometer.indicators.values()
    )


def test_ranks_tests_and_slices_are_tables_too(wave):
    ranks, test = wave.rank("d_priority"), wave.independence("s_form", "region")
    first = min(ranks, key=lambda r: (r.tier, r.best))
    assert (first.tier, first.best) == (1, 1)
    assert type(test.p) is float
    for table, rows in ((ranks, len(ranks)), (test, 1), (wave.share("p_relevance")[:2], 2)):
        assert table._repr_html_().count("<tr>") == rows + 1
        assert len(repr(table).splitlines()) == rows + 1
        assert table.to_pandas().shape[0] == table.to_polars().shape[0] == rows
    assert ranks.to_arrow()["tier"].to_pylist() == [r.tier for r in ranks]
    assert test.to_arrow()["p"].to_pylist() == [test.p]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (lambda w: w.share("p_relevance", top=-1), "top -1"),
        (lambda w: w.share("p_relevance", top=0), "top 0"),
        (lambda w: w.share("p_relevance", top=5), "top 5 of 'p_relevance' is no part of its 5"),
        (lambda w: w.share("p_relevance", top=2.0), "top 2.0"),
        (lambda w: w.quantile("p_relevance", p=2), "no quantile 2"),
        (lambda w: w.rank("p_view", {"region": "xx"}), "no domain region=xx. Domains are: region="),
        (lambda w: w.rank("p_view", {"xx": "brussels"}), "no domain 'xx'"),
        (
            lambda w: w.change("s_form", since="2017", domain={"region": "xx"}),
            "no domain region=xx",
        ),
    ],
)
def test_a_call_that_means_nothing_is_refused(wave, asked, words):
    with pytest.raises(BadInput, match=words):
        asked(wave)


def test_a_list_of_items_gives_what_single_calls_give(wave):
    domains = [{}, *wave.domains("region"), *wave.domains(["region", "rurality"])]
    for name in ("difficulty", "view", "manager_total"):
        items = wave.items(wave.barometer.indicators[name])
        together = wave.estimator.estimates(name, items, domains)
        for k, one in enumerate(items):
            alone = wave.estimator.estimates(name, [one], domains)
            assert [repr(e) for e in alone] == [repr(e) for e in together[k :: len(items)]]


def test_medians_and_ratios(wave):
    median = wave.quantile("p_view_technology", by="region")
    assert [e.value for e in median] == [4, 4, 4]
    assert all(e.low <= e.value for e in median)
    same = wave.ratio("p_view_technology", "p_view_technology")[0]
    assert same.value == pytest.approx(1)
    assert same.se == pytest.approx(0, abs=1e-12)
    means = [wave.mean(q)[0].value for q in ("p_view_technology", "p_view_risk")]
    both = wave.ratio("p_view_technology", "p_view_risk")[0]
    assert both.value == pytest.approx(means[0] / means[1], rel=0.05)
    assert both.low < both.value < both.high


def test_rankings_of_the_wave(wave):
    counts = {e.category: e.value for e in wave.ranking("d_priority")}
    placed = {e.category: e.value for e in wave.ranking("d_priority", "mean_rank")}
    worths = wave.ranking("d_priority", "worth", by="rurality")
    assert {k: 6 - v for k, v in placed.items()} == pytest.approx(counts)
    rural = [e for e in worths if e.domain == "rurality=rural"]
    assert sum(e.value for e in rural) == pytest.approx(1)
    assert all(e.low < e.value < e.high for e in worths)
    with pytest.raises(BadInput, match="does not rank"):
        wave.ranking("s_form")


@pytest.mark.parametrize("policy", ["shrunk_wilson", "wilson", "beta", "logit", "t"])
def test_every_interval_policy_holds_its_estimate(wave, policy):
    estimator = Estimator.of(wave.sample, "x", policy)
    items = wave.items(wave.barometer.indicators["difficulty"])
    for e in estimator.estimates("x", items, [{}, *wave.domains("region")]):
        assert e.low <= e.value <= e.high
    with pytest.raises(BadInput, match="unknown interval 'z'"):
        Estimator.of(wave.sample, "x", "z")


def test_a_domain_that_nobody_answered_for(wave):
    rural = wave.sample.design.mask({"rurality": "rural"})[wave.sample.cell]
    answered = item(np.ones(113), base=~rural)
    urban, empty = wave.estimator.estimates("x", [answered], wave.domains("rurality")[::-1])
    assert (urban.value, urban.flag) == (1.0, "")
    assert empty.flag == "none"
    assert (empty.base, empty.n) == (0, 0)
    assert math.isnan(empty.value)
    assert math.isnan(empty.se)
    assert math.isnan(empty.high)
