"""Proportions with their intervals, and quantiles."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from r_arguments import choice, constant, flag, matched, refuse
from r_data import evaluate, terms
from r_designs import Design, Made, Survey
from r_models import fitted
from r_statistics import Expect, Run, Stat, columns_of
from r_syntax import Call, OutOfScope, deparse
from scipy.special import expit

from barograph.estimate.intervals import POLICIES
from barograph.estimate.intervals import quantile as t_quantile
from barograph.estimate.moments import Moments
from barograph.estimate.quantiles import Quantile, cut, quantile, replicate_quantile, woodruff


def svyciprop(call: Call, design: Design, run: Run) -> Stat:
    args = matched(call, "formula design method level df na.rm")
    method = choice(args.get("method"), "logit likelihood asin beta mean xlogit")
    if method not in ("logit", "beta", "mean", "xlogit"):
        raise OutOfScope(f"{method} intervals")
    level = constant(args["level"]) if "level" in args else 0.95
    df = run(args["df"]) if "df" in args else design.degf()
    node = terms(args["formula"])[0]
    column = evaluate(node, design.data)
    if column.levels is not None and not column.logical:
        raise OutOfScope("the proportion of a factor")
    y, inside = column.values[:, None], design.inside
    if flag(args.get("na.rm")):
        inside = inside & ~np.isnan(y[:, 0])
    name = deparse(node).strip("`")
    made = design.mean(y, inside)
    if method == "logit":
        return _by_regression(design, made, y, level, df, name)
    base = float(design.rows) if method == "beta" else 0.0
    policy = {"beta": "beta", "xlogit": "logit", "mean": "t"}[method]
    moments = _moments(made, base, design.degf() if method == "beta" else df)
    if method != "mean" and not 0 < made.values[0] < 1:
        raise OutOfScope("intervals of a share of 0 or 1, where R gives none")
    return Stat([name], made, design, interval=POLICIES[policy](moments, level))


def _moments(made: Made, base: float, df: float) -> Moments:
    one, unknown = np.ones_like(made.values), np.full_like(made.values, np.nan)
    variance = np.diagonal(made.covariance)
    return Moments(
        made.values,
        base * one,
        unknown,
        unknown,
        np.inf * one,
        variance,
        unknown,
        unknown,
        df * one,
    )


def _by_regression(
    design: Design, made: Made, y: np.ndarray, level: float, df: float, name: str
) -> Stat:
    """The logit interval, from a logistic regression on the constant."""
    fit = fitted(design, y[:, 0], np.ones((len(y), 1)), True)
    half = t_quantile(df, level) * np.sqrt(np.diagonal(fit.covariance))
    ends = expit(fit.values - half), expit(fit.values + half)
    values = Made(expit(fit.values), made.covariance, made.figures, made.replicates)
    return Stat([name], values, design, interval=ends)


def proportion(stat: Stat) -> Expect:
    low, high = stat.ends()
    return {"estimate": stat.made.values[0], "ci95": [low[0], high[0]], "se": stat.errors[0]}


@dataclass(frozen=True)
class Quantiles:
    """Quantiles of some variables."""

    rows: dict[str, list[tuple[float, Quantile]]]
    design: Design
    interval: bool
    level: float

    def report(self) -> Expect:
        if not self.interval:
            return {
                name: {f"{p:.15g}": q.value for p, q in rows} for name, rows in self.rows.items()
            }
        low, high = (f"{round(50 * (1 + sign * self.level), 2):.15g}" for sign in (-1, 1))
        se = "se" if isinstance(self.design, Survey) else f"se.{high}"
        names = ("p", "quantile", f"ci.{low}", f"ci.{high}", se)
        return {
            name: [
                dict(zip(names, (f"{p:.15g}", q.value, q.low, q.high, q.se), strict=True))
                for p, q in rows
            ]
            for name, rows in self.rows.items()
        }

    def stat(self) -> Stat:
        """As svyby shows them."""
        many = any(len(rows) > 1 for rows in self.rows.values())
        cells = [
            (f"{n}.{p:.15g}" if many else n, q) for n, rows in self.rows.items() for p, q in rows
        ]
        column = {
            f: np.array([getattr(q, f) for _, q in cells]) for f in ("value", "low", "high", "se")
        }
        made = Made(column["value"], np.diag(column["se"] ** 2))
        return Stat(
            [n for n, _ in cells],
            made,
            self.design,
            None,
            (column["low"], column["high"]),
            column["se"],
        )


def svyquantile(call: Call, design: Design, run: Run) -> Quantiles:
    args = matched(
        call, "x design quantiles alpha interval.type na.rm ci se qrule df return.replicates"
    )
    refuse("svyquantile", args, "return.replicates")
    rule = choice(args.get("qrule"), "math school shahvaish hf1 hf2 hf3 hf4 hf5 hf6 hf7 hf8 hf9")
    if rule != "math":
        raise OutOfScope(f"quantile rule {rule}")
    kind = choice(args.get("interval.type"), "mean beta xlogit asin score quantile")
    if kind not in ("mean", "beta", "xlogit", "quantile"):
        raise OutOfScope(f"{kind} intervals of quantiles")
    names, y, inside = columns_of(args, design)
    if np.isnan(y[inside]).any():
        raise OutOfScope("quantiles with missing values")
    p = constant(args["quantiles"])
    level = 1 - (constant(args["alpha"]) if "alpha" in args else 0.05)
    df = float(run(args["df"])) if "df" in args else design.degf(inside)
    rows = {
        name: [(q, _quantile(design, y[:, j], q, inside, kind, level, df)) for q in np.ravel(p)]
        for j, name in enumerate(names)
    }
    return Quantiles(rows, design, "ci" not in args or flag(args["ci"]), level)


def _quantile(
    design: Design, y: np.ndarray, p: float, inside: np.ndarray, kind: str, level: float, df: float
) -> Quantile:
    if isinstance(design, Survey):
        return quantile(design.units, y, p, inside, kind, level, df)
    if kind in ("beta", "xlogit"):
        raise OutOfScope("R's intervals of replicate quantiles: it takes the one by mean for all")
    if kind == "mean":
        value = cut(y[inside], design.w[inside], p)
        below = design.mean((y <= value).astype(float)[:, None], inside)
        moments = _moments(below, float(inside.sum()), df)
        return woodruff(y[inside], design.w[inside], value, moments, kind, level)
    small = replace(
        design.replicates,
        w=design.w[inside],
        blocks=lambda: (block[:, inside] for block in design.replicates.blocks()),
    )
    return replicate_quantile(small, y[inside], p, level, df)
