"""Claims hold or fall with the data, and texts cannot say more than claims carry."""

import shutil
from dataclasses import replace

import pytest

from barograph.barometer import Barometer
from barograph.errors import BadInput, UnsupportedText
from barograph.estimate.disclosure import Rule
from barograph.publish.claims import Claim, read_claims, judge
from barograph.publish.edition import check
from barograph.publish.release import Release, check_same_assertions, to_html


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


@pytest.fixture
def copy(wave, tmp_path):
    """The example, to be spoilt."""
    folder = shutil.copytree(wave.barometer.folder, tmp_path / "barometer")
    return folder, lambda: check(Barometer.open(folder).wave("2017"))


@pytest.mark.parametrize(
    ("added", "words"),
    [
        ("\nWe asked 589 of them.\n", "'589' stands outside a slot"),
        ("\nThe majority agrees.\n", "'majority' orders or compares without a claim"),
        ('\n{{ share("zz") }}\n', "no indicator 'zz'"),
        ('\n{{ share("view") }}\n', "view has no item"),
        ('\n{% if holds("zz") %}Most agree.{% endif %}\n', "no claim 'zz'"),
        ("\n{{ secret }}\n", "'secret' is undefined"),
        ("\n{% if %}\n", "the template is broken"),
    ],
)
def test_a_release_that_says_too_much_is_refused(copy, added, words):
    folder, run = copy
    for lang in ("nl", "fr", "de", "en"):  # the same in all, so that only this fault is found
        path = folder / "2017" / f"release.{lang}.md"
        path.write_text(path.read_text() + (added if lang == "en" or "{" in added else ""))
    with pytest.raises(UnsupportedText, match=words):
        run()


def test_every_language_says_the_same(copy):
    folder, run = copy
    path = folder / "2017" / "release.de.md"
    path.write_text(path.read_text().replace('{{ share("plan_intent") }}', "Manche"))
    with pytest.raises(UnsupportedText, match=r"release\.de\.md: lacks .*share\('plan_intent'\)"):
        run()


def test_a_positive_answer_turns_absence_into_a_count(copy):
    folder, run = copy
    path = folder / "2017" / "responses.csv"
    lines = path.read_text().splitlines()
    unit = lines[0].split(",").index("s_unit")
    first = lines[1].split(",")
    first[unit] = "planned"
    path.write_text("\n".join([lines[0], ",".join(first), *lines[2:]]) + "\n")
    verdicts = run()
    assert not verdicts["unit_none"].holds
    wave = Barometer.open(folder).wave("2017")
    facts = {
        "invited": "589", "answered": "113", "reference_date": "", "method": "", "effective": "",
    }  # fmt: skip
    text = Release(wave, "en", verdicts, facts).markdown()
    assert "1 of 113 responding municipalities have or plan a department" in text


def test_same_assertions_compares_all(wave, verdicts):
    releases = {lang: Release(wave, lang, verdicts, {}) for lang in ("nl", "en")}
    check_same_assertions(releases)
    assert "holds('unit_none')" in releases["en"].assertions()


def test_markdown_is_not_html():
    assert "<script>" not in to_html("a <script>alert(1)</script>")


def test_a_text_cannot_quote_what_is_withheld(wave):
    strict = replace(wave, barometer=replace(wave.barometer, disclosure=Rule()))
    release = Release(strict, "en", {}, {})
    with pytest.raises(UnsupportedText, match="region=brussels is withheld: base below 10"):
        release.share("relevance", region="brussels")
    assert release.share("relevance", rurality="urban").startswith("77%")
