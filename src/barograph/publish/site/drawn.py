"""The figures of a wave in one language: charts, maps and the tables behind them, drawn once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from markupsafe import Markup

from barograph.estimate import Estimate, Estimates
from barograph.indicators import Indicator
from barograph.publish.charts import Drawable, inline
from barograph.publish.charts.words import own
from barograph.publish.data.terms import Terms
from barograph.publish.language import Language
from barograph.publish.site import pictures
from barograph.publish.site.headlines import Headline
from barograph.publish.site.mapped import map_of
from barograph.publish.site.pictures import Row


class Drawn:
    """Figures of one language; each is drawn once, however many pages show it.

    `headlines` gives an indicator what it found as its title.
    """

    def __init__(
        self,
        language: Language,
        estimated: Mapping[str, Estimates],
        headlines: Mapping[str, Headline] | None = None,
    ) -> None:
        self.language, self.estimated = language, estimated
        self.headlines = headlines or {}
        self._figures: dict[str, dict[str, Any]] = {}
        self._maps: dict[str, dict[str, Any] | None] = {}

    def figure(self, indicator: Indicator) -> dict[str, Any]:
        """Chart, table, question and base of an indicator, and the charts that go with it."""
        if indicator.name not in self._figures:
            self._figures[indicator.name] = self._figure(indicator)
        return self._figures[indicator.name]

    def rows(self, indicator: Indicator) -> list[Row]:
        """The table behind a figure."""
        rows: list[Row] = self.figure(indicator)["rows"]
        return rows

    def axis(self, indicator: Indicator) -> tuple[float, float]:
        """The ends of its axis."""
        return pictures.axis(self.language.wave, indicator)

    def map(self, indicator: Indicator | None = None) -> dict[str, Any] | None:
        """The map of an indicator; without one, of the first that names a map."""
        indicators = self.language.wave.barometer.indicators.values()
        chosen = indicator or next((i for i in indicators if i.map), None)
        if chosen is None:
            return None
        if chosen.name not in self._maps:
            self._maps[chosen.name] = map_of(self.language, chosen)
        return self._maps[chosen.name]

    def response(self) -> dict[str, Any]:
        """Who answered beside who was asked, with R-indicator and partial indicators."""
        chart, told = pictures.response(self.language)
        words = own(self.language.lang)
        heads = [words[f"response_{name}"] for name in ("units", "answered", "rate_of", "partial")]
        return {**self._picture(chart, words["response_partial_note"]), **told, "heads": heads}

    @cached_property
    def terms(self) -> Terms:
        """The terms of publication."""
        return Terms.of(self.language.wave.barometer)

    def _interval_text(self) -> str:
        record, number = self.language.wave.sample.record, self.language.fmt.number
        return own(self.language.lang)["caption_interval"].format(
            answered=number(record.respondents), invited=number(record.population)
        )

    def _figure(self, indicator: Indicator) -> dict[str, Any]:
        language, t = self.language, self.language.t
        estimates = self.estimated[indicator.name]
        rows = _rows(language, indicator, estimates)
        title, finding = indicator.label[language.lang], self.headlines.get(indicator.name)
        chart = pictures.main_chart(language, indicator, rows, title)
        wording = language.wave.instrument.wording(indicator.question)
        return {
            "id": indicator.name,
            "title": title,
            "finding": finding,
            "headline": finding.text if finding else title,
            "question": wording[language.lang],
            "interval_text": self._interval_text(),
            "chart": chart,
            "svg": Markup(inline(chart, language.lang, t)),
            "rows": rows,
            "more": self._more(indicator, rows),
            "map": self.map(indicator) if indicator.map else None,
            "base_text": base_text(language, estimates),
        }

    def _more(self, indicator: Indicator, rows: list[Row]) -> list[dict[str, Any]]:
        """The charts below the first one."""
        words = own(self.language.lang)
        found = (
            (pictures.slopes(self.language, indicator, rows), ""),
            (pictures.ranks(self.language, indicator, rows), words["ranks_note"]),
        )
        return [self._picture(chart, note) for chart, note in found if chart]

    def _picture(self, chart: Drawable, note: str) -> dict[str, Any]:
        svg = Markup(inline(chart, self.language.lang, self.language.t))
        return {"title": chart.title, "chart": chart, "svg": svg, "note": note}


def base_text(language: Language, estimates: Iterable[Estimate]) -> str:
    """How many answers the figures are over."""
    bases = [e.base for e in estimates]
    low, high = (language.fmt.number(f(bases)) for f in (min, max))
    if low == high:
        return language.t["base_text"].format(n=low)
    return language.t["base_range"].format(low=low, high=high)


def _rows(language: Language, indicator: Indicator, estimates: Estimates) -> list[Row]:
    """One item: a row a domain, grouped. Several items: a row each, the highest first.

    Of a battery of shares: rows by what they score on the scale, each with its levels in order.
    """
    if all("=" in e.category for e in estimates):
        return _levels(language, indicator, estimates)
    several = len({e.category for e in estimates}) > 1
    if several:
        ordered = sorted(estimates, key=lambda e: -e.value)
        return [("", language.item(indicator, e.category), e) for e in ordered if e.domain == "all"]
    rows = []
    for e in estimates:
        name = e.domain.split("=")[0]
        domain = language.wave.barometer.domains.get(name)
        label = domain.label[language.lang] if domain else ""
        rows.append((label, language.domain(e.domain), e))
    return rows


def _levels(language: Language, indicator: Indicator, estimates: Estimates) -> list[Row]:
    of_row: dict[str, list[Estimate]] = {}
    for e in estimates:
        if e.domain == "all":
            of_row.setdefault(e.category.split("=")[0], []).append(e)
    known = sorted(of_row.values(), key=_score, reverse=True)
    named = (
        (language.item(indicator, e.category).rpartition(": "), e) for row in known for e in row
    )
    return [(row, level, e) for (row, _, level), e in named]


def _score(row: list[Estimate]) -> float:
    """What orders the rows; a row with a figure withheld comes last, for its place would tell."""
    score = sum(level * e.value for level, e in enumerate(row))
    return -1.0 if math.isnan(score) else score
