"""A text cannot say more than its claims carry, and every number in it names its source."""

import re
import shutil
from dataclasses import replace

import pytest

from barograph.errors import UnsupportedText
from barograph.estimate.disclosure import Rule
from barograph.publish import formats
from barograph.publish.claims import judge, read_claims
from barograph.publish.release import Release, check_same_assertions
from barograph.publish.release.facts import facts
from barograph.publish.release.marks import Mark, Marks, literal, plain

LANGUAGES = ("nl", "fr", "de", "en")


@pytest.fixture(scope="module")
def verdicts(wave):
    barometer = wave.barometer
    path = wave.folder / "claims.toml"
    return judge(wave, read_claims(path, barometer.indicators, barometer.domains))


@pytest.fixture
def texts(wave, verdicts, tmp_path):
    """The texts of the example in a folder of their own, to be spoilt; `run` prints them all."""

    class Elsewhere(Release):
        @property
        def path(self):
            return tmp_path / f"release.{self.lang}.md"

    for lang in LANGUAGES:
        shutil.copy(wave.folder / f"release.{lang}.md", tmp_path)

    def run(verdicts=verdicts):
        found = {lang: Elsewhere(wave, lang, verdicts, facts(wave, lang)) for lang in LANGUAGES}
        check_same_assertions(found)
        for release in found.values():
            release.markdown()
        return found

    return tmp_path, run


@pytest.mark.parametrize(
    ("added", "words"),
    [
        ("\nWe asked 589 of them.\n", "'589' stands outside a slot"),
        ("\nThe majority agrees.\n", r"'majority' asserts \(majority\) without a claim"),
        ("\nTwo of them agree.\n", r"'Two' asserts \(number\) without a claim. No test carries"),
        ("\nHalf &frac12; agree.\n", "'½' stands outside a slot"),
        ("\nThe ma\u200bjority agrees.\n", "a hidden character"),
        ("\nThe \ue000\ue010\ue001forged\ue002.\n", "a hidden character"),
        ('\n{{ share("zz") }}\n', "no indicator 'zz'"),
        ('\n{{ share("view") }}\n', "view needs an item. Known are p_view_technology, "),
        ('\n{{ share("view", "zz") }}\n', r"row \d+: view has no item 'zz'"),
        (
            '\n{{ share("relevance", regoin="flanders") }}\n',
            r"row \d+: there is no domain 'regoin'. Known are region, rurality",
        ),
        (
            '\n{{ share("relevance", region="mars") }}\n',
            r"row \d+: region has no 'mars'. Known are flanders, ",
        ),
        ("\n{{ share() }}\n", r"row \d+: share\(\) is filled wrongly: missing"),
        ("\n{{ share }}\n", "share needs brackets"),
        ("\n{{ share.x }}\n", "an expression is no slot"),
        ("\n{{ n }}\n", "n needs a name: n.invited"),
        ("\n{{ n.items }}\n", r"row \d+: n has no 'items'. Known are .*invited"),
        ("\n{{ n() }}\n", r"n\(\) is no slot"),
        ('\n{{ bound("relevance_majority") }}\n', "claim relevance_majority has no bound"),
        ("\nThe m\u043est common.\n", "'m\u043est' mixes CYRILLIC and LATIN letters"),
        ('\n{% claim "zz" %}They agree.{% endclaim %}\n', "no claim 'zz'"),
        ("\n{{ secret }}\n", "secret is no slot"),
        ("\n{{ 589 }}\n", "an expression is no slot"),
        ('\n{{ share("relevance").__class__ }}\n', "an expression is no slot"),
        ("\n{% for x in n %}x{% endfor %}\n", "'for' is no part of a release"),
        ("\n{% set x = 3 %}\n", "'assign' is no part of a release"),
        ("\n{% if n %}x{% endif %}\n", "'if' is no part of a release"),
        ("\n{% claim %}\n", "the template is broken"),
        (
            '\n{% claim "relevance_majority" %}\nOver a line.{% fallback %}{% endclaim %}\n',
            "runs over a line break",
        ),
    ],
)
def test_a_release_that_says_too_much_is_refused(texts, added, words):
    folder, run = texts
    for lang in ("nl", "fr", "de", "en"):  # the same in all, so that only this fault is found
        path = folder / f"release.{lang}.md"
        path.write_text(path.read_text() + (added if lang == "en" or "{" in added else ""), "utf-8")
    with pytest.raises(UnsupportedText, match=words):
        run()


def test_every_language_says_the_same(texts):
    folder, run = texts
    path = folder / "release.de.md"
    path.write_text(path.read_text().replace('{{ share("plan_intent") }}', "Manche"))
    with pytest.raises(UnsupportedText, match=r"release\.de\.md: lacks .*share\('plan_intent'\)"):
        run()


def test_a_positive_answer_turns_absence_into_a_count(wave, releases):
    """One respondent plans a department: the sentence of none gives way to a count."""
    answers = dict(wave.responses.answers)
    answers["s_unit"] = answers["s_unit"].astype("<U9")
    answers["s_unit"][0] = "planned"
    other = replace(wave)
    other.__dict__["responses"] = replace(wave.responses, answers=answers)
    barometer = wave.barometer
    claims = read_claims(wave.folder / "claims.toml", barometer.indicators, barometer.domains)
    verdicts = judge(other, claims)
    assert not verdicts["unit_none"].holds
    text = releases["en"].over(other, verdicts).markdown()
    assert "1 of the 113 responding municipalities have a department" in text
    assert "None of the 113" in releases["en"].markdown()


def test_same_assertions_compares_all(wave, verdicts):
    releases = {lang: Release(wave, lang, verdicts, {}) for lang in ("nl", "en")}
    check_same_assertions(releases)
    assert "claim('unit_none')" in releases["en"].reading.asserted


def test_markdown_is_not_html():
    assert "<script>" not in Marks().html("a <script>alert(1)</script>")


def test_marks_become_elements_and_vanish_from_markdown():
    marks = Marks()
    inner = marks.around(Mark("data", {"data-estimate": 'a"&<b'}), "66% [58–73%]")
    text = marks.around(Mark("span", {"id": "x"}, "!"), f"so *{inner}*") + " " + inner
    assert plain(text) == "so *66% [58–73%]* 66% [58–73%]"
    number = '<data data-estimate="a&#34;&amp;&lt;b">66% [58–73%]</data>'
    assert marks.html(text, inline=True) == f'<span id="x">so <em>{number}</em>!</span> {number}'
    assert literal("[a](http://b) \ue000\u200b_c_") == r"\[a\](http://b) \_c\_"


@pytest.fixture(scope="module")
def releases(wave, verdicts):
    return {lang: Release(wave, lang, verdicts, facts(wave, lang)) for lang in LANGUAGES}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_number_in_html_has_its_source(releases, wave, lang):
    html = str(releases[lang].html())
    known = {e.estimate_id: e for e in wave.table()}
    for estimate_id in re.findall(r'data-estimate="([^"]+)"', html):
        assert estimate_id.replace("&amp;", "&") in known
    without = re.sub(r"<(data|time)\b[^>]*>.*?</\1>", "", html)
    assert not re.search(r"\d", re.sub(r"<[^>]+>", "", without))


@pytest.mark.parametrize(
    ("lang", "bound"),
    [
        ("nl", "eenzijdige grens op "),
        ("fr", "borne unilatérale à "),
        ("de", "einseitige Grenze zu "),
        ("en", "one-sided bound at "),
    ],
)
def test_a_bound_stands_with_its_level(releases, lang, bound):
    assert releases[lang].markdown().count(bound + formats.percent(0.95, lang)) == 2


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("nl", "naar gewest en type (landelijk of verstedelijkt)"),
        ("fr", "par région et type (rural ou urbanisé)"),
        ("de", "nach Region und Typ (ländlich oder städtisch)"),
        ("en", "by region and type (rural or urban)"),
    ],
)
def test_what_the_weights_match_is_told_in_running_text(releases, lang, words):
    assert words in releases[lang].markdown()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_who_pays_stands_beside_what_is_said_of_private_actors(releases, edition, wave, lang):
    interest = releases[lang].facts["funding"].text
    said = next(p for p in releases[lang].markdown().split("\n\n") if "ultinational" in p)
    assert interest in said
    assert interest in (edition / lang / "figures" / "involvement.html").read_text()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_sentence_leads_to_its_test_and_back(edition, releases, lang):
    release = (edition / lang / "release.html").read_text()
    claims = (edition / lang / "claims.html").read_text()
    for name, verdict in releases[lang].verdicts.items():
        assert f'<article id="{name}"' in claims
        if verdict.holds:
            assert f'id="claim-{name}"' in release
            assert f'href="claims.html#{name}"' in release


def test_without_fallback_the_build_fails_and_says_why(texts):
    folder, run = texts
    for lang in LANGUAGES:
        path = folder / f"release.{lang}.md"
        text = path.read_text()
        begin = text.index('{% claim "relevance_brussels_more" %}')
        end = text.index("{% endclaim %}", begin)
        fallback = text.index("{% fallback %}", begin)
        path.write_text(text[:fallback] + text[end:])
    with pytest.raises(UnsupportedText) as error:
        run()
    told = str(error.value)
    assert "claim relevance_brussels_more (more) does not hold" in told
    assert re.search(r"brussels - flanders is 0\.029\d* \[-0\.233, 0\.17\]", told)
    assert "1 after Holm" in told
    assert "n = 8, estimates 2017.relevance.p_relevance.share.region=brussels" in told
    assert "True instead: brussels - flanders may be -0.233 to 0.17, so neither is ahead" in told


def test_a_word_needs_a_claim_of_its_type(texts):
    """A tested difference is no majority."""
    folder, run = texts
    path = folder / "release.en.md"
    path.write_text(
        path.read_text().replace("finds more support than", "finds most support, unlike")
    )
    with pytest.raises(UnsupportedText, match=r"'most' asserts .* under claim relevance_flanders"):
        run()


def test_a_direction_is_not_turned(texts):
    folder, run = texts
    path = folder / "release.en.md"
    path.write_text(path.read_text().replace("do so more often than", "do so less often than"))
    with pytest.raises(
        UnsupportedText,
        match=r"'less often' asserts \(below\) under claim relevance_urban_more. It needs .* less or",
    ):
        run()


def test_an_idle_claim_is_refused(wave, texts, verdicts):
    _, run = texts
    with pytest.raises(UnsupportedText, match="claim idle is in no text"):
        run({**verdicts, "idle": verdicts["relevance_majority"]})


QUOTE = """
{% quote person="A. Person", function="director", consent="2017-02-01" %}Most of all 3 agree.{% endquote %}
"""


def test_quotations_are_marked_and_exempt(texts):
    folder, run = texts
    for lang in LANGUAGES:
        path = folder / f"release.{lang}.md"
        path.write_text(path.read_text() + QUOTE)
    french = run()["fr"]
    said = "«\u00a0Most of all 3 agree.\u00a0» (A. Person, director)"
    assert said in french.markdown()
    assert f'<span class="quotation" data-consent="2017-02-01">{said}</span>' in french.html()
    path = folder / "release.fr.md"
    path.write_text(path.read_text().replace(', consent="2017-02-01"', ""))
    with pytest.raises(UnsupportedText, match="a quotation needs its consent"):
        run()


@pytest.mark.parametrize(
    ("part", "instead", "words"),
    [
        ("2017-02-01", "never", "consent 'never' is no day such as"),
        ("2017-02-01", "2999-01-01", "consent of 2999-01-01 is of the future"),
        ("A. Person", " ", "a quotation needs its person"),
        ("director", "", "a quotation needs its function"),
    ],
)
def test_a_quotation_needs_a_person_and_a_day_of_consent(texts, part, instead, words):
    folder, run = texts
    path = folder / "release.nl.md"
    path.write_text(path.read_text() + QUOTE.replace(part, instead))
    with pytest.raises(UnsupportedText, match=words):
        run()


def test_a_text_cannot_quote_what_is_withheld(wave):
    strict = replace(wave, barometer=replace(wave.barometer, disclosure=Rule()))
    release = Release(strict, "en", {}, {})
    with pytest.raises(UnsupportedText, match="region=brussels is withheld: base below 10"):
        release.share("relevance", region="brussels")
    assert plain(release.share("relevance", rurality="urban")).startswith("77%")
