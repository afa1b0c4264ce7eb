"""Claims hold or fall with the data."""

import shutil
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from barograph import frame
from barograph.barometer import Barometer
from barograph.errors import BadInput
from barograph.estimate.coarse import Coarse
from barograph.estimate.disclosure import Decision, Suppression
from barograph.publish.claims import Claim, judge, ledger, read_claims
from barograph.publish.claims.ledger import evidence
from barograph.publish.claims.model import Evidence


@pytest.fixture(scope="module")
def verdicts(wave):
    return judge(
        wave,
        read_claims(wave.folder / "claims.toml", wave.barometer.indicators, wave.barometer.domains),
    )


def test_what_does_not_survive_the_sample_size_does_not_hold(verdicts):
    for name in ("relevance_brussels_more", "priority_environment_first", "operation_order"):
        assert not verdicts[name].holds
        assert verdicts[name].p_adjusted > 0.05
    for name in ("relevance_majority", "relevance_urban_more", "aspect_human_first"):
        assert verdicts[name].holds


def test_absence_gives_number_and_bound(verdicts):
    assert (verdicts["unit_none"].base, verdicts["unit_none"].bound) == (113, 13)
    assert (verdicts["manager_intent_none"].base, verdicts["manager_intent_none"].bound) == (96, 13)


def test_a_claim_and_its_reverse_never_both_hold(wave):
    for a, b in (("urban", "rural"), ("rural", "urban")):
        claim = Claim("x", "more", "relevance", a={"rurality": a}, b={"rurality": b})
        assert judge(wave, {"x": claim})["x"].holds is (a == "urban")
    lowest = Claim("x", "lowest", "aspect", items=("human",))
    assert not judge(wave, {"x": lowest})["x"].holds


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[x]\ntype = "best"\nindicator = "view"\n', "unknown type 'best'"),
        ('[x]\ntype = "top"\nindicator = "zz"\n', "unknown indicator 'zz'"),
        ('[x]\ntype = "top"\nindicator = "view"\ncolour = 3\n', "'colour' is no setting"),
        ('[x]\ntype = "top"\n', "'indicator' is missing"),
        ('[x]\ntype = 3\nindicator = "view"\n', "x.type is no text"),
        ('[x]\ntype = "top"\nindicator = "view"\nitems = "a"\n', "x.items is no list of texts"),
        ('x = "top"\n', "'x' is no table"),
        ('[x]\ntype = "majority"\nindicator = "relevance"\nword = "half"\n', "takes no 'word'"),
        ('[x]\ntype = "about"\nindicator = "relevance"\nword = "few"\n', "unknown word 'few'"),
        ('[x]\ntype = "rise"\nindicator = "relevance"\n', "'since' is missing"),
        ('[x]\ntype = "arithmetic"\nindicator = "relevance"\n', "name items and their total"),
        ('["x y"]\ntype = "top"\nindicator = "view"\n', "its name may hold letters"),
        (
            '[x]\ntype = "more"\nindicator = "relevance"\na = { region = "mars" }\n',
            "unknown domain region 'mars'",
        ),
        (
            '[x]\ntype = "majority"\nindicator = "view"\nitems = ["p_view_technology"]\n',
            "type majority needs a share, view is a mean",
        ),
        ('[x]\ntype = "none"\nindicator = "view"\n', "needs a share or total, view is a mean"),
        ('[x]\ntype = "more"\nindicator = "manager_total"\n', "manager_total is a total"),
        (
            '[x]\ntype = "association"\nindicator = "relevance"\nother = "view"\n',
            "type association needs a share, view is a mean",
        ),
        (
            '[x]\ntype = "association"\nindicator = "relevance"\nother = "relevance"\n',
            "relevance goes with itself",
        ),
        (
            '[x]\ntype = "order"\nindicator = "priority"\nitems = ["living|people", "people"]\n',
            "'people' is named twice",
        ),
        (
            '[x]\ntype = "nodiff"\nindicator = "relevance"\n'
            'a = { region = "flanders" }\nb = { region = "flanders" }\n',
            "a and b are the same domain",
        ),
    ],
)
def test_faulty_claims_are_refused(wave, tmp_path, text, words):
    path = tmp_path / "claims.toml"
    path.write_text(text)
    with pytest.raises(BadInput, match=words):
        read_claims(path, wave.barometer.indicators, wave.barometer.domains)


def verdict(wave, type, indicator="", **settings):
    return judge(wave, {"x": Claim("x", type, indicator, **settings)})["x"]


def test_no_digits_of_a_test_stand_beside_a_figure_in_steps(wave):
    name = "2017.relevance.p_relevance.share.all"
    claim = Claim("x", "majority", "relevance")
    decided = replace(wave)
    found = {}
    for decision in (
        Decision(name),
        Decision(name, "coarse", coarse=Coarse(0.01, 0.68, 0.6, 0.75)),
    ):
        vars(decided)["suppression"] = Suppression({name: decision})
        found[decision.status] = judge(decided, {"x": claim})["x"]
    full, coarse = (found[status].as_json() for status in ("published", "coarse"))
    assert (coarse["verdict"], coarse["n"]) == (full["verdict"], full["n"]) == ("holds", 112)
    digits = ("p", "p_holm", "difference", "low", "high")
    assert None not in [full[part] for part in digits]
    assert {coarse[part] for part in digits} == {None}
    assert found["coarse"].tested
    with pytest.raises(BadInput, match="without the number counted"):
        judge(decided, {"x": replace(claim, type="none")})


def test_holm_does_not_hand_on_what_is_not_told(wave, monkeypatch):
    names = {d: f"2017.relevance.p_relevance.share.rurality={d}" for d in ("rural", "urban")}
    decided = replace(wave)
    coarse = Decision(names["rural"], "coarse", coarse=Coarse(0.01, 0.4, 0.2, 0.6))
    vars(decided)["suppression"] = Suppression(
        {names["rural"]: coarse, names["urban"]: Decision(names["urban"])}
    )
    p = {"rural": 0.01, "urban": 0.015}
    monkeypatch.setattr(ledger, "evidence", lambda _, claim: Evidence((), True, p[claim.name], ""))
    claims = {d: Claim(d, "majority", "relevance", a={"rurality": d}) for d in names}
    found = judge(decided, claims)
    assert [(v.holds, v.p, v.p_adjusted) for v in found.values()] == [
        (True, None, None),
        (True, 0.015, None),
    ]


def test_a_word_for_a_share_needs_the_interval_within_its_range(wave):
    wide = verdict(wave, "about", "relevance", word="two_thirds")  # 68% [60-74%]
    assert not wide.holds
    assert "not within 0.61 to 0.72" in wide.instead
    assert not verdict(wave, "about", "unit", word="tenth").holds


def test_equality_needs_a_margin_and_not_a_missing_difference(wave):
    """Brussels and Flanders are not told apart, and not shown to be equal either."""
    domains = {"a": {"region": "brussels"}, "b": {"region": "flanders"}}
    assert not verdict(wave, "more", "relevance", **domains).holds
    near = verdict(wave, "nodiff", "relevance", **domains)
    assert not near.holds
    assert verdict(wave, "nodiff", "relevance", margin=0.1, **domains).p < near.p
    assert verdict(wave, "nodiff", "strategy", items=("dedicated", "general"), margin=0.1).holds
    with pytest.raises(BadInput, match="a mean needs a margin"):
        verdict(wave, "nodiff", "view", items=("p_view_future", "p_view_trend"))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"indicator": "relevance", "margin": 5.0}, r"5 is not between 0 and 0\.1; it is a share"),
        ({"indicator": "relevance", "margin": -0.1}, "-0.1 is not between"),
        ({"indicator": "relevance", "margin": float("nan")}, "nan is not between"),
        (
            {"indicator": "view", "items": ("p_view_trend",), "margin": 0.5},
            r"0\.5 is not between 0 and 0\.4; it is in points",
        ),
    ],
)
def test_a_margin_is_small(wave, settings, words):
    domains = {"a": {"region": "flanders"}, "b": {"region": "wallonia"}}
    with pytest.raises(BadInput, match=words):
        verdict(wave, "nodiff", **settings, **domains)


def test_less_is_the_reverse_of_more_and_of_an_order(wave):
    urban, rural = {"rurality": "urban"}, {"rurality": "rural"}
    assert verdict(wave, "less", "relevance", a=rural, b=urban).holds
    assert not verdict(wave, "less", "relevance", a=urban, b=rural).holds
    upwards = ("mobility|people|economy", "environment")
    assert verdict(wave, "less", "priority", items=upwards).holds
    assert not verdict(wave, "less", "priority", items=upwards[::-1]).holds


def test_tiers_need_each_above_each(wave):
    loose = verdict(wave, "order", "priority", items=("environment", "mobility|people|economy"))
    tight = ("environment|governance", "mobility|people|economy")
    assert loose.holds
    assert not verdict(wave, "order", "priority", items=tight).holds


def test_parts_add_up_or_not(wave):
    parts = ("dedicated", "general")
    assert verdict(wave, "arithmetic", "strategy", items=parts, total="any_strategy").holds
    assert verdict(wave, "arithmetic", "manager_total", by="region").holds
    wrong = verdict(wave, "arithmetic", "strategy", items=("general",), total="any_strategy")
    assert not wrong.holds
    assert "the total is 0.2834" in wrong.instead


def test_associations(wave):
    assert verdict(wave, "association", "relevance", by="region").holds
    both = {"items": ("nobody",), "other": "strategy", "other_items": ("none",)}
    assert not verdict(wave, "association", "operation", **both).holds


def test_uneven_response_is_not_representative(wave):
    found = verdict(wave, "representative")
    assert not found.holds
    assert "propensities vary by 0.24" in found.instead


def test_counts_and_shares_need_respondents(wave):
    assert verdict(wave, "count", "manager_total").holds
    assert not verdict(wave, "count", "unit").holds
    assert verdict(wave, "share", "manager_department").holds
    assert not verdict(wave, "share", "relevance", a={"region": "brussels"}).holds


def test_a_difference_within_classes_is_standardised_to_the_units_of_both(wave):
    """By hand: D = sum W_k (a_k - b_k), its ends by Zou and Donner (2008) from those of a_k and b_k."""
    names, ruralities = ("flanders", "wallonia"), ("urban", "rural")
    sample, units = wave.sample, wave.frame.attributes
    item = wave.items(wave.barometer.indicators["relevance"])[0]
    rows = [wave.frame.row_of[str(unit)] for unit in wave.responses.units]
    size, value, distance = [], [], []
    for rurality in ruralities:
        inside = [(units["region"] == n) & (units["rurality"] == rurality) for n in names]
        share, low, high = np.empty(2), np.empty(2), np.empty(2)
        for i, name in enumerate(names):
            w = sample.w1 * (inside[i][rows] & item.base)
            share[i] = (w * item.value).sum() / w.sum()
            domain = {"region": name, "rurality": rurality}
            e = wave.estimator.estimate("relevance", item, domain)
            assert e.value == pytest.approx(share[i])
            low[i], high[i] = e.low, e.high
        size.append(sum(mask.sum() for mask in inside))
        value.append(share[0] - share[1])
        down = np.hypot(share[0] - low[0], high[1] - share[1])
        up = np.hypot(high[0] - share[0], share[1] - low[1])
        distance.append((down, up))
    part = np.array(size) / sum(size)
    difference = part @ np.array(value)
    down, up = np.sqrt(((part[:, None] * np.array(distance)) ** 2).sum(axis=0))

    domains = {"a": {"region": "flanders"}, "b": {"region": "wallonia"}}
    found = verdict(wave, "more", "relevance", within="rurality", **domains)
    assert found.holds
    shown = (found.weakest.difference, found.weakest.low, found.weakest.high)
    assert shown == pytest.approx((difference, difference - down, difference + up), abs=1e-12)
    assert [round(100 * x) for x in shown] == [31, 14, 45]


def test_a_class_without_units_says_that_nobody_is_there(wave):
    domains = {"a": {"region": "brussels"}, "b": {"region": "flanders"}}
    with pytest.raises(BadInput, match="claim x: there is nobody in brussels rural"):
        verdict(wave, "more", "relevance", within="rurality", **domains)


@pytest.fixture(scope="module")
def later(wave, tmp_path_factory):
    """A second wave with the answers of the first, but for forty who now have a plan of their own."""
    folder = shutil.copytree(wave.barometer.folder, tmp_path_factory.mktemp("waves") / "barometer")
    shutil.copytree(folder / "2017", folder / "2018")
    path = folder / "2018" / "responses.csv"
    head, *rows = (line.split(",") for line in path.read_text().splitlines())
    form, intent = head.index("s_form"), head.index("s_plan_intent")
    for row in rows[:40]:
        row[form], row[intent] = "dedicated", ""
    path.write_text("\n".join(map(",".join, [head, *rows])) + "\n")
    return folder


def test_a_rise_and_a_fall_need_a_change_between_waves(later):
    wave = Barometer.open(later).wave("2018")
    plan = {"items": ("dedicated",), "since": "2017"}
    rise, fall = (verdict(wave, type, "strategy", **plan) for type in ("rise", "fall"))
    assert rise.holds
    assert rise.p < 1e-6
    before, after = (
        next(
            e for e in w.estimates(w.barometer.indicators["strategy"]) if e.category == "dedicated"
        )
        for w in (*wave.earlier, wave)
    )
    assert rise.weakest.difference == pytest.approx(after.value - before.value)
    assert not fall.holds
    assert (fall.weakest.low, fall.weakest.high) == (-rise.weakest.high, -rise.weakest.low)
    assert "the reverse" in fall.instead
    none = {"items": ("none",), "since": "2017"}
    assert verdict(wave, "fall", "strategy", **none).holds
    same = verdict(wave, "rise", "relevance", since="2017")
    assert (same.holds, same.tested) == (False, True)
    assert same.p is None  # of 2018 it stands in steps
    assert evidence(wave, same.claim).p == 1


def test_a_change_is_told_across_mergers(wave, later, tmp_path):
    """Each wave speaks for its own frame."""
    folder = shutil.copytree(later, tmp_path / "barometer")
    settings = folder / "2018" / "wave.toml"
    settings.write_text(
        settings.read_text().replace(
            "reference_date = 2017-02-01", "reference_date = 2025-01-31", 1
        )
    )
    there = set(frame.read(folder / "frame", date(2025, 1, 31), wave.barometer.domains).codes)
    path = folder / "2018" / "responses.csv"
    head, *rows = path.read_text().splitlines()
    kept = [row for row in rows if row.split(",", 1)[0] in there]
    assert 0 < len(kept) < len(rows)
    path.write_text("\n".join([head, *kept]) + "\n")
    merged = Barometer.open(folder).wave("2018")
    found = verdict(merged, "rise", "strategy", items=("dedicated",), since="2017")
    assert found.holds
    assert found.weakest.difference > 0.1
    with pytest.raises(BadInput, match="there is no wave"):
        verdict(merged, "rise", "relevance", since="2015")
