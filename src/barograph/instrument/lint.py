"""Habits worth a second look, and what has changed its meaning since the last wave."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from barograph.errors import BadInput
from barograph.instrument.expression.grammar import parse
from barograph.instrument.expression.places import Place
from barograph.instrument.faults import form_fault
from barograph.instrument.graph import Graph
from barograph.instrument.model import (
    DONT_KNOW,
    SELECTS,
    SILENT,
    Choice,
    Group,
    Instrument,
    Question,
)

# Report: code, what, name of the question or "list/code", column, what to do.
Report = Callable[[str, str, str, str, str], None]
_BOTH = re.compile(r"_(and|or|en|of|et|ou|und|oder)_")
_BOTH_WORDS = re.compile(r"\b(and/or|en/of|et/ou|und/oder)\b", re.IGNORECASE)


def habits(instrument: Instrument, graph: Graph, report: Report) -> None:
    """Reports questions that ask two things, cannot be reached, look ahead, and the like."""
    order = {name: i for i, name in enumerate(graph.places)}
    for item, groups in instrument.walk():
        if isinstance(item, Question):
            _double(item, report)
            _default(item, report)
            _unknown(item, report)
        elif item.kind == "battery" or "field-list" in item.appearance:
            _scales(item, report)
        if item.relevant and ("relevant", item.name) in graph.expressions:
            _condition(item, groups, graph, order, report)
    _messages(instrument, report)
    _lists(instrument, report)


def _double(question: Question, report: Report) -> None:
    if _BOTH.search(question.name):
        report(
            "BG201", f"the name {question.name!r} joins two things", question.name, "name",
            "Ask one thing in one question",
        )  # fmt: skip
    for lang, label in question.label.items():
        if label.count("?") > 1 or _BOTH_WORDS.search(label):
            report(
                "BG201", f"{question.name!r} seems to ask two things", question.name,
                f"label::{lang}", "Ask one thing in one question",
            )  # fmt: skip
            return


def _default(question: Question, report: Report) -> None:
    if not question.default:
        return
    try:
        literal = parse(question.default)
    except BadInput:  # told where expressions are compiled
        return
    if literal.symbol != "(string)":
        return
    value, codes = str(literal.value), [choice.code for choice in question.choices]
    if question.type in SELECTS:
        if wrong := [code for code in value.split() if code not in codes]:
            report(
                "BG118", f"the default {wrong[0]!r} is no code of list {question.list}",
                question.name, "default", f"Its codes are {', '.join(codes) or 'none'}",
            )  # fmt: skip
    elif fault := form_fault(question, value, ()):
        report(
            "BG118", f"the default {value!r} cannot be an answer", question.name, "default",
            fault.message["en"],
        )  # fmt: skip


def _unknown(question: Question, report: Report) -> None:
    """Figures, files and forms know the choice by its code."""
    if question.choices and question.own.get("dont_know", DONT_KNOW) != DONT_KNOW:
        report(
            "BG119", f"{question.own['dont_know']!r} cannot mean \"don't know\" among choices",
            question.name, "barograph::dont_know", f"Give that choice the code {DONT_KNOW}",
        )  # fmt: skip


def _scales(group: Group, report: Report) -> None:
    rows = [c for c in group.children if isinstance(c, Question) and c.type in SELECTS]
    rated = [r for r in rows if group.kind == "battery" or "likert" in r.appearance]
    if len({row.list for row in rated}) > 1:
        report(
            "BG205", f"the rows of {group.name!r} use different scales", rated[0].name, "type",
            "Give all rows of a battery one list",
        )  # fmt: skip


def _condition(
    item: Question | Group,
    groups: tuple[Group, ...],
    graph: Graph,
    order: dict[str, int],
    report: Report,
) -> None:
    expression = graph.expressions["relevant", item.name]
    if expression.is_node:
        report(
            "BG209", "the condition is true whatever is answered", item.name, "relevant",
            f"Write {item.relevant} != '' to ask whether there is an answer",
        )  # fmt: skip
    for name in sorted(expression.needs):
        place = graph.places[name]
        if order[name] > order[item.name] and place.question and place.question.type not in SILENT:
            report(
                "BG208", f"the condition looks ahead to {name!r}, which comes later",
                item.name, "relevant", "Move the question behind it",
            )  # fmt: skip
    _codes(item, graph, report)
    sources = [g.relevant for g in (*groups, item) if g.relevant]
    if _never(sources, graph):
        report(
            "BG202", f"{item.name!r} can never be reached", item.name, "relevant",
            "Its condition and those of its groups contradict each other",
        )  # fmt: skip


def _codes(item: Question | Group, graph: Graph, report: Report) -> None:
    for place, code in _tests(parse(item.relevant), graph):
        choices = place.question.choices if place.question else ()
        if code and code not in {c.code for c in choices}:
            report(
                "BG203", f"{code!r} is no code of {place.name}", item.name, "relevant",
                f"Its codes are {', '.join(c.code for c in choices)}",
            )  # fmt: skip


def _tests(tree: Any, graph: Graph) -> Iterator[tuple[Place, str]]:
    """Each `${select} = 'code'` and selected(${select}, 'code') in an expression."""
    for token in tree.iter():
        if token.symbol in ("=", "selected") and len(token) == 2:
            sides = {side.symbol: side for side in token}
            if set(sides) == {"$", "(string)"}:
                place = graph.places.get(str(sides["$"][0].value))
                if place and place.question and place.question.type in SELECTS:
                    yield place, str(sides["(string)"].value)


def _parts(tree: Any) -> Iterator[Any]:
    """What an `and` joins."""
    while tree.symbol == "(" and len(tree) == 1:
        tree = tree[0]
    if tree.symbol == "and":
        for part in tree:
            yield from _parts(part)
    else:
        yield tree


def _never(sources: list[str], graph: Graph) -> bool:
    """Whether conditions that must all hold cannot: one is false(), or they are at odds on an answer."""
    chosen: dict[str, str] = {}
    low: dict[str, float] = {}
    high: dict[str, float] = {}
    for part in (part for source in sources for part in _parts(parse(source))):
        if part.symbol == "false":
            return True
        if part.symbol in ("=", "selected"):
            for place, code in _tests(part, graph):
                assert place.question is not None
                if code and code not in {c.code for c in place.question.choices}:
                    return True
                if (
                    place.question.type == "select_one"
                    and chosen.setdefault(place.name, code) != code
                ):
                    return True
        elif bound := _bound(part):
            name, above, limit = bound
            if above:
                low[name] = max(low.get(name, limit), limit)
            else:
                high[name] = min(high.get(name, limit), limit)
    return any(low[name] > high[name] for name in low.keys() & high.keys())


def _bound(part: Any) -> tuple[str, bool, float] | None:
    """`${x} > 5` as name, whether from below, and limit; as if with equality, to be cautious."""
    if part.symbol not in ("<", "<=", ">", ">=") or part[0].symbol != "$":
        return None
    if part[1].symbol not in ("(integer)", "(decimal)"):
        return None
    return str(part[0][0].value), part.symbol[0] == ">", float(part[1].value)


def _messages(instrument: Instrument, report: Report) -> None:
    for code, field in (("BG206", "constraint"), ("BG207", "required")):
        bare = [
            q.name
            for q in instrument.questions.values()
            if getattr(q, field) and not getattr(q, f"{field}_message")
        ]
        if bare:
            shown = ", ".join(bare[:5]) + (" ..." if len(bare) > 5 else "")
            report(
                code, f"{len(bare)} questions have {field} without a message of their own: {shown}",
                bare[0], f"{field}_message", "A general message is shown instead",
            )  # fmt: skip


def _lists(instrument: Instrument, report: Report) -> None:
    used = {q.list for q in instrument.questions.values()}
    quoted = " ".join(
        q.calculation + q.relevant + q.constraint + q.choice_filter + q.default
        for q in instrument.questions.values()
    )
    for name, choices in instrument.lists.items():
        if name not in used and f"'{name}'" not in quoted and f'"{name}"' not in quoted:
            report(
                "BG211", f"no question uses the list {name!r}", f"{name}/{choices[0].code}",
                "list_name", "Remove it, or use it",
            )  # fmt: skip
    _dont_know(instrument, report)


def _dont_know(instrument: Instrument, report: Report) -> None:
    """Codes are reused with other words in many lists; that of "don't know" must not be."""
    worded: dict[str, tuple[str, Choice]] = {}
    for question in instrument.questions.values():
        for choice in question.choices:
            if choice.code == question.dont_know:
                first, known = worded.setdefault(choice.code, (question.list, choice))
                if known.label != choice.label:
                    report(
                        "BG204", f"{choice.code!r} is worded otherwise in list {first}",
                        f"{question.list}/{choice.code}", "label", "Use one wording for it",
                    )  # fmt: skip
                    return


def since(before: Instrument, now: Instrument, report: Report) -> None:
    """Reports what an analyst would trip over: codes and questions whose meaning has changed.

    A question is the same that has the same name, or names the old one in `barograph::variable`.
    """
    known = {q.own.get("variable", name): q for name, q in now.questions.items()}
    for old in before.questions.values():
        name = old.own.get("variable", old.name)
        new = known.get(name)
        if new is None:
            if old.type not in SILENT and old.type != "note":
                report("BG217", f"{name!r} of the last wave is gone", "", "name",
                       "Its series ends; keep it if that is not meant")  # fmt: skip
            continue
        if old.type != new.type:
            report("BG216", f"{name!r} was {old.type} in the last wave", new.name, "type",
                   "Give a question that changes its type a new name")  # fmt: skip
        for lang in sorted(set(old.label) & set(new.label)):
            if _words(old.label[lang]) != _words(new.label[lang]):
                report("BG216", f"{name!r} was worded {old.label[lang]!r} in the last wave",
                       new.name, f"label::{lang}", "Give a question that changes its meaning a new name")  # fmt: skip
                break
        _codes_since(old, new, report)


def _codes_since(old: Question, new: Question, report: Report) -> None:
    codes = {choice.code: choice for choice in new.choices}
    for choice in old.choices:
        kept = codes.get(choice.code)
        if kept is None:
            report("BG217", f"code {choice.code!r} of the last wave is gone from {new.name!r}",
                   new.name, "type", "Keep codes for ever; filter one out that is no longer offered")  # fmt: skip
            continue
        for lang in sorted(set(choice.label) & set(kept.label)):
            if _words(choice.label[lang]) != _words(kept.label[lang]):
                report("BG215", f"code {choice.code!r} meant {choice.label[lang]!r} in the last wave",
                       f"{new.list}/{choice.code}", f"label::{lang}",
                       "A changed meaning gets a new code")  # fmt: skip
                break


def _words(text: str) -> list[str]:
    """A text as far as its meaning goes: without case, punctuation and spacing."""
    return re.findall(r"\w+", text.casefold())
