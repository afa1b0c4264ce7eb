"""Is a question independent of a domain? Rao-Scott and Wald tests of two-way tables, in batches.

All take tables over any leading axes, so that 150 questions cost a few calls of numpy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, fdtrc

from barograph.estimate.cells import Cells
from barograph.estimate.estimate import Estimator
from barograph.estimate.items import Item
from barograph.estimate.linear import Linearisation
from barograph.weight.sample import Bools, Floats, Ints


@dataclass(frozen=True)
class Tables:
    """Two-way tables: `p` (..., R, K) adding up to 1, `covariance` (..., RK, RK), `n` answers."""

    p: Floats
    covariance: Floats
    n: Floats


@dataclass(frozen=True)
class RaoScott:
    """Pearson's chi square and its two corrections, each field (...).

    First order: `chi_square` / `mean_effect` against chi square with `df`. Second order: `f` with
    `ndf` and `ddf`. nan where the table has fewer than two rows or columns, or the test is unknown.
    """

    chi_square: Floats
    mean_effect: Floats
    df: Floats
    p_first: Floats
    f: Floats
    ndf: Floats
    ddf: Floats
    p: Floats


@dataclass(frozen=True)
class Wald:
    """F with its degrees of freedom and p, each (...)."""

    f: Floats
    ndf: Floats
    ddf: Floats
    p: Floats


def two_way(
    linear: Linearisation,
    cells: Cells,
    domain: Ints,
    domains: int,
    answered: Bools | None = None,
) -> Tables:
    """Tables (..., L, K) of the levels of questions by a domain that is constant in design rows.

    `cells` (..., C, L), `domain` (C) 0..K-1, -1 for rows left out; `answered` (..., L) tells the
    levels that count. Linearised value of a share: u = (1[level, domain] - p) / sum w within the
    base; covariance as `Linearisation.covariance`, without an array of (C, L, LK).
    """
    levels = np.ones(cells.n.shape[-1]) if answered is None else answered.astype(float)
    of_row = (domain[:, None] == np.arange(domains)).astype(float)
    inside = levels[..., None, :] * of_row.sum(axis=1)[:, None]
    total = (cells.w1 * inside).sum(axis=(-1, -2))[..., None, None]
    p = np.swapaxes(cells.w1 * inside, -1, -2) @ of_row / total
    shape = (*p.shape[:-2], p.shape[-1] * p.shape[-2])
    share = p.reshape(shape)[..., None, :] / total

    def by_row(weights: Floats) -> tuple[Floats, Floats]:
        """Sums over the levels of a row of w 1[level, domain] / total (..., C, LK), of w (..., C, 1)."""
        own = weights * inside
        hits = own[..., None] * of_row[:, None, :] / total[..., None]
        return hits.reshape(*hits.shape[:-2], -1), own.sum(axis=-1)[..., None]

    hits, base = by_row(cells.w0)
    fit = np.swapaxes(linear.fitted(np.swapaxes(hits - share * base, -1, -2)), -1, -2)
    hits, base = by_row(cells.w1)
    everybody = cells.w1.sum(axis=-1)[..., None]
    sums = np.swapaxes(hits - share * base - fit * everybody, -1, -2)
    products = (
        np.zeros((*shape, shape[-1]))
        if linear.psu is not None
        else _products(
            linear,
            by_row(cells.w1_squared),
            cells.w1_squared.sum(axis=-1)[..., None],
            share,
            fit,
            total,
        )
    )
    n = (cells.n * inside).sum(axis=(-1, -2))
    return Tables(p, linear.covariance_of_sums(products, sums), n)


def independence_of(
    estimator: Estimator, item: Item, domains: Sequence[Mapping[str, str]]
) -> RaoScott:
    """Whether the answers of a choice question, any `item` of it, hang on the domains they are in.

    `domains` share no unit. Fields are single numbers.
    """
    design = estimator.sample.design
    domain = np.full(len(design.values), -1)
    for k, where in enumerate(domains):
        domain[design.mask(where)] = k
    (cells,) = estimator.cells_of(estimator.sample, [item])
    tables = two_way(estimator.linear, cells, domain, len(domains), item.answered)
    return rao_scott(tables, estimator.linear.df())


def _products(
    linear: Linearisation,
    squares: tuple[Floats, Floats],
    everybody: Floats,
    share: Floats,
    fit: Floats,
    total: Floats,
) -> Floats:
    """Sum over respondents of scale w^2 e e' (..., LK, LK), e = hit/total - share - fit inside.

    Within a row e takes one value a level, so that diag(hits) and three products with the row's
    own vectors hold it all; outside the base e = -fit.
    """
    scale = linear.scale[linear.stratum][:, None]
    hits, base = (scale * part for part in squares)
    outside = scale * everybody - base
    centre = share + fit
    crossed = np.swapaxes(hits, -1, -2) @ centre
    found = np.swapaxes(centre * base, -1, -2) @ centre - crossed - np.swapaxes(crossed, -1, -2)
    found += np.swapaxes(fit * outside, -1, -2) @ fit
    k = np.arange(found.shape[-1])
    found[..., k, k] += hits.sum(axis=-2) / total[..., 0]
    return np.asarray(found)


def rao_scott(tables: Tables, df: float) -> RaoScott:
    """Pearson's test with the design's corrections (Rao and Scott 1984, eqs. 2.8 and 3.1).

    `df` degrees of freedom of the design (PSUs minus strata); the second-order F has ndf =
    (tr D)^2/tr D^2 and ddf = ndf * df (Thomas and Rao 1987). D = (C'P^-1 C)^-1 C'P^-1 V P^-1 C * n,
    C contrasts of the interaction, P = diag(p); empty rows and columns are left out, an empty cell
    adds nothing to D.
    """
    lead = tables.p.shape[:-2]
    p = tables.p.reshape(-1, *tables.p.shape[-2:])
    v = tables.covariance.reshape(len(p), *tables.covariance.shape[-2:])
    n = np.broadcast_to(tables.n, lead).reshape(-1)
    trace, square, size = (np.full(len(p), np.nan) for _ in range(3))
    for which, rows, columns in _shapes(p):
        if len(rows) > 1 and len(columns) > 1:
            kept = (rows[:, None] * p.shape[2] + columns).ravel()
            small = p[which][:, rows][:, :, columns].reshape(len(which), -1)
            delta = _delta(small, v[which][:, kept][:, :, kept], len(rows), len(columns))
            trace[which] = np.trace(delta, axis1=-2, axis2=-1) * n[which]
            square[which] = (delta * np.swapaxes(delta, -1, -2)).sum(axis=(-1, -2)) * n[which] ** 2
            size[which] = delta.shape[-1]
    expected = p.sum(axis=2, keepdims=True) * p.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = np.where(expected > 0, (p - expected) ** 2 / expected, 0.0)
        chi_square = np.where(np.isnan(size), np.nan, n * parts.sum(axis=(1, 2)))
        effect, ndf, f = trace / size, trace**2 / square, chi_square / trace
        found = (
            chi_square,
            effect,
            size,
            chdtrc(size, chi_square / effect),
            f,
            ndf,
            ndf * df,
            fdtrc(ndf, ndf * df, f),
        )
    return RaoScott(*(np.asarray(x).reshape(lead) for x in found))


def _delta(p: Floats, v: Floats, rows: int, columns: int) -> Floats:
    """Generalised design effects over n: (t, m, m) of t tables, p (t, RK)."""
    c = _interaction(rows, columns)
    inverse = np.divide(1.0, p, out=np.zeros_like(p), where=p > 0)
    scaled = inverse[..., None] * c
    denominator = c.T @ scaled
    numerator = np.swapaxes(scaled, -1, -2) @ v @ scaled
    try:
        return np.asarray(np.linalg.solve(denominator, numerator))
    except np.linalg.LinAlgError:  # empty cells leave some table without the interaction
        regular = np.linalg.cond(denominator) < 1e12
        delta = np.full_like(numerator, np.nan)
        delta[regular] = np.linalg.solve(denominator[regular], numerator[regular])
        return delta


def _interaction(rows: int, columns: int) -> Floats:
    """Contrasts of the interaction (RK, (R-1)(K-1)), orthogonal to rows and columns."""
    return np.asarray(np.kron(_contrasts(rows), _contrasts(columns)), dtype=float)


def _contrasts(count: int) -> Floats:
    """Helmert contrasts (count, count - 1), columns of length 1."""
    c = np.triu(np.ones((count, count - 1)))
    k = np.arange(1, count)
    c[k, k - 1] = -k
    return np.asarray(c / np.sqrt(k * (k + 1)), dtype=float)


def _shapes(p: Floats) -> list[tuple[Ints, Ints, Ints]]:
    """Tables that share their occupied rows and columns: which, rows, columns."""
    occupied = np.concatenate([p.sum(axis=2) > 0, p.sum(axis=1) > 0], axis=1)
    patterns, of = np.unique(occupied, axis=0, return_inverse=True)
    r = p.shape[1]
    return [
        (np.flatnonzero(of.ravel() == i), np.flatnonzero(x[:r]), np.flatnonzero(x[r:]))
        for i, x in enumerate(patterns)
    ]


def wald(totals: Floats, covariance: Floats, df: float, adjusted: bool = False) -> Wald:
    """Wald test that all T_rk = T_r T_k / T, from totals (..., R, K), covariance (..., RK, RK).

    Chi square over its degrees of freedom as F with `df` in the denominator (Koch, Freeman and
    Freeman 1975), or `adjusted` by (df - m + 1)/(df m) as F with df - m + 1 (Fellegi 1980; Thomas
    and Rao 1987). All rows and columns must be occupied.
    """
    rows, columns = totals.shape[-2:]
    m = (rows - 1) * (columns - 1)
    all_ = totals.sum(axis=(-1, -2))[..., None, None]
    of_rows = totals.sum(axis=-1, keepdims=True) / all_
    of_columns = totals.sum(axis=-2, keepdims=True) / all_
    distance = totals - of_rows * of_columns * all_
    # d(T_rk - T_r T_k / T) = dT_rk - (T_k/T) dT_r - (T_r/T) dT_k + (T_r T_k/T^2) dT
    same_row, same_column = np.eye(rows)[:, None, :, None], np.eye(columns)[None, :, None, :]
    r, k = of_rows[..., None, None], of_columns[..., None, None]
    gradient = same_row * same_column - k * same_row - r * same_column + r * k
    gradient = gradient[..., 1:, 1:, :, :].reshape(*totals.shape[:-2], m, rows * columns)
    y = distance[..., 1:, 1:].reshape(*totals.shape[:-2], m, 1)
    v = gradient @ covariance @ np.swapaxes(gradient, -1, -2)
    statistic = (np.swapaxes(y, -1, -2) @ np.linalg.solve(v, y))[..., 0, 0]
    ddf = df - m + 1 if adjusted else df
    f = statistic * ddf / (m * df) if adjusted else statistic / m
    ndf, ddf = np.full_like(f, m), np.full_like(f, ddf)
    return Wald(f, ndf, ddf, fdtrc(ndf, ddf, f))
