"""The page of claims: what each sentence asserts, how that was tested, and what came out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from barograph.publish import texts
from barograph.publish.claims import Verdict
from barograph.publish.language import Language
from barograph.publish.release import Release
from barograph.publish.site.page import Page

WORDS = Path(__file__).with_name("evidence.toml")
SMALLEST_P = 0.001


def page(language: Language, release: Release) -> Page:
    """The page of one language; every number on it names its place in claims.json."""
    t = texts.load(WORDS, (language.lang,))[language.lang]
    _ = release.marked  # fills in what was printed
    entries = [_entry(language, t, release, name, v) for name, v in release.verdicts.items()]
    tested = sum(v.tested for v in release.verdicts.values())
    number = _data("correction.claims", tested, language.fmt.number(tested))
    lead = Markup(escape(t["lead"])).replace("{n}", number)
    return Page("claims.html", "claims", {"c": t, "lead": lead, "entries": entries})


def _entry(
    language: Language, t: Mapping[str, str], release: Release, name: str, verdict: Verdict
) -> dict[str, Any]:
    sentence = release.printed.get(name, "")
    return {
        "name": name,
        "holds": verdict.holds,
        "sentence": release.marks.html(sentence, inline=True),
        "test": t[f"test_{verdict.claim.type}"],
        "found": list(_found(language, t, name, verdict)),
        "figures": list(_figures(language, verdict.estimate_ids)),
    }


def _found(
    language: Language, t: Mapping[str, str], name: str, verdict: Verdict
) -> Iterator[tuple[str, Markup]]:
    """What the test found, each with its term."""
    fmt, weakest = language.fmt, verdict.weakest

    def told(part: str, value: float | None, text: str) -> Markup:
        return _data(f"claims.{name}.{part}", value, text)

    if weakest and verdict.unit:
        factor, digits = (100, 0) if verdict.unit == "share" else (1, 2)
        shown = (
            told(part, x, fmt.number(x * factor, digits))
            for part, x in (
                ("difference", weakest.difference),
                ("low", weakest.low),
                ("high", weakest.high),
            )
        )
        term = t["difference_points"] if verdict.unit == "share" else t["difference"]
        yield term, Markup(t["interval"]).format(*shown)
    if verdict.p is not None and verdict.p_adjusted is not None:
        yield t["p"], told("p", verdict.p, _p(language, verdict.p))
        yield t["p_holm"], told("p_holm", verdict.p_adjusted, _p(language, verdict.p_adjusted))
    if verdict.bound is not None:
        yield t["bound"], told("at_most_units", verdict.bound, fmt.number(verdict.bound))
    yield t["n"], told("n", verdict.base, fmt.number(verdict.base))


def _p(language: Language, p: float) -> str:
    if p < SMALLEST_P:
        return f"< {language.fmt.number(SMALLEST_P, 3)}"
    return language.fmt.number(p, 3)


def _data(fact: str, value: float | None, text: str) -> Markup:
    number = "" if value is None else f"{value:.6g}"
    element = Markup('<data data-fact="{}" value="{}">{}</data>')
    return element.format(fact, number, text)


def _figures(language: Language, estimate_ids: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Figures in words, one line an indicator, and its name if a page shows it."""
    barometer = language.wave.barometer
    lines: dict[str, dict[str, None]] = {}
    for name, category, domain in map(_parts, estimate_ids):
        indicator = barometer.indicators[name]
        single = category == indicator.question or indicator.codes
        item = "" if single else language.item(indicator, category)
        where = "" if domain == "all" else language.domain(domain)
        told = f"{item} ({where})" if item and where else item or where
        lines.setdefault(name, {})[told] = None
    for name, items in lines.items():
        indicator = barometer.indicators[name]
        listed = ", ".join(text for text in items if text)
        label = indicator.label[language.lang]
        yield f"{label}: {listed}" if listed else label, name if indicator.section else ""


def _parts(estimate_id: str) -> tuple[str, str, str]:
    _, name, category, _, domain = estimate_id.split(".", 4)
    return name, category, domain
