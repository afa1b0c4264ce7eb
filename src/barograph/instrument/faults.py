"""What is wrong with one answer, in the order in which one would say it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal

from barograph.files import read_toml
from barograph.instrument.model import SELECTS, Choice, Labels, Question
from barograph.language import decimal

_WHOLE = re.compile(r"[+-]?\d{1,15}")
_DECIMAL = re.compile(r"[+-]?(\d{1,15}(\.\d*)?|\.\d+)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class Fault:
    """Why an answer cannot stand: its kind, and a message in every language."""

    kind: Literal["type", "constraint", "required", "choice"]
    message: Labels


@lru_cache(maxsize=1)
def _messages() -> Mapping[str, Labels]:
    return read_toml(Path(__file__).with_name("messages.toml"))


def message(name: str, **values: str) -> Labels:
    """One of our own messages in every language; values that are numbers have a point."""
    return {
        lang: text.format(**{key: decimal(value, lang) for key, value in values.items()})
        for lang, text in _messages()[name].items()
    }


def form_fault(question: Question, value: str, choices: tuple[Choice, ...]) -> Fault | None:
    """What is wrong with an answer by itself: its type, its range, its codes."""
    if question.type in SELECTS:
        return _choice_fault(question, value.split(), choices)
    if value in ("", question.dont_know):
        return None
    if question.type == "integer" and not _WHOLE.fullmatch(value):
        return Fault("type", message("integer"))
    if question.type in ("decimal", "range") and not _DECIMAL.fullmatch(value):
        return Fault("type", message("decimal"))
    if question.type == "date" and not _is_day(value):
        return Fault("type", message("date"))
    return _range_fault(question, float(value)) if question.type == "range" else None


def _choice_fault(
    question: Question, codes: list[str], choices: tuple[Choice, ...]
) -> Fault | None:
    offered = {choice.code for choice in choices} | {question.dont_know}
    if any(code not in offered for code in codes):
        return Fault("choice", message("choice"))
    if question.type == "select_one" and len(codes) > 1:
        return Fault("choice", message("one"))
    if len(set(codes)) < len(codes):
        return Fault("choice", message("twice"))
    return None


def _range_fault(question: Question, value: float) -> Fault | None:
    start, end, step = range_of(question)
    steps = (value - start) / step
    if not min(start, end) <= value <= max(start, end):
        return Fault("constraint", message("range", start=f"{start:g}", end=f"{end:g}"))
    if not math.isclose(steps, round(steps), abs_tol=1e-9):
        return Fault("constraint", message("step", start=f"{start:g}", step=f"{step:g}"))
    return None


def range_of(question: Question) -> tuple[float, float, float]:
    """Start, end and step of a range; 1 to 10 by 1 where nothing is said, as XLSForm has it."""
    given = question.parameters
    start, end, step = (float(given.get(k, d)) for k, d in RANGE.items())
    return start, end, abs(step)


RANGE = {"start": "1", "end": "10", "step": "1"}


def _is_day(text: str) -> bool:
    if not _DAY.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
