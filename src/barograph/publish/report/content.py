"""What a document says, as plain data for its template: words, figures, tables, pictures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

from barograph import __version__
from barograph.estimate import Estimate
from barograph.indicators import Indicator
from barograph.publish import formats, texts
from barograph.publish.charts import Drawable, standalone
from barograph.publish.data.terms import Terms
from barograph.publish.language import Language
from barograph.publish.open_data import method_id
from barograph.publish.release import Release
from barograph.publish.report.prose import blocks, plain
from barograph.publish.site import pictures
from barograph.publish.site.drawn import Drawn
from barograph.publish.site.pictures import Row

WORDS = Path(__file__).with_name("words.toml")
# Pixels of a chart across the text: its letters come out at 8 points, as those of the tables.
CHART_WIDTH = 860


@dataclass(frozen=True)
class Voice:
    """A wave in one language with the words of its documents and its drawn figures."""

    drawn: Drawn
    words: Mapping[str, str]
    terms: Terms

    @classmethod
    def of(cls, drawn: Drawn) -> Voice:
        """Reads the words."""
        language = drawn.language
        words = texts.load(WORDS, (language.lang,))[language.lang]
        return cls(drawn, words, Terms.of(language.wave.barometer))

    @property
    def language(self) -> Language:
        """The wave in this language."""
        return self.drawn.language

    @cached_property
    def common(self) -> dict[str, Any]:
        """What every template needs; `running` and `foot` stand on each page."""
        language, wave, t = self.language, self.language.wave, self.language.t
        colon = "\u00a0:" if language.lang == "fr" else ":"
        title, named = wave.barometer.title[language.lang], t["wave_of"].format(name=wave.name)
        return {
            "lang": language.lang,
            "region": formats.LOCALES[language.lang].territory,
            "words": {**self.words, "question": t["question"] + colon},
            "title": title,
            "wave": named,
            "author": self.terms.operator.name if self.terms.operator else title,
            "description": wave.synthetic.get(language.lang, ""),
            "notice": wave.synthetic.get(language.lang, ""),
            "notice_short": t["synthetic"] if wave.synthetic else "",
            "running": f"{title} · {named}",
            "foot": self.words["report"],
        }

    def figure(self, indicator: Indicator) -> dict[str, Any]:
        """An indicator: title, question, picture, table, and the pictures that go with it."""
        figure = self.drawn.figure(indicator)
        caption = f"{figure['base_text']} {figure['interval_text']}"
        return {
            "title": figure["title"],
            "question": figure["question"],
            **self.picture(figure["chart"], figure["rows"], caption),
            "table": self.table(figure["rows"], figure["title"]),
            "more": [
                {"title": more["title"], **self.picture(more["chart"], (), more["note"])}
                for more in figure["more"]
            ],
        }

    def picture(self, chart: Drawable, rows: Iterable[Row], caption: str) -> dict[str, str]:
        """A chart for paper, with the words for those who do not see it."""
        language = self.language
        values = "; ".join(f"{label} {language.fmt.value(e)}" for _, label, e in rows)
        return {
            "svg": standalone(chart, language.lang, language.t, CHART_WIDTH),
            "alt": ". ".join(text for text in (chart.title, values, chart.description) if text),
            "caption": caption,
        }

    def table(self, rows: Iterable[Row], title: str) -> dict[str, Any]:
        """The table behind a picture; a row of one cell begins a group."""
        t, rows = self.language.t, list(rows)
        caption = t["table_caption"].format(title=title)
        if pictures.is_scale(rows):
            return {**self._levels(rows), "caption": caption}
        head = [t[key] for key in ("row", "estimate", "interval", "answers", "base")]
        lines: list[list[str]] = []
        current = ""
        for group, label, e in rows:
            if group and group != current:
                lines.append([group])
            current = group
            lines.append([label, *self.cells(e)])
        return {"head": head, "rows": lines, "caption": caption}

    def _levels(self, rows: Sequence[Row]) -> dict[str, Any]:
        """Of a battery of shares: an item a row, a level a column, its interval below the share."""
        t = self.language.t
        levels = list(dict.fromkeys(label for _, label, _ in rows))
        lines = []
        for item, part in groupby(rows, lambda row: row[0]):
            found = {label: e for _, label, e in part}
            cells = [self.cells(e) for e in found.values()]
            told = [f"{value}\n{interval}" for value, interval, *_ in cells]
            lines.append([item, *told, cells[0][-1]])
        return {"head": [t["row"], *levels, t["base"]], "rows": lines}

    def cells(self, e: Estimate) -> list[str]:
        """Value, interval, answers counted and base, as printed."""
        fmt, t = self.language.fmt, self.language.t
        interval = fmt.interval(e) or t.get(f"flag_{e.flag}", "")
        return [fmt.value(e), interval, fmt.number(e.n), fmt.number(e.base)]

    @property
    def versions(self) -> dict[str, str]:
        """What a figure of this wave comes from."""
        wave = self.language.wave
        return {
            "frame": wave.frame.version,
            "instrument": wave.instrument.version,
            "responses": wave.responses.version,
            "method": method_id(wave),
            "code": __version__,
        }

    def imprint(self, kind: str, release: Release) -> list[list[str]]:
        """Who publishes a document and who paid, how it is cited, under which terms, from what."""
        words, terms, common = self.words, self.terms, self.common
        cited = ". ".join(
            text
            for text in (
                terms.operator.name if terms.operator else "",
                common["title"],
                f"{common['wave']}: {kind if common['lang'] == 'de' else kind.lower()}",
                terms.base_url,
            )
            if text
        )
        pairs = [(words["cite"], cited)]
        if terms.operator:
            told = (terms.operator.name, terms.operator.url, terms.operator.email)
            pairs.insert(0, (words["publisher"], " · ".join(text for text in told if text)))
        funding = blocks(release.facts["funding"].text)
        pairs.append((words["funding"], plain(funding[0]["runs"]) if funding else ""))
        pairs.append((words["licence"], terms.licence))
        pairs.append((self.language.t["method_source"], self.language.wave.barometer.attribution))
        pairs.append((words["origin"], words["origin_text"].format(**self.versions)))
        return [[term, text] for term, text in pairs if text]
