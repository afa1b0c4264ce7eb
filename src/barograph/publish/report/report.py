"""The report of a wave: cover, findings, a chapter a section, groups, method, all figures, annex."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from barograph.estimate import Estimate
from barograph.indicators import Indicator
from barograph.publish.release import Release
from barograph.publish.report.content import CHART_WIDTH, Voice
from barograph.publish.report.prose import blocks, plain
from barograph.publish.report.questionnaire import annex
from barograph.weight.representativity import of_sample

METHOD = ("population", "answers", "weighting", "interval", "representativity", "few")
COLUMNS = 3  # figures beside each other in a table of a domain


def content(voice: Voice, release: Release) -> dict[str, Any]:
    """What report.typ prints."""
    language, words = voice.language, voice.words
    t, method = language.t, language.method()
    sentences = list(release.findings().values())
    first = next(iter(blocks(release.markdown())), None)
    return {
        **voice.common,
        # A release begins with its title: the finding.
        "subtitle": plain(first["runs"]) if first and first["kind"] == "heading" else sentences[0],
        "cover": [words["participation"].format(**method), words["fieldwork"].format(**method)],
        "imprint": voice.imprint(words["report"], release),
        "findings": {"title": t["findings"], "sentences": sentences},
        "participation": [
            [method["invited"], t["invited"]],
            [method["answered"], t["answered"]],
            [method["rate"], t["response_rate"]],
        ],
        "reading": {"title": t["how_to_read_title"], "text": t["how_to_read"]},
        "map": _map(voice),
        "sections": list(_sections(voice)),
        "domains": {
            "title": words["domains"],
            "text": words["domains_text"],
            "tables": list(_domains(voice)),
        },
        "method": {
            "title": t["method"],
            "terms": list(_method(voice)),
            "response": _response(voice),
        },
        "figures": _figures(voice),
        "questionnaire": {
            "title": words["questionnaire"],
            "text": words["questionnaire_text"],
            "sections": annex(language, words),
        },
    }


def _map(voice: Voice) -> dict[str, Any] | None:
    shown = voice.drawn.map()
    if shown is None:
        return None
    table = voice.table(shown["rows"], shown["title"])
    return {
        "chapter": voice.language.t["map"],
        "title": shown["title"],
        "svg": shown["map"].alone(voice.language.lang, CHART_WIDTH),
        "alt": ". ".join((shown["title"], *(" ".join(row) for row in table["rows"]))),
        "caption": shown["note"],
        "table": table,
    }


def _sections(voice: Voice) -> Iterator[dict[str, Any]]:
    barometer, lang = voice.language.wave.barometer, voice.language.lang
    for name, title in barometer.sections.items():
        shown = [i for i in barometer.indicators.values() if i.section == name]
        if shown:
            yield {"title": title[lang], "figures": [voice.figure(i) for i in shown]}


def _domains(voice: Voice) -> Iterator[dict[str, Any]]:
    """Of each domain: how many units and answers; then its figures, a few beside each other."""
    wave, lang, words = voice.language.wave, voice.language.lang, voice.words
    for domain in wave.barometer.domains.values():
        yield _participation(voice, domain.name)
        shown = [i for i in wave.barometer.indicators.values() if domain.name in i.by]
        for start in range(0, len(shown), COLUMNS):
            chosen = shown[start : start + COLUMNS]
            yield {
                "caption": words["domain_figures"].format(domain=domain.label[lang]),
                "head": [domain.label[lang], *(i.label[lang] for i in chosen)],
                "rows": _crossed(voice, chosen, domain.name),
            }


def _participation(voice: Voice, name: str) -> dict[str, Any]:
    wave, fmt, words = voice.language.wave, voice.language.fmt, voice.words
    domain = wave.barometer.domains[name]
    values = wave.frame.attributes[name]
    answered = values[[wave.frame.row_of[str(unit)] for unit in wave.responses.units]]
    rows = []
    for value, label in domain.labels.items():
        size, n = (int(np.sum(column == value)) for column in (values, answered))
        if size:
            rows.append([label[fmt.lang], fmt.number(size), fmt.number(n), fmt.percent(n / size)])
    t = voice.language.t
    return {
        "caption": words["domain_caption"].format(domain=domain.label[fmt.lang]),
        "head": [domain.label[fmt.lang], words["municipalities"], t["answers"], words["rate"]],
        "rows": rows,
    }


def _crossed(voice: Voice, indicators: list[Indicator], name: str) -> list[list[str]]:
    """A row for all and for each value of a domain, a column an indicator of one item."""
    language = voice.language
    found: dict[str, dict[str, Estimate]] = {}
    for indicator in indicators:
        for e in voice.drawn.estimated[indicator.name]:
            if e.domain == "all" or e.domain.split("=")[0] == name:
                found.setdefault(e.domain, {})[indicator.name] = e
    return [
        [language.domain(key), *(_short(voice, by.get(i.name)) for i in indicators)]
        for key, by in found.items()
    ]


def _short(voice: Voice, e: Estimate | None) -> str:
    if e is None:
        return ""
    value, interval, *_ = voice.cells(e)
    return f"{value} ({interval})"


def _method(voice: Voice) -> Iterator[list[str]]:
    language, words = voice.language, voice.words
    wave, t, fmt, method = language.wave, language.t, language.fmt, language.method()
    for term in METHOD:
        yield [t[f"method_{term}"], t[f"method_{term}_text"].format(**method)]
    whole, _ = of_sample(wave.sample)
    yield [
        words["uneven"],
        words["uneven_text"].format(
            r=fmt.number(whole.r, 2),
            cv=fmt.number(whole.variation, 2),
            bias=fmt.number(100 * whole.share_bias, 1),
            domains=language.columns(wave.frame.domains),
        ),
    ]
    decisions = [d["status"] for d in wave.suppression.as_json()]
    exempt = decisions.count("exempt")
    withheld = sum(status in ("primary", "secondary") for status in decisions)
    yield [
        words["disclosure"],
        words["disclosure_text"].format(
            minimum=fmt.number(wave.barometer.disclosure.minimum_base),
            withheld=fmt.number(withheld),
            exempt=fmt.number(exempt),
        ),
    ]
    yield [words["software"], words["software_text"].format(**voice.versions)]


def _response(voice: Voice) -> dict[str, str]:
    """Who answered beside who was asked."""
    shown = voice.drawn.response()
    values = (f"{label} {given}/{units}" for _, label, _, units, given, _ in shown["table"])
    picture = voice.picture(shown["chart"], (), "")
    alt = ". ".join((shown["title"], "; ".join(values), shown["chart"].description))
    return {**picture, "title": shown["title"], "alt": alt, "caption": shown["title"]}


def _figures(voice: Voice) -> dict[str, Any]:
    """Every estimate with its identifier, under the title of its figure."""
    language, t = voice.language, voice.language.t
    rows: list[list[str]] = []
    for indicator in language.wave.barometer.indicators.values():
        rows.append([indicator.label[language.lang]])
        estimates = voice.drawn.estimated[indicator.name]
        several = len({e.category for e in estimates}) > 1
        for e in estimates:
            item = language.item(indicator, e.category) if several else ""
            domain = "" if several and e.domain == "all" else language.domain(e.domain)
            label = " · ".join(text for text in (item, domain) if text)
            rows.append([f"{label}\n{e.estimate_id}", *voice.cells(e)])
    head = [t[key] for key in ("row", "estimate", "interval", "answers", "base")]
    words = voice.words
    return {"title": words["figures"], "text": words["figures_text"], "head": head, "rows": rows}
