"""Which charts an indicator gets, from what it measures.

Shares of one question and numbers of units: bars. Means, and one share by domain: dots with intervals.
A battery of shares: stacked bars. Rankings and batteries of means also: which ranks are possible. From
the second wave on: slopes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby, pairwise

from barograph.barometer import Wave
from barograph.errors import BadInput
from barograph.estimate import Estimate
from barograph.indicators import Indicator
from barograph.instrument import DONT_KNOW
from barograph.publish import charts
from barograph.publish.charts.words import own
from barograph.publish.language import Language
from barograph.weight.representativity import of_sample

DIMENSIONS = frozenset({"environment", "governance", "living", "mobility", "people", "economy"})
MOST_SLOPES = 8
Row = tuple[str, str, Estimate]


def main_chart(
    language: Language, indicator: Indicator, rows: Sequence[Row], title: str
) -> charts.Drawable:
    """The chart that leads a figure; `rows` in the order of its table."""
    id = f"figure-{indicator.name}"
    if is_scale(rows):
        return _likert(language, indicator, rows, id, title)
    several = len({e.category for _, _, e in rows}) > 1
    bars = indicator.statistic == "total" or (indicator.statistic == "share" and several)
    kind, words = charts.Intervals, language.t["chart_description"]
    if bars:
        kind, words = charts.Bars, own(language.lang)["bars_description"]
    drawn = tuple(charts.Row(label, e, group, _dimension(e)) for group, label, e in rows)
    description = words.format(rows=len(rows))
    return kind(id, title, description, drawn, axis(language.wave, indicator))


def is_scale(rows: Sequence[Row]) -> bool:
    """Whether the rows are levels of a battery: shares of "row=code"."""
    return all("=" in e.category for _, _, e in rows)


def axis(wave: Wave, indicator: Indicator) -> tuple[float, float]:
    """0..1 for shares, 0..N for totals, the ends of the scale for means."""
    if indicator.statistic != "mean":
        return 0.0, 1.0 if indicator.statistic == "share" else float(len(wave.frame))
    instrument = wave.instrument
    row = (instrument.battery(indicator.question) or (instrument.variable(indicator.question),))[0]
    scale = [float(c.code) for c in row.choices if c.code.isdigit()]
    return min(scale), max(scale)


def _dimension(e: Estimate) -> str:
    return e.category if e.category in DIMENSIONS else ""


def _likert(
    language: Language, indicator: Indicator, rows: Sequence[Row], id: str, title: str
) -> charts.Likert:
    """A scale whose first code is 0 begins with nothing and has no middle."""
    wave, lang = language.wave, language.lang
    items = {item.variable: item for item in wave.items(indicator)}
    grouped = [(label, [e for _, _, e in part]) for label, part in groupby(rows, lambda r: r[0])]
    first = wave.instrument.variable(grouped[0][1][0].category.split("=")[0])
    levels = [c for c in first.choices if c.code != DONT_KNOW]
    scales = []
    for label, shares in grouped:
        item = items[shares[0].category.split("=")[0]]
        apart = int(item.eligible.sum() - item.base.sum())
        scales.append(charts.Scale(label, tuple(shares), apart))
    description = own(lang)["likert_description"].format(rows=len(scales), levels=len(levels))
    names = tuple(c.short(lang) for c in levels)
    return charts.Likert(id, title, description, names, tuple(scales), levels[0].code != "0")


def ranks(language: Language, indicator: Indicator, rows: Sequence[Row]) -> charts.Ranks | None:
    """Which ranks its items may have; None where there is no order, or a figure is withheld."""
    order = language.wave.orders.get(indicator.name)
    if order is None or any(math.isnan(e.value) for _, _, e in rows):
        return None
    keys = [item.key for item in language.wave.items(indicator)]
    found = {
        key: (int(best), int(worst), int(tier))
        for key, (best, worst), tier in zip(keys, order.ranges, order.tiers, strict=True)
    }
    words = own(language.lang)
    drawn = tuple(charts.Rank(label, e, *found[e.category], _dimension(e)) for _, label, e in rows)
    return charts.Ranks(
        f"ranks-{indicator.name}",
        words["ranks_title"],
        words["ranks_description"].format(rows=len(rows)),
        drawn,
        words["tier"],
    )


def slopes(language: Language, indicator: Indicator, rows: Sequence[Row]) -> charts.Slopes | None:
    """The figures of all units in each wave so far; None where only this wave has them."""
    wave, words = language.wave, own(language.lang)
    shown = [(label, e) for _, label, e in rows if e.domain == "all"]
    if not wave.earlier or is_scale(rows) or len(shown) > MOST_SLOPES:
        return None
    waves = [(w, found) for w in wave.earlier if (found := _of_wave(w, indicator))]
    if not waves:
        return None
    series = tuple(
        charts.Series(label, (*(found.get(e.category) for _, found in waves), e))
        for label, e in shown
    )
    frames = [frozenset(w.frame.codes) for w in (*(w for w, _ in waves), wave)]
    breaks = ["", *(words["break_frame"] if a != b else "" for a, b in pairwise(frames))]
    return charts.Slopes(
        f"waves-{indicator.name}",
        words["slopes_title"],
        words["slopes_description"].format(waves=len(waves) + 1),
        (*(w.name for w, _ in waves), wave.name),
        series,
        tuple(breaks),
    )


def _of_wave(wave: Wave, indicator: Indicator) -> dict[str, Estimate]:
    """What an earlier wave says of all units, by category; nothing where it did not ask."""
    try:
        figures = wave.shown(wave.estimates(indicator))
    except BadInput:
        return {}
    return {e.category: e for e in figures if e.domain == "all"}


def response(language: Language) -> tuple[charts.Response, dict[str, object]]:
    """Who answered beside who was asked, and what it comes to: R-indicator, partial indicators."""
    wave, words = language.wave, own(language.lang)
    whole, parts = of_sample(wave.sample)
    population, answered = wave.sample.record.population, wave.sample.record.respondents
    rows, table = [], []
    for name, domain in wave.barometer.domains.items():
        values = wave.frame.attributes[name]
        among = values[[wave.frame.row_of[str(u)] for u in wave.responses.units]]
        for value, labels in domain.labels.items():
            units, given = int((values == value).sum()), int((among == value).sum())
            if not units:
                continue
            fact, label = f"response.{name}={value}", labels[language.lang]
            group = domain.label[language.lang]
            share = charts.Category(label, group, fact, given / answered, units / population)
            rows.append(share)
            table.append((group, label, fact, units, given, parts[name].categories[value]))
    chart = charts.Response(
        "response",
        words["response_title"],
        words["response_description"].format(rows=len(rows)),
        tuple(rows),
    )
    fmt = language.fmt
    lead = words["response_lead"].format(
        r=fmt.number(whole.r, 2), bias=fmt.number(100 * whole.share_bias, 1)
    )
    return chart, {"lead": lead, "table": table}
