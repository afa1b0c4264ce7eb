"""Probability of response, by maximum likelihood or Firth's penalised likelihood."""

from __future__ import annotations

import numpy as np

from barograph.errors import NoWeights
from barograph.weight.sample import Bools, Floats

LOWEST = 0.05  # a propensity below it is raised to it, so that no weight exceeds 20
MAX_STEPS = 100
CONVERGED = 1e-10
SEPARATED = 15.0  # |logit| beyond it: the maximum of the likelihood lies at infinity


def response_propensity(x: Floats, answered: Bools, firth: bool = False) -> tuple[Floats, bool]:
    """Propensities (N) in [0.05, 1] of all units, and whether Firth's penalty was used.

    `x` (N, k) covariates without the constant, `answered` (N). Logistic regression of response;
    with `firth`, or where the likelihood has no maximum (a group has none or all respondents), its
    penalised form (Firth 1993; Heinze and Schemper 2002, eq. 2), always finite. NoWeights when
    nobody answered or a covariate is not finite.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(answered, dtype=float)
    if not y.any() or not np.all(np.isfinite(x)):
        raise NoWeights(
            "propensities need a respondent and finite covariates", todo="Fill what is missing"
        )
    z = _orthonormal(x)
    logit = None if firth else _fitted(z, y, 0.0)
    if logit is None:
        firth, logit = True, _fitted(z, y, 1.0)
    if logit is None:
        raise NoWeights(
            "the logistic propensity does not converge", todo="Use fewer variables, or cells"
        )
    return np.clip(_expit(logit), LOWEST, 1.0), firth


def _orthonormal(x: Floats) -> Floats:
    """Constant and covariates as orthonormal columns times sqrt(N); repeated ones fall away."""
    spread = x.std(axis=0)
    varying = x[:, spread > 0]
    scaled = np.column_stack(
        [np.ones(len(x)), (varying - varying.mean(axis=0)) / spread[spread > 0]]
    )
    u, values, _ = np.linalg.svd(scaled, full_matrices=False)
    return np.asarray(u[:, values > 1e-10 * values[0]] * np.sqrt(len(x)))


def _fitted(z: Floats, y: Floats, penalty: float) -> Floats | None:
    """Logits (N) that maximise log L + penalty/2 log |I|; None without a finite maximum.

    Fisher scoring on the score z'(y - pi + penalty h (1/2 - pi)), steps halved until the penalised
    likelihood rises.
    """
    logit = np.zeros(len(y))
    level, information, leverage = _likelihood(z, y, logit, penalty)
    for _ in range(MAX_STEPS):
        pi = _expit(logit)
        score = z.T @ (y - pi + penalty * leverage * (0.5 - pi))
        along = z @ np.linalg.solve(information, score)
        length = min(1.0, 5.0 / max(float(np.abs(along).max()), 1e-300))
        if np.abs(along).max() < CONVERGED:
            return logit
        for _ in range(30):
            tried = _likelihood(z, y, logit + length * along, penalty)
            if tried[0] >= level - 1e-12 * abs(level):
                break
            length /= 2
        logit = logit + length * along
        level, information, leverage = tried
        if not penalty and np.abs(logit).max() > SEPARATED:
            return None
    return None


def _likelihood(
    z: Floats, y: Floats, logit: Floats, penalty: float
) -> tuple[float, Floats, Floats]:
    """Penalised log likelihood, information (k, k), leverages h (N)."""
    pi = _expit(logit)
    spread = np.maximum(pi * (1 - pi), 1e-300)
    information = z.T @ (spread[:, None] * z)
    level = float((y * logit - np.logaddexp(0, logit)).sum())
    if not penalty:
        return level, information, np.zeros_like(pi)
    level += penalty * 0.5 * float(np.linalg.slogdet(information)[1])
    leverage = spread * np.einsum("ik,ik->i", z, np.linalg.solve(information, z.T).T)
    return level, information, leverage


def _expit(logit: Floats) -> Floats:
    return np.asarray(0.5 * (1 + np.tanh(logit / 2)))
