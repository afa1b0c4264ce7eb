"""Answers as columns of numbers with labels, the kinds of missing kept apart.

A choice keeps its code when all codes of the question are numbers; otherwise choices count from 1
in the order of the questionnaire. Several choices become a column each (1 chosen, 0 not), a ranking
a column for each option (its place).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from barograph.barometer import Labels
from barograph.instrument import DONT_KNOW, Choice, Instrument, Responses, Variable

# Below every code that a questionnaire may use.
MISSING = {"dont_know": -1, "not_asked": -2, "no_answer": -3, "withheld": -4}
Measure = Literal["nominal", "ordinal", "scale"]
Words = Mapping[str, Mapping[str, str]]  # language -> key -> text


@dataclass(frozen=True)
class Category:
    """What a number stands for; `code` is that of the questionnaire."""

    value: int
    code: str
    label: Labels
    missing: bool = False


@dataclass(frozen=True)
class Column:
    """n numbers and what they stand for; `question` is the variable they answer."""

    name: str
    label: Labels
    values: NDArray[np.float64]
    categories: tuple[Category, ...] = ()
    measure: Measure = "nominal"
    question: Variable | None = field(default=None, repr=False)

    def taken(self, rows: NDArray[np.intp]) -> Column:
        """The column of these rows, in this order."""
        return Column(
            self.name, self.label, self.values[rows], self.categories, self.measure, self.question
        )


def columns(responses: Responses, variables: Sequence[Variable], words: Words) -> list[Column]:
    """The columns of choices and rankings, question by question; texts and numbers have none."""
    return [
        column
        for variable in variables
        for column in MAKE.get(variable.kind, _none)(variable, responses, words)
    ]


def kept(
    instrument: Instrument, responses: Responses, withhold: Collection[str]
) -> tuple[list[Variable], list[Variable]]:
    """Questions collected in the wave: those that may be published one by one, and the others.

    Texts may tell anything; an extreme number names its unit.
    """
    asked = [v for v in instrument.variables.values() if v.name in responses.answers]
    public = [
        v
        for v in asked
        if v.kind not in ("text", "number") and not {v.name, v.battery, v.section} & set(withhold)
    ]
    names = {v.name for v in public}
    return public, [v for v in asked if v.name not in names]


def missing(words: Words, *kinds: str) -> tuple[Category, ...]:
    """Categories for kinds of missing."""
    return tuple(
        Category(MISSING[kind], kind, {lang: w[kind] for lang, w in words.items()}, missing=True)
        for kind in kinds
    )


def _one(variable: Variable, responses: Responses, words: Words) -> Iterator[Column]:
    given = [c for c in variable.choices if c.code != DONT_KNOW]
    digits = all(c.code.isdigit() for c in given)
    number = {c.code: int(c.code) if digits else i for i, c in enumerate(given, start=1)}
    dont_know = [
        Category(MISSING["dont_know"], c.code, c.label, True) for c in _dont_knows(variable)
    ]
    yield Column(
        variable.name,
        variable.label,
        _coded(variable, responses, lambda answer: number[answer]),
        (
            *(Category(number[c.code], c.code, c.label) for c in given),
            *dont_know,
            *missing(words, "not_asked", "no_answer"),
        ),
        "ordinal" if digits else "nominal",
        variable,
    )


def _multiple(variable: Variable, responses: Responses, words: Words) -> Iterator[Column]:
    def chosen(code: str) -> Callable[[str], int]:
        return lambda answer: int(code in answer.split())

    yes_no = tuple(
        Category(value, str(value), {lang: w[key] for lang, w in words.items()})
        for value, key in enumerate(("not_chosen", "chosen"))
    )
    for option in variable.choices:
        if option.code != DONT_KNOW:
            values = _coded(variable, responses, chosen(option.code))
            yield _option(variable, option, values, yes_no, "nominal", words)


def _rank(variable: Variable, responses: Responses, words: Words) -> Iterator[Column]:
    def place(code: str) -> Callable[[str], int]:
        def of(answer: str) -> int:
            ranked = answer.split()
            return ranked.index(code) + 1 if code in ranked else MISSING["no_answer"]

        return of

    options = [c for c in variable.choices if c.code != DONT_KNOW]
    places = tuple(
        Category(i, str(i), {lang: w["rank"].format(place=i) for lang, w in words.items()})
        for i in range(1, len(options) + 1)
    )
    for option in options:
        values = _coded(variable, responses, place(option.code))
        yield _option(variable, option, values, places, "ordinal", words)


def _option(
    variable: Variable,
    option: Choice,
    values: NDArray[np.float64],
    categories: tuple[Category, ...],
    measure: Measure,
    words: Words,
) -> Column:
    label = {lang: f"{option.label[lang]} | {variable.label[lang]}" for lang in words}
    kinds = ["dont_know"] if _dont_knows(variable) else []
    ways = missing(words, *kinds, "not_asked", "no_answer")
    name = f"{variable.name}_{option.code}"
    return Column(name, label, values, (*categories, *ways), measure, variable)


def _none(variable: Variable, responses: Responses, words: Words) -> Iterator[Column]:
    return iter(())


MAKE: Mapping[str, Callable[[Variable, Responses, Words], Iterator[Column]]] = {
    "one": _one,
    "multiple": _multiple,
    "rank": _rank,
}


def _dont_knows(variable: Variable) -> list[Choice]:
    return [c for c in variable.choices if c.code == DONT_KNOW]


def _coded(
    variable: Variable, responses: Responses, number: Callable[[str], int]
) -> NDArray[np.float64]:
    answers, asked = responses.answers[variable.name], responses.was_asked[variable.name]
    return np.array(
        [_code(str(a), bool(q), number) for a, q in zip(answers, asked, strict=True)], dtype=float
    )


def _code(answer: str, asked: bool, number: Callable[[str], int]) -> int:
    if not asked:
        return MISSING["not_asked"]
    if not answer:
        return MISSING["no_answer"]
    return MISSING["dont_know"] if DONT_KNOW in answer.split() else number(answer)
