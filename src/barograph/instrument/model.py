"""The compiled questionnaire: questions in groups, their choices, and when each is asked."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from functools import cached_property
from typing import Any, Literal

from barograph.errors import BadInput

DONT_KNOW = "dk"
Kind = Literal["one", "multiple", "rank", "number", "text"]
Type = Literal[
    "text",
    "integer",
    "decimal",
    "date",
    "select_one",
    "select_multiple",
    "rank",
    "range",
    "note",
    "calculate",
    "file",
    "hidden",
]
Labels = Mapping[str, str]
KINDS: Mapping[str, Kind] = {
    "select_one": "one",
    "select_multiple": "multiple",
    "rank": "rank",
    "integer": "number",
    "decimal": "number",
    "range": "number",
    "text": "text",
    "date": "text",
}
SELECTS = frozenset({"select_one", "select_multiple", "rank"})
SILENT = frozenset({"hidden", "calculate"})


@dataclass(frozen=True)
class Choice:
    """A code that never changes, its text per language, and what filters may ask of it."""

    code: str
    label: Labels
    extra: Mapping[str, str] = field(default_factory=dict)

    def short(self, lang: str) -> str:
        """The part of the label before ":" or "(": what a chart has room for."""
        return re.split(r"\s*[:(]\s*", self.label[lang], maxsplit=1)[0]


@dataclass(frozen=True)
class Question:
    """One row of the questionnaire. Conditions are XPath as the author wrote it, "" for none.

    `own` holds the columns `barograph::...` by their short name; `list` names the choices' list.
    """

    name: str
    type: Type
    label: Labels = field(default_factory=dict)
    hint: Labels = field(default_factory=dict)
    list: str = ""
    choices: tuple[Choice, ...] = ()
    appearance: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    relevant: str = ""
    constraint: str = ""
    required: str = ""
    calculation: str = ""
    choice_filter: str = ""
    default: str = ""
    constraint_message: Labels = field(default_factory=dict)
    required_message: Labels = field(default_factory=dict)
    own: Mapping[str, str] = field(default_factory=dict)

    @property
    def dont_know(self) -> str:
        """The answer that means "don't know": as the author says, or a choice of that code."""
        if "dont_know" in self.own:
            return self.own["dont_know"]
        return DONT_KNOW if any(c.code == DONT_KNOW for c in self.choices) else ""


@dataclass(frozen=True)
class Group:
    """Questions together. A battery's rows share one scale; a repeat is answered several times."""

    name: str
    kind: Literal["group", "repeat", "battery"]
    label: Labels = field(default_factory=dict)
    hint: Labels = field(default_factory=dict)
    relevant: str = ""
    appearance: tuple[str, ...] = ()
    children: tuple[Question | Group, ...] = ()
    repeat_count: str = ""
    own: Mapping[str, str] = field(default_factory=dict)


Item = Question | Group


@dataclass(frozen=True)
class Variable:
    """One question as a column of the data. `relevant` holds its own and its groups' conditions."""

    name: str
    kind: Kind
    label: Labels
    choices: tuple[Choice, ...]
    section: str
    battery: str
    relevant: tuple[str, ...]

    @cached_property
    def by_code(self) -> Mapping[str, Choice]:
        """Choices by code."""
        return {choice.code: choice for choice in self.choices}


@dataclass(frozen=True)
class Instrument:
    """An immutable version of the questionnaire; `version` is the hash of its content.

    `lists` are the choice lists by name, `tables` the records of CSV files that expressions look
    up, `xform` the same questionnaire as an ODK XForm.
    """

    languages: tuple[str, ...]
    title: Labels
    children: tuple[Item, ...]
    lists: Mapping[str, tuple[Choice, ...]]
    tables: Mapping[str, tuple[Mapping[str, str], ...]]
    xform: str

    @cached_property
    def version(self) -> str:
        """Twelve hexadecimal digits of the hash of `to_json`."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:12]

    def to_json(self) -> str:
        """Everything, as JSON that `from_json` reads; the same questionnaire gives the same text."""
        content = {
            "languages": self.languages,
            "title": self.title,
            "lists": {name: [_filled(c) for c in choices] for name, choices in self.lists.items()},
            "tables": self.tables,
            "children": [_filled(item) for item in self.children],
            "xform": self.xform,
        }
        return json.dumps(content, ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Instrument:
        """The questionnaire that `to_json` wrote; BadInput when the text is none."""
        try:
            return cls._from(json.loads(text))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise BadInput(f"this is no compiled questionnaire: {error!r}") from None

    @classmethod
    def _from(cls, content: dict[str, Any]) -> Instrument:
        lists = {
            name: tuple(Choice(**choice) for choice in choices)
            for name, choices in content["lists"].items()
        }
        return cls(
            tuple(content["languages"]),
            content["title"],
            tuple(_item(item, lists) for item in content["children"]),
            lists,
            {name: tuple(records) for name, records in content["tables"].items()},
            content["xform"],
        )

    @cached_property
    def sections(self) -> tuple[Group, ...]:
        """The pages: top-level groups; what stands between them forms a section of its own."""
        sections: list[Group] = []
        loose: list[Item] = []
        for child in (*self.children, None):
            if isinstance(child, Question):
                loose.append(child)
                continue
            if any(isinstance(q, Question) and q.type not in SILENT for q in loose):
                sections.append(Group(f"at_{loose[-1].name}", "group", children=tuple(loose)))
            loose = []
            if child is not None:
                sections.append(_section(child))
        return tuple(sections)

    def walk(self) -> Iterator[tuple[Item, tuple[Group, ...]]]:
        """Every group and question in order, each with the groups around it, outermost first."""
        yield from _walk(self.children, ())

    @cached_property
    def questions(self) -> Mapping[str, Question]:
        """Questions of every type by name, in order."""
        return {item.name: item for item, _ in self.walk() if isinstance(item, Question)}

    @cached_property
    def groups(self) -> Mapping[str, Labels]:
        """Labels of the groups by name."""
        return {item.name: item.label for item, _ in self.walk() if isinstance(item, Group)}

    @cached_property
    def variables(self) -> Mapping[str, Variable]:
        """What figures are made of: one column each, so nothing of a repeat."""
        return {
            item.name: _variable(item, groups)
            for item, groups in self.walk()
            if isinstance(item, Question)
            and item.type in KINDS
            and all(group.kind != "repeat" for group in groups)
        }

    def variable(self, name: str) -> Variable:
        """The variable of that name; BadInput names near ones."""
        if name in self.variables:
            return self.variables[name]
        near = get_close_matches(name, [*self.variables, *self.groups], n=3)
        todo = f"Did you mean {' or '.join(near)}?" if near else ""
        raise BadInput(f"no question is called {name!r}", todo=todo)

    def battery(self, name: str) -> tuple[Variable, ...]:
        """The rows of a battery, in order."""
        return tuple(v for v in self.variables.values() if v.battery == name)

    def wording(self, name: str) -> Labels:
        """The question as asked: of a battery, the sentence above its rows."""
        return self.groups[name] if name in self.groups else self.variable(name).label


def _section(group: Group) -> Group:
    """A top-level group as a page; a repeat stands on a page of its name."""
    if group.kind != "repeat":
        return group
    inner = replace(group, relevant="")
    return replace(group, kind="group", hint={}, repeat_count="", children=(inner,))


def _filled(item: Choice | Item) -> dict[str, Any]:
    """The fields that hold something; a question's choices stand in the lists."""
    found = {f.name: getattr(item, f.name) for f in fields(item) if f.name != "choices"}
    if isinstance(item, Group):
        found["children"] = [_filled(child) for child in item.children]
    return {name: value for name, value in found.items() if value or name == "label"}


def _item(content: dict[str, Any], lists: Mapping[str, tuple[Choice, ...]]) -> Item:
    content["appearance"] = tuple(content.get("appearance", ()))
    if "kind" in content:
        children = tuple(_item(child, lists) for child in content.pop("children", ()))
        return Group(**content, children=children)
    return Question(**content, choices=lists.get(content.get("list", ""), ()))


def _walk(
    items: tuple[Item, ...], around: tuple[Group, ...]
) -> Iterator[tuple[Item, tuple[Group, ...]]]:
    for item in items:
        yield item, around
        if isinstance(item, Group):
            yield from _walk(item.children, (*around, item))


def _variable(question: Question, groups: tuple[Group, ...]) -> Variable:
    around: tuple[Item, ...] = (*groups, question)
    return Variable(
        question.name,
        KINDS[question.type],
        question.label,
        question.choices,
        groups[0].name if groups else "",
        next((g.name for g in reversed(groups) if g.kind == "battery"), ""),
        tuple(item.relevant for item in around if item.relevant),
    )
