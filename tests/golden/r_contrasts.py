"""svycontrast: linear combinations and functions of figures, by the delta method."""

from __future__ import annotations

from typing import Any

import numpy as np
from r_arguments import constant
from r_designs import Made, Replicated
from r_domains import By
from r_models import Model
from r_statistics import Stat
from r_syntax import Call, Name, Node, Number, OutOfScope

Dual = tuple[float, np.ndarray]  # a value and its derivatives


def svycontrast(stat: Any, contrasts: Node) -> Stat:
    """Of a statistic, a table by domains or a regression."""
    if isinstance(stat, Model) and isinstance(stat.stat.design, Replicated):
        raise OutOfScope("contrasts of a regression with replicates, where R fails")
    stat = stat.stat() if isinstance(stat, By) else stat.stat if isinstance(stat, Model) else stat
    if not isinstance(stat, Stat):
        raise OutOfScope("contrasts of this statistic")
    several = isinstance(contrasts, Call) and contrasts.name == "list"
    parts = (
        contrasts.args if several and isinstance(contrasts, Call) else (("contrast", contrasts),)
    )
    names = [name for name, _ in parts]
    rows = [_row(stat, node) for _, node in parts]
    unnamed = [isinstance(node, Call) and node.name == "c" and not node.named for _, node in parts]
    if any(unnamed) and not all(unnamed):
        raise OutOfScope("contrasts with and without names")
    values, gradient = np.array([v for v, _ in rows]), np.stack([g for _, g in rows])
    covariance = gradient @ stat.made.covariance @ gradient.T
    return Stat(names, Made(values, covariance), stat.design)


def _row(stat: Stat, node: Node) -> Dual:
    """Value and derivatives of one contrast."""
    values = stat.made.values
    if isinstance(node, Call) and node.name == "quote":
        names = {name: i for i, name in enumerate(stat.names)}
        env = {name: (values[i], np.eye(len(values))[i]) for name, i in names.items()}
        return _dual(node.plain[0], env, np.zeros(len(values)))
    weights = constant(node)
    if isinstance(weights, dict):
        if not set(weights) <= set(stat.names):
            raise OutOfScope("contrasts of unknown names")
        weights = [weights.get(name, 0.0) for name in stat.names]
    row = np.array(weights, dtype=float)
    if row.shape != values.shape:
        raise OutOfScope("a contrast of another length")
    return float(row @ values), row


def _dual(node: Node, env: dict[str, Dual], zero: np.ndarray) -> Dual:
    """An expression and its derivatives, forwards."""
    if isinstance(node, Number):
        return node.value, zero
    if isinstance(node, Name):
        if node.name not in env:
            raise OutOfScope(f"unknown figure {node.name}")
        return env[node.name]
    if not isinstance(node, Call) or node.named:
        raise OutOfScope("an expression of figures")
    args = [_dual(arg, env, zero) for arg in node.plain]
    a, da = args[0]
    if len(args) == 1:
        return _function(node.name, a, da)
    b, db = args[1]
    if node.name == "^" and not db.any():
        return a**b, b * a ** (b - 1) * da
    known = {
        "+": lambda: (a + b, da + db),
        "-": lambda: (a - b, da - db),
        "*": lambda: (a * b, a * db + b * da),
        "/": lambda: (a / b, (da - a / b * db) / b),
        "^": lambda: (a**b, a**b * (db * np.log(a) + b / a * da)),
    }
    if node.name not in known:
        raise OutOfScope(f"{node.name} of figures")
    return known[node.name]()


def _function(name: str, a: float, da: np.ndarray) -> Dual:
    known = {
        "(": (lambda: a, lambda: 1.0),
        "+": (lambda: a, lambda: 1.0),
        "-": (lambda: -a, lambda: -1.0),
        "log": (lambda: np.log(a), lambda: 1 / a),
        "exp": (lambda: np.exp(a), lambda: np.exp(a)),
        "sqrt": (lambda: np.sqrt(a), lambda: 0.5 / np.sqrt(a)),
    }
    if name not in known:
        raise OutOfScope(f"{name}() of figures")
    value, slope = known[name]
    return value(), slope() * da
