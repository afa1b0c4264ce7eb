"""Questions that rank options: mean rank, Borda count, Plackett-Luce worth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from scipy.sparse.csgraph import connected_components

from barograph.errors import BadInput
from barograph.estimate.figures import Figures, Units, mean
from barograph.weight.sample import Bools, Floats, Ints

Ranking = Literal["borda", "mean_rank", "worth"]
TOLERANCE = 1e-13
MAX_STEPS = 200


def orders(answers: Sequence[str], options: Sequence[str]) -> Ints:
    """Options (n, K) in order of preference from answers such as "b a", -1 after the last ranked.

    Codes that are no option (a don't know) leave the row empty, as no answer does.
    """
    position = {option: k for k, option in enumerate(options)}
    found = np.full((len(answers), len(options)), -1, dtype=np.intp)
    for i, answer in enumerate(answers):
        codes = answer.split()
        if all(code in position for code in codes):
            found[i, : len(codes)] = [position[code] for code in codes]
    return found


def ranks(order: Ints) -> Floats:
    """Ranks (n, K): options that were not ranked share the mean of the places left; nan in none."""
    count = order.shape[1]
    given = (order >= 0).sum(axis=1)
    found = np.repeat(((given + 1 + count) / 2)[:, None], count, axis=1)
    row, place = np.nonzero(order >= 0)
    found[row, order[row, place]] = place + 1
    return np.where((given > 0)[:, None], found, np.nan)


def mean_rank(units: Units, order: Ints, inside: Bools | None = None) -> Figures:
    """Mean rank (K) of each option over those who ranked; 1 is best."""
    inside = units.restricted(inside) & (order[:, 0] >= 0)
    return mean(units, np.nan_to_num(ranks(order)), inside)


def borda(units: Units, order: Ints, inside: Bools | None = None) -> Figures:
    """Mean number (K) of options placed below each one: K minus its rank (Borda 1781)."""
    rank = mean_rank(units, order, inside)
    return rank.transform(order.shape[1] - rank.values, -np.eye(order.shape[1]))


def worth(units: Units, order: Ints, inside: Bools | None = None) -> Figures:
    """Worths (K), adding up to 1, of the Plackett-Luce model (Plackett 1975; Luce 1959).

    The ranked option is chosen at each place among those still there: maximises
    sum w log prod_s worth[o_s] / sum_(k there at s) worth[k]. Linearised values are the scores times
    the inverse information (Binder 1983). BadInput where some options always stand above the
    others: their worths have no bound (Hunter 2004, assumption 1).
    """
    inside = units.restricted(inside) & (order[:, 0] >= 0)
    w = units.w[inside]
    chosen, there = _choices(order[inside])
    _refuse_unbounded(chosen, there)
    theta = np.zeros(order.shape[1])
    for _ in range(MAX_STEPS):
        score, information = _derivatives(chosen, there, theta, w)
        step = np.linalg.pinv(information, hermitian=True) @ (w @ score)
        # Half steps where a full one would leap out of the quadratic range.
        theta = theta + step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < TOLERANCE:
            break
    value = np.exp(theta - theta.max())
    value /= value.sum()
    score, information = _derivatives(chosen, there, theta, w)
    log_worth = score @ np.linalg.pinv(information, hermitian=True)
    u = np.zeros((len(inside), len(value)))
    u[inside] = (log_worth - (log_worth @ value)[:, None]) * value
    return Figures(units, value, u, inside)


def _choices(order: Ints) -> tuple[Bools, Bools]:
    """By place (n, S, K): which option was chosen, and which were there to choose from."""
    count = order.shape[1]
    chosen = order[:, :, None] == np.arange(count)
    there = ~(np.cumsum(chosen, axis=1) - chosen).astype(bool)
    # A place that was not filled, or the last one left, is no choice.
    real = (order >= 0) & (there.sum(axis=2) > 1)
    return chosen & real[:, :, None], there & real[:, :, None]


def _derivatives(chosen: Bools, there: Bools, theta: Floats, w: Floats) -> tuple[Floats, Floats]:
    """Score of each respondent (n, K) and the information (K, K), by the logs of the worths."""
    value = there * np.exp(theta - theta.max())
    total = value.sum(axis=2, keepdims=True)
    p = value / np.where(total > 0, total, 1.0)
    score = (chosen - p).sum(axis=1)
    weighted = w[:, None, None] * p
    information = np.diag(weighted.sum(axis=(0, 1))) - np.einsum("nsj,nsk->jk", weighted, p)
    return score, information


def _refuse_unbounded(chosen: Bools, there: Bools) -> None:
    beaten = np.einsum("nsj,nsk->jk", chosen.astype(float), (there & ~chosen).astype(float)) > 0
    parts, _ = connected_components(beaten, directed=True, connection="strong")
    if parts > 1:
        raise BadInput(
            "no worths: some options always stand above the others "
            f"({parts} groups without a crossing preference)",
            todo="Use mean rank or Borda, or leave out options that nobody ranks",
        )
