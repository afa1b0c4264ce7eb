"""Designs of R `survey`: who is in, with which weights, and how figures get their variance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from r_arguments import flag, matched, refuse
from r_data import Data, as_factor, evaluate, interaction, terms, variables
from r_syntax import Call, Name, Node, Number, OutOfScope, deparse

from barograph.estimate.figures import Figures, Units, mean, ratio, total
from barograph.estimate.linear import Linearisation
from barograph.estimate.replicates import Replicates, covariance_of, replicate_values

ONE_STAGE = "corrections at later stages"


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

    `strata_names` (H) where it is stratified. `metric` (n) weights of the regression on the margins; `accuracy` of the reference values: what
    their iterated calibration left open, relatively; `raked`: made by rake().
    """

    data: Data
    stratum: np.ndarray
    population: np.ndarray
    w: np.ndarray
    metric: np.ndarray
    inside: np.ndarray
    psu: np.ndarray | None = None
    strata_names: tuple[str, ...] = ()
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
        """Degrees of freedom of a test of a table: of all rows R keeps, also those of weight 0."""
        kept = self.inside if self.margins is None else np.ones_like(self.inside)
        return self.units.linear.df(kept)

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
    names = () if stratum is None else _names(args["strata"], data, strata)
    return Survey(data, strata, population, w, w, np.ones(n, bool), psu, names, lonely=lonely)


def _names(formula: Node, data: Data, stratum: np.ndarray) -> tuple[str, ...]:
    """Names of the strata 0..H-1."""
    texts = evaluate(terms(formula)[0], data).texts
    return tuple(texts[np.unique(stratum, return_index=True)[1]])


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


def subset(call: Call, design: Design) -> Design:
    args = matched(call, "x subset")
    chosen = evaluate(args["subset"], design.data)
    return replace(design, inside=design.inside & (chosen.values == 1))


def update(call: Call, design: Design) -> Design:
    new = {name: evaluate(node, design.data) for name, node in call.named.items()}
    return replace(design, data=design.data | new)


def groups(formula: Node, design: Design) -> list[tuple[dict[str, Any], np.ndarray]]:
    """Domains of svyby: the values of the variables and who is in them, the first fastest."""
    columns = {
        term.name if isinstance(term, Name) else deparse(term): evaluate(term, design.data)
        for term in terms(formula)
    }
    crossed = interaction([c if c.levels else as_factor(c) for c in columns.values()])
    codes = np.where(design.inside & (design.w != 0), crossed.values, np.nan)
    found = []
    for code in np.unique(codes[~np.isnan(codes)]):
        here = codes == code
        first = int(np.flatnonzero(here)[0])
        found.append(({name: c.label(first) for name, c in columns.items()}, here))
    return found
