"""Linear and logistic regression for the population, with design-based variance (Binder 1983)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, fdtrc, xlogy

from barograph.errors import BadInput
from barograph.estimate.figures import Figures, Units
from barograph.weight.sample import Bools, Floats

TOLERANCE = 1e-13
MAX_ITERATIONS = 50
LARGEST = 30.0  # a logit beyond this: yes and no are separated
REPEATED = 1e-7  # a column of X this near to others carries nothing of its own


@dataclass(frozen=True)
class Fit:
    """Coefficients (k), bread (X'WVX)^-1 (k, k) and score of each respondent over w (n, k)."""

    coefficients: Floats
    bread: Floats
    score: Floats


@dataclass(frozen=True)
class WaldTest:
    """F with its degrees of freedom and p."""

    f: float
    ndf: float
    ddf: float
    p: float


def linear(units: Units, y: Floats, x: Floats, inside: Bools | None = None) -> Figures:
    """Coefficients (k) of y (n) on x (n, k), a column of ones included, over those `inside`.

    Linearised values u = (X'WX)^-1 x (y - x'b) (Binder 1983, section 3). BadInput where columns
    repeat each other among them. Residual degrees of freedom: `residual_df`.
    """
    inside = units.restricted(inside)
    return _figures(units, inside, least_squares(y[inside], x[inside], units.w[inside]))


def logistic(
    units: Units,
    y: Floats,
    x: Floats,
    inside: Bools | None = None,
    tolerance: float = TOLERANCE,
    typical: float | None = None,
) -> Figures:
    """Coefficients (k) of the logit of y (n), 0..1, on x (n, k) over the respondents `inside`.

    Pseudo maximum likelihood by iteratively reweighted least squares until the deviance moves by
    less than `tolerance`, relatively; `typical` is the weight that counts as 1 in it, their mean
    without it. BadInput where columns repeat each other or no finite coefficients exist.
    """
    inside = units.restricted(inside)
    fit = logistic_fit(y[inside], x[inside], units.w[inside], tolerance, typical)
    return _figures(units, inside, fit)


def least_squares(y: Floats, x: Floats, w: Floats) -> Fit:
    """Weighted least squares of y (n) on x (n, k)."""
    b, bread = _solve(y, x, w)
    return Fit(b, bread, x * (y - x @ b)[:, None])


def logistic_fit(
    y: Floats,
    x: Floats,
    w: Floats,
    tolerance: float = TOLERANCE,
    typical: float | None = None,
    start: Floats | None = None,
) -> Fit:
    """Weighted logistic regression of y (n) on x (n, k) (McCullagh and Nelder 1989, section 2.5).

    `start` (k) coefficients to begin with, such as those of the full sample for a replicate.
    """
    if not np.all((y >= 0) & (y <= 1)):
        raise BadInput("logistic regression needs answers from 0 to 1")
    typical = float(w.mean()) if typical is None else typical
    w = w / typical
    mu = (w * y + 0.5) / (w + 1) if start is None else expit(x @ start)
    eta, before = np.log(mu / (1 - mu)), _deviance(y, mu, w)
    for _ in range(MAX_ITERATIONS):
        spread = mu * (1 - mu)
        b, bread = _solve(eta + (y - mu) / spread, x, w * spread)
        eta = x @ b
        if not np.abs(eta[w > 0]).max(initial=0) < LARGEST:
            break
        mu = expit(eta)
        now = _deviance(y, mu, w)
        if abs(now - before) < tolerance * (abs(now) + 0.1):
            # The last bread is of the coefficients before: scaled alike, the two agree.
            residual = (y - mu) * spread / (mu * (1 - mu))
            return Fit(b, bread / typical, x * residual[:, None])
        before = now
    raise BadInput(
        "the logistic regression has no finite coefficients",
        todo="A column separates yes from no: leave it out or merge its categories",
    )


def wald_test(figures: Figures, terms: list[int], df: float) -> WaldTest:
    """F test that the coefficients numbered `terms` are all 0, with `df` in the denominator."""
    return wald(figures.values, figures.covariance, terms, df)


def wald(values: Floats, covariance: Floats, terms: list[int], df: float) -> WaldTest:
    """F = b'V^-1 b / k of k `terms` (Fuller 1975); chi square over k where `df` is inf."""
    b, k = values[terms], len(terms)
    f = float(b @ np.linalg.solve(covariance[np.ix_(terms, terms)], b)) / k
    p = fdtrc(k, df, f) if np.isfinite(df) else fdtrc(k, 1e300, f)
    return WaldTest(f, float(k), df, float(p))


def residual_df(figures: Figures) -> float:
    """Degrees of freedom of the design, PSUs minus strata, plus 1, minus coefficients."""
    return figures.df + 1 - len(figures.values)


def _figures(units: Units, inside: Bools, fit: Fit) -> Figures:
    u = np.zeros((len(inside), len(fit.coefficients)))
    u[inside] = fit.score @ fit.bread
    return Figures(units, fit.coefficients, u, inside)


def _solve(y: Floats, x: Floats, w: Floats) -> tuple[Floats, Floats]:
    """Coefficients and (X'WX)^-1 by QR, which keeps twice the digits of the normal equations."""
    root = np.sqrt(w)
    length = np.sqrt(((root[:, None] * x) ** 2).sum(axis=0))
    q, r = np.linalg.qr(root[:, None] * x / np.where(length > 0, length, 1.0))
    if len(y) < x.shape[1] or np.any(np.abs(np.diagonal(r)) < REPEATED):
        raise BadInput(
            "columns of the regression repeat each other among these respondents",
            todo="Leave one of them out",
        )
    inverse = np.linalg.inv(r) / length[:, None]
    return inverse @ (q.T @ (root * y)), inverse @ inverse.T


def _deviance(y: Floats, mu: Floats, w: Floats) -> float:
    terms = xlogy(y, y) - xlogy(y, mu) + xlogy(1 - y, 1 - y) - xlogy(1 - y, 1 - mu)
    return float(2 * (w * terms).sum())
