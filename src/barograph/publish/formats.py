"""Figures and dates as a reader of each language writes them.

Every number that a page, a chart or the release shows is put into words here, once. Rounding is half
up on the unrounded value: what readers were taught, and what the figures of 2017 were rounded by.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from babel.lists import format_list
from babel.numbers import format_decimal, format_percent

from barograph.language import LOCALES as LOCALES
from barograph.language import date as date
from barograph.language import spaced as spaced

if TYPE_CHECKING:
    from barograph.estimate import Estimate  # the words of the interview load without figures

K_OF_N = {"nl": "{k} van {n}", "fr": "{k} sur {n}", "de": "{k} von {n}", "en": "{k} of {n}"}

# Below this many answers one answer moves a percentage by more than three points.
PERCENT_FROM = 30
NOTHING = "–"
# Sums of weights end in noise around the sixteenth digit; without this, 66.5 could print as 66.
NOISE_DIGITS = 12


@lru_cache(65_536)
def half_up(x: float, digits: int = 0) -> Decimal:
    """The value rounded half away from zero to `digits` decimals."""
    exact = Decimal(repr(round(float(x), NOISE_DIGITS)))
    return exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def percent(x: float, lang: str) -> str:
    """A share of 0..1 as a whole percentage: 66%, 66 %."""
    if math.isnan(x):
        return NOTHING
    return _percent(half_up(x * 100), lang)


@lru_cache(1024)
def _percent(whole: Decimal, lang: str) -> str:
    return format_percent(whole / 100, locale=LOCALES[lang])


def listed(names: Sequence[str], lang: str) -> str:
    """Names in running text: "a, b and c"."""
    return format_list(names, locale=LOCALES[lang])


def number(x: float, lang: str, digits: int = 0) -> str:
    """A number with a fixed count of decimals: 1.234, 3,2."""
    if math.isnan(x):
        return NOTHING
    return _number(half_up(x, digits), lang, digits)


@lru_cache(16_384)
def _number(rounded: Decimal, lang: str, digits: int) -> str:
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return format_decimal(rounded, format=pattern, locale=LOCALES[lang])


def value_text(e: Estimate, lang: str) -> str:
    """The figure: a percentage, from few answers "10 of 29"; a mean to one decimal; a whole total."""
    if e.flag in ("none", "withheld"):
        return NOTHING
    if e.statistic == "share":
        if e.base < PERCENT_FROM and not math.isnan(e.n):
            return K_OF_N[lang].format(k=number(e.n, lang), n=number(e.base, lang))
        return percent(e.value, lang)
    return number(e.value, lang, _digits(e))


def interval_text(e: Estimate, lang: str) -> str:
    """The 95% interval, its unit written once: 59–74 %, 2,9–3,2. Empty when there is none."""
    if math.isnan(e.low) or math.isnan(e.high):
        return ""
    if e.statistic == "share":
        low, high = number(e.low * 100, lang), percent(e.high, lang)
        same = half_up(e.low * 100) == half_up(e.high * 100)
    else:
        low, high = (number(bound, lang, _digits(e)) for bound in (e.low, e.high))
        same = low == high
    return high if same else f"{low}–{high}"


def moment(m: datetime.datetime, lang: str) -> str:
    """A day and time of day in its own offset: 15 februari 2017 06:00 (UTC+01:00)."""
    return f"{date(m.date(), lang)} {m:%H:%M} ({m.tzname()})"


def language_name(lang: str) -> str:
    """A language's own name for itself: Nederlands, Français."""
    name = LOCALES[lang].get_language_name() or lang
    return name[0].upper() + name[1:]


def _digits(e: Estimate) -> int:
    return 1 if e.statistic == "mean" else 0


@dataclass(frozen=True)
class Formats:
    """The functions above bound to one language, as the templates use them."""

    lang: str

    def language(self, lang: str) -> str:
        """See `language_name`."""
        return language_name(lang)

    def percent(self, x: float) -> str:
        """See `percent`."""
        return percent(x, self.lang)

    def number(self, x: float, digits: int = 0) -> str:
        """See `number`."""
        return number(x, self.lang, digits)

    def value(self, e: Estimate) -> str:
        """See `value_text`."""
        return value_text(e, self.lang)

    def interval(self, e: Estimate) -> str:
        """See `interval_text`."""
        return interval_text(e, self.lang)

    def date(self, d: datetime.date) -> str:
        """See `date`."""
        return date(d, self.lang)

    def moment(self, m: datetime.datetime) -> str:
        """See `moment`."""
        return moment(m, self.lang)
