"""The control of each type of question: which one, its options, and its answer as shown."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from barograph.collect.forms.fields import Control, Option
from barograph.instrument import Choice, Question
from barograph.instrument.faults import message
from barograph.language import decimal, spaced
from barograph.publish.questionnaire.steps import SHORT, steps

LONG_LIST = 15  # more choices than this are a list to open
PLACE = "-"  # a place of a ranking that was left out; no code is called so
DATE_PARTS = ("day", "month", "year")
INPUTMODE = {"integer": "numeric", "decimal": "decimal", "range": "decimal"}
LAST = ("other", "none")  # with "don't know" the end of a list in random order
ALONE = re.compile(r"count-selected\(\s*\.\s*\)\s*>\s*1\b")
SELECTED = re.compile(r"selected\(\s*\.\s*,\s*['\"]([^'\"]+)['\"]\s*\)")


def control(question: Question, count: int) -> Control:
    """The control of a question of `count` choices."""
    match question.type:
        case "select_one":
            listed = count > LONG_LIST or {"minimal", "autocomplete"} & set(question.appearance)
            return "select" if listed else "radios"
        case "select_multiple":
            return "checkboxes"
        case "range":
            return "radios" if len(steps(question)) <= SHORT else "number"
        case "integer" | "decimal":
            return "number"
        case "text":
            return "multiline" if "multiline" in question.appearance else "text"
        case "date" | "rank" | "note" | "file":
            return question.type
        case _:
            raise AssertionError(question.type)


def ordered(question: Question, choices: Sequence[Choice], seed: str) -> Sequence[Choice]:
    """The choices as the author lists them or, where he asks for it, in the order of this respondent."""
    if question.parameters.get("randomize") != "true" or not seed:
        return choices
    last = {*LAST, question.dont_know, *alone(question)}
    free = [choice for choice in choices if choice.code not in last]
    random.Random(f"{seed} {question.parameters.get('seed', question.name)}").shuffle(free)
    return [*free, *(choice for choice in choices if choice.code in last)]


@lru_cache(maxsize=4096)
def _alone(constraint: str) -> frozenset[str]:
    return frozenset(SELECTED.findall(constraint)) if ALONE.search(constraint) else frozenset()


def alone(question: Question) -> frozenset[str]:
    """Codes that exclude all others: "don't know", and what the constraint lets stand alone only."""
    known = {question.dont_know} - {""}
    return _alone(question.constraint) | known


def options(
    question: Question, choices: Sequence[Choice], value: str, lang: str
) -> tuple[Option, ...]:
    """What can be chosen, with what was; beside a number or text its author's "don't know"."""
    if question.type == "range" and len(steps(question)) <= SHORT:
        scale = tuple(Option(s, decimal(s, lang), s == value) for s in steps(question))
        return (*scale, *unknown(question, value, lang))
    if not question.choices:
        return unknown(question, value, lang)
    chosen = {value} if question.type == "select_one" else set(value.split())
    lonely = alone(question)
    return tuple(
        Option(c.code, spaced(c.label.get(lang, c.code), lang), c.code in chosen, c.code in lonely)
        for c in choices
    )


def unknown(question: Question, value: str, lang: str) -> tuple[Option, ...]:
    """ "Don't know" of a question without choices, where its author allows it."""
    code = question.dont_know
    return (Option(code, message("dont_know")[lang], code == value, alone=True),) if code else ()


def parts(
    question: Question, value: str, count: int, words: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    """The controls of a date (name, value) and of a ranking (caption, value)."""
    if question.type == "date":
        value = "" if value == question.dont_know else value
        year, month, day = (*value.split("-", 2), "", "")[:3]
        given = {"day": day, "month": month, "year": year}
        return tuple(
            (name, given[name].lstrip("0") or given[name]) for name in asked_of_date(question)
        )
    if question.type == "rank":
        placed = [("" if code == PLACE else code) for code in value.split()]
        placed += [""] * (count - len(placed))
        return tuple((words["place"].format(n=n), code) for n, code in enumerate(placed, 1))
    return ()


def asked_of_date(question: Question) -> tuple[str, ...]:
    """Day, month and year, or as the appearance says fewer."""
    if "year" in question.appearance:
        return DATE_PARTS[2:]
    return DATE_PARTS[1:] if "month-year" in question.appearance else DATE_PARTS


def shown(question: Question, value: str, lang: str) -> str:
    """The answer as it stands in the control: numbers with the comma of the language."""
    if not question.choices and value == question.dont_know:
        return ""
    return decimal(value, lang) if question.type in INPUTMODE else value
