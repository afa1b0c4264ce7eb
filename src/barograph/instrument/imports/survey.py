"""A LimeSurvey survey, whichever file it came from, as its tables say it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from barograph.errors import BadInput

Record = Mapping[str, str]
Tables = Mapping[str, Sequence[Record]]
QUESTIONS = 5_000
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass
class Option:
    """A subquestion or an answer option; labels by language, as HTML."""

    code: str
    label: dict[str, str]
    scale: str = "0"
    relevance: str = ""


@dataclass
class Asked:
    """A question; attributes by name, then language ("" where they have none)."""

    qid: str
    gid: str
    code: str
    type: str
    relevance: str
    pattern: str
    mandatory: str
    other: bool
    label: dict[str, str]
    help: dict[str, str]
    rows: list[Option]
    answers: list[Option]
    attributes: dict[str, dict[str, str]]

    def setting(self, name: str) -> str:
        """An attribute that has no language; empty when there is none."""
        return self.attributes.get(name, {}).get("", "").strip()

    def on(self, name: str) -> bool:
        """Whether an attribute is set to anything but off."""
        return self.setting(name) not in ("", "0", "N")


@dataclass
class Section:
    """A group of questions."""

    label: dict[str, str]
    description: dict[str, str]
    relevance: str
    questions: list[Asked] = field(default_factory=list)


@dataclass(frozen=True)
class Survey:
    """All that is read of a survey; `beyond` names what it has besides questions."""

    sid: str
    languages: tuple[str, ...]
    title: Record
    sections: tuple[Section, ...]
    conditions: Mapping[str, Sequence[Record]]
    beyond: tuple[str, ...]


def assemble(path: Path, tables: Tables) -> Survey:
    """The survey in the tables of a .lss; both layouts, with the texts in rows or in *_l10ns."""
    settings = next(iter(tables.get("surveys", ())), {})
    languages = _languages(path, settings, tables)
    title = {
        row.get("surveyls_language", ""): row.get("surveyls_title", "")
        for row in tables.get("surveys_languagesettings", ())
    }
    sections = _sections(tables)
    _fill(path, sections, tables)
    conditions: dict[str, list[Record]] = {}
    for row in tables.get("conditions", ()):
        conditions.setdefault(row.get("qid", ""), []).append(row)
    beyond = [f"quota {row.get('name', '')!r}" for row in _distinct(tables, "quota", "id")]
    beyond += [f"assessment {row.get('name', '')!r}" for row in _distinct(tables, "assessments")]
    return Survey(
        settings.get("sid", ""),
        languages,
        title,
        tuple(s for s in sections.values() if s.questions or any(s.description.values())),
        conditions,
        tuple(beyond),
    )


def _languages(path: Path, settings: Record, tables: Tables) -> tuple[str, ...]:
    named = [settings.get("language", ""), *settings.get("additional_languages", "").split()]
    named += [row.get("language", "") for row in tables.get("languages", ())]
    languages = tuple(dict.fromkeys(name for name in named if name))
    if not languages:
        raise BadInput("names no language", file=path, todo="Export the survey anew")
    for name in languages:
        if not _LANGUAGE.fullmatch(name):
            raise BadInput(f"{name[:40]!r} is no code of a language", file=path)
    return languages


def _distinct(tables: Tables, name: str, key: str = "") -> list[Record]:
    """The rows of a table, one for each key where a key repeats per language."""
    rows = tables.get(name, ())
    return list({row.get(key) or str(i): row for i, row in enumerate(rows)}.values())


def _texts(
    tables: Tables, names: Sequence[str], key: str, column: str
) -> dict[str, dict[str, str]]:
    """Texts by key and language, wherever a row has both a language and the text."""
    found: dict[str, dict[str, str]] = {}
    for name in names:
        for row in tables.get(name, ()):
            if row.get("language") and row.get(column):
                found.setdefault(row.get(key, ""), {})[row["language"]] = row[column]
    return found


def _order(row: Record, column: str) -> int:
    text = row.get(column, "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _sections(tables: Tables) -> dict[str, Section]:
    labels = _texts(tables, ("groups", "group_l10ns"), "gid", "group_name")
    descriptions = _texts(tables, ("groups", "group_l10ns"), "gid", "description")
    rows = sorted(tables.get("groups", ()), key=lambda row: _order(row, "group_order"))
    return {
        (gid := row.get("gid", "")): Section(
            labels.get(gid, {}), descriptions.get(gid, {}), row.get("grelevance", "")
        )
        for row in rows
    }


def _fill(path: Path, sections: Mapping[str, Section], tables: Tables) -> None:
    """Puts the questions, with their options and attributes, into their groups."""
    names = ("questions", "subquestions", "question_l10ns")
    labels = _texts(tables, names, "qid", "question")
    helps = _texts(tables, names, "qid", "help")
    asked: dict[str, Asked] = {}
    for row in sorted(tables.get("questions", ()), key=lambda row: _order(row, "question_order")):
        qid = row.get("qid", "")
        if qid in asked or row.get("parent_qid", "0") not in ("0", ""):
            continue
        if row.get("gid", "") not in sections:
            raise BadInput(f"question {row.get('title', '')!r} is in no group", file=path)
        question = _asked(row, labels.get(qid, {}), helps.get(qid, {}))
        asked[qid] = question
        sections[row.get("gid", "")].questions.append(question)
    if len(asked) > QUESTIONS:
        raise BadInput(f"has over {QUESTIONS} questions", file=path)
    _add_rows(asked, labels, tables)
    _add_answers(asked, tables)
    for row in tables.get("question_attributes", ()):
        if (found := asked.get(row.get("qid", ""))) and row.get("attribute"):
            values = found.attributes.setdefault(row["attribute"], {})
            values[row.get("language", "")] = row.get("value", "")


def _asked(row: Record, label: dict[str, str], help: dict[str, str]) -> Asked:
    return Asked(
        row.get("qid", ""),
        row.get("gid", ""),
        row.get("title", ""),
        row.get("type", ""),
        row.get("relevance", ""),
        row.get("preg", ""),
        row.get("mandatory", ""),
        row.get("other", "") == "Y",
        label,
        help,
        [],
        [],
        {},
    )


def _add_rows(
    asked: Mapping[str, Asked], labels: Mapping[str, dict[str, str]], tables: Tables
) -> None:
    seen: set[str] = set()
    for row in sorted(
        tables.get("subquestions", ()), key=lambda row: _order(row, "question_order")
    ):
        parent = asked.get(row.get("parent_qid", ""))
        if parent and row.get("qid", "") not in seen:
            seen.add(row.get("qid", ""))
            label = labels.get(row.get("qid", ""), {})
            scale, relevance = row.get("scale_id", "0"), row.get("relevance", "")
            parent.rows.append(Option(row.get("title", ""), label, scale, relevance))


def _add_answers(asked: Mapping[str, Asked], tables: Tables) -> None:
    texts = _texts(tables, ("answer_l10ns",), "aid", "answer")
    found: dict[tuple[str, str, str], Option] = {}
    for row in sorted(tables.get("answers", ()), key=lambda row: _order(row, "sortorder")):
        parent = asked.get(row.get("qid", ""))
        if parent is None:
            continue
        key = (parent.qid, row.get("scale_id", "0"), row.get("code", ""))
        if key not in found:
            found[key] = Option(key[2], dict(texts.get(row.get("aid", ""), {})), key[1])
            parent.answers.append(found[key])
        if row.get("language"):
            found[key].label[row["language"]] = row.get("answer", "")
