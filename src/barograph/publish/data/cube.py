"""The figures as a JSON-stat 2 cube: item x domain x wave x measure, with SDMX status codes.

Source: JSON-stat 2.0, json-stat.org/full; code lists CL_OBS_STATUS and CL_CONF_STATUS of SDMX.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from barograph.estimate import Estimate
from barograph.publish.data.figures import Figures, category
from barograph.publish.data.shown import Shown
from barograph.publish.data.tables import number_text
from barograph.publish.language import Language

MEASURES = ("estimate", "se", "ci_low", "ci_high", "n", "base")
DECIMALS = {"n": 0, "base": 0}


def cube(figures: Figures, language: Language, w: Mapping[str, str], label: str) -> dict[str, Any]:
    """The cube in one language; cells that no figure fills are left out, not null."""
    items = _items(figures, language)
    domains = {e.domain: language.domain(e.domain) for _, e in figures}
    measures = {m: w[f"measure_{m}"] for m in MEASURES}
    value, status, conf = _cells(figures, list(items), list(domains))
    wave = figures.wave
    notices = [wave.synthetic[language.lang]] if wave.synthetic else []
    return {
        "version": "2.0",
        "class": "dataset",
        "label": label,
        "source": wave.barometer.title[language.lang],
        "updated": wave.closed.isoformat(),
        "note": [*notices, *([wave.barometer.attribution] if wave.barometer.attribution else [])],
        "id": ["item", "domain", "wave", "measure"],
        "size": [len(items), len(domains), 1, len(MEASURES)],
        "role": {"time": ["wave"], "metric": ["measure"]},
        "dimension": {
            "item": _dimension(w["dimension_item"], items),
            "domain": _dimension(w["dimension_domain"], domains),
            "wave": _dimension(w["dimension_wave"], {wave.name: wave.name}),
            "measure": _dimension(w["dimension_measure"], measures, units=True),
        },
        "value": value,
        "status": status,
        "extension": {
            "lang": language.lang,
            "method_id": figures.method,
            "frame_version": wave.frame.version,
            "OBS_STATUS": {code: w[f"status_{code}"] for code in "AUMQ"},
            "CONF_STATUS": {code: w[f"conf_{code}"] for code in "CD"},
            "confidential": conf,
        },
    }


def _items(figures: Figures, language: Language) -> dict[str, str]:
    names = {}
    for indicator, e in figures:
        label, one = indicator.label[language.lang], category(language, indicator, e.category)
        names[f"{e.indicator}.{e.category}"] = label if one == label else f"{label}: {one}"
    return names


def _dimension(label: str, categories: Mapping[str, str], units: bool = False) -> dict[str, Any]:
    content: dict[str, Any] = {"index": list(categories), "label": dict(categories)}
    if units:
        content["unit"] = {name: {"decimals": DECIMALS.get(name, 4)} for name in categories}
    return {"label": label, "category": content}


def _cells(
    figures: Figures, items: list[str], domains: list[str]
) -> tuple[dict[str, float], dict[str, str], dict[str, str]]:
    """Value, OBS_STATUS where it is not A, and CONF_STATUS where it is not F; by position."""
    value: dict[str, float] = {}
    status: dict[str, str] = {}
    conf: dict[str, str] = {}
    row, column = ({key: i for i, key in enumerate(keys)} for keys in (items, domains))
    for _, e in figures:
        place = row[f"{e.indicator}.{e.category}"] * len(domains) + column[e.domain]
        shown = figures.shown(e)
        measured = (shown.value, shown.se, shown.low, shown.high, shown.n, shown.base)
        for measure, (name, x) in enumerate(zip(MEASURES, measured, strict=True)):
            key = str(place * len(MEASURES) + measure)
            if x is not None:
                value[key] = float(number_text(x)) if isinstance(x, float) else x
            if code := _status(e, shown, name, x):
                status[key] = code
            if code == "Q":
                conf[key] = shown.confidential or "D"
    return value, status, conf


def _status(e: Estimate, shown: Shown, measure: str, x: float | None) -> str:
    """Q: suppressed; M: missing; U: low reliability; "" (that is A) for all else."""
    if x is None:
        return "Q" if shown.confidential or shown.coarse else "M"
    return "U" if e.flag and measure not in DECIMALS else ""
