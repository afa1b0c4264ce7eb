"""What a reader takes from a figure in a language: CSV, JSON, SVG, PNG, and a page to embed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import escape
from typing import Any

from barograph.indicators import Indicator
from barograph.publish.charts import Caption, standalone
from barograph.publish.charts.pixels import png
from barograph.publish.charts.words import own
from barograph.publish.data.shown import Shown
from barograph.publish.data.terms import LICENCES
from barograph.publish.folder import csv_bytes
from barograph.publish.language import Language
from barograph.publish.open_data import method_id
from barograph.publish.site.drawn import Drawn
from barograph.publish.site.page import Page
from barograph.publish.site.pictures import Row

WIDTH = 640
HEADER = "estimate_id group label estimate se ci_low ci_high n base flag".split()
# Room around a chart in an embedded page: title, notes and the way back.
EMBED_HEIGHT = 240


def files(drawn: Drawn) -> Iterator[tuple[str, bytes]]:
    """Path within the folder of the language, and content, for every figure with a page."""
    for indicator in drawn.language.wave.barometer.indicators.values():
        if not indicator.section:
            continue
        figure = drawn.figure(indicator)
        path = f"figures/{indicator.name}"
        svg = picture(drawn, indicator)
        rows = [_row(drawn.language, row) for row in figure["rows"]]
        yield f"{path}.csv", csv_bytes(HEADER, [["" if x is None else x for x in r] for r in rows])
        yield f"{path}.json", _json(drawn, indicator, rows)
        yield f"{path}.svg", svg.encode()
        yield f"{path}.png", png(svg)


def picture(drawn: Drawn, indicator: Indicator) -> str:
    """The chart of a figure with all that it must say when it travels alone."""
    language, figure = drawn.language, drawn.figure(indicator)
    caption = Caption(figure["headline"], figure["question"], tuple(_notes(drawn, figure)))
    return standalone(figure["chart"], language.lang, language.t, WIDTH, caption)


def embedded(drawn: Drawn) -> Iterator[Page]:
    """A page for each figure that other sites may show in a frame."""
    for indicator in drawn.language.wave.barometer.indicators.values():
        if indicator.section:
            figure = drawn.figure(indicator)
            context = {"figure": figure, "notes": list(_notes(drawn, figure))}
            yield Page(f"figures/{indicator.name}.embed.html", "figure_embed", context)


def use(drawn: Drawn, indicator: Indicator) -> dict[str, str]:
    """Address of the page of a figure, and the line that embeds it; relative without a base_url."""
    language, name = drawn.language, indicator.name
    base = drawn.terms.base_url
    place = f"{base}/{language.wave.name}/{language.lang}/figures/" if base else ""
    figure = drawn.figure(indicator)
    height = EMBED_HEIGHT + int(re.findall(r'height="(\d+)"', figure["svg"])[0])
    embed = (
        f'<iframe src="{place}{name}.embed.html" title="{escape(figure["title"])}" '
        f'width="100%" height="{height}" style="border:0" loading="lazy"></iframe>'
    )
    return {"name": name, "address": f"{place}{name}.html", "embed": embed}


def _notes(drawn: Drawn, figure: dict[str, Any]) -> Iterator[str]:
    """Base and interval, that answers are synthetic, source."""
    language, terms = drawn.language, drawn.terms
    wave, lang = language.wave, language.lang
    yield f"{figure['base_text']} {figure['interval_text']}"
    if wave.synthetic:
        yield wave.synthetic[lang]
    title = wave.barometer.title[lang]
    source = own(lang)["caption_source"].format(title=title, wave=wave.name)
    yield ". ".join(part for part in (source, terms.licence, terms.base_url) if part)


def _row(language: Language, row: Row) -> list[str | float | None]:
    """As disclosure control lets it be printed; flag is empty, a warning, or "withheld"."""
    group, label, e = row
    shown = Shown.of(e, language.wave.suppression.decisions.get(e.estimate_id))
    values = [shown.value, shown.se, shown.low, shown.high, shown.n, shown.base]
    return [e.estimate_id, group, label, *values, e.flag]


def _json(drawn: Drawn, indicator: Indicator, rows: list[list[str | float | None]]) -> bytes:
    language = drawn.language
    wave, figure = language.wave, drawn.figure(indicator)
    licence = drawn.terms.licence
    method, t = language.method(), language.t
    content = {
        "indicator": indicator.name,
        "wave": wave.name,
        "language": language.lang,
        "title": figure["headline"],
        "label": figure["title"],
        "question": indicator.question,
        "wording": figure["question"],
        "statistic": indicator.statistic,
        "base": figure["base_text"],
        "method": {
            "id": method_id(wave),
            "answers": t["method_answers_text"].format(**method),
            "weighting": t["method_weighting_text"].format(**method),
            "interval": t["method_interval_text"].format(**method),
        },
        "synthetic": wave.synthetic.get(language.lang, ""),
        "source": wave.barometer.title[language.lang],
        "licence": LICENCES[licence][0] if licence else "",
        "figures": [dict(zip(HEADER, row, strict=True)) for row in rows],
    }
    return (json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()
