"""Means, totals, ratios, variances and proportions of R `survey`, as the cases write them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from r_arguments import constant, flag, matched, refuse
from r_data import variables
from r_designs import Design, Made, Replicated, Survey
from r_syntax import Call, Node, OutOfScope

from barograph.estimate.figures import element_variance
from barograph.estimate.intervals import quantile as t_quantile

Expect = dict[str, Any]
Run = Callable[[Node], Any]


@dataclass(frozen=True)
class Stat:
    """Named figures with what else R keeps of them."""

    names: list[str]
    made: Made
    design: Design
    deff: np.ndarray | None = None
    interval: tuple[np.ndarray, np.ndarray] | None = None
    se: np.ndarray | None = None

    @property
    def errors(self) -> np.ndarray:
        if self.se is not None:
            return self.se
        return np.sqrt(np.maximum(np.diagonal(self.made.covariance), 0))

    def ends(self, df: float = np.inf, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
        """Interval: its own, or by t with `df`."""
        if self.interval is not None:
            return self.interval
        half = t_quantile(df, level) * self.errors
        return self.made.values - half, self.made.values + half

    def report(self) -> Expect:
        """As a case expects it."""
        df = self.design.degf()

        def named(values: Any) -> Expect:
            return dict(zip(self.names, values, strict=True))

        found = {
            "estimate": named(self.made.values),
            "se": named(self.errors),
            "ci95_normal": named(zip(*self.ends(), strict=True)),
            "degf": df,
            "ci95_t": named(zip(*self.ends(df), strict=True)),
            "vcov": self.made.covariance,
        }
        return found if self.deff is None else found | {"deff": named(self.deff)}


def columns_of(args: dict[str, Node], design: Design) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Names and columns of a formula, and who is in: with na.rm those without missing values."""
    formula = args["x"]
    if not (isinstance(formula, Call) and formula.name == "~"):
        raise OutOfScope("variables without a formula")
    names, y = variables(formula, design.data)
    inside = design.inside
    if flag(args.get("na.rm")):
        inside = inside & ~np.isnan(y).any(axis=1)
    elif isinstance(design, Survey) and design.margins is not None and np.isnan(y).any():
        raise OutOfScope("missing values kept in a calibrated design")
    return names, y, inside


def svymean(call: Call, design: Design, run: Run) -> Stat:
    args = matched(call, "x design na.rm deff influence return.replicates")
    names, y, inside = columns_of(args, design)
    made = design.mean(y, inside)
    return Stat(names, made, design, _deff(args, design, y, inside, made, 1.0))


def svytotal(call: Call, design: Design, run: Run) -> Stat:
    args = matched(call, "x design na.rm deff influence return.replicates")
    names, y, inside = columns_of(args, design)
    made = design.total(y, inside)
    scale = design.w[inside].sum() ** 2
    return Stat(names, made, design, _deff(args, design, y, inside, made, scale))


def _deff(
    args: dict[str, Node],
    design: Design,
    y: np.ndarray,
    inside: np.ndarray,
    made: Made,
    scale: float,
) -> np.ndarray | None:
    kind = constant(args["deff"]) if "deff" in args else False
    if not kind:
        return None
    inside = inside & (design.w != 0)
    if made.figures is not None:
        figures = replace(made.figures, inside=inside)
        spread = element_variance(figures.units, y, inside) * scale
        return figures.design_effect(spread, kind == "replace")
    n, population = inside.sum(), design.w[inside].sum()
    drawn = 1.0 if kind == "replace" else (population - n) / population
    spread = _element_variance(design.w[None, inside], y[inside])[0] * scale
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.diagonal(made.covariance) / (spread * drawn / n)


def _element_variance(w: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Element variances (b, k) with weights (b, n) of y (n, k)."""
    centre = (w @ y) / w.sum(axis=1)[:, None]
    squares = (w @ y**2) / w.sum(axis=1)[:, None] - centre**2
    return squares * len(y) / (len(y) - 1)


def svyvar(call: Call, design: Design, run: Run) -> Stat:
    args = matched(call, "x design na.rm")
    names, y, inside = columns_of(args, design)
    if len(names) > 1:
        raise OutOfScope("a matrix of variances")
    if isinstance(design, Replicated):
        made = design.made(lambda w: _element_variance(w[:, inside], y[inside]))
        return Stat(names, made, design)
    n = float((design.inside & (design.w != 0)).sum())
    centre = design.mean(y, inside).values
    return Stat(names, design.mean((y - centre) ** 2 * n / (n - 1), inside), design)


def svyratio(call: Call, design: Design, run: Run) -> Stat:
    formals = "numerator denominator design separate na.rm formula covmat deff return.replicates"
    args = matched(call, formals)
    if "formula" in args:
        args["numerator"] = args.pop("formula")
    refuse("svyratio", args, "separate", "deff")
    above, y = variables(args["numerator"], design.data)
    below, z = variables(args["denominator"], design.data)
    inside = design.inside
    if flag(args.get("na.rm")):
        inside = inside & ~np.isnan(np.concatenate([y, z], axis=1)).any(axis=1)
    names = [f"{a}/{b}" for b in below for a in above]
    rows = np.tile(np.arange(len(above)), len(below))
    columns = np.repeat(np.arange(len(below)), len(above))
    made = design.ratio(y[:, rows], z[:, columns], inside)
    if not flag(args.get("covmat")):
        apart = np.where(np.eye(len(names)) == 1, made.covariance, np.nan)
        made = replace(made, covariance=apart)
    return Stat(names, made, design)
