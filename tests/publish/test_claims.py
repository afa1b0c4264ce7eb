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
