"""What the wave found: the start page, a page for each section and one for each figure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from jinja2 import nodes
from markupsafe import Markup, escape

from barograph.barometer import Indicator
from barograph.publish.charts.words import own
from barograph.publish.language import Language
from barograph.publish.release import Release
from barograph.publish.site import downloads
from barograph.publish.site.drawn import Drawn
from barograph.publish.site.page import Page

SLOTS = frozenset({"share", "mean", "total", "count", "base", "leaders"})
INTERVAL = re.compile(r"\[[^\]\[]+\]")


class Section(NamedTuple):
    """A part of the questionnaire, with name and title of each of its figures."""

    name: str
    title: str
    figures: list[tuple[str, str]]


def pages(drawn: Drawn, release: Release, described: Mapping[str, Any]) -> Iterator[Page]:
    """The start page, the method, a page for each section and one for each figure."""
    language, t = drawn.language, drawn.language.t
    barometer, lang = language.wave.barometer, language.lang
    sections = {
        name: [i for i in barometer.indicators.values() if i.section == name]
        for name in barometer.sections
    }
    contents = [
        Section(name, barometer.sections[name][lang], [(i.name, i.label[lang]) for i in indicators])
        for name, indicators in sections.items()
    ]
    found = _found(language, release, contents)
    first = found[0]["figure"] if found else None
    yield Page(
        "index.html",
        "index",
        {
            "headline": _headline(release),
            "description": barometer.title[lang],
            "findings": found,
            "lead": drawn.figure(barometer.indicators[first[0]]) if first else None,
            "contents": contents,
            "map": drawn.map(),
            "described": _script(described),
        },
    )
    terms = ("population", "answers", "weighting", "interval", "representativity", "few")
    texts_of = language.method()
    method = [(t[f"method_{term}"], t[f"method_{term}_text"].format(**texts_of)) for term in terms]
    source = (t["method_source"], barometer.attribution)
    yield Page("method.html", "method", {"method": [*method, source], "response": drawn.response()})
    for section in contents:
        figures = [drawn.figure(i) for i in sections[section.name]]
        context: dict[str, Any] = {"section": section, "contents": contents, "figures": figures}
        yield Page(f"sections/{section.name}.html", "section", context)
        for indicator in sections[section.name]:
            context = {
                "figure": drawn.figure(indicator),
                "section": section,
                "contents": contents,
                "use": downloads.use(drawn, indicator),
                "words": own(lang),
            }
            yield Page(f"figures/{indicator.name}.html", "figure_page", context)


def _headline(release: Release) -> str:
    """The title of the release: its first heading."""
    first = next((x for x in release.markdown().splitlines() if x.startswith("# ")), "")
    return first.removeprefix("# ")


def _found(language: Language, release: Release, contents: list[Section]) -> list[dict[str, Any]]:
    """The sentences that lead the page, each with the figure and section they are from."""
    indicators = language.wave.barometer.indicators
    figure_of = {
        block.name: _indicator(block, indicators) for block in release.source.find_all(nodes.Block)
    }
    section_of = {name: part for part in contents for name, _ in part.figures}
    found = []
    for name, sentence in release.findings_html().items():
        indicator = figure_of.get(name)
        if indicator is None or indicator.name not in section_of:
            figure = section = None
        else:
            figure = (indicator.name, indicator.label[language.lang])
            section = section_of[indicator.name]
        found.append(
            {
                "id": f"finding-{name}",
                "sentence": _quiet(sentence),
                "figure": figure,
                "section": section,
            }
        )
    return found


def _indicator(block: nodes.Block, indicators: Mapping[str, Indicator]) -> Indicator | None:
    """The indicator that most slots of a block quote, with a page before one without."""
    quoted = [
        indicators[call.args[0].value]
        for call in block.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in SLOTS
        if call.args and isinstance(call.args[0], nodes.Const) and call.args[0].value in indicators
    ]
    return max(quoted, key=lambda i: (bool(i.section), quoted.count(i)), default=None)


def _quiet(sentence: str | Markup) -> Markup:
    """A sentence with its intervals set quietly, each on one line."""
    return Markup(INTERVAL.sub(lambda m: f'<span class="ci">{m[0]}</span>', str(escape(sentence))))


def _script(described: Mapping[str, Any]) -> Markup:
    """JSON in a script element, so that a "<" cannot end it."""
    return Markup(json.dumps(described, ensure_ascii=False).replace("<", "\\u003c"))
