"""Claims hold or fall with the data."""

import pytest

from barograph.errors import BadInput
from barograph.publish.claims import Claim, judge, read_claims


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
    ],
)
def test_faulty_claims_are_refused(wave, tmp_path, text, words):
    path = tmp_path / "claims.toml"
    path.write_text(text)
    with pytest.raises(BadInput, match=words):
        read_claims(path, wave.barometer.indicators, wave.barometer.domains)


def verdict(wave, type, indicator="", **settings):
    return judge(wave, {"x": Claim("x", type, indicator, **settings)})["x"]


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
    assert verdict(wave, "nodiff", "relevance", margin=0.5, **domains).p < near.p
    assert verdict(wave, "nodiff", "strategy", items=("dedicated", "general"), margin=0.2).holds
    with pytest.raises(BadInput, match="a mean needs a margin"):
        verdict(wave, "nodiff", "view", items=("p_view_future", "p_view_trend"))


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
