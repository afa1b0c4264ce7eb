"""Model matrices of R formulas."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from r_data import Data, evaluate, indicators
from r_syntax import Call, Node, Number, OutOfScope, deparse


@dataclass(frozen=True)
class ModelMatrix:
    """Columns of a model, their names, and the term each belongs to (-1: the intercept)."""

    names: list[str]
    x: np.ndarray
    term_of: list[int]
    labels: list[frozenset[str]]


def model_matrix(formula: Node, data: Data) -> ModelMatrix:
    """As `model.matrix` makes it: treatment contrasts where the margin is in the model."""
    intercept, found = True, dict[frozenset[str], list[Node]]()
    for term in _signed(formula):
        if term in ("+0", "-1"):
            intercept = False
        elif not isinstance(term, str):
            for factors in _crossed(term):
                found.setdefault(frozenset(map(deparse, factors)), factors)
    ordered = sorted(found.items(), key=lambda item: len(item[0]))
    n = len(next(iter(data.values())).values)
    names, columns, owner = (
        ["(Intercept)"] * intercept,
        [np.ones((n, 1))] * intercept,
        [-1] * intercept,
    )
    for index, (key, factors) in enumerate(ordered):
        part, labels = np.ones((n, 1)), [""]
        for node in factors:
            rest = key - {deparse(node)}
            full = not (rest in found or (not rest and intercept))
            own, x = indicators(node, data)
            skip = 0 if full or evaluate(node, data).levels is None else 1
            labels = [f"{a}:{b}".strip(":") for b in own[skip:] for a in labels]
            part = np.concatenate([part * x[:, [j]] for j in range(skip, x.shape[1])], axis=1)
        names += labels
        columns.append(part)
        owner += [index] * part.shape[1]
        if len(key) == 1 and evaluate(factors[0], data).levels is not None:
            intercept = True  # without one, the first factor has all its levels and stands in
    return ModelMatrix(names, np.concatenate(columns, axis=1), owner, [key for key, _ in ordered])


def _signed(formula: Node) -> list[Node | str]:
    """Terms of a formula, with "+0" or "-1" for a model without intercept."""
    right = formula.args[-1][1] if isinstance(formula, Call) and formula.name == "~" else formula
    if isinstance(right, Call) and right.name in "+-" and len(right.args) == 2:
        last = right.args[1][1]
        if right.name == "-" and last != Number(1.0):
            raise OutOfScope("terms taken from a formula")
        if right.name == "-":
            return [*_signed(right.args[0][1]), "-1"]
        return [*_signed(right.args[0][1]), *_signed(last)]
    if isinstance(right, Number):
        return ["+0"] if right.value == 0 else ["+1"]
    return [right]


def _crossed(term: Node) -> list[list[Node]]:
    """Terms that a*b, a:b, (a + b) and (a + b)^2 stand for."""
    if isinstance(term, Call) and term.name == "(":
        return _crossed(term.plain[0])
    if not (isinstance(term, Call) and term.name in ("*", ":", "+", "^") and len(term.args) == 2):
        return [[term]]
    if term.name == "^":
        return _power(term)
    left, right = (_crossed(arg) for _, arg in term.args)
    both = [] if term.name == "+" else [a + b for a in left for b in right]
    return both if term.name == ":" else [*left, *right, *both]


def _power(term: Call) -> list[list[Node]]:
    """All products of up to that many of the terms, each factor once."""
    base, power = term.plain
    if not isinstance(power, Number):
        raise OutOfScope("a power in a formula")
    single = found = _crossed(base)
    for _ in range(int(power.value) - 1):
        longer = [[*a, *(f for f in b if f not in a)] for a in found for b in single]
        unique: dict[frozenset[str], list[Node]] = {}
        for factors in [*found, *longer]:
            unique.setdefault(frozenset(map(deparse, factors)), factors)
        found = list(unique.values())
    return found
