"""Replicate weights: jackknife, balanced half-samples, bootstrap, or given; block by block.

A replicate is a weight vector; a block (b, n) holds some of them, so that n x R never stands in
memory. The variance of anything computed from weights is scale * sum_r c_r (t_r - t)^2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from barograph.errors import BadInput, NoWeights
from barograph.weight.sample import Floats, Ints

BLOCK = 64  # replicates at once
Blocks = Callable[[], Iterator[Floats]]
Estimator = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Replicates:
    """R replicates of the final weights `w` (n).

    `blocks()` yields them as (b, n); `scale` and `rscales` (R) as in the module's formula; `mse`:
    deviations from the figure of the full sample, else from the mean of the replicates. `df`
    degrees of freedom.
    """

    w: Floats
    blocks: Blocks
    scale: float
    rscales: Floats
    mse: bool
    df: float


def replicate_covariance(estimator: Estimator, replicates: Replicates) -> tuple[Floats, Floats]:
    """Values (k) and covariance (k, k) of what `estimator` makes of weights: (b, n) to (b, k)."""
    values = estimator(replicates.w[None, :])[0]
    return values, covariance_of(values, replicate_values(estimator, replicates), replicates)


def replicate_values(estimator: Estimator, replicates: Replicates) -> Floats:
    """The figures of each replicate (R, k)."""
    found = [np.zeros((0, len(estimator(replicates.w[None, :])[0])))]
    return np.concatenate(found + [estimator(block) for block in replicates.blocks()])


def covariance_of(values: Floats, of_replicates: Floats, replicates: Replicates) -> Floats:
    """Covariance (k, k) of `values` (k) from those of the replicates (R, k); without any, 0.

    A replicate without a value, such as one that leaves nobody in a domain, is passed over.
    BadInput where none has one.
    """
    if not len(of_replicates):
        return np.zeros((len(values), len(values)))
    known = ~np.isnan(of_replicates).any(axis=1)
    if not known.any():
        raise BadInput("no replicate has a value", todo="Leave missing answers out of the domain")
    rscales, of_replicates = replicates.rscales[known], of_replicates[known]
    centre = values if replicates.mse else of_replicates[rscales > 0].mean(axis=0)
    deviations = of_replicates - centre
    return np.asarray((deviations * rscales[:, None]).T @ deviations * replicates.scale)


def jackknife(
    w: Floats, psu: Ints, stratum: Ints | None = None, population: Floats | None = None
) -> Replicates:
    """Each PSU left out once, the others of its stratum weighted up: JKn, or JK1 with one stratum.

    `psu` (n) 0..P-1, `stratum` (n) 0..H-1, `population` (H) PSUs in the population; the scale of a
    replicate is (1 - f_h)(n_h - 1)/n_h (Wolter 2007, section 4.5). A stratum seen as a whole adds
    none. NoWeights for a stratum with one PSU.
    """
    of_psu, sampled, unseen = _strata(psu, stratum, population)
    if np.any((sampled == 1) & (unseen > 0)):
        raise NoWeights("a stratum has one PSU: the jackknife cannot leave it out", todo="Merge it")
    left_out = np.flatnonzero(unseen[of_psu] > 0)
    n = sampled[of_psu]

    def blocks() -> Iterator[Floats]:
        for some in _parts(left_out):
            same = of_psu[some][:, None] == of_psu
            up = np.where(same, (n / np.maximum(n - 1, 1))[None, :], 1.0)
            up[np.arange(len(some)), some] = 0.0
            yield up[:, psu] * w

    rscales = (unseen * (sampled - 1) / np.maximum(sampled, 1))[of_psu][left_out]
    df = float(len(left_out) - (unseen > 0).sum())
    return Replicates(w, blocks, 1.0, rscales, False, df)


def balanced(w: Floats, psu: Ints, stratum: Ints, rho: float = 0.0) -> Replicates:
    """Balanced half-samples of strata of two PSUs (McCarthy 1969), or Fay's softer ones.

    One PSU of each pair gets `rho` times its weight, the other 2 - rho (Judkins 1990); with 0 this
    is BRR. Strata of 4, 6, ... PSUs count as pairs in their order. No finite population correction.
    NoWeights for an odd stratum.
    """
    first, pair = _pairs(psu, stratum)
    signs = hadamard(int(pair.max()) + 1)[1 : int(pair.max()) + 2].T

    def blocks() -> Iterator[Floats]:
        for some in _parts(np.arange(len(signs))):
            chosen = (signs[some][:, pair] > 0) == first
            yield np.where(chosen, 2 - rho, rho)[:, psu] * w

    scale = 1 / (len(signs) * (1 - rho) ** 2)
    return Replicates(w, blocks, scale, np.ones(len(signs)), False, float(pair.max() + 1))


def hadamard(rows: int) -> Ints:
    """Matrix of 1 and -1 with orthogonal rows, more than `rows` of them and at least 4.

    The smallest that doubling (Sylvester 1867) makes of 1 or of a prime order of Paley (1933).
    """
    orders = range(4 * (max(rows, 3) // 4) + 4, 8 * max(rows, 3), 4)
    return next(matrix for order in orders if (matrix := _of_order(order)) is not None)


def _of_order(order: int) -> Ints | None:
    """A Hadamard matrix, None where neither construction has this order."""
    if order == 1:
        return np.ones((1, 1), dtype=np.intp)
    if order % 4 == 0 and _is_prime(order - 1) and order & (order - 1):
        return _paley(order - 1)
    half = _of_order(order // 2) if order % 2 == 0 else None
    return None if half is None else np.block([[half, half], [half, -half]])


def _paley(prime: int) -> Ints:
    """Bordered by 1; within, -1 where row plus column is a square modulo `prime` (4k + 3)."""
    numbers = np.arange(prime)
    square = np.isin((numbers[:, None] + numbers) % prime, numbers**2 % prime)
    return np.pad(np.where(square, -1, 1), ((1, 0), (1, 0)), constant_values=1)


def _is_prime(number: int) -> bool:
    return number > 1 and all(number % d for d in range(2, int(number**0.5) + 1))


def bootstrap(
    w: Floats,
    psu: Ints,
    count: int,
    rng: np.random.Generator,
    stratum: Ints | None = None,
    population: Floats | None = None,
) -> Replicates:
    """Rescaled bootstrap of n_h - 1 PSUs with replacement in each stratum.

    Weights times 1 - s + s n_h/(n_h - 1) t, t the times drawn, s = sqrt(1 - f_h) (Rao and Wu 1988;
    Rao, Wu and Yue 1992). `rng` gives the same replicates at every pass. NoWeights for a stratum
    with one PSU.
    """
    of_psu, sampled, unseen = _strata(psu, stratum, population)
    if np.any((sampled == 1) & (unseen > 0)):
        raise NoWeights("a stratum has one PSU: the bootstrap cannot draw it", todo="Merge it")
    state = rng.bit_generator.state
    members = [np.flatnonzero(of_psu == h) for h in range(len(sampled))]

    def blocks() -> Iterator[Floats]:
        rng.bit_generator.state = state
        for some in _parts(np.arange(count)):
            factor = np.ones((len(some), len(of_psu)))
            for h, psus in enumerate(members):
                factor[:, psus] = _rescaled(rng, len(some), len(psus), unseen[h])
            yield factor[:, psu] * w

    df = float(len(of_psu) - len(sampled))
    return Replicates(w, blocks, 1 / count, np.ones(count), True, df)


def bootstrap_cells(
    n: Floats, stratum: Ints, population: Floats, count: int, rng: np.random.Generator
) -> Iterator[Floats]:
    """The same bootstrap on counts `n` (C, L) of respondents by design row and level.

    A multinomial over respondents, summed by level, is one over levels. Yields blocks (b, C, L) of
    factors for the sums of weights; respondents of a cell must weigh the same.
    """
    strata = np.broadcast_to(stratum[:, None], n.shape)
    sampled = np.bincount(stratum, weights=n.sum(axis=1), minlength=len(population))
    for some in _parts(np.arange(count)):
        factor = np.ones((len(some), *n.shape))
        for h in np.flatnonzero(sampled > 1):
            here = (strata == h) & (n > 0)
            drawn = rng.multinomial(int(sampled[h]) - 1, n[here] / sampled[h], size=len(some))
            s = np.sqrt(max(1 - sampled[h] / population[h], 0.0))
            up = sampled[h] / (sampled[h] - 1)
            factor[:, here] = 1 - s + s * up * drawn / n[here]
        yield factor


def given(
    w: Floats,
    weights: Floats,
    scale: float,
    rscales: Floats,
    mse: bool = False,
    combined: bool = True,
    df: float | None = None,
) -> Replicates:
    """Replicates handed over with the data: `weights` (R, n), or without `combined` factors of w.

    Degrees of freedom are their rank minus 1, unless given.
    """
    factor = 1.0 if combined else w

    def blocks() -> Iterator[Floats]:
        for some in _parts(np.arange(len(weights))):
            yield weights[some] * factor

    rank = float(np.linalg.matrix_rank(weights * factor, rtol=1e-7)) - 1 if df is None else df
    return Replicates(w, blocks, scale, rscales, mse, rank)


def recalibrated(replicates: Replicates, calibrate: Estimator) -> Replicates:
    """Every replicate calibrated anew by `calibrate`, weights (n) to weights (n)."""

    def blocks() -> Iterator[Floats]:
        for block in replicates.blocks():
            yield np.array([calibrate(w) for w in block])

    r = replicates
    return Replicates(calibrate(r.w), blocks, r.scale, r.rscales, r.mse, r.df)


def _rescaled(rng: np.random.Generator, count: int, psus: int, unseen: float) -> Floats:
    if unseen == 0:
        return np.ones((count, psus))
    drawn = rng.multinomial(psus - 1, np.full(psus, 1 / psus), size=count)
    s = np.sqrt(unseen)
    return np.asarray(1 - s + s * psus / (psus - 1) * drawn)


def _strata(
    psu: Ints, stratum: Ints | None, population: Floats | None
) -> tuple[Ints, Floats, Floats]:
    """Stratum of each PSU (P), PSUs sampled in each stratum (H), part not sampled (H)."""
    of_psu = np.zeros(int(psu.max()) + 1, dtype=np.intp)
    if stratum is not None:
        of_psu[psu] = stratum
    sampled = np.bincount(of_psu).astype(float)
    whole = np.full(len(sampled), np.inf) if population is None else population
    unseen = 1 - sampled / whole
    return of_psu, sampled, np.where(unseen < 1e-7, 0.0, unseen)


def _pairs(psu: Ints, stratum: Ints) -> tuple[np.ndarray, Ints]:
    """Whether a PSU (P) is the first of its pair, and which pair it is; larger strata first."""
    of_psu, sampled, _ = _strata(psu, stratum, None)
    if np.any(sampled % 2 == 1):
        raise NoWeights(
            "balanced half-samples need two PSUs in each stratum",
            todo="Merge strata with an odd number, or use the jackknife",
        )
    first, pair, done = np.zeros(len(of_psu), dtype=bool), np.zeros(len(of_psu), dtype=np.intp), 0
    for h in sorted(np.flatnonzero(sampled), key=lambda h: sampled[h] == 2):
        psus = np.flatnonzero(of_psu == h)
        first[psus[::2]] = True
        pair[psus] = done + np.arange(len(psus)) // 2
        done += len(psus) // 2
    return first, pair


def _parts(index: Ints) -> Iterator[Ints]:
    for start in range(0, len(index), BLOCK):
        yield index[start : start + BLOCK]
