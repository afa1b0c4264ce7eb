"""What the wave found: the start page, a page for each section and one for each figure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from jinja2 import nodes
from markupsafe import Markup, escape

from barograph.indicators import Indicator
from barograph.publish.charts.words import own
from barograph.publish.language import Language
from barograph.publish.release import Release
from barograph.publish.release.release import EVIDENCE
from barograph.publish.site import downloads
from barograph.publish.site.drawn import Drawn
from barograph.publish.site.headlines import Headline
from barograph.publish.site.page import Page

SLOTS = frozenset({"share", "mean", "total", "count", "base", "leaders"})
INTERVAL = re.compile(r"\[[^\]\[]+\]")


class Section(NamedTuple):
    """A part of the questionnaire, with name and title of each of its figures."""

    name: str
    title: str
    figures: list[tuple[str, str]]


def contents(language: Language) -> list[Section]:
    """The sections in order, each with its figures."""
    barometer, lang = language.wave.barometer, language.lang
    return [
        Section(
            name,
            label[lang],
            [(i.name, i.label[lang]) for i in barometer.indicators.values() if i.section == name],
        )
        for name, label in barometer.sections.items()
    ]


def pages(drawn: Drawn, release: Release, described: Markup) -> Iterator[Page]:
    """The start page, the method, a page for each section and one for each figure.

    `described` is the data as schema.org has it, for the start page.
    """
    language = drawn.language
    barometer, lang = language.wave.barometer, language.lang
    sections = contents(language)
    found = _found(language, release, sections)
    first = found[0]["figure"] if found else None
    yield Page(
        "index.html",
        "index",
        {
            "headline": _headline(release),
            "description": barometer.title[lang],
            "findings": found,
            "lead": drawn.figure(barometer.indicators[first[0]]) if first else None,
            "map": drawn.map(),
            "described": described,
        },
    )
    response = drawn.response()
    funding = _funding(language, release)
    yield Page("method.html", "method", {"method": list(_method(language)), "response": response})
    for section in sections:
        indicators = [barometer.indicators[name] for name, _ in section.figures]
        figures = [drawn.figure(i) for i in indicators]
        yield Page(
            f"sections/{section.name}.html", "section", {"section": section, "figures": figures}
        )
        for indicator, figure in zip(indicators, figures, strict=True):
            context = {
                "figure": figure,
                "section": section,
                "finding": _finding(figure["finding"], lang),
                "use": downloads.use(drawn, indicator),
                "words": own(lang),
                "funding": funding,
            }
            yield Page(f"figures/{indicator.name}.html", "figure_page", context)


def _finding(headline: Headline | None, lang: str) -> Markup | None:
    """The title of a figure, with the way to its test."""
    if headline is None or not headline.claim:
        return headline and _quiet(headline.html)
    proof = Markup(' <a class="proof" href="../claims.html#{0}" title="{1}" aria-label="{1}">✓</a>')
    return _quiet(headline.html) + proof.format(headline.claim, EVIDENCE[lang])


def _method(language: Language) -> Iterator[tuple[str, Markup | str]]:
    """Term and text of each step of the method."""
    t, words = language.t, language.marked_method()
    yield t["fieldwork"], Markup(t["method_fieldwork_text"]).format(**words)
    for term in ("population", "answers", "weighting", "interval", "representativity", "few"):
        yield t[f"method_{term}"], Markup(t[f"method_{term}_text"]).format(**words)
    yield t["method_source"], language.wave.barometer.attribution


def _funding(language: Language, release: Release) -> Markup:
    """Who paid and what they sell: readers of a figure weigh it by that."""
    funders = release.facts["funding"].text
    told = release.marks.html(funders, inline=True)
    return Markup(language.t["funded_by"]).format(funders=told) if funders else told


def _headline(release: Release) -> str:
    """The title of the release: its first heading."""
    first = next((x for x in release.markdown().splitlines() if x.startswith("# ")), "")
    return first.removeprefix("# ")


def _found(language: Language, release: Release, sections: list[Section]) -> list[dict[str, Any]]:
    """The sentences that lead the page, each with the figure and section they are from."""
    indicators = language.wave.barometer.indicators
    figure_of = {
        block.name: _indicator(block, indicators) for block in release.source.find_all(nodes.Block)
    }
    section_of = {name: part for part in sections for name, _ in part.figures}
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


def script(described: Mapping[str, Any]) -> Markup:
    """JSON in a script element, so that a "<" cannot end it."""
    return Markup(json.dumps(described, ensure_ascii=False).replace("<", "\\u003c"))
