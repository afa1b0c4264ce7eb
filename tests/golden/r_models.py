"""Regressions of R `survey`, and the t-test that is one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from r_arguments import choice, constant, matched, refuse
from r_data import Column, all_names, evaluate, terms
from r_designs import Design, Made, Replicated, Survey
from r_model_matrix import ModelMatrix, model_matrix
from r_statistics import Expect, Run, Stat, svymean
from r_syntax import Call, Name, Node, Number, OutOfScope, Text, deparse
from scipy.special import stdtr

from barograph.estimate import regression
from barograph.estimate.intervals import quantile as t_quantile
from barograph.estimate.replicates import covariance_of


def _complete(design: Design, *columns: np.ndarray) -> np.ndarray:
    missing = np.isnan(np.column_stack(columns)).any(axis=1)
    return design.inside & ~missing


def fitted(design: Design, y: np.ndarray, x: np.ndarray, binary: bool) -> Made:
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
LINKS = {False: "identity", True: "logit"}


def svyglm(call: Call, design: Design, run: Run) -> Model:
    args = matched(call, "formula design subset family start rescale")
    refuse("svyglm", args, "start", "subset")
    family = args.get("family", Name("gaussian"))
    name = family.name if isinstance(family, Name | Call) else choice(family, "gaussian")
    links = [arg for _, arg in family.args] if isinstance(family, Call) else []
    if name not in FAMILIES or any(_word(link) != LINKS[FAMILIES[name]] for link in links):
        raise OutOfScope(f"family {deparse(family)}")
    formula = args["formula"]
    if not (isinstance(formula, Call) and len(formula.args) == 2):
        raise OutOfScope("a model without a formula")
    formula, y = _answer(formula, design, FAMILIES[name])
    matrix = _independent(_model_matrix(formula, design), design)
    made = fitted(design, y, matrix.x, FAMILIES[name])
    inside = _complete(design, y, matrix.x) if isinstance(design, Survey) else None
    df = design.degf(inside) + 1 - len(matrix.names)
    return Model(Stat(matrix.names, made, design), matrix.term_of, matrix.labels, df)


def _word(node: Node) -> str:
    return node.value if isinstance(node, Text) else deparse(node)


def _answer(formula: Call, design: Design, binary: bool) -> tuple[Call, np.ndarray]:
    """The formula without offsets, and the answers less them; of a factor all but its first level."""
    (_, left), (_, right) = formula.args
    answer = evaluate(left, design.data)
    if answer.levels is not None and not answer.logical and not binary:
        raise OutOfScope("linear regression of a factor")
    y = answer.values
    if answer.levels is not None and not answer.logical:
        y = np.where(answer.missing, np.nan, answer.values > 0)
    kept, offsets = None, 0.0
    for term in terms(right):
        if isinstance(term, Call) and term.name == "offset":
            offsets = offsets + evaluate(term.plain[0], design.data).values
        else:
            kept = term if kept is None else Call("+", (("", kept), ("", term)))
    if isinstance(offsets, float):
        return formula, y
    if binary:
        raise OutOfScope("a logistic regression with an offset")
    return Call("~", (("", left), ("", kept or Number(1.0)))), y - offsets


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
