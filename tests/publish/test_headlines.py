"""The page of a figure says first what it found, and only what its claim carries."""

import re
from dataclasses import replace
from html import unescape

import pytest

from barograph.publish.claims import judge, read_claims
from barograph.publish.release import Release
from barograph.publish.release.facts import facts
from barograph.publish.site.headlines import LONGEST, headlines

LANGUAGES = ("nl", "fr", "de", "en")


@pytest.fixture(scope="module")
def release(wave):
    path, barometer = wave.folder / "claims.toml", wave.barometer
    verdicts = judge(wave, read_claims(path, barometer.indicators, barometer.domains))
    return Release(wave, "en", verdicts, facts(wave, "en"))


def test_the_first_claim_whose_sentence_stands_alone_is_the_headline(release):
    found = headlines(release)
    held, fell = found["relevance"], found["priority"]
    assert held.text.startswith("Most Belgian municipalities find the smart city appropriate")
    assert held.claim == "relevance_majority"
    assert fell.text.startswith("With this number of answers no dimension stands out alone")
    assert fell.claim == ""
    assert not held.text.endswith(".")
    assert "view" not in found  # its sentences lean on the one before
    assert "unit" not in found  # too long
    assert all(len(h.text) <= LONGEST for h in found.values())


def test_every_language_has_the_same_headlines(wave, release):
    others = {lang: Release(wave, lang, release.verdicts, facts(wave, lang)) for lang in LANGUAGES}
    found = {lang: list(headlines(other)) for lang, other in others.items()}
    assert all(names == found["en"] for names in found.values())
    assert {"relevance", "aspect", "priority", "operation", "difficulty"} <= set(found["en"])


def test_a_claim_that_falls_gives_its_fallback(release):
    falls = replace(release.verdicts["relevance_majority"], holds=False)
    other = release.over(release.wave, {**release.verdicts, "relevance_majority": falls})
    assert headlines(other)["relevance"].text == (
        "Belgian municipalities are divided over the smart city"
    )
    assert headlines(other)["relevance"].claim == ""


@pytest.mark.parametrize("lang", LANGUAGES)
def test_pages_show_the_finding_above_the_label(wave, edition, lang):
    label = wave.barometer.indicators["operation"].label[lang]
    page = unescape((edition / lang / "figures" / "operation.html").read_text())
    title = re.search(r'<h1 class="finding">(.*?)</h1>', page)[1]
    assert 'data-estimate="2017.operation.administration.share.all"' in title
    assert 'href="../claims.html#operation_administration_majority"' in title
    assert f'<p class="lead wording">{label}</p>' in page
    assert wave.synthetic[lang] in page
    neutral = unescape((edition / lang / "figures" / "unit.html").read_text())
    assert f'<h1 class="wording">{wave.barometer.indicators["unit"].label[lang]}</h1>' in neutral
