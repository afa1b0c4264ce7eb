"""Domains side by side with tested differences; two municipalities side by side by a small script."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from barograph.publish.further import Difference, Further
from barograph.publish.language import Language
from barograph.publish.site.drawn import Drawn
from barograph.publish.site.page import Page

LEVEL = 0.05


def pages(drawn: Drawn, further: Further) -> Iterator[Page]:
    """One page: for each domain a table of its figures, and what the answers tell apart."""
    parts = [part for part in _parts(drawn, further) if part["rows"]]
    if parts:
        yield Page("compare.html", "compare", {"parts": parts})


def _parts(drawn: Drawn, further: Further) -> Iterator[dict[str, Any]]:
    language = drawn.language
    barometer = language.wave.barometer
    for name, domain in barometer.domains.items():
        keys = [f"{name}={d[name]}" for d in language.wave.domains(name)]
        indicators = [i for i in barometer.indicators.values() if i.section and name in i.by]
        rows = []
        for indicator in indicators:
            found = {row[2].domain: row[2] for row in drawn.rows(indicator)}
            rows.append(
                {
                    "name": indicator.name,
                    "title": indicator.label[language.lang],
                    "cells": [(key, found[key]) for key in ("all", *keys)],
                    "differences": [
                        _difference(language, d, indicator.statistic == "mean")
                        for d in further.differences.get(indicator.name, [])
                        if d.a.domain.startswith(f"{name}=")
                    ],
                }
            )
        yield {
            "id": name,
            "title": domain.label[language.lang],
            "heads": [language.domain(key) for key in ("all", *keys)],
            "rows": rows,
        }


def _difference(language: Language, d: Difference, mean: bool) -> dict[str, str]:
    """The larger first, in percentage points, with what the test says."""
    fmt, t = language.fmt, language.t
    sign = 1 if d.tested.difference >= 0 else -1
    a, b = (d.a, d.b) if sign > 0 else (d.b, d.a)
    ends = sorted((sign * d.tested.low, sign * d.tested.high))
    scale, digits = (1, 1) if mean else (100, 0)
    value, low, high = (fmt.number(x * scale, digits) for x in (abs(d.tested.difference), *ends))
    return {
        "id": d.estimate_id,
        "a": language.domain(a.domain),
        "b": language.domain(b.domain),
        "value": value,
        "interval": t["from_to"].format(low=low.replace("-", "−"), high=high),
        "verdict": t["told_apart" if d.p < LEVEL else "not_told_apart"],
        "apart": "yes" if d.p < LEVEL else "no",
    }
