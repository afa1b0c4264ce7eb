"""elementpath's syntax tree to closures over the answers: nothing is looked up while they run."""

from __future__ import annotations

import logging
import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from barograph.errors import BadInput
from barograph.instrument.expression import values as v
from barograph.instrument.expression.calls import Calls
from barograph.instrument.expression.code import (
    Code,
    Context,
    Run,
    constant,
    dont_know,
    is_nan,
    number,
    numbers,
    plain,
    several,
    text,
    truth,
)
from barograph.instrument.expression.functions import ARITIES
from barograph.instrument.expression.grammar import parse
from barograph.instrument.expression.paths import Surroundings, record
from barograph.instrument.expression.places import Answers, Element, Index, Place
from barograph.instrument.model import Choice

DEPTH = 150  # of the syntax tree
PARTS = 3_000  # of the syntax tree
LITERALS = frozenset({"(string)", "(integer)", "(decimal)", "(float)"})
PATHS = frozenset({"$", ".", "..", "/", "[", "(name)", "*", "child", "parent", "self", "|"})
Compare = Callable[[Any, Any], bool]
COMPARE: dict[str, Compare] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Expression:
    """An expression of one question; `needs` are the names it reads, itself aside.

    Whatever was answered, it has a value: where it goes beyond a limit or reads as a pattern what is
    none, that of an expression which says nothing. An answer that is stored can always be shown.
    """

    source: str
    needs: frozenset[str]
    is_node: bool
    plain: Run
    numeric: Run
    truth: Run

    def text(self, answers: Answers, index: Index) -> str:
        """Its value as an answer holds it; what is no number is no answer."""
        value = self._value(self.plain, answers, Context(index), "")
        return "" if is_nan(value) else v.string(value)

    def holds(self, answers: Answers, index: Index, *, failing: bool = False) -> bool:
        """Whether it is true; `failing` when it cannot be told."""
        return bool(self._value(self.truth, answers, Context(index), failing))

    def number(self, answers: Answers, index: Index) -> float:
        """Its value as number."""
        return float(self._value(self.numeric, answers, Context(index), math.nan))

    def choices(
        self, answers: Answers, index: Index, choices: tuple[Choice, ...]
    ) -> tuple[Choice, ...]:
        """The choices for which it holds: plain names in it are columns of the choices."""
        size = len(choices)
        return tuple(
            choice
            for i, choice in enumerate(choices, start=1)
            if self._value(
                self._offers,
                answers,
                Context(index, Element(record=record(choice)), i, size),
                True,
            )
        )

    def _offers(self, answers: Answers, context: Context) -> Any:
        answers.spend(1)
        return self.truth(answers, context)

    def _value(self, run: Run, answers: Answers, context: Context, failing: Any) -> Any:
        try:
            return run(answers, context)
        except BadInput:
            return failing
        except Exception:  # a fault of ours, for the log to tell: it must not lock a respondent out
            LOG.exception("%r", self.source)
            return failing


def compile(
    source: str, around: Surroundings, origin: Place, *, filters: bool = False
) -> Expression:
    """An expression as asked at `origin`; BadInput says what is wrong with it.

    `filters`: it is a choice_filter, whose plain names are columns of the choices.
    """
    tree = parse(source)
    work = _Work(around, origin, filters=filters)
    code = work.compile(tree, 0)
    is_node = code.kind in ("node", "nodes")
    return Expression(
        source, frozenset(work.needs), is_node, plain(code), number(code), truth(code)
    )


class _Work(Calls):
    """One expression being compiled: operators, and who handles the rest."""

    parts = 0

    def compile(self, token: Any, depth: int) -> Code:
        self.parts += 1
        if depth > DEPTH or self.parts > PARTS:
            raise BadInput(f"the expression has over {PARTS} parts, or is nested over {DEPTH} deep")
        symbol, depth = token.symbol, depth + 1
        if symbol in LITERALS:
            return constant(token.value)
        if symbol == "(" and len(token) == 1:
            return self.compile(token[0], depth)
        if symbol in ("and", "or"):
            return self._logical(token, depth)
        if symbol in COMPARE:
            left, right = (self.compile(t, depth) for t in token)
            return _comparison(symbol, left, right)
        if symbol in ARITHMETIC and len(token) == 2:
            return self._arithmetic(token, depth)
        if symbol in ("+", "-"):
            x = number(self.compile(token[0], depth))
            return Code("number", (lambda a, c: -x(a, c)) if symbol == "-" else x)
        if symbol in PATHS:
            return self.path(token, depth)
        if symbol in ARITIES:
            return self.call(symbol, list(token), depth)
        raise BadInput(f"{str(token.value or symbol)!r} is not part of the profile")

    def _operands(self, token: Any, depth: int) -> list[Code]:
        """Of a chain such as `a or b or c`, whose tree leans left: that is no depth."""
        symbol, rest = token.symbol, []
        while token.symbol == symbol and len(token) == 2:
            rest.append(token[1])
            token = token[0]
        return [self.compile(t, depth) for t in (token, *reversed(rest))]

    def _logical(self, token: Any, depth: int) -> Code:
        runs = [truth(code) for code in self._operands(token, depth)]
        if token.symbol == "and":
            return Code("truth", lambda a, c: all(run(a, c) for run in runs))
        return Code("truth", lambda a, c: any(run(a, c) for run in runs))

    def _arithmetic(self, token: Any, depth: int) -> Code:
        op = ARITHMETIC[token.symbol]
        first, *rest = (number(code) for code in self._operands(token, depth))
        if len(rest) == 1:
            second = rest[0]
            return Code("number", lambda a, c: op(first(a, c), second(a, c)))

        def run(a: Answers, c: Context) -> float:
            total: float = first(a, c)
            for operand in rest:
                total = op(total, operand(a, c))
            return total

        return Code("number", run)


def _comparison(symbol: str, left: Code, right: Code) -> Code:
    op, kinds = COMPARE[symbol], {left.kind, right.kind}
    equality = symbol in ("=", "!=")
    if "nodes" in kinds and "truth" not in kinds:
        return _any_pair(
            op if not equality else lambda x, y: _equal(op, x, y), equality, left, right
        )
    read = truth if "truth" in kinds else number if "number" in kinds else text
    if not equality:
        read = number
    elif "truth" not in kinds and ("any" in kinds or dont_know(left) or dont_know(right)):
        x, y = plain(left), plain(right)
        return Code("truth", lambda a, c: _equal(op, x(a, c), y(a, c)))
    x, y = read(left), read(right)
    return Code("truth", lambda a, c: op(x(a, c), y(a, c)))


def _any_pair(op: Compare, equality: bool, left: Code, right: Code) -> Code:
    """Nodes compare true when any pair does."""
    read = several if equality else numbers
    xs, ys = read(left), read(right)

    def run(a: Answers, c: Context) -> bool:
        first, second = xs(a, c), ys(a, c)
        a.spend(len(first) * len(second))
        return any(op(x, y) for x in first for y in second)

    return Code("truth", run)


def _equal(op: Compare, x: Any, y: Any) -> bool:
    """= and != of two values whose kinds show only now."""
    if isinstance(x, bool) or isinstance(y, bool):
        return op(v.boolean(x), v.boolean(y))
    if isinstance(x, float) or isinstance(y, float):
        return op(v.number(x), v.number(y))
    return op(x, y)


def _quotient(x: float, y: float) -> float:
    if y:
        return x / y
    if not x or math.isnan(x):
        return math.nan
    return math.inf if (x > 0) == (math.copysign(1, y) > 0) else -math.inf


def _remainder(x: float, y: float) -> float:
    return math.fmod(x, y) if y and math.isfinite(x) and not math.isnan(y) else math.nan


# Moments become plain numbers: days since 1970.
ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": lambda x, y: float(x) + float(y),
    "-": lambda x, y: float(x) - float(y),
    "*": lambda x, y: float(x) * float(y),
    "div": lambda x, y: _quotient(float(x), float(y)),
    "mod": lambda x, y: _remainder(float(x), float(y)),
}
