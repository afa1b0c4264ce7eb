"""The municipalities as readers look for them: names, codes then and now, peers by structure."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

import numpy as np
from markupsafe import Markup

from barograph.barometer import Wave
from barograph.files import numbered_records
from barograph.frame import Frame, Succession, successions

PEERS = 5
NAMED = ("nl", "fr", "de")  # columns name_nl, name_fr, name_de


class Name(NamedTuple):
    """A name in its language; "" where the frame does not tell which."""

    text: str
    lang: str

    def on(self, lang: str) -> Name:
        """The name on a page in `lang`, without a language where it is that of the page."""
        return self._replace(lang="") if self.lang == lang else self

    def html(self, lang: str) -> Markup:
        """The name on a page in `lang`, marked when it is in another language."""
        if not self.on(lang).lang:
            return Markup.escape(self.text)
        return Markup('<span lang="{}">{}</span>').format(self.lang, self.text)


@dataclass(frozen=True)
class Register:
    """Units of a wave's frame, all other units of municipalities.csv, and what became of them."""

    frame: Frame
    records: Mapping[str, Mapping[str, str]]
    changes: Sequence[Succession]
    day: date

    @classmethod
    def of(cls, wave: Wave) -> Register:
        """From the folder of the frame."""
        folder = wave.barometer.folder / "frame"
        records = {
            r["nis"]: r for _, r in numbered_records(folder / "municipalities.csv", ("nis",))
        }
        return cls(wave.frame, records, successions(folder), wave.reference_date)

    def official(self, code: str) -> list[Name]:
        """The official names: one, in Brussels two."""
        record = self.records[code]
        text = record.get("name_official") or code
        known = {record.get(f"name_{lang}", ""): lang for lang in reversed(NAMED)}
        languages = record.get("official_language", "").split("|")
        names = []
        for name, lang in zip(text.split(" / "), (*languages, *["", ""]), strict=False):
            named = record.get(f"name_{lang}", "") if lang else ""
            names.append(Name(name, lang if named == name else known.get(name, lang)))
        return names

    def others(self, code: str, lang: str) -> list[Name]:
        """Names in other languages, that in `lang` first."""
        record = self.records[code]
        official = {name.text for name in self.official(code)}
        found: dict[str, Name] = {}
        for other in (lang, *NAMED):
            text = record.get(f"name_{other}", "")
            if text and text not in official:
                found.setdefault(text, Name(text, other))
        return list(found.values())

    def plain(self, code: str) -> str:
        """The official name as text: Bruxelles / Brussel."""
        return " / ".join(name.text for name in self.official(code))

    def html(self, code: str, lang: str) -> Markup:
        """The official name on a page in `lang`."""
        return Markup(" / ").join(name.html(lang) for name in self.official(code))

    def after(self, code: str) -> Succession | None:
        """What became of a unit after the reference date."""
        return next((c for c in self.changes if c.old == code != c.new and c.day > self.day), None)

    def before(self, code: str) -> list[Succession]:
        """What a unit was made of, at the last change that made it."""
        made = [c for c in self.changes if c.new == code != c.old]
        return [c for c in made if c.day == max(m.day for m in made)]

    @cached_property
    def elsewhere(self) -> dict[str, tuple[str, ...]]:
        """Codes that no unit has on the reference date, and the codes of the frame they lead to."""
        found = {c: self._lead(c) for c in self.records if c not in self.frame.row_of}
        return {code: goals for code, goals in found.items() if goals}

    def _lead(self, code: str) -> tuple[str, ...]:
        """Along mergers to units of the frame: back from a later code, on from an earlier one."""
        seen, open_, goals = {code}, [code], list[str]()
        while open_:
            here = open_.pop()
            for change in self.changes:
                later = change.day > self.day
                step = change.old if later and change.new == here else None
                step = change.new if not later and change.old == here else step
                if step is None or step in seen:
                    continue
                seen.add(step)
                (goals if step in self.frame.row_of else open_).append(step)
        return tuple(sorted(goals))

    @cached_property
    def peers(self) -> dict[str, tuple[str, ...]]:
        """The nearest units by structure (Gower 1971): inhabitants and area by ratio, and kinds.

        Numbers are compared on a log scale over their 5-95% range; ties go by code.
        """
        frame, parts = self.frame, []
        for column in ("population", "area_km2"):
            if column in frame.attributes:
                x = np.log(np.maximum(frame.attributes[column].astype(float), 1e-6))
                low, high = np.quantile(x, [0.05, 0.95])
                parts.append(np.abs(x[:, None] - x[None, :]) / max(high - low, 1e-12))
        for column in self.kinds:
            values = frame.attributes[column]
            parts.append((values[:, None] != values[None, :]).astype(float))
        distance = np.sum(parts, axis=0)
        np.fill_diagonal(distance, math.inf)
        nearest = np.argsort(distance, axis=1, kind="stable")[:, : min(PEERS, len(frame) - 1)]
        codes = [str(code) for code in frame.codes]
        return {
            code: tuple(codes[i] for i in row) for code, row in zip(codes, nearest, strict=True)
        }

    @property
    def kinds(self) -> list[str]:
        """Columns that peers should share."""
        columns = (*self.frame.domains, "official_language", "province")
        return [column for column in columns if column in self.frame.attributes]

    def shared(self, a: str, b: str) -> list[str]:
        """The kinds in which two units agree."""
        i, j = self.frame.row_of[a], self.frame.row_of[b]
        columns = self.frame.attributes
        return [k for k in self.kinds if columns[k][i] == columns[k][j] != ""]

    def number(self, code: str, column: str) -> float | None:
        """A number of a unit: population, area_km2 or density; None where the frame has none."""
        if column == "density":
            population, area = self.number(code, "population"), self.number(code, "area_km2")
            return population / area if population is not None and area else None
        values = self.frame.attributes.get(column)
        text = "" if values is None else str(values[self.frame.row_of[code]])
        return float(text) if text else None


def collated(name: str) -> str:
    """Sort key without accents and without an apostrophe before it: 's Gravenbrakel under S."""
    plain = unicodedata.normalize("NFKD", name.lstrip("'’ "))
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()
