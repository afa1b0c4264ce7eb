"""Designs of R `survey`, built from the product's parts."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from r_arguments import choice, constant, flag, matched, refuse
from r_data import Data, as_factor, evaluate, interaction, model_matrix, terms, variables
from r_syntax import Call, Name, Node, Number, OutOfScope, Text

from barograph.estimate.figures import Figures, Units, mean, ratio, total
from barograph.estimate.linear import Linearisation
from barograph.estimate.replicates import (
    Replicates,
    balanced,
    covariance_of,
    given,
    jackknife,
    recalibrated,
    replicate_values,
)
from barograph.weight.calibration import calibrate_weights
from barograph.weight.raking import poststratify
from barograph.weight.trimming import trim_weights

ONE_STAGE = "corrections at later stages"
ITERATED = 1e-7  # where raking tolerance enters, README.md


@dataclass(frozen=True)
class Made:
    """k figures of a design: with figures or values of replicates, their joint covariance."""

    values: np.ndarray
    covariance: np.ndarray
    figures: Figures | None = None
    replicates: np.ndarray | None = None


def _made(figures: Figures) -> Made:
    return Made(figures.values, figures.covariance, figures)


@dataclass(frozen=True)
class Survey:
    """A design with linearised variance.

    `metric` (n) weights of the regression on the margins; `accuracy` of the reference values: what
    their iterated calibration left open, relatively; `raked`: made by rake().
    """

    data: Data
    stratum: np.ndarray
    population: np.ndarray
    w: np.ndarray
    metric: np.ndarray
    inside: np.ndarray
    psu: np.ndarray | None = None
    stratified: bool = False
    margins: np.ndarray | None = None
    trimming: np.ndarray | None = None
    lonely: Any = "fail"
    accuracy: float = 0.0
    raked: bool = False

    @cached_property
    def units(self) -> Units:
        linear = Linearisation.of_units(
            self.metric,
            self.stratum,
            self.population,
            self.psu,
            self.margins,
            self.trimming,
            self.lonely,
        )
        return Units(linear, self.w)

    @property
    def rows(self) -> int:
        """Rows R keeps: of a calibrated design all, also of a subset."""
        return int(self.inside.sum()) if self.margins is None else len(self.w)

    @property
    def table_df(self) -> float:
        """Degrees of freedom of a test of a table: of all rows R keeps."""
        return self.degf(None if self.margins is None else np.ones_like(self.inside))

    def degf(self, inside: np.ndarray | None = None) -> float:
        return self.units.linear.df((self.inside if inside is None else inside) & (self.w != 0))

    def mean(self, y: np.ndarray, inside: np.ndarray) -> Made:
        return _made(mean(self.units, y, inside))

    def total(self, y: np.ndarray, inside: np.ndarray) -> Made:
        return _made(total(self.units, y, inside))

    def ratio(self, y: np.ndarray, z: np.ndarray, inside: np.ndarray) -> Made:
        return _made(ratio(self.units, y, z, inside))


@dataclass(frozen=True)
class Replicated:
    """A design with replicate weights."""

    data: Data
    replicates: Replicates
    inside: np.ndarray
    kind: str
    accuracy: float = 0.0
    raked: bool = False

    @property
    def w(self) -> np.ndarray:
        return self.replicates.w

    @property
    def rows(self) -> int:
        return int(self.inside.sum())

    def degf(self, inside: np.ndarray | None = None) -> float:
        inside = self.inside if inside is None else inside
        if inside.all():
            return self.replicates.df
        weights = np.concatenate(list(self.replicates.blocks()))[:, inside]
        return float(np.linalg.matrix_rank(weights, rtol=1e-6)) - 1

    @property
    def table_df(self) -> float:
        return self.degf()

    def made(self, estimator: Any) -> Made:
        values = estimator(self.w[None, :])[0]
        found = replicate_values(estimator, self.replicates)
        return Made(values, covariance_of(values, found, self.replicates), None, found)

    def total(self, y: np.ndarray, inside: np.ndarray) -> Made:
        return self.made(lambda w: w[:, inside] @ y[inside])

    def ratio(self, y: np.ndarray, z: np.ndarray, inside: np.ndarray) -> Made:
        return self.made(lambda w: (w[:, inside] @ y[inside]) / (w[:, inside] @ z[inside]))

    def mean(self, y: np.ndarray, inside: np.ndarray) -> Made:
        return self.ratio(y, np.ones((len(y), 1)), inside)


Design = Survey | Replicated


def svydesign(call: Call, data: Data, lonely: str) -> Survey:
    formals = "ids probs strata variables fpc data nest check.strata weights pps variance"
    args = matched(call, formals)
    refuse("svydesign", args, "pps", "variance")
    n = len(next(iter(data.values())).values)
    stratum, psu = _codes(args.get("strata"), data), _codes(args.get("ids"), data)
    if psu is not None and (flag(args.get("nest")) or stratum is None):
        psu = _numbered(psu if stratum is None else stratum * (psu.max() + 1) + psu)
    elif (
        psu is not None
        and stratum is not None
        and len(np.unique(psu)) != len(np.unique(stratum * (psu.max() + 1) + psu))
    ):
        raise OutOfScope("clusters across strata")
    if psu is not None and len(np.unique(psu)) == n:
        psu = None
    strata = np.zeros(n, dtype=np.intp) if stratum is None else stratum
    population = _population(args, data, strata, psu)
    w = _weights(args, data, strata, psu, population)
    return Survey(
        data, strata, population, w, w, np.ones(n, bool), psu, stratum is not None, lonely=lonely
    )


def _codes(formula: Node | None, data: Data) -> np.ndarray | None:
    """Codes 0.. of the first variable of a formula; None for ~1."""
    if formula is None:
        return None
    if not (isinstance(formula, Call) and formula.name == "~"):
        raise OutOfScope("a design without formulas")
    first = terms(formula)[0]
    if isinstance(first, Number):
        return None
    column = evaluate(first, data)
    if column.missing.any():
        raise OutOfScope("missing values in the design")
    return _numbered(column.values)


def _numbered(values: np.ndarray) -> np.ndarray:
    return np.asarray(np.unique(values, return_inverse=True)[1].ravel(), dtype=np.intp)


def _population(
    args: dict[str, Node], data: Data, stratum: np.ndarray, psu: np.ndarray | None
) -> np.ndarray:
    strata = int(stratum.max()) + 1
    if "fpc" not in args:
        return np.full(strata, np.inf)
    if len(terms(args["fpc"])) > 1 or len(terms(args["ids"])) > 1:
        raise OutOfScope(ONE_STAGE)
    fpc = variables(args["fpc"], data)[1][:, 0]
    _, first = np.unique(stratum, return_index=True)
    if np.any(fpc != fpc[first][stratum]):
        raise OutOfScope("fpc varies within strata")
    return fpc[first] if fpc.max() > 1 else _sampled(stratum, psu) / fpc[first]


def _sampled(stratum: np.ndarray, psu: np.ndarray | None) -> np.ndarray:
    first = np.arange(len(stratum)) if psu is None else np.unique(psu, return_index=True)[1]
    return np.bincount(stratum[first]).astype(float)


def _weights(
    args: dict[str, Node],
    data: Data,
    stratum: np.ndarray,
    psu: np.ndarray | None,
    population: np.ndarray,
) -> np.ndarray:
    name = "weights" if "weights" in args else "probs"
    if name not in args:
        known = np.isfinite(population).all()
        return (population / _sampled(stratum, psu))[stratum] if known else np.ones(len(stratum))
    if len(terms(args[name])) > 1:
        raise OutOfScope(ONE_STAGE)
    column = evaluate(terms(args[name])[0], data).values.astype(float)
    return column if name == "weights" else 1 / column


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


def _margins(args: dict[str, Node], design: Design) -> tuple[np.ndarray, np.ndarray]:
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
    formulas, tables = args["sample.margins"], args["population.margins"]
    if not (isinstance(formulas, Call) and isinstance(tables, Call)) or not design.inside.all():
        raise OutOfScope("margins of rake()")
    cells = [
        _cells(f, constant(t), design) for f, t in zip(formulas.plain, tables.plain, strict=True)
    ]
    x = (
        np.concatenate([(own[:, None] == np.arange(len(freq))) for own, freq in cells], axis=1)
        + 0.0
    )
    totals = np.concatenate([freq for _, freq in cells])

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
    w = trim_weights(design.w, lower, upper)
    if not flag(args.get("strict")):
        outside = (design.w < lower) | (design.w > upper)
        once = np.clip(design.w, lower, upper)
        once[~outside] += (design.w - once).sum() / (~outside).sum()
        if not np.allclose(once, w, rtol=1e-12):
            raise OutOfScope("trimmed only once")
    trimming = None if design.margins is None else w / design.w
    return replace(
        design, w=w, trimming=trimming, metric=design.metric if design.margins is not None else w
    )


def subset(call: Call, design: Design) -> Design:
    args = matched(call, "x subset")
    chosen = evaluate(args["subset"], design.data)
    return replace(design, inside=design.inside & (chosen.values == 1))


def update(call: Call, design: Design) -> Design:
    new = {name: evaluate(node, design.data) for name, node in call.named.items()}
    return replace(design, data=design.data | new)


def as_svrepdesign(call: Call, design: Design) -> Replicated:
    args = matched(call, "design type fay.rho fpc fpctype compress mse replicates")
    refuse("as.svrepdesign", args, "fpc", "fpctype")
    if isinstance(design, Replicated) or not design.inside.all():
        raise OutOfScope("replicates of a subset")
    kind = choice(args.get("type"), "auto JK1 JKn BRR bootstrap subbootstrap mrbbootstrap Fay")
    kind = ("JKn" if design.stratified else "JK1") if kind == "auto" else kind
    n = len(design.w)
    psu = np.arange(n) if design.psu is None else _by_appearance(design.psu)
    if kind in ("JK1", "JKn"):
        made = jackknife(design.w, psu, design.stratum, design.population)
    elif kind in ("BRR", "Fay"):
        rho = float(constant(args["fay.rho"])) if "fay.rho" in args else 0.0
        made = balanced(design.w, psu, _by_label(design), rho)
        if made.df not in (1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15):
            raise OutOfScope("R's own Hadamard matrix of this order")
    else:
        raise OutOfScope(f"random replicates: {kind}")
    made = replace(made, mse=flag(args.get("mse")))
    return Replicated(design.data, made, design.inside, kind, design.accuracy, design.raked)


def _by_appearance(psu: np.ndarray) -> np.ndarray:
    """Codes in the order of the data, as R pairs clusters."""
    _, first, code = np.unique(psu, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))
    return np.asarray(rank[code.ravel()])


def _by_label(design: Survey) -> np.ndarray:
    """Strata in the order of their labels as text, as R counts them."""
    labels = np.array([f"{code}" for code in design.stratum])
    return np.asarray(np.unique(labels, return_inverse=True)[1].ravel())


def svrepdesign(call: Call, data: Data, matrices: dict[str, np.ndarray]) -> Replicated:
    formals = (
        "variables repweights weights data type combined.weights rho bootstrap.average scale "
        "rscales fpc fpctype mse"
    )
    args = matched(call, formals)
    refuse("svrepdesign", args, "fpc", "fpctype", "bootstrap.average")
    weights = _repweights(args["repweights"], data, matrices)
    w = evaluate(terms(args["weights"])[0], data).values
    combined = "combined.weights" not in args or flag(args["combined.weights"])
    kind, count = (
        choice(args.get("type"), "BRR Fay JK1 JKn bootstrap ACS successive-difference JK2 other"),
        len(weights),
    )
    scale, rscales = (constant(args[k]) if k in args else None for k in ("scale", "rscales"))
    rho = constant(args["rho"]) if "rho" in args else 0.0
    if kind in ("BRR", "Fay"):
        scale = 1 / (count * (1 - (rho if kind == "Fay" else 0)) ** 2)
    elif kind == "bootstrap":
        scale = 1 / (count - 1) if scale is None else scale
    elif kind == "JK1" and scale is None:
        scale = (count - 1) / count if combined else 1 / weights[0].max()
    elif kind == "JKn" and rscales is None:
        if combined:
            raise OutOfScope("rscales missing")
        rscales = 1 / weights.max(axis=1)
    elif kind not in ("other", "JK1", "JKn"):
        raise OutOfScope(f"replicates of type {kind}")
    rscales = np.broadcast_to(np.array(1.0 if rscales is None else rscales), (count,))
    made = given(
        w, weights, 1.0 if scale is None else scale, rscales, flag(args.get("mse")), combined
    )
    return Replicated(data, made, np.ones(len(w), bool), kind)


def _repweights(node: Node, data: Data, matrices: dict[str, np.ndarray]) -> np.ndarray:
    """Given replicate weights (R, n): a named matrix, a formula, or a pattern of column names."""
    if isinstance(node, Name) and node.name in matrices:
        return matrices[node.name]
    if isinstance(node, Call) and node.name == "~":
        return variables(node, data)[1].T
    if isinstance(node, Text):
        names = [name for name in data if re.search(node.value, name)]
        if names:
            return np.stack([data[name].values for name in names])
    raise OutOfScope("replicate weights not found")


def groups(formula: Node, design: Design) -> list[tuple[dict[str, Any], np.ndarray]]:
    """Domains of svyby: the values of the variables and who is in them, the first fastest."""
    columns = {}
    for term in terms(formula):
        column = evaluate(term, design.data)
        columns[term.name if isinstance(term, Name) else None] = column
    if None in columns:
        raise OutOfScope("svyby by an expression")
    crossed = interaction([c if c.levels else as_factor(c) for c in columns.values()])
    codes = np.where(design.inside & (design.w != 0), crossed.values, np.nan)
    found = []
    for code in np.unique(codes[~np.isnan(codes)]):
        here = codes == code
        first = int(np.flatnonzero(here)[0])
        found.append(({str(name): c.label(first) for name, c in columns.items()}, here))
    return found
