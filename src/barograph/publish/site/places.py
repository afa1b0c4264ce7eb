"""A page for each municipality: what it is, whom it resembles, and the figures of its kind.

No page says what a municipality answered, nor whether it did.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup

from barograph.barometer import Indicator, Wave
from barograph.files import numbered_records
from barograph.frame import Frame
from barograph.publish.charts import Intervals, Row, inline
from barograph.publish.language import Language
from barograph.publish.site.drawn import Drawn
from barograph.publish.site.page import Page

PEERS = 5


@dataclass(frozen=True)
class Register:
    """The units of a wave as readers look for them: names, successors, peers by structure."""

    frame: Frame
    successors: Mapping[str, tuple[str, str]]  # code -> (first day, new code)
    later: Mapping[str, Mapping[str, str]]  # new code -> its record in municipalities.csv
    peers: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, wave: Wave) -> Register:
        """From the folder of the frame; mergers later than the wave lead on from its units."""
        folder = wave.barometer.folder / "frame"
        path = folder / "mergers.csv"
        day = str(wave.reference_date)
        lines = [r for _, r in numbered_records(path, ("old_nis",))] if path.exists() else []
        successors = {
            r["old_nis"]: (r["effective_date"], r["new_nis"])
            for r in lines
            if r["effective_date"] > day and r["old_nis"] in wave.frame.row_of
        }
        new = {code for _, code in successors.values()}
        known = numbered_records(folder / "municipalities.csv", ("nis",))
        later = {r["nis"]: r for _, r in known if r["nis"] in new}
        return cls(wave.frame, successors, later, _peers(wave.frame))

    def names(self, row: int, lang: str) -> tuple[str, tuple[str, ...]]:
        """The official name, and the other names of a unit, that in `lang` first."""
        official = self._text("name_official", row)
        others = [self._text(f"name_{code}", row) for code in (lang, "nl", "fr", "de")]
        known = official.split(" / ")
        return official, tuple(dict.fromkeys(n for n in others if n and n not in known))

    def _text(self, column: str, row: int) -> str:
        values = self.frame.attributes.get(column)
        return "" if values is None else str(values[row])


def _peers(frame: Frame) -> tuple[tuple[int, ...], ...]:
    """The nearest units by structure (Gower 1971): density and population by ratio, and domains.

    Numbers are compared on a log scale over their 5-95% range; ties go by code.
    """
    parts = []
    for column in ("population", "area_km2"):
        if column in frame.attributes:
            x = np.log(np.maximum(frame.attributes[column].astype(float), 1e-6))
            low, high = np.quantile(x, [0.05, 0.95])
            parts.append(np.abs(x[:, None] - x[None, :]) / max(high - low, 1e-12))
    for column in (*frame.domains, "official_language", "province"):
        if column in frame.attributes:
            values = frame.attributes[column]
            parts.append((values[:, None] != values[None, :]).astype(float))
    distance = np.sum(parts, axis=0)
    np.fill_diagonal(distance, math.inf)
    nearest = np.argsort(distance, axis=1, kind="stable")[:, :PEERS]
    return tuple(tuple(int(i) for i in row) for row in nearest)


def pages(drawn: Drawn, register: Register) -> Iterator[Page]:
    """The list of municipalities, and a page for each."""
    language, frame = drawn.language, register.frame
    kinds = _Kinds(drawn)
    listed = sorted(_listed(register, language), key=lambda entry: _collated(entry["name"]))
    yield Page("municipalities/index.html", "municipalities", {"listed": listed})
    for row, code in enumerate(frame.codes):
        official, others = register.names(row, language.lang)
        domains = {name: str(frame.attributes[name][row]) for name in frame.domains}
        yield Page(
            f"municipalities/{code}.html",
            "municipality",
            {
                "code": str(code),
                "name": official,
                "others": others,
                "facts": _facts(language, register, row, domains),
                "successor": _successor(language, register, str(code)),
                "peers": [
                    (str(frame.codes[peer]), register.names(peer, language.lang)[0])
                    for peer in register.peers[row]
                    if peer != row
                ],
                "figures": kinds.figures(domains),
            },
        )


def _listed(register: Register, language: Language) -> Iterator[dict[str, Any]]:
    """Every name and code under which a reader may look, and the page it leads to."""
    for row, code in enumerate(register.frame.codes):
        official, others = register.names(row, language.lang)
        yield {"name": official, "others": others, "codes": [(str(code), "")]}
    merged: dict[str, list[str]] = {}
    for old, (_, new) in register.successors.items():
        merged.setdefault(new, []).append(old)
    for new, olds in merged.items():
        if new in register.frame.row_of:
            continue
        name = register.later[new].get("name_official", new)
        parts = [(o, register.names(register.frame.row_of[o], language.lang)[0]) for o in olds]
        since = language.since(register.successors[olds[0]][0])
        yield {"name": f"{name} ({since})", "others": (), "codes": parts}


def _collated(name: str) -> str:
    """Sort key without accents."""
    import unicodedata

    plain = unicodedata.normalize("NFKD", name)
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()


def _facts(
    language: Language, register: Register, row: int, domains: Mapping[str, str]
) -> list[tuple[str, str]]:
    t, fmt, frame = language.t, language.fmt, register.frame
    facts = [(t["code"], str(frame.codes[row]))]
    for name, value in domains.items():
        domain = language.wave.barometer.domains[name]
        facts.append((domain.label[language.lang], domain.labels[value][language.lang]))
    numbers = {
        column: float(frame.attributes[column][row])
        for column in ("population", "area_km2")
        if column in frame.attributes
    }
    if "population" in numbers:
        facts.append((t["inhabitants"], fmt.number(numbers["population"])))
    if len(numbers) == 2:
        density = numbers["population"] / numbers["area_km2"]
        facts.append((t["density"], fmt.number(density)))
    return facts


def _successor(language: Language, register: Register, code: str) -> str:
    if code not in register.successors:
        return ""
    day, new = register.successors[code]
    if new == code:
        return ""
    name = register.later[new].get("name_official", new)
    return language.t["merged"].format(name=name, code=new, date=language.day(day))


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
