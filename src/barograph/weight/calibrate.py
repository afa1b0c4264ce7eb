"""Weights that make respondents add up to the population: N/n, post-stratification, raking.

Raking solves min sum w0 G(w/w0) subject to the margins with the multiplicative distance
(Deville and Särndal 1992, case 2) by iterative proportional fitting (Deming and Stephan 1940)
on the cells of the frame: within a cell all factors are equal, so a sweep costs C, not n.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from barograph.errors import NoWeights
from barograph.frame import Frame
from barograph.weight.sample import Design, Floats, Ints, Sample, WeightRecord, design_of

TOLERANCE = 1e-13
MAX_SWEEPS = 10_000
Factors = tuple[Floats, int]


def calibrate(
    frame: Frame,
    units: Sequence[str],
    margins: Sequence[str],
    method: str,
    stratum: str | None = None,
) -> Sample:
    """Respondents `units` (codes of the frame) weighted to `margins` (names of domains).

    Weights before calibration are N_h/n_h in each stratum (N/n without strata). NoWeights when a
    stratum or a category of a margin has units but no respondent.
    """
    if method not in METHODS:
        raise NoWeights(f"unknown weighting {method!r}", todo=f"Known are {', '.join(METHODS)}")
    crossed = _crossed(method, margins)
    design = design_of(frame, stratum, crossed)
    cell = _cells_of(frame, design, units)
    w0 = _base_weights(design, cell)
    categories = [_categories(design, margin) for margin in crossed]
    for margin, labels in zip(crossed, categories, strict=True):
        _refuse_empty(design, cell, margin, labels)
    mass = np.bincount(cell, weights=w0, minlength=len(design.size)).astype(float)
    factor, sweeps = METHODS[method](design, mass, categories)
    w1 = w0 * factor[cell]
    record = _record(design, cell, w1, method, margins, sweeps)
    return Sample(frame, design, cell, w0, w1, record)


def _crossed(method: str, margins: Sequence[str]) -> list[tuple[str, ...]]:
    """Margins as tuples of domains: post-stratification crosses all, raking takes each alone."""
    if method == "none" or not margins:
        return []
    return [tuple(margins)] if method == "poststratification" else [(m,) for m in margins]


def _cells_of(frame: Frame, design: Design, units: Sequence[str]) -> Ints:
    position = {values: i for i, values in enumerate(design.values)}
    columns = [frame.attributes[name] for name in design.domains]
    rows = [frame.row_of[str(unit)] for unit in units]
    return np.array([position[tuple(str(c[r]) for c in columns)] for r in rows], dtype=np.intp)


def _base_weights(design: Design, cell: Ints) -> Floats:
    stratum = design.stratum[cell]
    population = design.stratum_size
    answered = np.bincount(stratum, minlength=len(population))
    if np.any(answered == 0):
        raise NoWeights(
            f"{int((answered == 0).sum())} stratum has no respondent",
            todo="Merge it with another stratum",
        )
    return np.asarray((population / answered)[stratum])


def _categories(design: Design, margin: Sequence[str]) -> Ints:
    """Index of the margin's category for each cell, categories in sorted order."""
    columns = [design.domains.index(name) for name in margin]
    keys = [tuple(cell[k] for k in columns) for cell in design.values]
    index = {key: i for i, key in enumerate(sorted(set(keys)))}
    return np.array([index[key] for key in keys], dtype=np.intp)


def _refuse_empty(design: Design, cell: Ints, margin: Sequence[str], labels: Ints) -> None:
    answered = np.bincount(labels[cell], minlength=labels.max() + 1)
    units = np.bincount(labels, weights=design.size)
    for k in np.flatnonzero(answered == 0):
        columns = [design.domains.index(name) for name in margin]
        values = design.values[int(np.flatnonzero(labels == k)[0])]
        name = " and ".join(f"{design.domains[c]} {values[c]}" for c in columns)
        raise NoWeights(
            f"margin {' x '.join(margin)}: {name} has {units[k]:.0f} units and no respondent",
            todo="Leave this margin out of wave.toml or merge the category with another",
        )


def _unchanged(design: Design, mass: Floats, categories: Sequence[Ints]) -> Factors:
    return np.ones_like(mass), 0


def _rake(design: Design, mass: Floats, categories: Sequence[Ints]) -> Factors:
    """Factor per cell, and the number of sweeps until no margin moves by more than TOLERANCE."""
    factor = np.ones_like(mass)
    targets = [np.bincount(labels, weights=design.size) for labels in categories]
    for sweep in range(1, MAX_SWEEPS + 1):
        moved = 0.0
        for labels, target in zip(categories, targets, strict=True):
            ratio = target / np.bincount(labels, weights=mass * factor)
            factor *= ratio[labels]
            moved = max(moved, float(np.abs(ratio - 1).max()))
        if moved <= TOLERANCE:
            return factor, sweep
    raise NoWeights(
        f"raking does not converge in {MAX_SWEEPS} sweeps (last step {moved:.1e})",
        todo="The margins contradict each other on the cells that answered; use fewer",
    )


METHODS: dict[str, Callable[[Design, Floats, Sequence[Ints]], Factors]] = {
    "none": _unchanged,
    "poststratification": _rake,  # one crossed margin: a single sweep solves it
    "raking": _rake,
}


def _record(
    design: Design, cell: Ints, w1: Floats, method: str, margins: Sequence[str], sweeps: int
) -> WeightRecord:
    reached = design.margins[cell].T @ w1
    wanted = design.margins.T @ design.size
    effective = float(w1.sum() ** 2 / (w1**2).sum())
    return WeightRecord(
        method=method,
        margins=tuple(margins) if method != "none" else (),
        population=int(design.size.sum()),
        respondents=len(cell),
        iterations=sweeps,
        margin_error=float(np.abs(reached / wanted - 1).max()),
        lowest=float(w1.min()),
        highest=float(w1.max()),
        effective_n=effective,
        design_effect=len(cell) / effective,
    )
