"""Answers as columns with labels, the kinds of missing kept apart.

A choice keeps its code when all codes of the question are numbers; otherwise choices count from 1
in the order of the questionnaire. Several choices become a column each (1 chosen, 0 not), a ranking
a column for each option (its place). Numbers and texts stand as given.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from barograph.errors import BadInput
from barograph.indicators import Labels
from barograph.instrument import DONT_KNOW, Choice, Instrument, Responses, Variable

# Below every code that a questionnaire may use. Not relevant: the questionnaire skipped the question
# because of another answer; not asked: the wave did not have it.
MISSING = {"dont_know": -1, "not_relevant": -2, "no_answer": -3, "withheld": -4, "not_asked": -5}
# The same in a column of numbers, where -1 may be an answer.
BELOW_NUMBERS = -999_999_990
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
    """n numbers or texts and what they stand for; `question` is the variable they answer.

    In a column of texts a kind of missing stands as its number in figures.
    """

    name: str
    label: Labels
    values: NDArray[np.float64] | NDArray[np.str_]
    categories: tuple[Category, ...] = ()
    measure: Measure = "nominal"
    question: Variable | None = field(default=None, repr=False)

    @property
    def is_text(self) -> bool:
        """Whether it holds texts."""
        return self.values.dtype.kind == "U"

    def taken(self, rows: NDArray[np.intp]) -> Column:
        """The column of these rows, in this order."""
        return replace(self, values=self.values[rows])


def columns(responses: Responses, variables: Sequence[Variable], words: Words) -> list[Column]:
    """The columns of these questions, in their order; a question the wave did not have is missing."""
    return [
        column
        for variable in variables
        for column in MAKE[variable.kind](variable, responses, words)
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


def check_names(columns: Sequence[Column]) -> None:
    """BadInput for a name that a file of answers cannot hold: one too long, or taken (SPSS rules)."""
    names = [c.name.lower() for c in columns]
    for name in names:
        if names.count(name) > 1 or len(name.encode()) > 64:
            raise BadInput(f"{name!r} cannot name a column of a file of answers: taken or too long")


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
            *_without(variable, responses, words),
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
    dont_know = missing(words, "dont_know") if _dont_knows(variable) else ()
    for option in variable.choices:
        if option.code != DONT_KNOW:
            values = _coded(variable, responses, chosen(option.code))
            ways = (*yes_no, *dont_know, *_without(variable, responses, words))
            yield _option(variable, option, values, ways, "nominal")


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
    if _dont_knows(variable):
        places += missing(words, "dont_know")
    for option in options:
        values = _coded(variable, responses, place(option.code))
        ways = (*places, *_without(variable, responses, words))
        yield _option(variable, option, values, ways, "ordinal")


def _option(
    variable: Variable,
    option: Choice,
    values: NDArray[np.float64],
    categories: tuple[Category, ...],
    measure: Measure,
) -> Column:
    label = {lang: f"{text} | {variable.label[lang]}" for lang, text in option.label.items()}
    name = f"{variable.name}_{option.code}"
    return Column(name, label, values, categories, measure, variable)


def _number(variable: Variable, responses: Responses, words: Words) -> Iterator[Column]:
    given, way = _given(variable, responses)
    unknown = np.array(given) == DONT_KNOW
    way = np.where(unknown, MISSING["dont_know"], way)
    numbers = np.array([0.0 if w else float(a) for a, w in zip(given, way, strict=True)])
    values = np.where(way, BELOW_NUMBERS + way, numbers)
    ways = (
        *(missing(words, "dont_know") if unknown.any() else ()),
        *_without(variable, responses, words),
    )
    kinds = [replace(c, value=BELOW_NUMBERS + c.value) for c in ways]
    yield Column(variable.name, variable.label, values, tuple(kinds), "scale", variable)


def _text(variable: Variable, responses: Responses, words: Words) -> Iterator[Column]:
    given, way = _given(variable, responses)
    kinds = _without(variable, responses, words)
    # A text that reads like a kind of missing gets an apostrophe, as one that reads like a formula.
    taken = {str(kind.value) for kind in kinds}
    texts = [str(w) if w else f"'{a}" if a in taken else a for a, w in zip(given, way, strict=True)]
    values = np.array(texts, dtype=np.str_)
    yield Column(variable.name, variable.label, values, kinds, "nominal", variable)


MAKE: Mapping[str, Callable[[Variable, Responses, Words], Iterator[Column]]] = {
    "one": _one,
    "multiple": _multiple,
    "rank": _rank,
    "number": _number,
    "text": _text,
}


def _dont_knows(variable: Variable) -> list[Choice]:
    return [c for c in variable.choices if c.code == DONT_KNOW]


def _without(variable: Variable, responses: Responses, words: Words) -> tuple[Category, ...]:
    """The ways of having no answer to a question."""
    collected = variable.name in responses.answers
    return missing(words, *(("not_relevant", "no_answer") if collected else ("not_asked",)))


def _given(variable: Variable, responses: Responses) -> tuple[list[str], NDArray[np.int64]]:
    """The n answers, and for each 0 or the kind of missing."""
    if variable.name not in responses.answers:
        return [""] * len(responses), np.full(len(responses), MISSING["not_asked"])
    given = responses.answers[variable.name].tolist()
    empty = np.array([not a for a in given], dtype=bool)
    way = np.where(empty, MISSING["no_answer"], 0)
    return given, np.where(responses.was_asked[variable.name], way, MISSING["not_relevant"])


def _coded(
    variable: Variable, responses: Responses, number: Callable[[str], int]
) -> NDArray[np.float64]:
    given, way = _given(variable, responses)
    # Each distinct answer is read once, however many gave it.
    of = {a: _code(a, number) for a in set(given)}
    return np.where(way, way, np.array([of[a] for a in given], dtype=float)).astype(float)


def _code(answer: str, number: Callable[[str], int]) -> int:
    if not answer:
        return 0
    return MISSING["dont_know"] if DONT_KNOW in answer.split() else number(answer)
