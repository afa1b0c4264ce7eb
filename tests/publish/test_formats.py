"""Figures in words: rounding, four languages, and what few answers look like."""

import math
from dataclasses import replace
from datetime import date

import pytest

from barograph.estimate import Estimate
from barograph.estimate.coarse import Coarse
from barograph.estimate.disclosure import Decision, Suppression
from barograph.publish import formats, texts

NBSP = "\u00a0"


def estimate(value=0.66, low=0.59, high=0.74, n=74, base=112, statistic="share", flag=""):
    return Estimate(
        estimate_id="2017.x",
        indicator="x",
        category="x",
        domain="all",
        statistic=statistic,
        value=value,
        se=0.04,
        low=low,
        high=high,
        n=n,
        base=base,
        plain=value,
        df=1.0,
        effective_n=1.0,
        design_effect=1.0,
        flag=flag,
    )


@pytest.mark.parametrize(
    ("share", "printed"),
    [(0.125, "13%"), (0.665, "67%"), (0.6649, "66%"), (0.005, "1%"), (0, "0%")],
)
def test_percentages_round_half_up(share, printed):
    assert formats.percent(share, "nl") == printed


def test_noise_of_summation_does_not_decide_a_half():
    assert formats.percent(0.1 + 0.2 + 0.365 - 1e-16, "en") == "67%"


def test_half_up_on_decimals_and_below_zero():
    assert [formats.number(x, "en", 1) for x in (0.25, 0.35, -0.25)] == ["0.3", "0.4", "-0.3"]


@pytest.mark.parametrize(
    ("lang", "share", "mean"),
    [
        ("nl", "66%", "1.234,5"),
        ("fr", f"66{NBSP}%", "1\u202f234,5"),
        ("de", f"66{NBSP}%", "1.234,5"),
        ("en", "66%", "1,234.5"),
    ],
)
def test_each_language_writes_numbers_its_own_way(lang, share, mean):
    assert formats.percent(0.66, lang) == share
    assert formats.number(1234.5, lang, 1) == mean


@pytest.mark.parametrize(
    ("lang", "text"),
    [("nl", "10 van 29"), ("fr", "10 sur 29"), ("de", "10 von 29"), ("en", "10 of 29")],
)
def test_a_share_of_fewer_than_30_is_k_of_n(lang, text):
    few = estimate(n=10, base=29, flag="base<30")
    assert formats.value_text(few, lang) == text
    assert formats.value_text(estimate(base=30), "nl") == "66%"


def test_intervals_write_their_unit_once():
    assert formats.interval_text(estimate(), "de") == f"59–74{NBSP}%"
    assert formats.interval_text(estimate(2.95, 2.85, 3.249, statistic="mean"), "nl") == "2,9–3,2"
    assert formats.interval_text(estimate(87.6, 56.5, 124, statistic="total"), "en") == "57–124"
    assert formats.interval_text(estimate(1, 1, 1), "en") == "100%"


def test_nobody_in_the_base_has_no_figure():
    none = estimate(math.nan, math.nan, math.nan, 0, 0, flag="none")
    assert formats.value_text(none, "nl") == "–"
    assert formats.interval_text(none, "nl") == ""


def test_dates_and_names_of_languages():
    day = date(2017, 2, 1)
    assert [formats.date(day, lang) for lang in texts.LANGUAGES] == [
        "1 februari 2017",
        "1er février 2017",
        "1. Februar 2017",
        "1 February 2017",
    ]
    names = [formats.language_name(lang) for lang in texts.LANGUAGES]
    assert names == ["Nederlands", "Français", "Deutsch", "English"]


def test_a_figure_in_steps_tells_no_number_counted():
    whole = replace(estimate(base=12, n=7, value=7 / 12, low=0.31, high=0.82), plain=7 / 12)
    decision = Decision(whole.estimate_id, "coarse", coarse=Coarse(0.05, 0.6, 0.3, 0.85))
    shown = Suppression({whole.estimate_id: decision}).shown(whole)
    assert math.isnan(shown.n)
    assert math.isnan(shown.plain)
    assert formats.value_text(shown, "en") == "60%"
    assert formats.interval_text(shown, "en") == "30–85%"
    assert formats.number(shown.n, "en") == formats.NOTHING


def test_french_keeps_its_punctuation_on_the_line():
    text = "Réponses : 113 ; « oui » ? Non !"
    assert formats.spaced(text, "nl") == text
    assert formats.spaced(text, "fr") == text.replace(" :", f"{NBSP}:").replace(
        " ;", f"{NBSP};"
    ).replace("« ", f"«{NBSP}").replace(" »", f"{NBSP}»").replace(" ?", f"{NBSP}?").replace(
        " !", f"{NBSP}!"
    )
