"""When a question is asked, in words: the XPath of the form read as a sentence about other answers.

Understood are comparisons of an answer with a code, a number, a day or nothing; selected(),
count-selected(), not(), and, or. A condition beyond that is told as one that the form computes.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from barograph.errors import BadInput
from barograph.instrument import Instrument, Question
from barograph.instrument.expression.grammar import parse
from barograph.language import date, decimal
from barograph.publish import texts

WORDS = Path(__file__).with_name("words.toml")
COMPARED = {"=": "is", "!=": "not", ">": "more", "<": "less", ">=": "least", "<=": "most"}
TURNED = {"=": "=", "!=": "!=", ">": "<", "<": ">", ">=": "<=", "<=": ">="}
OPPOSITE = {
    "is": "not", "chosen": "unchosen", "answered": "unanswered", "count_is": "count_not",
    "more": "not_more", "less": "not_less", "least": "not_least", "most": "not_most",
    "count_more": "count_most", "count_less": "count_least",
}  # fmt: skip
OPPOSITE |= {opposite: word for word, opposite in OPPOSITE.items()}
TOGETHER = {"is": "or", "chosen": "or", "not": "and", "unchosen": "and"}
NEITHER = {"not": "neither", "unchosen": "neither_chosen"}


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    return texts.load(WORDS)


class Unsaid(Exception):
    """A condition that these words cannot say."""


@dataclass(frozen=True)
class Statement:
    """What must be true of one answer: how it compares (a key of words.toml), with which values."""

    question: str
    how: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Joined:
    """Statements that must all hold ("and"), or of which one must ("or")."""

    by: str
    parts: tuple[Statement | Joined, ...]


Node = Statement | Joined


@dataclass(frozen=True)
class Wording:
    """What a sentence needs: the labels of the questionnaire, the printed numbers, the language."""

    instrument: Instrument
    numbers: Mapping[str, str]
    lang: str

    @property
    def words(self) -> Mapping[str, str]:
        """words.toml in this language."""
        return _words()[self.lang]


def rule(condition: str, wording: Wording) -> str:
    """ "Only if ..." of a condition, or that the form computes it; "" for none."""
    if not condition:
        return ""
    try:
        return wording.words["only_if"].format(clause=clause(condition, wording))
    except (Unsaid, BadInput):
        return wording.words["unsaid"].format(expression=condition)


def clause(condition: str, wording: Wording) -> str:
    """The condition as a clause after "if"; Unsaid when these words cannot say it."""
    said = Said(wording)
    return said.node(_read(parse(condition), True, said))


def _read(token: Any, holds: bool, said: Said) -> Node:
    """The tree of statements; "not" is carried down to them."""
    symbol = token.symbol
    if symbol == "(" and len(token) == 1:
        return _read(token[0], holds, said)
    if symbol == "not" and len(token) == 1:
        return _read(token[0], not holds, said)
    if symbol in ("and", "or"):
        by = symbol if holds else {"and": "or", "or": "and"}[symbol]
        parts = tuple(_read(part, holds, said) for part in token)
        return Joined(by, tuple(_flat(parts, by)))
    statement = _statement(token, said)
    how = statement.how if holds else OPPOSITE[statement.how]
    return Statement(statement.question, how, statement.values)


def _flat(parts: Sequence[Node], by: str) -> Iterator[Node]:
    for part in parts:
        if isinstance(part, Joined) and part.by == by:
            yield from part.parts
        else:
            yield part


def _statement(token: Any, said: Said) -> Statement:
    if token.symbol == "selected":
        name, value = _reference(token[0]), _literal(token[1])
        question = said.question(name)
        how = "chosen" if question.type in ("select_multiple", "rank") else "is"
        return Statement(name, how, (said.value(question, value),))
    if token.symbol not in COMPARED:
        raise Unsaid
    left, right, symbol = token[0], token[1], token.symbol
    if left.symbol not in ("$", "count-selected"):
        left, right, symbol = right, left, TURNED[symbol]
    how = COMPARED[symbol]
    if left.symbol == "count-selected":
        return Statement(_reference(left[0]), f"count_{how}", (_literal(right),))
    name = _reference(left)
    question = said.question(name)
    value = _literal(right)
    if value == "":
        if how not in ("is", "not"):
            raise Unsaid
        return Statement(name, "unanswered" if how == "is" else "answered")
    return Statement(name, how, (said.value(question, value),))


def _reference(token: Any) -> str:
    if token.symbol != "$":
        raise Unsaid
    return str(token[0].value)


def _literal(token: Any) -> str:
    if token.symbol == "-" and len(token) == 1:
        return f"-{_literal(token[0])}"
    if token.symbol not in ("(string)", "(integer)", "(decimal)", "(float)"):
        raise Unsaid
    return str(token.value)


@dataclass(frozen=True)
class Said:
    """A tree of statements as a clause."""

    wording: Wording

    def node(self, node: Node) -> str:
        """The clause; "and" within "or" (or the reverse) is set off, deeper is Unsaid."""
        if isinstance(node, Statement):
            return self.statement(node.question, node.how, node.values)
        mixed = any(isinstance(part, Joined) for part in node.parts)
        clauses = []
        for part in node.parts:
            if isinstance(part, Joined):
                if any(isinstance(inner, Joined) for inner in part.parts):
                    raise Unsaid
                clauses.append(self.joined(part))
        flat = tuple(part for part in node.parts if isinstance(part, Statement))
        if flat:
            clauses.insert(0, self.joined(Joined(node.by, flat)))
        return self.wording.words[f"wide_{node.by}" if mixed else f"join_{node.by}"].join(clauses)

    def joined(self, node: Joined) -> str:
        """Statements side by side; those on one question are taken together: "A" or "B"."""
        clauses = []
        statements = [part for part in node.parts if isinstance(part, Statement)]
        for (question, how), alike in groupby(statements, lambda s: (s.question, s.how)):
            listed = list(alike)
            if TOGETHER.get(how) == node.by:
                values = tuple(value for s in listed for value in s.values)
                clauses.append(self.statement(question, how, values))
            else:
                clauses += [self.statement(question, how, s.values) for s in listed]
        return self.wording.words[f"join_{node.by}"].join(clauses)

    def statement(self, name: str, how: str, values: tuple[str, ...]) -> str:
        """One clause."""
        words = self.wording.words
        several = len(values) > 1
        key = NEITHER[how] if several and how in NEITHER else how
        return words[key].format(
            question=words["question"].format(n=self.number(name)),
            values=listed(values, words["nor" if key != how else "or"], nor=key != how),
        )

    def question(self, name: str) -> Question:
        """The question of that name."""
        found = self.wording.instrument.questions.get(name)
        if found is None:
            raise Unsaid
        return found

    def number(self, name: str) -> str:
        """Its number on paper; what is computed has none."""
        if name not in self.wording.numbers:
            raise Unsaid
        return self.wording.numbers[name]

    def value(self, question: Question, value: str) -> str:
        """A value as it stands on paper: the label of a code, a day, a number."""
        lang = self.wording.lang
        for choice in question.choices:
            if choice.code == value:
                return self.wording.words["quoted"].format(text=choice.label.get(lang, value))
        if question.choices:
            raise Unsaid
        if question.type == "date":
            return _day(value, lang)
        if question.type in ("integer", "decimal", "range"):
            return decimal(value, lang)
        return self.wording.words["quoted"].format(text=value)


def listed(values: Sequence[str], last: str, *, nor: bool = False) -> str:
    """ "A", "B" or "C"; with `nor` the word stands between all."""
    if nor or len(values) < 2:
        return last.join(values)
    return ", ".join(values[:-1]) + last + values[-1]


def _day(value: str, lang: str) -> str:
    try:
        return date(datetime.date.fromisoformat(value), lang)
    except ValueError:
        raise Unsaid from None
