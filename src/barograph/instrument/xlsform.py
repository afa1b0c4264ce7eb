"""XLSForm to `Instrument`, through pyxform: the only module that knows pyxform."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pyxform.errors import PyXFormError
from pyxform.xls2xform import convert

from barograph.errors import BadInput
from barograph.files import read_table
from barograph.instrument.model import Choice, Instrument, Kind, Labels, Variable

SHEETS = ("survey", "choices", "settings")
KINDS: Mapping[str, Kind] = {
    "select one": "one",
    "select all that apply": "multiple",
    "rank": "rank",
    "integer": "number",
    "decimal": "number",
    "text": "text",
}
SILENT = frozenset({"note", "start", "end", "hidden", "calculate"})
Node = Mapping[str, Any]


def compile(folder: Path, languages: Sequence[str]) -> Instrument:
    """The questionnaire in `folder`, complete in `languages`; BadInput tells sheet, row, column."""
    sheets = {name: read_table(folder / f"{name}.csv") for name in SHEETS}
    for name in ("survey", "choices"):
        _check_translations(folder / f"{name}.csv", sheets[name], languages)
    form = _convert(folder, sheets)
    groups: dict[str, Labels] = {}
    lists = {
        name: tuple(Choice(c["name"], _labels(c["label"])) for c in choices)
        for name, choices in form.get("choices", {}).items()
    }
    variables = {v.name: v for v in _variables(folder, form, lists, groups)}
    content = json.dumps(form, sort_keys=True, ensure_ascii=False).encode()
    return Instrument(tuple(languages), variables, groups, hashlib.sha256(content).hexdigest()[:12])


def _check_translations(
    path: Path, records: Sequence[Mapping[str, str]], languages: Sequence[str]
) -> None:
    columns = [c for c in (records[0] if records else {}) if "::" in c]
    for kind in dict.fromkeys(c.split("::")[0] for c in columns):
        translated = {_language(c): c for c in columns if c.startswith(f"{kind}::")}
        for language in languages:
            if language not in translated:
                raise BadInput(f"no column for language {language}", file=path, row=1, column=kind)
            for row, record in enumerate(records, start=2):
                column = translated[language]
                if not record[column].strip() and any(record[c] for c in translated.values()):
                    raise BadInput(
                        f"translation is missing for {record['name']!r}",
                        file=path,
                        row=row,
                        column=column,
                        todo="Write the text in this language too",
                    )


def _language(heading: str) -> str:
    """The code in a heading such as "label::English (en)"; the whole text when there is none."""
    found = re.search(r"\((\w{2,3})\)\s*$", heading)
    return found[1] if found else heading.split("::")[-1].strip()


def _convert(folder: Path, sheets: Mapping[str, list[dict[str, str]]]) -> dict[str, Any]:
    filled = {
        name: [{k: v for k, v in record.items() if v} for record in records]
        for name, records in sheets.items()
    }
    try:
        form = convert(filled, form_name=folder.name)._pyxform
    except PyXFormError as error:
        raise BadInput(f"the questionnaire does not compile: {error}", file=folder) from None
    return dict(form)


def _variables(
    folder: Path,
    node: Node,
    lists: Mapping[str, tuple[Choice, ...]],
    groups: dict[str, Labels],
    section: str = "",
    battery: str = "",
    relevant: tuple[str, ...] = (),
) -> Iterator[Variable]:
    for child in node.get("children", ()):
        condition = child.get("bind", {}).get("relevant")
        needed = (*relevant, condition) if condition else relevant
        kind, name = child["type"], child["name"]
        if kind == "group":
            groups[name] = _labels(child.get("label", {}))
            is_section = name.startswith("sec_")
            within, rows = (name, "") if is_section else (section, name)
            yield from _variables(folder, child, lists, groups, within, rows, needed)
        elif kind in KINDS:
            label = _labels(child.get("label", {}))
            choices = lists.get(child.get("itemset", ""), ())
            yield Variable(name, KINDS[kind], label, choices, section, battery, needed)
        elif kind not in SILENT and child.get("control", {}).get("bodyless") is None:
            raise BadInput(f"question type {kind!r} of {name!r} is not supported", file=folder)


def _labels(texts: Mapping[str, str] | str) -> Labels:
    if isinstance(texts, str):
        return {"": texts}
    return {_language(name): text for name, text in texts.items()}
