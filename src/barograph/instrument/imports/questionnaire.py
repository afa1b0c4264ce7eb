"""A LimeSurvey questionnaire as the sheets of an XLSForm, which compile like any other."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from barograph.errors import BadInput
from barograph.instrument.imports import lss, txt
from barograph.instrument.imports.draft import Draft, Line, heading
from barograph.instrument.imports.mapping import Mapper
from barograph.instrument.imports.plain import plain
from barograph.instrument.imports.survey import Section, Survey, assemble
from barograph.instrument.source import shown

TOLD = 12  # reasons in one message


def import_questionnaire(path: Path, folder: Path, *, skip_unsupported: bool = False) -> list[str]:
    """Writes survey.csv, choices.csv and settings.csv to `folder`, which must be new or empty.

    Returns what the author should know, a sentence each. BadInput names the questions and rules
    that have no counterpart; `skip_unsupported` leaves them out and returns them as well.
    docs/imports.md tells what is imported.
    """
    if path.suffix.lower() not in (".lss", ".txt"):
        raise BadInput("is no .lss or .txt of LimeSurvey", file=path)
    tables = lss.read(path) if path.suffix.lower() == ".lss" else txt.read(path)
    try:
        draft = _drafted(assemble(path, tables))
    except BadInput as problem:
        raise BadInput(problem.what, file=problem.file or path, todo=problem.todo) from None
    if tables.get("defaultvalues"):
        draft.notes.append("default answers are not imported")
    missing = [f"left out: {text}" for text in draft.lost]
    missing += [f"rule left out: {text}" for text in draft.rules]
    if missing and not skip_unsupported:
        more = f"; and {len(missing) - TOLD} more" if len(missing) > TOLD else ""
        raise BadInput(
            "; ".join(text.removeprefix("left out: ") for text in missing[:TOLD]) + more,
            file=path,
            todo="Change it in LimeSurvey, or leave it out with --skip-unsupported",
        )
    if not any(line.type not in ("begin_group", "end_group") for line in draft.lines):
        raise BadInput("nothing of it can be imported", file=path)
    draft.write(folder)
    return [*missing, *draft.notes]


def _drafted(survey: Survey) -> Draft:
    base = survey.languages[0]
    titles = {lang: plain(survey.title.get(lang, "")) for lang in survey.languages}
    translated = {f"form_title::{heading(lang)}": title for lang, title in titles.items()}
    settings = {
        **(translated if all(titles.values()) else {"form_title": titles[base] or "LimeSurvey"}),
        "form_id": f"limesurvey_{survey.sid}" if survey.sid.isdecimal() else "limesurvey",
        "version": "1",
        "default_language": heading(base),
    }
    draft = Draft(survey.languages, settings)
    draft.lost += [f"{shown(what)} is not imported" for what in survey.beyond]
    mapper = Mapper(survey, draft)
    taken = {q.code for section in survey.sections for q in section.questions}
    for section in survey.sections:
        name = _section_name(section, base, taken)
        taken.add(name)
        _add(section, name, mapper)
    return draft


def _add(section: Section, name: str, mapper: Mapper) -> None:
    draft, base = mapper.draft, mapper.survey.languages[0]
    title = shown(plain(section.label.get(base, "")))
    try:
        relevant = mapper.relevant(section.relevance)
        label = mapper.label(section.label, name)
        lines = [Line("begin_group", name, label, cells={"relevant": relevant} if relevant else {})]
        if any(section.description.values()):
            lines.append(Line("note", f"{name}_intro", mapper.label(section.description, name)))
    except BadInput as problem:
        codes = ", ".join(shown(q.code) for q in section.questions)
        draft.lost.append(f"group '{title}' with {codes or 'no question'}: {problem.what}")
        return
    for q in section.questions:
        lists, rules = dict(draft.lists), len(draft.rules)
        try:
            lines += mapper.lines(q)
        except BadInput as problem:
            draft.lists = lists
            del draft.rules[rules:]
            draft.lost.append(f"question {shown(q.code)} in group '{title}': {problem.what}")
    if len(lines) > 1:
        draft.lines += [*lines, Line("end_group", name)]


def _section_name(section: Section, base: str, taken: set[str]) -> str:
    """`sec_` and the words of its title, without accents; with a number where that is taken."""
    title = unicodedata.normalize("NFKD", plain(section.label.get(base, "")))
    words = re.findall(r"[a-z0-9]+", title.encode("ascii", "ignore").decode().lower())
    name = "sec_" + ("_".join(words)[:40].strip("_") or "questions")
    number = 2
    unique = name
    while unique in taken or f"{unique}_intro" in taken:
        unique, number = f"{name}_{number}", number + 1
    return unique
