"""The answers of a wave with unit, domains and weight, in the formats that others read.

Every format is made from the same columns, so all hold the same numbers; codebook.csv tells what
they stand for in every language. Formulas are disarmed where a spreadsheet would run them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from barograph.barometer import Wave
from barograph.indicators import Labels
from barograph.publish import open_data, texts
from barograph.publish.data import answers, microdata
from barograph.publish.data.answers import Column
from barograph.publish.data.sav import sav_bytes
from barograph.publish.data.tables import Cell, Field, Table, csv_bytes
from barograph.publish.data.terms import Terms
from barograph.publish.data.workbook import xlsx_bytes

CODEBOOK = "codebook.csv"
UNIT = "nis"
Files = dict[str, bytes]


@dataclass(frozen=True)
class Exported:
    """The columns of n units, the titles per language, and what must be said beside them."""

    wave: Wave
    columns: tuple[Column, ...]
    title: Labels
    notes: tuple[str, ...]

    @property
    def languages(self) -> tuple[str, ...]:
        """Those of the barometer."""
        return self.wave.barometer.languages

    def rows(self) -> Iterator[tuple[Cell, ...]]:
        """The answers, unit by unit; a whole number without decimals."""
        return zip(*(map(cache(_cell), c.values.tolist()) for c in self.columns), strict=True)


def files(wave: Wave, form: str, identifiers: bool = False) -> Files:
    """Name and content of each file of an export in one of FORMATS."""
    exported = _exported(wave, identifiers)
    return {
        **FORMATS[form](exported),
        CODEBOOK: csv_bytes(_codebook(exported)),
        "README.md": _readme(exported).encode(),
    }


def _exported(wave: Wave, identifiers: bool) -> Exported:
    words = texts.load(open_data.WORDS, wave.barometer.languages)
    left_out = () if identifiers else Terms.of(wave.barometer).identifiers
    asked = [v for name, v in wave.instrument.variables.items() if name not in left_out]
    named = {lang: w["unit"] for lang, w in words.items()}
    weighed = {lang: w["own_weight"] for lang, w in words.items()}
    columns = (
        Column(UNIT, named, wave.responses.units),
        *microdata.key_columns(wave, microdata.keys(wave), words),
        Column(microdata.WEIGHT, weighed, wave.sample.w1, measure="scale"),
        *answers.columns(wave.responses, asked, words),
    )
    answers.check_names(columns)
    title = {
        lang: w["export_title"].format(title=wave.barometer.title[lang], wave=wave.name)
        for lang, w in words.items()
    }
    notes = (*wave.synthetic.values(), open_data.method_id(wave))
    return Exported(wave, columns, title, notes)


def _cell(value: float | str) -> Cell:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _table(exported: Exported) -> Table:
    lang = exported.languages[0]
    return Table(
        "answers",
        exported.title[lang],
        tuple(
            Field(c.name, "string" if c.is_text else "number", c.label[lang])
            for c in exported.columns
        ),
        list(exported.rows()),
    )


def _codebook(exported: Exported) -> Table:
    """A row for each column and each number that stands for something."""
    languages = exported.languages
    fields = (
        Field("column", "string", "Column of the answers"),
        Field("question", "string", "Question of the questionnaire"),
        Field("value", "string", "Number in the column; empty in the row of the column itself"),
        Field("code", "string", "Code of the questionnaire, or the kind of missing"),
        Field("missing", "string", "1 for a kind of missing"),
        *(Field(f"label_{lang}", "string", f"What it means ({lang})") for lang in languages),
    )
    rows: list[Sequence[Cell]] = []
    for c in exported.columns:
        question = c.question.name if c.question else ""
        rows.append([c.name, question, None, None, None, *(c.label[lang] for lang in languages)])
        for g in c.categories:
            labels = [g.label[lang] for lang in languages]
            rows.append([c.name, question, g.value, g.code, int(g.missing), *labels])
    return Table("codebook", "What the numbers mean", fields, rows)


def _csv(exported: Exported) -> Files:
    return {"answers.csv": csv_bytes(_table(exported))}


def _xlsx(exported: Exported) -> Files:
    tables = [_table(exported), _codebook(exported)]
    title = exported.title[exported.languages[0]]
    notes = [title, *exported.notes]
    return {"answers.xlsx": xlsx_bytes(tables, notes, title, "Barograph", exported.wave.closed)}


def _parquet(exported: Exported) -> Files:
    content = microdata.parquet_bytes(exported.columns, exported.title, exported.notes)
    return {"answers.parquet": content}


def _sav(exported: Exported) -> Files:
    """A file in each language: the format has room for one."""
    day = exported.wave.closed
    return {
        f"answers.{lang}.sav": sav_bytes(exported.columns, lang, title, exported.notes, day)
        for lang, title in exported.title.items()
    }


def _json(exported: Exported) -> Files:
    names = [c.name for c in exported.columns]
    content = {
        "title": dict(exported.title),
        "wave": exported.wave.name,
        "notes": list(exported.notes),
        "columns": [
            {
                "name": c.name,
                "question": c.question.name if c.question else None,
                "measure": c.measure,
                "label": dict(c.label),
                "values": [microdata.described(g) for g in c.categories],
            }
            for c in exported.columns
        ],
        "answers": [dict(zip(names, row, strict=True)) for row in exported.rows()],
    }
    return {"answers.json": (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()}


FORMATS: Mapping[str, Callable[[Exported], Files]] = {
    "csv": _csv,
    "xlsx": _xlsx,
    "parquet": _parquet,
    "sav": _sav,
    "json": _json,
}


def _readme(exported: Exported) -> str:
    wave, notes = exported.wave, "\n\n".join(exported.notes)
    return f"""# {exported.title[exported.languages[0]]}

{notes}

The answers of {len(wave.responses)} units, one row each, with their domains and `weight`. They name
the units: keep them inside the institute. What may go out is in `data/` of an edition.

A choice keeps its code where the codes of its question are numbers; other choices count from 1 in
the order of the questionnaire. Several choices have a column each (1 chosen, 0 not), a ranking a
column for each option (its place). `{CODEBOOK}` tells what each number means, in every language.

Kinds of missing: -1 don't know; -2 not relevant, skipped because of another answer; -3 no answer;
-5 not asked in this wave. In columns of numbers they stand far below, at {answers.BELOW_NUMBERS} and
less. A text that reads like one of them, or like a formula, has an apostrophe before it.

Made by Barograph from answers {wave.responses.version} and questionnaire
{wave.instrument.version}.
"""
