"""Statistics of R `survey`: each call to the product's functions, its result as the cases write it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from r_arguments import choice, constant, flag, matched, refuse
from r_data import (
    Column,
    ModelMatrix,
    all_names,
    evaluate,
    indicators,
    model_matrix,
    terms,
    variables,
)
from r_designs import Design, Made, Replicated, Survey, groups
from r_syntax import Call, Name, Node, Number, OutOfScope, deparse
from scipy.special import expit, stdtr

from barograph.estimate import independence, regression
from barograph.estimate.figures import element_variance
from barograph.estimate.intervals import POLICIES
from barograph.estimate.intervals import quantile as t_quantile
from barograph.estimate.moments import Moments
from barograph.estimate.quantiles import Quantile, cut, quantile, replicate_quantile, woodruff
from barograph.estimate.replicates import covariance_of

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

    def ends(self, df: float = np.inf) -> tuple[np.ndarray, np.ndarray]:
        """Interval at 95%: its own, or by t with `df`."""
        if self.interval is not None:
            return self.interval
        half = t_quantile(df, 0.95) * self.errors
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


def _variables(args: dict[str, Node], design: Design) -> tuple[list[str], np.ndarray, np.ndarray]:
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
    names, y, inside = _variables(args, design)
    made = design.mean(y, inside)
    return Stat(names, made, design, _deff(args, design, y, inside, made, 1.0))


def svytotal(call: Call, design: Design, run: Run) -> Stat:
    args = matched(call, "x design na.rm deff influence return.replicates")
    names, y, inside = _variables(args, design)
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
    return np.diagonal(made.covariance) / (spread * drawn / n)


def _element_variance(w: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Element variances (b, k) with weights (b, n) of y (n, k)."""
    centre = (w @ y) / w.sum(axis=1)[:, None]
    squares = (w @ y**2) / w.sum(axis=1)[:, None] - centre**2
    return squares * len(y) / (len(y) - 1)


def svyvar(call: Call, design: Design, run: Run) -> Stat:
    args = matched(call, "x design na.rm")
    names, y, inside = _variables(args, design)
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


def _restricted(design: Design, inside: np.ndarray) -> Design:
    return replace(design, inside=design.inside & inside)


@dataclass(frozen=True)
class By:
    """A statistic by domains."""

    rows: list[tuple[Expect, Stat]]
    joint: bool
    design: Design

    def report(self) -> list[Expect]:
        return [values | self._columns(stat) for values, stat in self.rows]

    def _columns(self, stat: Stat) -> Expect:
        """Estimates and errors under every name that R gives them in some kind of statistic."""
        errors, (low, high) = stat.errors, stat.ends()
        with np.errstate(divide="ignore", invalid="ignore"):
            cv = errors / stat.made.values
        parts = {
            "se": errors, "ci_l": low, "ci_u": high, "cv": cv, "cv%": cv * 100, "var": errors**2,
            "DEff": stat.deff if stat.deff is not None else [],
        }  # fmt: skip
        found = dict(zip(stat.names, stat.made.values, strict=True))
        alone = len(stat.names) == 1
        if alone:
            found["V1"] = stat.made.values[0]
        for part, column in parts.items():
            for i, (name, value) in enumerate(zip(stat.names, column, strict=False)):
                known = [f"{part}.{name}", f"{part}{i + 1}", f"{part}.as.numeric({name})"]
                found |= dict.fromkeys([*known, part] if alone else known, value)
        return found

    def stat(self) -> Stat:
        """All domains as one vector; without covmat R takes them as independent."""
        stats = [stat for _, stat in self.rows]
        keys = [".".join(_label(v) for v in values.values()) for values, _ in self.rows]
        many = len(stats[0].names) > 1
        # R runs through the domains first, then through the variables.
        order = [(d, j) for j in range(len(stats[0].names)) for d in range(len(stats))]
        names = [f"{keys[d]}:{stats[d].names[j]}" if many else keys[d] for d, j in order]
        index = [d * len(stats[0].names) + j for d, j in order]
        values = np.concatenate([s.made.values for s in stats])[index]
        covariance = self._covariance(stats)[np.ix_(index, index)]
        return Stat(names, Made(values, covariance), self.design)

    def _covariance(self, stats: list[Stat]) -> np.ndarray:
        if not self.joint:
            sizes = [len(s.names) for s in stats]
            found = np.zeros((sum(sizes), sum(sizes)))
            for start, s in zip(np.cumsum([0, *sizes]), stats, strict=False):
                end = start + len(s.names)
                found[start:end, start:end] = s.made.covariance
            return found
        if isinstance(self.design, Survey) and self.design.margins is not None:
            raise OutOfScope("contrasts of domains of a calibrated design, where R fails")
        if isinstance(self.design, Survey):
            u = np.concatenate([s.made.figures.u for s in stats if s.made.figures], axis=1)
            return self.design.units.linear.covariance_of_units(self.design.w, u)
        found = np.concatenate([s.made.replicates for s in stats], axis=1)
        values = np.concatenate([s.made.values for s in stats])
        return covariance_of(values, found, self.design.replicates)


def _label(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def svyby(call: Call, design: Design, run: Run) -> By:
    formals = (
        "formula by design FUN deff keep.var keep.names verbose vartype drop.empty.groups covmat "
        "na.rm.by na.rm.all return.replicates multicore"
    )
    args = matched(call, formals, beyond=True)
    refuse("svyby", args, "na.rm.all", "return.replicates")
    if "keep.var" in args and not flag(args["keep.var"]):
        raise OutOfScope("svyby without variances")
    fun = args["FUN"]
    if not (isinstance(fun, Name) and fun.name in STATISTICS):
        raise OutOfScope(f"svyby of {deparse(fun)}")
    passed = tuple((k, v) for k, v in args.items() if k not in formals.split() or k == "deff")
    inner = Call(fun.name, (("", args["formula"]), *passed))
    made = STATISTICS[fun.name]
    rows = []
    for values, here in groups(args["by"], design):
        part = _restricted(design, here)
        found = made(inner, part, run)
        rows.append((values, found.stat() if isinstance(found, Quantiles) else found))
    return By(rows, flag(args.get("covmat")), design)


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
    fit = _fitted(design, y[:, 0], np.ones((len(y), 1)), True)
    half = t_quantile(df, level) * np.sqrt(np.diagonal(fit.covariance))
    ends = expit(fit.values - half), expit(fit.values + half)
    values = Made(expit(fit.values), made.covariance, made.figures, made.replicates)
    return Stat([name], values, design, interval=ends)


def svyciprop_report(stat: Stat) -> Expect:
    low, high = stat.ends()
    return {"estimate": stat.made.values[0], "ci95": [low[0], high[0]], "se": stat.errors[0]}


def _complete(design: Design, *columns: np.ndarray) -> np.ndarray:
    missing = np.isnan(np.column_stack(columns)).any(axis=1)
    return design.inside & ~missing


def _fitted(design: Design, y: np.ndarray, x: np.ndarray, binary: bool) -> Made:
    """Coefficients with their covariance; a logistic regression stops where R does, at 1e-8."""
    inside = _complete(design, y, x)
    typical = _typical(design)
    if isinstance(design, Survey):
        if binary:
            fit = regression.logistic(design.units, y, x, inside, 1e-8, typical)
        else:
            fit = regression.linear(design.units, y, x, inside)
        return Made(fit.values, fit.covariance, fit)
    y, x = y[inside], x[inside]
    full = regression.logistic_fit(y, x, design.w[inside], 1e-8, typical) if binary else None

    def of(weights: np.ndarray) -> np.ndarray:
        if full is None:
            return np.stack(
                [regression.least_squares(y, x, w).coefficients for w in weights[:, inside]]
            )
        fits = [
            regression.logistic_fit(y, x, w, 1e-8, w.sum(), full.coefficients)
            for w in weights[:, inside]
        ]
        return np.stack([fit.coefficients for fit in fits])

    made = design.made(of)
    if full is None:
        return made
    covariance = covariance_of(full.coefficients, made.replicates, design.replicates)
    return Made(full.coefficients, covariance, None, made.replicates)


def _typical(design: Design) -> float:
    """The mean weight of the rows that R keeps, those with missing answers too."""
    return float(design.w[design.inside].sum()) / design.rows


@dataclass(frozen=True)
class Model:
    """A fitted regression."""

    stat: Stat
    term_of: list[int]
    labels: list[frozenset[str]]
    df: float

    def report(self) -> Expect:
        values, errors = self.stat.made.values, self.stat.errors
        t = values / errors
        columns = {"coef": values, "se": errors, "t": t, "p_value": 2 * stdtr(self.df, -np.abs(t))}
        found: Expect = {
            key: dict(zip(self.stat.names, column, strict=True)) for key, column in columns.items()
        }
        return found | {"df_residual": self.df}


FAMILIES = {"gaussian": False, "quasibinomial": True, "binomial": True}


def svyglm(call: Call, design: Design, run: Run) -> Model:
    args = matched(call, "formula design subset family start rescale")
    refuse("svyglm", args, "start", "subset")
    family = args.get("family", Name("gaussian"))
    name = family.name if isinstance(family, Name | Call) else choice(family, "gaussian")
    if name not in FAMILIES or (isinstance(family, Call) and family.args):
        raise OutOfScope(f"family {deparse(family)}")
    formula = args["formula"]
    if not (isinstance(formula, Call) and len(formula.args) == 2):
        raise OutOfScope("a model without a formula")
    answer = evaluate(formula.args[0][1], design.data)
    if answer.levels is not None and not answer.logical:
        raise OutOfScope("regression of a factor")
    matrix = _independent(_model_matrix(formula, design), design)
    made = _fitted(design, answer.values, matrix.x, FAMILIES[name])
    inside = _complete(design, answer.values, matrix.x) if isinstance(design, Survey) else None
    df = design.degf(inside) + 1 - len(matrix.names)
    return Model(Stat(matrix.names, made, design), matrix.term_of, matrix.labels, df)


def _model_matrix(formula: Call, design: Design) -> ModelMatrix:
    """From the rows R keeps, without those with missing values; factors lose unused levels."""
    names = all_names(formula) & set(design.data)
    kept = np.ones(len(design.w), bool) if design.rows == len(design.w) else design.inside
    for name in names:
        kept = kept & ~design.data[name].missing
    part = {name: column.at(kept) for name, column in design.data.items() if name in names}
    if any(c.levels and len(c.levels) < 2 for c in part.values()):
        raise OutOfScope("a factor of one level in a model")
    matrix = model_matrix(formula, part or {"": Column(np.zeros(int(kept.sum())))})
    x = np.full((len(kept), len(matrix.names)), np.nan)
    x[kept] = matrix.x
    return ModelMatrix(matrix.names, x, matrix.term_of, matrix.labels)


def _independent(matrix: ModelMatrix, design: Design) -> ModelMatrix:
    """Without columns that earlier ones make up, as R leaves them out."""
    x = matrix.x[design.inside]
    x = x[~np.isnan(x).any(axis=1)]
    x = x / np.maximum(np.sqrt((x**2).sum(axis=0)), 1e-300)
    kept, basis = [], np.zeros((len(x), 0))
    for j in range(x.shape[1]):
        rest = x[:, j] - basis @ (basis.T @ x[:, j])
        rest = rest - basis @ (basis.T @ rest)
        if (length := np.sqrt(rest @ rest)) > 1e-7:
            kept.append(j)
            basis = np.column_stack([basis, rest / length])
    if isinstance(design, Replicated) and len(kept) < x.shape[1]:
        raise OutOfScope("columns that repeat each other, with replicates")
    names, owner = [matrix.names[j] for j in kept], [matrix.term_of[j] for j in kept]
    return ModelMatrix(names, matrix.x[:, kept], owner, matrix.labels)


def reg_term_test(call: Call, run: Run) -> Expect:
    args = matched(call, "model test.terms null df method")
    refuse("regTermTest", args, "null")
    if choice(args.get("method"), "Wald WorkingWald LRT") != "Wald":
        raise OutOfScope("likelihood ratio tests")
    model = run(args["model"])
    if not isinstance(model, Model):
        raise OutOfScope("regTermTest of no regression")
    wanted = args["test.terms"]
    found = model_labels(wanted)
    which = [i for i, term in enumerate(model.term_of) if term >= 0 and model.labels[term] in found]
    if not which or not all(label in model.labels for label in found):
        raise OutOfScope("terms that are not in the model")
    df = float(run(args["df"])) if "df" in args else model.df
    made = model.stat.made
    test = regression.wald(made.values, made.covariance, which, df)
    report = {"df": test.ndf, "p_value": test.p}
    if np.isinf(df):
        return report | {"chisq": test.f * test.ndf}
    return report | {"Ftest": test.f, "ddf": df}


def model_labels(wanted: Node) -> list[frozenset[str]]:
    """Terms of a one-sided formula or of texts such as "a:b"."""
    if isinstance(wanted, Call) and wanted.name == "~":
        parts = terms(wanted)
        return [
            frozenset(deparse(p) for _, p in t.args)
            if isinstance(t, Call) and t.name == ":"
            else frozenset([deparse(t)])
            for t in parts
        ]
    texts = constant(wanted)
    return [frozenset(t.split(":")) for t in ([texts] if isinstance(texts, str) else texts)]


def svyttest(call: Call, design: Design, run: Run) -> Expect:
    args = matched(call, "formula design na.rm")
    formula = args["formula"]
    if not (isinstance(formula, Call) and len(formula.args) == 2):
        raise OutOfScope("a t-test without a formula")
    (_, left), (_, right) = formula.args
    if isinstance(right, Number):
        passed = tuple((k, v) for k, v in args.items() if k == "na.rm")
        mean = svymean(Call("svymean", (("", Call("~", (("", left),))), *passed)), design, run)
        return _t_report("mean", mean.made.values[0], mean.errors[0], design.degf() - 1)
    model = svyglm(Call("svyglm", (("", formula),)), design, run)
    if len(model.stat.names) != 2:
        raise OutOfScope("a t-test of more than two groups")
    value, error = model.stat.made.values[1], model.stat.errors[1]
    return _t_report("difference in mean", value, error, model.df)


def _t_report(name: str, value: float, error: float, df: float) -> Expect:
    half = t_quantile(df, 0.95) * error
    return {
        "statistic": {"t": value / error},
        "parameter": {"df": df},
        "p_value": 2 * stdtr(df, -abs(value / error)),
        "estimate": {name: value},
        "conf_int": [value - half, value + half],
    }


def svychisq(call: Call, design: Design, run: Run) -> Expect:
    args = matched(call, "formula design statistic na.rm")
    statistic = choice(args.get("statistic"), "F Chisq Wald adjWald lincom saddlepoint")
    parts = terms(args["formula"])
    if statistic not in ("F", "Chisq", "Wald", "adjWald") or len(parts) != 2:
        raise OutOfScope(f"svychisq by {statistic}")
    a, b = (evaluate(part, design.data) for part in parts)
    columns = [indicators(Call("factor", (("", part),)), design.data)[1] for part in parts]
    cells = (columns[0][:, :, None] * columns[1][:, None, :]).reshape(len(columns[0]), -1)
    inside = design.inside & ~a.missing & ~b.missing
    kept = [np.flatnonzero(column[inside].sum(axis=0) > 0) for column in columns]
    shape = len(columns[0][0]), len(columns[1][0])
    unknown = "na.rm" in args and not flag(args["na.rm"]) and bool((design.inside & ~inside).any())
    if unknown:
        raise OutOfScope("a table with missing values kept")
    if min(map(len, kept)) < 2:
        raise OutOfScope("a table of one row or column")
    df = design.table_df
    if statistic in ("Wald", "adjWald"):
        made = design.total(cells, inside)
        which = np.ravel_multi_index(np.ix_(*kept), shape).ravel()
        totals = made.values[which].reshape(len(kept[0]), len(kept[1]))
        test = independence.wald(
            totals, made.covariance[np.ix_(which, which)], df, statistic == "adjWald"
        )
        return _test_report("F", test.f, {"ndf": test.ndf, "ddf": test.ddf}, test.p)
    made = design.mean(cells, inside)
    tables = independence.Tables(
        made.values.reshape(shape), made.covariance, np.array(float(design.rows))
    )
    found = independence.rao_scott(tables, df)
    if statistic == "F":
        return _test_report("F", found.f, {"ndf": found.ndf, "ddf": found.ddf}, found.p)
    return _test_report("X-squared", found.chi_square, {"df": found.df}, found.p_first)


def _test_report(name: str, statistic: Any, parameter: Expect, p: Any) -> Expect:
    return {
        "statistic": {name: statistic}, "parameter": parameter, "p_value": p,
        "estimate": None, "conf_int": None,
    }  # fmt: skip


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
    names, y, inside = _variables(args, design)
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


STATISTICS: dict[str, Callable[[Call, Design, Run], Any]] = {
    "svymean": svymean, "svytotal": svytotal, "svyvar": svyvar, "svyratio": svyratio,
    "svyciprop": svyciprop, "svyquantile": svyquantile,
}  # fmt: skip
