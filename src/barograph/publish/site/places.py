"""A page for each municipality: what it is, whom it resembles, and the figures of its kind.

What a municipality answered stands on its page only when it agreed to that in the questionnaire.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
from markupsafe import Markup

from barograph.indicators import Indicator
from barograph.instrument import DONT_KNOW
from barograph.publish.charts import Intervals, Row, inline
from barograph.publish.data.answers import kept
from barograph.publish.data.terms import Microdata
from barograph.publish.language import Language
from barograph.publish.site.drawn import Drawn
from barograph.publish.site.page import Page
from barograph.publish.site.register import Register, collated

NUMBERS = {"population": 0, "area_km2": 1, "density": 0}  # column: decimals


class Entry(NamedTuple):
    """A line of the register: a name, what it is beside, and the page it leads to.

    `lang` is that of the name where it is not that of the page.
    """

    name: str
    lang: str
    note: Markup
    code: str


def pages(drawn: Drawn, register: Register, consent: Microdata | None) -> Iterator[Page]:
    """The register, a page for each municipality, and one for each code of other years."""
    language = drawn.language
    kinds, own = _Kinds(drawn), own_answers(language, consent)
    yield Page(
        "municipalities/index.html", "municipalities", {"letters": _letters(register, language)}
    )
    for code in map(str, register.frame.codes):
        row = register.frame.row_of[code]
        domains = {
            name: str(register.frame.attributes[name][row]) for name in register.frame.domains
        }
        yield Page(
            f"municipalities/{code}.html",
            "municipality",
            {
                "code": code,
                "plain": register.plain(code),
                "name": register.html(code, language.lang),
                "others": [
                    name.html(language.lang) for name in register.others(code, language.lang)
                ],
                "facts": _facts(language, register, code, domains),
                "history": _history(register, language, code),
                "peers": [_peer(register, language, code, peer) for peer in register.peers[code]],
                "columns": [c for c in NUMBERS if c in ("density", *register.frame.attributes)],
                "domains": domains.items(),
                "figures": kinds.figures(domains),
                "own": own.get(code, []),
            },
        )
    for code, goals in register.elsewhere.items():
        context = {
            "plain": register.plain(code),
            "name": register.html(code, language.lang),
            "code": code,
            "history": _history(register, language, code),
            "goals": [(goal, register.html(goal, language.lang)) for goal in goals],
        }
        yield Page(f"municipalities/{code}.html", "elsewhere", context)


def facts(register: Register) -> dict[str, float]:
    """The numbers that pages of municipalities print, by name."""
    found = {
        f"{code}.{column}": register.number(str(code), column)
        for code in register.frame.codes
        for column in NUMBERS
    }
    return {name: value for name, value in found.items() if value is not None}


def search_index(register: Register) -> bytes:
    """For the search: per page its code, official name and all other names and codes that find it."""
    codes = (*map(str, register.frame.codes), *register.elsewhere)
    entries = [
        [code, register.plain(code), [name.text for name in register.others(code, "")]]
        for code in sorted(codes, key=lambda code: collated(register.plain(code)))
    ]
    return json.dumps(entries, ensure_ascii=False, separators=(",", ":")).encode()


def _letters(register: Register, language: Language) -> list[tuple[str, list[Entry]]]:
    """Every name under which a reader may look, by its first letter."""
    lang, t = language.lang, language.t
    entries = []
    for code in (*map(str, register.frame.codes), *register.elsewhere):
        official, others = register.official(code), register.others(code, lang)
        note = Markup("")
        if code in register.elsewhere:
            goals = Markup(", ").join(register.html(g, lang) for g in register.elsewhere[code])
            note = Markup(" <span>({})</span>").format(goals)
        for name in official:
            rest = [o.html(lang) for o in (*official, *others) if o.text != name.text]
            beside = (
                Markup(" <span>{}</span>").format(Markup(", ").join(rest)) if rest else Markup()
            )
            entries.append((name.text, Entry(*name.on(lang), beside + note, code)))
        see = Markup(" <span>{} {}</span>").format(t["see"], register.html(code, lang))
        entries += [(name.text, Entry(*name.on(lang), see + note, code)) for name in others]
    entries.sort(key=lambda e: (collated(e[0]), e[1].code))
    first = groupby(entries, key=lambda e: collated(e[0])[0].upper())
    return [(letter, [entry for _, entry in group]) for letter, group in first]


def _facts(
    language: Language, register: Register, code: str, domains: Mapping[str, str]
) -> list[tuple[str, str, str]]:
    """Term, text, and the name of the fact where the text is a number."""
    t, record = language.t, register.records[code]
    found = [(t["code"], code, "")]
    for name, value in domains.items():
        domain = language.wave.barometer.domains[name]
        found.append((domain.label[language.lang], domain.labels[value][language.lang], ""))
    spoken = [t[f"language_{x}"] for x in record.get("official_language", "").split("|") if x]
    if spoken:
        found.append((t["official_languages"], ", ".join(spoken), ""))
    if eased := record.get("facilities_language"):
        found.append((t["facilities"], t[f"language_{eased}"], ""))
    for column, digits in NUMBERS.items():
        if (value_ := register.number(code, column)) is not None:
            found.append((t[column], language.fmt.number(value_, digits), f"{code}.{column}"))
    return found


def _history(register: Register, language: Language, code: str) -> list[Markup]:
    """What it was made of and what became of it, each with its day."""
    t, lang, sentences = language.t, language.lang, []

    def link(other: str) -> Markup:
        name = register.html(other, lang)
        if other not in register.frame.row_of and other not in register.elsewhere:
            return name
        return Markup('<a href="{}.html">{}</a>').format(other, name)

    if made := register.before(code):
        day = language.time(made[0].day)
        kind = "recoded_from" if len(made) == 1 else "made_of"
        parts = Markup(", ").join(
            Markup("{} ({})").format(link(c.old), code_of(c.old)) for c in made
        )
        sentences.append(Markup(t[kind]).format(date=day, names=parts))
    if change := register.after(code):
        alone = sum(c.new == change.new for c in register.changes) == 1
        sentences.append(
            Markup(t["recoded" if alone else "merged"]).format(
                date=language.time(change.day), name=link(change.new), code=code_of(change.new)
            )
        )
    return sentences


def code_of(code: str) -> Markup:
    """A code in running text."""
    return Markup('<span class="wording">{}</span>').format(code)


def _peer(register: Register, language: Language, code: str, peer: str) -> dict[str, Any]:
    """A peer, its numbers, and what it shares."""
    t, fmt = language.t, language.fmt
    labels = {name: d.label[language.lang] for name, d in language.wave.barometer.domains.items()}
    shared = [labels.get(kind) or t[f"shared_{kind}"] for kind in register.shared(code, peer)]
    values = [(column, register.number(peer, column)) for column in NUMBERS]
    return {
        "code": peer,
        "name": register.html(peer, language.lang),
        "numbers": [
            (f"{peer}.{column}", fmt.number(value, NUMBERS[column]))
            for column, value in values
            if value is not None
        ],
        "shared": ", ".join(
            label[0].lower() + label[1:] if language.lang != "de" else label for label in shared
        ),
    }


def own_answers(language: Language, consent: Microdata | None) -> dict[str, list[tuple[str, str]]]:
    """Question and answer of each unit that agreed to show its answers in its public profile."""
    wave, lang = language.wave, language.lang
    responses = wave.responses
    if consent is None or consent.consent not in responses.answers or wave.synthetic:
        return {}
    agreed = np.isin(responses.answers[consent.consent], consent.codes)
    public, _ = kept(wave.instrument, responses, consent.withhold)
    shown: dict[str, list[tuple[str, str]]] = {}
    for row in np.flatnonzero(agreed):
        lines = []
        for variable in public:
            chosen = [
                c for c in str(responses.answers[variable.name][row]).split() if c != DONT_KNOW
            ]
            if chosen and variable.name != consent.consent:
                words = ", ".join(variable.by_code[c].label[lang] for c in chosen)
                lines.append((wave.instrument.wording(variable.name)[lang], words))
        shown[str(responses.units[row])] = lines
    return shown


class _Kinds:
    """Charts of the country beside a municipality's own domains, drawn once for each kind."""

    def __init__(self, drawn: Drawn) -> None:
        self.drawn = drawn
        indicators = drawn.language.wave.barometer.indicators.values()
        self.shown = [i for i in indicators if i.section and i.by]
        self._drawn: dict[tuple[str, ...], list[dict[str, Any]]] = {}

    def figures(self, domains: Mapping[str, str]) -> list[dict[str, Any]]:
        """One chart an indicator with breakdown."""
        key = tuple(domains.values())
        if key not in self._drawn:
            self._drawn[key] = [self._figure(i, domains) for i in self.shown]
        return self._drawn[key]

    def _figure(self, indicator: Indicator, domains: Mapping[str, str]) -> dict[str, Any]:
        language = self.drawn.language
        wanted = {"all", *(f"{name}={value}" for name, value in domains.items())}
        rows = [row for row in self.drawn.rows(indicator) if row[2].domain in wanted]
        chart = Intervals(
            id=f"figure-{indicator.name}",
            title=indicator.label[language.lang],
            description=language.t["chart_description"].format(rows=len(rows)),
            rows=tuple(Row(label, e) for _, label, e in rows),
            axis=self.drawn.axis(indicator),
        )
        return {
            "id": indicator.name,
            "title": chart.title,
            "chart": chart,
            "rows": rows,
            "svg": Markup(inline(chart, language.lang, language.t)),
        }
