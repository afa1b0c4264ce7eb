"""Weights of R `survey` made anew: calibrate, postStratify, rake, trimWeights."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from r_arguments import choice, constant, flag, matched, refuse
from r_data import evaluate, terms
from r_designs import Design, Replicated, Survey
from r_model_matrix import model_matrix
from r_syntax import Call, Name, Node, OutOfScope, Text

from barograph.estimate.replicates import recalibrated
from barograph.weight.calibration import calibrate_weights
from barograph.weight.raking import poststratify
from barograph.weight.trimming import trim_weights

ITERATED = 1e-7  # where raking tolerance enters, README.md


def calibrate(call: Call, design: Design) -> Design:
    formals = (
        "design formula population aggregate.stage stage variance bounds calfun maxit epsilon "
        "verbose force trim bounds.const sparse compress aggregate.index"
    )
    args = matched(call, formals)
    refuse(
        "calibrate",
        args,
        "aggregate.stage",
        "stage",
        "variance",
        "trim",
        "bounds.const",
        "aggregate.index",
    )
    x, totals = _margins(args, design)
    distance, bounds = _distance(args)
    exact = distance == "linear"
    epsilon = float(constant(args["epsilon"])) if "epsilon" in args else 1e-7
    accuracy = design.accuracy if exact else max(design.accuracy, 10 * epsilon, ITERATED)

    def weights(w: np.ndarray) -> np.ndarray:
        return calibrate_weights(x, totals, w, distance, bounds)[0]

    if isinstance(design, Replicated):
        return _recalibrated(design, weights, exact, accuracy)
    return _calibrated(design, weights(design.w), x, design.w, accuracy)


def _calibrated(
    design: Survey, w: np.ndarray, x: np.ndarray, metric: np.ndarray, accuracy: float
) -> Survey:
    if design.margins is not None:
        raise OutOfScope("calibrated twice")
    return replace(
        design, w=np.where(design.inside, w, design.w), metric=metric, margins=x, accuracy=accuracy
    )


def _recalibrated(design: Replicated, weights: Any, ranked: bool, accuracy: float) -> Replicated:
    """Calibrated in each replicate; R counts degrees of freedom anew in some methods."""
    made = recalibrated(design.replicates, weights)
    if ranked:
        rank = np.linalg.matrix_rank(np.concatenate(list(made.blocks())), rtol=1e-6)
        made = replace(made, df=float(rank) - 1)
    return replace(design, replicates=made, accuracy=accuracy)


def _tables(formulas: Node, tables: Node, design: Design) -> list[tuple[np.ndarray, np.ndarray]]:
    """Category of each respondent and count of each category, margin by margin."""
    if not (isinstance(formulas, Call) and isinstance(tables, Call)):
        raise OutOfScope("margins without their tables")
    return [
        _cells(f, constant(t), design) for f, t in zip(formulas.plain, tables.plain, strict=True)
    ]


def _indicators(cells: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    x = [(own[:, None] == np.arange(len(freq))) + 0.0 for own, freq in cells]
    return np.concatenate(x, axis=1), np.concatenate([freq for _, freq in cells])


def _margins(args: dict[str, Node], design: Design) -> tuple[np.ndarray, np.ndarray]:
    if isinstance(args["formula"], Call) and args["formula"].name == "list":
        x, totals = _indicators(_tables(args["formula"], args["population"], design))
        return np.where(design.inside[:, None], x, 0.0), totals
    population = constant(args["population"])
    matrix = model_matrix(args["formula"], design.data)
    if np.isnan(matrix.x[design.inside]).any():
        raise OutOfScope("missing values in the margins")
    if isinstance(population, dict):
        if set(population) != set(matrix.names):
            raise OutOfScope("totals named otherwise than the margins")
        population = [population[name] for name in matrix.names]
    if len(population) != len(matrix.names):
        raise OutOfScope("another number of totals than of margins")
    return np.where(design.inside[:, None], matrix.x, 0.0), np.array(population, dtype=float)


def _distance(args: dict[str, Node]) -> tuple[str, Any]:
    calfun = args.get("calfun", Text("linear"))
    name = (
        calfun.name.removeprefix("cal.")
        if isinstance(calfun, Name)
        else choice(calfun, "linear raking logit")
    )
    bounds = constant(args["bounds"]) if "bounds" in args else None
    if isinstance(bounds, dict):
        bounds = [bounds["lower"], bounds["upper"]]
    bounded = bounds is not None and bool(np.isfinite(bounds).any())
    if name == "linear":
        return ("truncated", tuple(bounds)) if bounded else ("linear", None)
    if name == "raking" and not bounded:
        return "raking", None
    if name == "logit" and bounded:
        return "logit", tuple(bounds)
    raise OutOfScope(f"the distance {name} with bounds {bounds}")


def _cells(formula: Node, table: Any, design: Design) -> tuple[np.ndarray, np.ndarray]:
    """Category of each respondent in a table with a column Freq, and that column."""
    columns = [evaluate(term, design.data) for term in terms(formula)]
    if not isinstance(table, dict) or "Freq" not in table:
        raise OutOfScope("a population table without a column Freq")
    names = [term.name if isinstance(term, Name) else "" for term in terms(formula)]
    keys = list(zip(*(np.ravel(table.get(name, [])).astype(str) for name in names), strict=True))
    if len(keys) != len(np.ravel(table["Freq"])):
        raise OutOfScope("a population table of other variables")
    index = {tuple(_plain(part) for part in key): i for i, key in enumerate(keys)}
    own = zip(*(column.texts for column in columns), strict=True)
    return np.array([index[tuple(map(_plain, key))] for key in own]), np.ravel(
        table["Freq"]
    ).astype(float)


def _plain(part: str) -> str:
    """1.0 as 1."""
    return str(part).removesuffix(".0")


def post_stratify(call: Call, design: Design) -> Design:
    args = matched(call, "design strata population partial compress")
    refuse("postStratify", args, "partial")
    labels, freq = _cells(args["strata"], constant(args["population"]), design)
    if not design.inside.all():
        raise OutOfScope("post-stratified subset")

    def weights(w: np.ndarray) -> np.ndarray:
        return poststratify(w, labels, freq)

    if isinstance(design, Replicated):
        return _recalibrated(design, weights, True, design.accuracy)
    x = (labels[:, None] == np.unique(labels)).astype(float)
    return _calibrated(design, weights(design.w), x, design.w, design.accuracy)


def rake(call: Call, design: Design) -> Design:
    """R's second variance rule: the regression on all margins at once in the metric 1."""
    args = matched(call, "design sample.margins population.margins control compress")
    control = constant(args["control"]) if "control" in args else {}
    if control.get("epsilon", 1) > 1e-9:
        raise OutOfScope("raking stopped early")
    if not design.inside.all():
        raise OutOfScope("a raked subset")
    x, totals = _indicators(_tables(args["sample.margins"], args["population.margins"], design))

    def weights(w: np.ndarray) -> np.ndarray:
        return calibrate_weights(x, totals, w, "raking")[0]

    if isinstance(design, Replicated):
        return replace(_recalibrated(design, weights, True, design.accuracy), raked=True)
    made = _calibrated(design, weights(design.w), x, np.ones_like(design.w), design.accuracy)
    return replace(made, raked=True)


def trim(call: Call, design: Design) -> Survey:
    args = matched(call, "design upper lower strict")
    if isinstance(design, Replicated) or not design.inside.all():
        raise OutOfScope("trimmed replicates or subsets")
    lower = constant(args["lower"]) if "lower" in args else -np.inf
    upper = constant(args["upper"]) if "upper" in args else np.inf
    if flag(args.get("strict")):
        w = trim_weights(design.w, lower, upper)
    else:
        outside = (design.w < lower) | (design.w > upper)
        w = np.clip(design.w, lower, upper)
        w[~outside] += (design.w - w).sum() / (~outside).sum()
    trimming = None if design.margins is None else w / design.w
    return replace(
        design, w=w, trimming=trimming, metric=design.metric if design.margins is not None else w
    )
