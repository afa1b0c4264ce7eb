"""A compiled part of an expression, and how it reads as text, number, truth or several texts."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from barograph.instrument.expression import values as v
from barograph.instrument.expression.places import Answers, Element, Index, Node, Place, text_of

Is = Literal["text", "number", "truth", "any", "node", "nodes"]


@dataclass(slots=True)
class Context:
    """Where an expression is evaluated: the instance of its question, and the node of a predicate."""

    index: Index
    node: Node | Element | None = None
    position: int = 1
    size: int = 1


Run = Callable[[Answers, Context], Any]


@dataclass(frozen=True)
class Code:
    """A compiled part. What it is (text, number, ...) is known before it runs, if not "any".

    One "node" runs to its text, and its `nodes` to itself in a list; "nodes" run to a list.
    `at` is the place where its nodes stand; None of a table's.
    """

    kind: Is
    run: Run
    at: Place | None = None
    nodes: Run | None = None
    constant: str | None = None


def constant(value: Any) -> Code:
    """A literal."""
    if isinstance(value, str):
        return Code("text", lambda a, c: value, constant=value)
    number = float(value)
    return Code("number", lambda a, c: number)


def plain(code: Code) -> Run:
    """As one value: of nodes, the text of the first."""
    run = code.run
    if code.kind == "nodes":
        return lambda a, c: text_of(nodes[0], a) if (nodes := run(a, c)) else ""
    return run


def text(code: Code) -> Run:
    """As text."""
    run = plain(code)
    if code.kind in ("text", "node", "nodes"):
        return run
    return lambda a, c: v.string(run(a, c))


def number(code: Code) -> Run:
    """As number."""
    run = plain(code)
    if code.kind == "number":
        return run
    if unknown := dont_know(code):
        return lambda a, c: math.nan if (value := run(a, c)) == unknown else v.number(value)
    return lambda a, c: v.number(run(a, c))


def dont_know(code: Code) -> str:
    """The answer that means "don't know" where it looks like a number, such as 99: it is none."""
    question = code.at.question if code.at and code.kind in ("node", "nodes") else None
    unknown = question.dont_know if question else ""
    return "" if is_nan(v.number(unknown)) else unknown


def truth(code: Code) -> Run:
    """As truth; nodes are true when there is one, whatever it holds (XPath 1.0)."""
    run = code.run
    if code.kind == "truth":
        return run
    if code.kind == "node":
        return lambda a, c: True
    if code.kind == "nodes":
        return lambda a, c: bool(run(a, c))
    return lambda a, c: v.boolean(run(a, c))


def several(code: Code) -> Run:
    """As a list: the text of each node, or the one value."""
    run = code.run
    if code.kind == "nodes":
        return lambda a, c: [text_of(node, a) for node in run(a, c)]
    return lambda a, c: [run(a, c)]


def numbers(code: Code) -> Run:
    """As a list of numbers."""
    run, unknown = several(code), dont_know(code)
    if unknown:
        return lambda a, c: [math.nan if x == unknown else v.number(x) for x in run(a, c)]
    return lambda a, c: [v.number(x) for x in run(a, c)]


def chained(runs: Iterable[Run]) -> Run:
    """The lists of several parts, one after the other."""
    parts = tuple(runs)
    return lambda a, c: [item for run in parts for item in run(a, c)]


def is_nan(value: Any) -> bool:
    """Whether a value is no number at all."""
    return isinstance(value, float) and math.isnan(value)
