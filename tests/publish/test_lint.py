"""Words that count, order or compare are known in every language; a claim carries its own alone."""

from pathlib import Path

import pytest
from jinja2 import Environment

from barograph.errors import UnsupportedText
from barograph.publish import texts
from barograph.publish.claims import Claim
from barograph.publish.claims.kinds import TYPES
from barograph.publish.release.lint import Reading, Written, asserting, check, read
from barograph.publish.site import evidence

# Each asserts something, so each needs a claim.
ASSERTING = {
    "nl": """De overgrote meerderheid stemt in. Een ruime meerderheid. Het leeuwendeel heeft een plan.
        Gemeenten hebben nauwelijks een strategie. Slechts een enkeling heeft een manager.
        Talloze gemeenten hebben een plan. Ettelijke gemeenten doen het. Brussel spant de kroon.
        Vlaanderen scoort hoog. Vlaanderen steekt boven Wallonië uit. Wallonië hinkt achterna.
        Een groot deel van de gemeenten. Een klein deel. Zij kozen er massaal voor.
        Vlaanderen is kampioen. Plannen zijn schaars. Eén gemeente heeft een plan.
        Vlaanderen wint van Wallonië. Uitsluitend Vlaamse gemeenten. Enkel Vlaamse gemeenten.
        Geen Vlaamse gemeente plant er een. Het hoogst. Het laagst. Dikwijls. Vaak. Evenzeer.
        Eén op de drie gemeenten. Een gemeente op vier. Driekwart. Beide gewesten. Geen stad.""",
    "fr": """Toute commune a un plan. Tout le pays. La totalité des communes. La plupart. Le gros.
        L'écrasante majorité. Une grande partie des communes. À peine une commune. Guère de communes.
        Pas une commune. Une foule de communes. Bien des communes. Maintes communes. Souvent.
        La Flandre surpasse la Wallonie. La Flandre domine. La Wallonie est à la traîne.
        La part a bondi. Seules les communes flamandes. Uniquement les communes. Nulle commune.
        Une commune sur trois. Un quart. Deux fois. Presque aucune. Dans la même mesure.""",
    "de": """Die allermeisten Gemeinden. Das Gros der Gemeinden. Der Löwenanteil. Kaum eine Gemeinde.
        Keine Kommune plant. Gar keine. Vereinzelt. Unzählige Gemeinden. Ein großer Teil. Oft. Häufig.
        Flandern liegt über Wallonien. Wallonien hinkt hinterher. Flandern dominiert. Beide Regionen.
        Nur flämische Gemeinden. Ausschließlich flämische. Lediglich eine. Jede dritte Gemeinde.
        Eine von drei Gemeinden. Jede zweite Gemeinde. Keine flämische Gemeinde. Gleichermaßen.""",
    "en": """Overwhelmingly they agree. Brussels beats Flanders. Wallonia lags. The lion's share.
        Hardly a municipality has a plan. Scarcely any. Barely a town. No town has a plan. No region.
        No Walloon municipality has a plan. Only Flemish municipalities. A score of municipalities.
        A large share. Both regions agree. Often. Frequently. It soared. It surged. It plunged.
        Flanders outperforms Wallonia. Flanders dominates. Flanders trails. Plans are scarce.
        They are widespread. Support is universal. Zero municipalities. Nil. The bulk. Not any town.
        One municipality in three. One in four. Sixty-six. \uff2d\uff4f\uff53\uff54 agree.""",
}
# None asserts anything: a lint that cries wolf is switched off.
FREE = {
    "nl": "Zinnen staan er alleen als ze slagen. Niet alleen gemeenten. Ten minste. Hoe vaak.",
    "fr": "Dans tout le pays. Non seulement les communes. Au moins. Il ne se dégage pas une dimension.",
    "de": "Sie erscheinen nur, wenn sie bestehen. Nicht nur Gemeinden. Mindestens. Wie oft.",
    "en": "Printed only while it holds. Not only municipalities. At least. How often. No doubt.",
}


def parts(texts):
    return [
        (lang, part.strip())
        for lang, text in texts.items()
        for part in text.split(".")
        if part.strip()
    ]


@pytest.mark.parametrize("lang", ASSERTING)
def test_words_that_assert_are_known(lang):
    sentences = [s for language, s in parts(ASSERTING) if language == lang]
    missed = [s for s in sentences if all("free" in kinds for _, kinds in asserting(s, lang))]
    assert missed == []


@pytest.mark.parametrize(("lang", "words"), parts(FREE))
def test_words_that_assert_nothing_are_free(lang, words):
    checked(words, lang)


def checked(words, lang="en", **claim):
    claims = {"x": Claim("x", **claim)} if claim else {}
    reading = Reading((Written(words, 1, tuple(claims)),), (), frozenset())
    check(reading, lang, claims, Path("release.md"))


@pytest.mark.parametrize(
    ("words", "lang", "claim"),
    [
        ("Urban ones agree less often", "en", {"type": "more"}),
        ("Urban ones agree more often", "en", {"type": "less"}),
        ("Landelijke gemeenten minder vaak", "nl", {"type": "more"}),
        ("Les communes rurales moins souvent", "fr", {"type": "more"}),
        ("Ländliche Gemeinden seltener", "de", {"type": "more"}),
        ("It is the least involved", "en", {"type": "top"}),
        ("It comes first", "en", {"type": "lowest"}),
        ("The share fell", "en", {"type": "rise"}),
        ("The share rose", "en", {"type": "fall"}),
        ("Half of them agree", "en", {"type": "about", "word": "tenth"}),
        ("One municipality in three agrees", "en", {"type": "about", "word": "half"}),
        ("They agree, and hardly a town disagrees", "en", {"type": "majority"}),
        ("A handful agree", "en", {"type": "minority"}),
    ],
)
def test_a_claim_does_not_carry_the_reverse_or_another_part(words, lang, claim):
    with pytest.raises(UnsupportedText, match="asserts"):
        checked(words, lang, **claim)


@pytest.mark.parametrize(
    ("words", "lang", "claim"),
    [
        ("Rural ones agree less often", "en", {"type": "less"}),
        ("About a third agree", "en", {"type": "about", "word": "third"}),
        ("Une commune sur trois", "fr", {"type": "about", "word": "third"}),
        ("Ongeveer één gemeente op drie", "nl", {"type": "about", "word": "third"}),
        ("Etwa drei Viertel", "de", {"type": "about", "word": "three_quarters"}),
        ("More than half agree", "en", {"type": "majority"}),
        ("With a plan they more often have a manager", "en", {"type": "association", "other": "y"}),
        ("It comes last", "en", {"type": "lowest"}),
        ("Hardly any municipality has one", "en", {"type": "none"}),
    ],
)
def test_a_claim_carries_its_words(words, lang, claim):
    checked(words, lang, **claim)


def test_every_type_of_claim_is_explained():
    told = texts.load(evidence.WORDS, ("nl",))["nl"]
    assert {f"test_{name}" for name in TYPES} <= told.keys()


@pytest.mark.parametrize("text", ["![x](https://elsewhere.example/x.png)", "a ![x][1]"])
def test_a_release_asks_no_other_host_for_pictures(text):
    template = Environment(autoescape=True).parse(text)
    with pytest.raises(UnsupportedText, match="a picture is no part of a release"):
        read(template, (), Path("release.nl.md"))


@pytest.mark.parametrize("number", ["XII", "LXVI", "66", "\uff16\uff16", "IV"])
def test_numbers_come_through_slots(number):
    with pytest.raises(UnsupportedText, match="stands outside a slot"):
        checked(f"{number} municipalities")


@pytest.mark.parametrize("letters", ["CC BY", "CV", "DVD", "I", "MC"])
def test_letters_are_no_numbers(letters):
    checked(f"{letters} and so on")
