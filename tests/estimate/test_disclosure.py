"""What is withheld cannot be worked out: attacked by linear programming, in one edition and over several."""

import json
import math
from dataclasses import fields, replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from barograph.errors import BadInput
from barograph.estimate import Estimate, suppression
from barograph.estimate.coarse import Coarse
from barograph.estimate.disclosure import Ledger, Rule, Suppression, suppress
from barograph.estimate.suppression import Attacker, attack, protect
from barograph.estimate.tabulate import Asked, Figure, Table, tables_of

# Rows: Brussels urban, Flanders rural and urban, Wallonia rural and urban.
REGION = np.array(["brussels", "flanders", "flanders", "wallonia", "wallonia"])
RURALITY = np.array(["urban", "rural", "urban", "rural", "urban"])
DOMAINS = {"all": np.ones(5, dtype=bool)}
DOMAINS |= {f"region={r}": r == REGION for r in dict.fromkeys(REGION)}
DOMAINS |= {f"rurality={r}": r == RURALITY for r in ("rural", "urban")}
WEIGHT = np.array([2.4, 4.1, 5.3, 6.6, 3.9])
RULE = Rule(sensitive=("strategy",))


def units_of(counts, inside):
    return frozenset(f"{c}.{i}" for c in np.flatnonzero(inside) for i in range(counts[c].sum()))


def figure(
    counts, weight, domain, inside, score, statistic="share", indicator="relevance", name=""
):
    name = name or "".join(f"{x:g}" for x in score)
    total = float((weight * counts.sum(1))[inside].sum()) or 1.0
    key = f"2017.{indicator}.{name}.{statistic}.{domain}"
    scale = 1.0 if statistic == "total" else 1 / total
    units = units_of(counts, inside)
    ends = (scale * total * float(score.min()), scale * total * float(score.max()))
    population = 5.0 * max(len(units), 1)
    return Figure(
        key, indicator, name, domain, statistic, inside, score, units, scale, ends, population
    )


def table(counts, weight=WEIGHT, domains=DOMAINS, scores=None, **more):
    """A question with a figure for each level and domain."""
    counts = np.asarray(counts)
    scores = np.eye(counts.shape[1]) if scores is None else scores
    figures = [figure(counts, weight, d, m, s, **more) for d, m in domains.items() for s in scores]
    return Table("2017", "p_relevance", counts, weight, tuple(figures))


BARE = table([[7, 1], [1, 3], [44, 8], [9, 17], [13, 10]])


def counted(t, key):
    f = next(f for f in t.figures if f.estimate_id == key)
    return float(t.counts[f.inside].sum(0) @ f.score)


def withheld(found: Suppression, status="primary secondary"):
    return {key for key, d in found.decisions.items() if d.status in status.split()}


def printed(t, found):
    """The table as the decisions have it printed."""
    steps = {key: d.step for key, d in found.decisions.items()}
    figures = [
        replace(f, step=steps[f.estimate_id], counted=False) if steps[f.estimate_id] else f
        for f in t.figures
    ]
    return replace(t, figures=tuple(figures))


def too_narrow(t, found, rule=RULE):
    """Withheld figures placed within the protection, though the known bases leave more open."""
    at_most = {f.estimate_id: f.base * f.score.max() for f in t.figures}
    least = {f.estimate_id: f.base * f.score.min() for f in t.figures}
    intervals = attack(printed(t, found), withheld(found))
    narrow = set()
    for key in withheld(found, "primary") - found.exposed:
        n, (low, high) = counted(t, key), intervals[key]
        assert low - 1e-4 <= n <= high + 1e-4
        width = max(1.0, rule.protection * n)
        if low > max(n - width, least[key]) + 1e-4 or high < min(n + width, at_most[key]) - 1e-4:
            narrow.add(key)
    return narrow


tables = st.builds(
    lambda rows, weight, mean: table(
        rows,
        np.array(weight),
        **({"scores": [np.arange(1.0, 4)], "statistic": "mean"} if mean else {}),
        indicator="strategy",
    ),
    st.lists(st.lists(st.integers(0, 25), min_size=3, max_size=3), min_size=5, max_size=5),
    st.lists(st.floats(1, 9), min_size=5, max_size=5),
    st.booleans(),
)


@settings(max_examples=40)
@given(tables)
def test_no_withheld_figure_can_be_placed(t):
    assert too_narrow(t, suppress([t], RULE, Ledger())) == set()


def test_the_attacker_recovers_what_only_the_rule_withholds():
    primary = {f.estimate_id for f in BARE.figures if f.base < 10}
    assert len(primary) == 2
    for key, (low, high) in attack(BARE, primary).items():
        assert low == pytest.approx(high, abs=1e-3)
        assert low == pytest.approx(counted(BARE, key), abs=1e-3)
    found = suppress([BARE], RULE, Ledger())
    assert withheld(found, "primary") == primary
    assert too_narrow(BARE, found) == set()


def test_weights_are_a_second_equation():
    """With counts alone a second region would do; the weighted national share betrays both."""
    regions = {key: m for key, m in DOMAINS.items() if not key.startswith("rurality")}
    by_region = np.array([2.4, 5.0, 5.0, 6.6, 6.6])
    hidden = {f"2017.relevance.{i}.share.region={r}" for i in ("10", "01") for r in ("brussels", "wallonia")}  # fmt: skip
    full = table(BARE.counts, by_region, regions)
    plain = table(BARE.counts, np.ones(5), regions)
    key = "2017.relevance.10.share.region=brussels"
    assert np.ptp(attack(plain, hidden)[key]) > 4
    assert np.ptp(attack(full, hidden)[key]) < 1e-3


def test_coarse_printing_keeps_the_national_figures():
    found = suppress([BARE], RULE, Ledger())
    national = found.of("2017.relevance.10.share.all")
    assert (national.status, national.step) == ("coarse", 0.01)
    primary = withheld(found, "primary")
    in_full = protect(BARE, primary, (), RULE.protection).hidden
    assert len(withheld(found)) < len(in_full)


@pytest.mark.parametrize("seed", range(6))
def test_no_cheaper_choice_withstands_linear_programmes(seed):
    """Against every other choice, as the attacker finds it."""
    rng = np.random.default_rng(seed)
    score = [np.array([1.0, 0.0])]
    t = table(rng.integers(0, 20, (5, 2)), rng.uniform(1, 9, 5), scores=score)
    primary = min(t.figures, key=lambda f: f.base).estimate_id
    wanted = np.array([f.estimate_id == primary for f in t.figures])
    cost = np.array([1.0 + f.base for f in t.figures])
    attacker, free = Attacker.of(t), np.ones(len(cost), dtype=bool)
    goals = suppression._goals(attacker, int(np.argmax(wanted)), free, 0.2)
    chosen = suppression._linear(attacker, goals, cost, wanted, free)
    every = [f.estimate_id for f in t.figures]
    enough = {
        float(cost[list(some)].sum())
        for size in range(1, len(cost) + 1)
        for some in combinations(range(len(cost)), size)
        if wanted[list(some)].any() and protected(t, primary, {every[i] for i in some})
    }
    assert chosen.sum() > 1
    assert cost[chosen].sum() == pytest.approx(min(enough))


def protected(t, primary, hidden):
    """Whether linear programmes leave the interval asked for: beyond a fifth, within the base."""
    n, (low, high) = counted(t, primary), attack(t, hidden)[primary]
    base = next(f.base for f in t.figures if f.estimate_id == primary)
    width = math.floor(0.2 * n) + 1
    return low <= max(n - width, 0) + 1e-5 and high >= min(n + width, base) - 1e-5


def test_the_figure_of_fewest_respondents_goes():
    counts = np.array([[5, 3], [5, 5], [10, 10], [30, 20], [30, 20]])
    regions = {key: m for key, m in DOMAINS.items() if not key.startswith("rurality")}
    t = table(counts, np.ones(5), regions, scores=[np.array([1.0, 0.0])])
    brussels, flanders = (f"2017.relevance.10.share.region={r}" for r in ("brussels", "flanders"))
    assert protect(t, {brussels}, (), 0.2).hidden == {brussels, flanders}


@settings(max_examples=25)
@given(st.lists(st.tuples(*[st.integers(0, 4)] * 2), min_size=5, max_size=5), st.integers(0, 99))
def test_whole_numbers_do_not_betray_either(counts, seed):
    """Against an outsider who tries every possible table; all that is printed of a figure in steps
    is the same in those that its rounded value leaves possible."""
    weight = np.random.default_rng(seed).uniform(1, 9, 5)
    t = table(counts, weight, scores=[np.array([1.0, 0.0])])
    found = suppress([t], replace(RULE, minimum_base=5), Ledger())
    shown = printed(t, found)
    possible = every_table(shown, withheld(found))
    for f in shown.figures:
        if found.of(f.estimate_id).status == "primary" and not found.exposed:
            n, of = counted(t, f.estimate_id), possible[:, f.inside].sum(1)
            width = math.floor(0.2 * n + 1e-6) + 1
            assert of.min() <= max(n - width, 0)
            assert of.max() >= min(n + width, f.base)
        if coarse := found.of(f.estimate_id).coarse:
            for world in possible[:: max(len(possible) // 20, 1)]:
                other = replace(shown, counts=np.stack([world, t.counts.sum(1) - world], axis=1))
                assert Coarse.of(other, f) == coarse


def every_table(t, hidden):
    """Numbers of respondents counted by row that agree with all that is printed."""
    rows = [range(n + 1) for n in t.counts.sum(1)]
    tried = np.array(np.meshgrid(*rows, indexing="ij")).reshape(len(rows), -1).T
    truth = t.counts[:, 0]
    for f in t.figures:
        if f.estimate_id in hidden:
            continue
        values = [x[..., f.inside] @ t.weight[f.inside] * f.scale for x in (tried, truth)]
        middle = np.round(values[1] / f.step) * f.step
        keep = np.abs(values[0] - middle) <= f.step / 2 + 1e-7
        if f.counted:
            keep &= tried[:, f.inside].sum(1) == truth[f.inside].sum()
        tried = tried[keep]
    return tried


def test_a_wave_without_small_cells_is_printed_in_full():
    counts = np.full((5, 2), 20)
    found = suppress([table(counts)], RULE, Ledger())
    assert {(d.status, d.step) for d in found.decisions.values()} == {("published", 0.0)}
    assert found.as_json() == []


@pytest.mark.parametrize(("n", "status"), [(0, "primary"), (4, "primary"), (5, "published")])
def test_sensitive_items_need_respondents_on_both_sides(n, status):
    only = {"all": DOMAINS["all"]}
    for counts in ([n, 60 - n], [60 - n, n]):
        rows = np.zeros((5, 2), dtype=int)
        rows[2] = counts
        score = [np.array([1.0, 0.0])]
        t = table(rows, domains=only, scores=score, indicator="strategy")
        found = suppress([t], RULE, Ledger()).of(t.figures[0].estimate_id)
        assert (found.status, found.cause) == (status, "count" if status == "primary" else "")
        open_item = table(rows, domains=only, scores=score)
        found = suppress([open_item], RULE, Ledger())
        assert found.of(open_item.figures[0].estimate_id).status == "published"


def test_a_mean_tells_when_all_say_the_same():
    rows = np.zeros((5, 3), dtype=int)
    rows[2, 1] = 40
    t = table(rows, domains={"all": DOMAINS["all"]}, scores=[np.arange(1.0, 4)], statistic="mean", indicator="strategy")  # fmt: skip
    assert suppress([t], RULE, Ledger()).of(t.figures[0].estimate_id).cause == "count"


def test_nobody_in_the_base_is_no_disclosure():
    rows = np.full((5, 2), 20)
    rows[0] = 0
    found = suppress([table(rows)], RULE, Ledger())
    assert withheld(found) == set()


def test_a_figure_nobody_checked_is_refused():
    with pytest.raises(BadInput, match="was not checked"):
        suppress([BARE], RULE, Ledger()).of("2017.other.x.share.all")


def test_an_exemption_is_declared_and_recorded():
    rule = replace(RULE, published_before={"2017.relevance": "release of February 2017"})
    found = suppress([BARE], rule, Ledger())
    assert withheld(found) == set()
    assert {(r["status"], r["cause"]) for r in found.as_json()} == {("exempt", "base")}
    assert found.as_json()[0]["reason"] == (
        "base below 10; published before: release of February 2017"
    )
    later = replace(BARE, wave="2019")
    assert withheld(suppress([later], rule, Ledger()), "primary")


def test_what_is_out_under_another_name_is_out():
    total = table(BARE.counts, statistic="total", indicator="number")
    both = replace(BARE, figures=BARE.figures + total.figures)
    key = "2017.relevance.region=brussels"
    found = suppress([both], replace(RULE, published_before={key: "printed"}), Ledger())
    assert withheld(found) == set()
    assert found.of("2017.number.10.total.region=brussels").status == "exempt"


def test_what_cannot_be_protected_any_more_is_said():
    before = {f"2017.relevance.{d}": "printed" for d in DOMAINS if d != "region=brussels"}
    found = suppress([BARE], replace(RULE, published_before=before), Ledger())
    assert found.exposed == withheld(found) == withheld(found, "primary") != set()
    assert all(r["exposed"] for r in found.as_json())


# Over editions


def edition(name, t, ledger=Ledger(), rule=RULE):  # noqa: B008 - frozen
    found = suppress([t], rule, ledger)
    return found, ledger.append(name, "2017-02-01", [t], found, "0" * 12)


def full(counts):
    return table(counts, domains={"all": DOMAINS["all"], "region=flanders": DOMAINS["region=flanders"]})  # fmt: skip


def test_one_late_answer_is_not_printed_by_difference():
    counts = np.full((5, 2), 20)
    _, ledger = edition("2017", full(counts))
    counts[2, 0] += 1
    found, _ = edition("2017 corrected", full(counts), ledger)
    assert withheld(found, "primary") == set(found.decisions)
    late = found.of("2017.relevance.10.share.all")
    assert (late.cause, late.reason) == (
        "difference",
        "fewer than 10 respondents more or less than all in edition 2017",
    )
    counts[0, 1] += 9
    found, _ = edition("2017 second", full(counts), ledger)
    assert found.of("2017.relevance.10.share.all").status == "coarse"
    assert found.of("2017.relevance.10.share.region=flanders").cause == "difference"


def test_another_wave_has_other_answers():
    _, ledger = edition("2017", full(np.full((5, 2), 20)))
    later = np.full((5, 2), 20)
    later[2, 0] += 1
    found, _ = edition("2019", replace(full(later), wave="2019"), ledger)
    assert withheld(found) == set()


def test_what_an_edition_printed_is_out_in_that_wave_only():
    counts = [[20, 20], [20, 2], [40, 0], [20, 0], [20, 2]]
    t = table(counts, indicator="strategy")
    _, ledger = edition("2017", t, rule=Rule())
    again, _ = edition("2017 again", t, ledger)
    assert withheld(again) == set()
    assert again.of("2017.strategy.01.share.region=flanders").reason == (
        "fewer than 5 respondents say so, or do not; published before: edition 2017"
    )
    later, _ = edition("2019", replace(t, wave="2019"), ledger)
    assert withheld(later, "primary")


def test_what_is_out_stays_as_finely_as_it_was_printed():
    whole = replace(BARE, figures=tuple(f for f in BARE.figures if f.domain == "all"))
    _, ledger = edition("short", whole)
    found, after = edition("long", BARE, ledger)
    assert found.of("2017.relevance.10.share.all").step == 0
    assert found.of("2017.relevance.10.share.rurality=rural").withheld
    coarse = [replace(e, edition="notice", step=0.01) for e in ledger.entries]
    both = Ledger((*ledger.entries, *coarse))
    assert suppress([BARE], RULE, both).of("2017.relevance.10.share.all").step == 0
    assert after.entries[: len(ledger.entries)] == ledger.entries


def test_a_domain_of_a_merged_frame_is_compared_with_the_old_one():
    """After a merger across the border three respondents of row 3 count as Flemish."""
    t = full(np.full((5, 2), 20))
    _, ledger = edition("2017", t)
    flanders = next(f for f in t.figures if f.domain == "region=flanders")
    moved = frozenset(f"3.{i}" for i in range(3))
    merged = replace(flanders, estimate_id="new", units=flanders.units | moved)
    found = suppress([replace(t, figures=(merged,))], RULE, ledger)
    assert found.of("new").cause == "difference"


def test_within_an_edition_of_two_near_domains_the_smaller_is_withheld():
    rows = np.full((5, 2), 20)
    rows[0] = [2, 2]
    near = {"all": DOMAINS["all"], "outside brussels": REGION != "brussels"}
    found = suppress([table(rows, domains=near)], RULE, Ledger())
    assert {f.split(".")[-1] for f in withheld(found, "primary")} == {"outside brussels"}


def test_publishing_again_decides_the_same():
    first, ledger = edition("2017", BARE)
    second, again = edition("2017", BARE, ledger)
    assert withheld(second) == withheld(first)
    assert {k: d.step for k, d in second.decisions.items()} == {
        k: d.step for k, d in first.decisions.items()
    }
    assert again == ledger


def test_the_ledger_is_read_as_written(tmp_path):
    _, ledger = edition("2017", full(np.full((5, 2), 20)))
    path = tmp_path / "ledger.json"
    assert Ledger.read(path) == Ledger()
    path.write_text(ledger.text())
    assert Ledger.read(path) == ledger
    assert len(json.loads(ledger.text())["sets"]) == 2
    path.write_text('{"sets": {}, "figures": [{"units": "x"}]}')
    with pytest.raises(BadInput, match=r"ledger\.json: is no ledger"):
        Ledger.read(path)


# A barometer


def example_tables(wave, by):
    asked = [
        Asked(
            indicator.name,
            item,
            () if indicator.statistic == "mean" else indicator.codes or (item.choice,),
            ({}, *(d for name in by or indicator.by for d in wave.domains(name))),
        )
        for indicator in wave.barometer.indicators.values()
        for item in wave.items(indicator)
    ]
    variables = wave.barometer.instrument.variables
    return tables_of(wave.name, wave.sample, wave.responses, variables, asked)


def test_tables_hold_the_figures_of_the_wave(wave):
    figures = {f.estimate_id: (t, f) for t in example_tables(wave, ()) for f in t.figures}
    estimates = [e for i in wave.barometer.indicators.values() for e in wave.estimates(i)]
    assert figures.keys() == {e.estimate_id for e in estimates}
    for e in estimates:
        t, f = figures[e.estimate_id]
        assert f.base == e.base
        assert e.statistic == "mean" or counted(t, e.estimate_id) == e.n
        hits = float((t.weight * f.inside) @ t.counts @ f.score)
        assert f.scale * hits == pytest.approx(e.value, abs=1e-6)


def test_a_whole_wave_by_region_and_rurality_withstands(wave):
    tables = example_tables(wave, ("region", "rurality"))
    found = suppress(tables, RULE, Ledger())
    assert len(tables) > 40
    assert all(found.of(f.estimate_id).withheld for t in tables for f in t.figures if 0 < f.base < 10)  # fmt: skip
    for t in tables:
        own = {f.estimate_id: found.of(f.estimate_id) for f in t.figures}
        assert too_narrow(t, Suppression(own, found.exposed)) == set()


def told(e):
    return {f.name for f in fields(e) if getattr(e, f.name) == getattr(e, f.name)}


def test_a_wave_withholds_what_its_rule_says(wave):
    """Without the exemptions of what was printed in 2017, Brussels goes and takes another along."""
    barometer = replace(wave.barometer, disclosure=Rule())
    strict = replace(wave, barometer=barometer)
    shown = strict.shown(strict.estimates(barometer.indicators["relevance"]))
    by_domain = {e.domain: e for e in shown}
    brussels = by_domain["region=brussels"]
    assert brussels.flag == "withheld"
    numbers = {f.name for f in fields(Estimate) if f.type in ("float", "int")}
    assert told(brussels) & numbers == {"base"}
    everybody = by_domain["all"]
    assert told(everybody) & numbers == {"value", "low", "high", "base"}
    exact = strict.estimates(barometer.indicators["relevance"])[0]
    assert everybody.value == pytest.approx(round(exact.value, 2))
    assert everybody.low <= exact.low
    assert everybody.high >= exact.high
    untouched = wave.shown(wave.estimates(wave.barometer.indicators["relevance"]))
    assert list(untouched) == list(wave.estimates(wave.barometer.indicators["relevance"]))
