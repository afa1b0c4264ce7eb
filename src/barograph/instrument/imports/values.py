"""The cells of one respondent as answers of the questionnaire."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from barograph.errors import BadInput
from barograph.files import harmless
from barograph.instrument.imports.codebook import Coding
from barograph.instrument.imports.heads import Form, Part
from barograph.instrument.model import DONT_KNOW, Question, Variable
from barograph.instrument.source import shown

_YES = frozenset({"1", "y", "yes", "true"})
_NO = frozenset({"", "0", "n", "no", "false"})
_ZEROS = re.compile(r"([+-]?\d+)\.0+")
_TRAILING = re.compile(r"([+-]?\d*\.\d*?[1-9])0+")
_COMMA = re.compile(r"([+-]?\d+),(\d+)")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[T ]\d\d:.*")


@dataclass
class Gathered:
    """What the columns of one variable say in one row, before it is put together."""

    whole: str | None = None
    chosen: list[str] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)
    ranked: dict[int, str] = field(default_factory=dict)
    dont_know: bool = False


@dataclass(frozen=True)
class Reader:
    """Reads the cells of a row."""

    form: Form
    parts: Mapping[int, Part]
    coding: Mapping[int, Coding]
    questions: Mapping[str, Question]
    comma: bool

    @cached_property
    def variables(self) -> Mapping[str, Variable]:
        """The questions that the columns answer."""
        return {part.variable.name: part.variable for part in self.parts.values()}

    def read(self, cells: Sequence[str]) -> tuple[dict[str, str], list[tuple[int, str]]]:
        """Answers by variable, and what is wrong in which column."""
        gathered: dict[str, Gathered] = {}
        where: dict[str, int] = {}
        wrong: list[tuple[int, str]] = []
        for i, part in self.parts.items():
            of = gathered.setdefault(part.variable.name, Gathered())
            where[part.variable.name] = i
            try:
                self._gather(of, part, cells[i], self.coding.get(i))
                if part.says == "other" and part.twin:
                    text = gathered.setdefault(part.twin.name, Gathered())
                    text.whole = self._plain(part.twin, cells[i])
            except BadInput as problem:
                wrong.append((i, problem.what))
        answers = {}
        for name, of in gathered.items():
            try:
                variable = self.variables.get(name)
                answers[name] = _joined(variable, of) if variable else of.whole or ""
            except BadInput as problem:
                wrong.append((where[name], problem.what))
        return answers, wrong

    def _gather(self, of: Gathered, part: Part, cell: str, coding: Coding | None) -> None:
        if part.says == "answer":
            if coding:
                of.whole = self._plain(part.variable, coding.code(cell), coding)
            else:
                of.whole = self._plain(part.variable, cell)
            return
        value = coding.code(cell.strip()) if coding else cell.strip()
        if value == DONT_KNOW and part.code != DONT_KNOW:
            of.dont_know = True
        elif part.says == "other":
            of.chosen += [part.code] if value else []
        elif part.says == "option":
            if value.lower() not in _YES | _NO:
                raise BadInput(
                    f"'{shown(value)}' says neither that the option is chosen nor that it is not"
                )
            of.chosen += [part.code] if value.lower() in _YES else []
        elif part.says == "place" and value:
            if value in of.places:
                raise BadInput(f"two options stand at place '{shown(value)}'")
            of.places[value] = part.code
        elif part.says == "ranked" and value:
            of.ranked[int(part.code)] = value

    def _plain(self, variable: Variable, cell: str, coding: Coding | None = None) -> str:
        """The cell of a whole answer; formulas are disarmed."""
        question = self.questions[variable.name]
        if variable.kind == "text":
            if cell[:1] == "'" and coding and cell[1:] in coding.missing:
                cell = cell[1:]
            if question.type == "date" and (found := _MOMENT.fullmatch(cell.strip())):
                cell = found[1]
            return harmless(cell)
        text = cell.strip()
        if variable.kind == "number":
            if coding and text == DONT_KNOW:
                return question.dont_know
            if self.comma:
                text = _COMMA.sub(r"\1.\2", text) if _COMMA.fullmatch(text) else text
            for zeros in (_ZEROS, _TRAILING):
                if found := zeros.fullmatch(text):
                    text = found[1]
            return text
        return "other" if self.form == "limesurvey" and text == "-oth-" else text


def _joined(variable: Variable, of: Gathered) -> str:
    """The parts of an answer put together; BadInput when they contradict each other."""
    parts = _ranking(variable, of) if variable.kind == "rank" else _set(variable, of.chosen)
    if of.dont_know:
        if parts:
            raise BadInput(f"don't know stands beside {parts!r}")
        parts = DONT_KNOW
    _check_codes(variable, parts)
    if of.whole is None:
        return parts
    whole = _set(variable, of.whole.split()) if variable.kind == "multiple" else of.whole
    _check_codes(variable, whole)
    if parts and parts != whole:
        raise BadInput(
            f"one column says '{shown(whole)}', the columns of the options say {parts!r}"
        )
    return whole


def _check_codes(variable: Variable, answer: str) -> None:
    """Said before skip logic is asked: an unknown code leads it astray."""
    if variable.kind in ("number", "text"):
        return
    for code in [answer] if variable.kind == "one" else answer.split():
        if code and code not in variable.by_code:
            known = ", ".join(variable.by_code)
            raise BadInput(f"unknown code '{shown(code)}'; known are {known}")


def _set(variable: Variable, codes: Sequence[str]) -> str:
    """Codes in the order of the questionnaire; unknown ones last, for the check to find."""
    order = {code: i for i, code in enumerate(variable.by_code)}
    return " ".join(sorted(codes, key=lambda code: order.get(code, len(order))))


def _ranking(variable: Variable, of: Gathered) -> str:
    places = dict(of.ranked)
    for place, code in of.places.items():
        if not place.isdecimal() or len(place) > 4:
            raise BadInput(f"'{shown(place)}' is no place in a ranking")
        places[int(place)] = code
    if sorted(places) != list(range(1, len(places) + 1)):
        raise BadInput("the places of the ranking leave a gap")
    return " ".join(places[i] for i in sorted(places))
