"""Columns of a data frame as R sees them, expressions on them, and model matrices."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
from r_syntax import Call, Name, Node, Number, OutOfScope, Text, deparse


@dataclass(frozen=True)
class Column:
    """Numbers (n), nan where missing; with `levels` the codes 0.. of a factor or a logical."""

    values: np.ndarray
    levels: tuple[str, ...] | None = None
    logical: bool = False

    @property
    def missing(self) -> np.ndarray:
        return np.isnan(self.values)

    def at(self, kept: np.ndarray) -> Column:
        """Some rows; a factor without levels that they lack."""
        part = Column(self.values[kept], self.levels, self.logical)
        return part if self.levels is None or self.logical else as_factor(part)

    def label(self, i: int) -> str | float | bool | None:
        """The value of row i as a data frame prints it."""
        if np.isnan(self.values[i]):
            return None
        if self.logical:
            return bool(self.values[i])
        return self.levels[int(self.values[i])] if self.levels else float(self.values[i])

    @property
    def texts(self) -> np.ndarray:
        """Values as text, missing as None."""
        return np.array(
            [None if (x := self.label(i)) is None else _text(x) for i in range(len(self.values))],
            dtype=object,
        )


Data = dict[str, Column]


@cache
def read(path: Path) -> Data:
    """Columns of a CSV file: numbers or TRUE and FALSE where all are, else factors with sorted levels."""
    with path.open(newline="") as file:
        header, *rows = csv.reader(file)
    return {name: _column([row[i] for row in rows]) for i, name in enumerate(header)}


def _column(texts: list[str]) -> Column:
    missing = [t in ("", "NA") for t in texts]
    words = {t for t, m in zip(texts, missing, strict=True) if not m}
    if words and words <= {"TRUE", "FALSE", "T", "F", "true", "false"}:
        return logical(np.array([t[:1] in "Tt" for t in texts]), np.array(missing))
    try:
        return Column(
            np.array([np.nan if m else float(t) for t, m in zip(texts, missing, strict=True)])
        )
    except ValueError:
        return factor_of(
            np.array([None if m else t for t, m in zip(texts, missing, strict=True)], dtype=object)
        )


def factor_of(texts: np.ndarray, levels: list[str] | None = None) -> Column:
    """A factor; its levels are sorted as a reader would, upper case after lower."""
    if levels is None:
        levels = sorted(
            {t for t in texts if t is not None}, key=lambda t: (t.casefold(), t.swapcase())
        )
    index = {level: float(i) for i, level in enumerate(levels)}
    return Column(np.array([index.get(t, np.nan) for t in texts]), tuple(levels))


def as_factor(column: Column) -> Column:
    """`factor(x)`: levels that occur, in order."""
    if column.levels is not None:
        used = [level for i, level in enumerate(column.levels) if np.any(column.values == i)]
        return factor_of(column.texts, used)
    present = np.unique(column.values[~column.missing])
    return factor_of(column.texts, [_text(float(x)) for x in present])


def _text(x: str | float | bool) -> str:
    if isinstance(x, bool):
        return "TRUE" if x else "FALSE"
    return x if isinstance(x, str) else f"{x:.15g}"


def logical(values: np.ndarray, missing: np.ndarray) -> Column:
    return Column(np.where(missing, np.nan, values.astype(float)), ("FALSE", "TRUE"), True)


COMPARED = {
    "==": np.equal, "!=": np.not_equal, "<": np.less, ">": np.greater,
    "<=": np.less_equal, ">=": np.greater_equal,
}  # fmt: skip
COMPUTED = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "^": np.power,
    "log": np.log, "exp": np.exp, "sqrt": np.sqrt, "abs": np.abs, "round": np.round,
    "log10": np.log10, "log2": np.log2, "pmin": np.minimum, "pmax": np.maximum, "floor": np.floor,
}  # fmt: skip
CONSTANTS = {"TRUE": 1.0, "FALSE": 0.0, "T": 1.0, "F": 0.0}


def evaluate(node: Node, data: Data) -> Column:
    """The column of an expression. OutOfScope for unknown names and functions."""
    n = len(next(iter(data.values())).values)
    if isinstance(node, Number):
        return Column(np.full(n, node.value))
    if isinstance(node, Text):
        return Column(np.zeros(n), (node.value,))
    if isinstance(node, Name):
        if node.name in data:
            return data[node.name]
        if node.name in CONSTANTS:
            return logical(np.full(n, CONSTANTS[node.name]), np.zeros(n, bool))
        if node.name in ("NA", "Inf", "pi"):
            return Column(np.full(n, {"NA": np.nan, "Inf": np.inf, "pi": np.pi}[node.name]))
        raise OutOfScope(f"unknown variable {node.name}")
    return _call(node, data)


def _call(node: Call, data: Data) -> Column:
    if node.name in ("I", "(", "as.integer", "as.numeric", "as.vector", "as.double"):
        inner = evaluate(node.plain[0], data)
        coded = node.name.startswith("as.") and inner.levels is not None
        if node.name == "as.vector" or not coded:
            return inner
        return Column(inner.values + (0.0 if inner.logical else 1.0))
    if node.name == "%in%":
        return _among(node, data)
    if node.name in ("factor", "as.factor", "as.character", "interaction"):
        return _factor(node, data)
    if node.name == "relevel":
        return _relevel(node, data)
    if node.name == "cut":
        return _cut(node, data)
    if set(node.named) - {"digits"}:
        raise OutOfScope(f"arguments of {node.name}()")
    args = [evaluate(arg, data) for arg in node.plain]
    missing = np.logical_or.reduce([a.missing for a in args])
    if node.name in COMPARED:
        return logical(_compare(node.name, *args), missing)
    if node.name in ("&", "&&", "|", "||"):
        return _both(args[0], args[1], node.name[0])
    if node.name == "!":
        return logical(args[0].values == 0, missing)
    if node.name == "is.na":
        return logical(missing, np.zeros_like(missing))
    if node.name == "ifelse":
        chosen = np.where(args[0].values == 1, args[1].values, args[2].values)
        if args[1].levels or args[2].levels:
            texts = np.where(args[0].values == 1, args[1].texts, args[2].texts)
            return factor_of(np.where(args[0].missing, None, texts))
        return Column(np.where(args[0].missing, np.nan, chosen))
    if node.name in COMPUTED:
        if any(a.levels and not a.logical for a in args):
            raise OutOfScope(f"{node.name} of a factor")
        values = [a.values for a in args]
        if len(values) == 1 and node.name in "+-":
            values = [np.zeros_like(values[0]), values[0]]
        with np.errstate(all="ignore"):
            return Column(COMPUTED[node.name](*values))
    raise OutOfScope(f"function {node.name}()")


def _compare(operator: str, a: Column, b: Column) -> np.ndarray:
    if (a.levels is None and b.levels is None) or (a.logical or b.logical):
        return COMPARED[operator](a.values, b.values)
    if operator not in ("==", "!="):
        raise OutOfScope(f"{operator} of a factor")
    return COMPARED[operator](a.texts, b.texts)


def _both(a: Column, b: Column, operator: str) -> Column:
    """Three-valued and, or."""
    decided = 0.0 if operator == "&" else 1.0
    decisive = (a.values == decided) | (b.values == decided)
    return logical(np.where(decisive, decided, 1 - decided), ~decisive & (a.missing | b.missing))


def _among(node: Call, data: Data) -> Column:
    column, values = evaluate(node.plain[0], data), node.plain[1]
    options = values.plain if isinstance(values, Call) and values.name == "c" else (values,)
    found = np.zeros(len(column.values), bool)
    for option in options:
        if not isinstance(option, Number | Text):
            raise OutOfScope("%in% of an expression")
        found |= column.texts == _text(option.value)
    return logical(found, np.zeros_like(found))


def _factor(node: Call, data: Data) -> Column:
    if node.named:
        raise OutOfScope(f"arguments of {node.name}()")
    columns = [evaluate(arg, data) for arg in node.plain]
    if node.name != "interaction":
        return as_factor(columns[0])
    return interaction(columns)


def _relevel(node: Call, data: Data) -> Column:
    """`relevel(f, ref)`: that level first."""
    args = dict(zip(("x", "ref"), node.plain, strict=False)) | dict(node.named)
    column, first = evaluate(args["x"], data), args["ref"]
    if column.levels is None or not isinstance(first, Text) or first.value not in column.levels:
        raise OutOfScope("relevel() of that")
    rest = [level for level in column.levels if level != first.value]
    return factor_of(column.texts, [first.value, *rest])


def _cut(node: Call, data: Data) -> Column:
    """`cut(x, breaks)`: classes open below, named by their ends with three digits."""
    args = node.args
    given = [arg for name, arg in args if name in ("", "x", "breaks")]
    breaks = given[1] if len(given) == len(args) == 2 else None
    if not (isinstance(breaks, Call) and breaks.name == "c"):
        raise OutOfScope("arguments of cut()")
    ends = np.array([evaluate(end, data).values[0] for end in breaks.plain])
    x = evaluate(given[0], data).values
    names = [f"{end:.3g}".replace("inf", "Inf") for end in ends]
    labels = tuple(f"({a},{b}]" for a, b in pairwise(names))
    code = np.searchsorted(ends, x, side="left") - 1.0
    return Column(np.where((code >= 0) & (code < len(labels)), code, np.nan), labels)


def interaction(columns: list[Column]) -> Column:
    """Levels joined by dots, those of the first varying fastest."""
    codes, levels = np.zeros(len(columns[0].values)), [""]
    for column in reversed([c if c.levels else as_factor(c) for c in columns]):
        assert column.levels is not None
        codes = codes * len(column.levels) + column.values
        levels = [f"{own}.{rest}".rstrip(".") for rest in levels for own in column.levels]
    return Column(codes, tuple(levels))


def terms(node: Node) -> list[Node]:
    """Summands of the right side of a formula."""
    right = node.args[-1][1] if isinstance(node, Call) and node.name == "~" else node
    if isinstance(right, Call) and right.name == "+" and len(right.args) == 2:
        return [t for _, arg in right.args for t in terms(arg)]
    return [right]


def indicators(node: Node, data: Data) -> tuple[list[str], np.ndarray]:
    """Columns of one variable: the numbers, or one indicator for each level, missing as nan."""
    if isinstance(node, Call) and node.name in ("*", ":", "-", "^"):
        raise OutOfScope(f"{node.name} in the formula of a mean or total")
    column, name = evaluate(node, data), deparse(node)
    name = name.strip("`")
    if column.levels is None:
        return [name], column.values[:, None]
    one_each = (column.values[:, None] == np.arange(len(column.levels))).astype(float)
    one_each[column.missing] = np.nan
    return [name + level for level in column.levels], one_each


def all_names(node: Node) -> set[str]:
    """All names in an expression."""
    if isinstance(node, Call):
        return set().union(*(all_names(arg) for _, arg in node.args))
    return {node.name} if isinstance(node, Name) else set()


def variables(formula: Node, data: Data) -> tuple[list[str], np.ndarray]:
    """Columns of all variables of a formula, side by side."""
    parts = [indicators(term, data) for term in terms(formula)]
    return [n for names, _ in parts for n in names], np.concatenate([x for _, x in parts], axis=1)
