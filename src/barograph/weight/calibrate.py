"""The weights of a wave: propensity, calibration, trimming, and the record of what was done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from barograph.errors import NoWeights
from barograph.frame import Frame
from barograph.weight.calibration import calibrate_weights
from barograph.weight.margins import Categories, Margin, Reader, matrix, taken_all
from barograph.weight.propensity import response_propensity
from barograph.weight.raking import rake
from barograph.weight.sample import Bools, Design, Floats, Ints, Rows, Sample, WeightRecord
from barograph.weight.trimming import trim_and_calibrate
from barograph.weight.weighting import Propensity, Weighting

Calibrated = tuple[Floats, Floats, int]  # weights before, after, and the iterations


def calibrate(frame: Frame, units: Sequence[str], weighting: Weighting) -> Sample:
    """Respondents `units` (codes of the frame), weighted so that they add up to the population.

    Before calibration a weight is N_h/n_h in each stratum (N/n without strata), or 1 over the
    propensity. NoWeights when units have no respondent to speak for them, or no weights fit.
    """
    return _Weights(frame, units, weighting).sample()


class _Weights:
    """The steps on the way to the weights; `notes` gathers what the record tells."""

    def __init__(self, frame: Frame, units: Sequence[str], weighting: Weighting) -> None:
        self.frame, self.weighting = frame, weighting
        for column in weighting.columns():
            if column not in frame.attributes:
                known = ", ".join(frame.attributes)
                raise NoWeights(f"the frame has no column {column!r}", todo=f"It has {known}")
        self.rows = Rows.of(frame, weighting.columns())
        self.read = Reader(frame, self.rows)
        self.unit = np.array([frame.row_of[str(unit)] for unit in units], dtype=np.intp)
        self.cell: Ints = self.rows.of_unit[self.unit]
        self.size = self.rows.size
        self.answered = np.bincount(self.cell, minlength=len(self.size)).astype(float)
        self.notes: list[str] = []
        self.given_up: list[str] = []
        self.propensity = ""
        margins = self._margins()
        self.certain: Bools = taken_all(margins, self.size, self.answered)
        self.margins = list(self._completed([m.without(self.certain) for m in margins]))

    def sample(self) -> Sample:
        """Weights, design and record."""
        stratum = self._strata()
        population = np.asarray(np.bincount(stratum, weights=self.size), dtype=float)
        w0 = self._before(stratum, population)
        w0, w1, iterations = self._fitted(w0)
        x, _ = matrix(self.margins, ~self.certain)
        domains, rows = tuple(self.frame.domains), self.rows
        design = Design(domains, rows.values, rows.size, stratum, x, rows.of_unit)
        return Sample(self.frame, design, self.cell, w0, w1, self._record(x, w1, iterations))

    def _margins(self) -> list[Margin]:
        """Post-stratification crosses all its margins, calibration takes each alone."""
        weighting = self.weighting
        if weighting.method == "none":
            return []
        if weighting.method == "poststratification":
            return [self.read.categories("*".join(weighting.margins))]
        return [self.read.margin(name) for name in weighting.margins]

    def _completed(self, margins: Sequence[Margin]) -> Iterator[Margin]:
        """The margins all of whose categories have respondents; of others, those not given up."""
        for margin in margins:
            try:
                yield self._collapsed(margin) if isinstance(margin, Categories) else margin
            except NoWeights as error:
                if margin.name not in self.weighting.give_up:
                    raise
                self._give_up(margin.name, error)

    def _collapsed(self, margin: Categories) -> Categories:
        """Categories with few respondents taken together, where the wave says so."""
        margin, note = margin.collapsed(self.answered, self.weighting.minimum_respondents)
        self.notes += [note] if note else []
        empty = np.flatnonzero(margin.counts(self.answered) == 0)
        if len(empty):
            name, units = margin.categories[empty[0]], margin.counts(self.size)[empty[0]]
            raise NoWeights(
                f"margin {margin.name}: {name} has {units:.0f} units and no respondent",
                todo="Leave the margin out of wave.toml, or name minimum_respondents",
            )
        return margin

    def _give_up(self, name: str, error: NoWeights) -> None:
        self.given_up.append(name)
        self.notes.append(f"{name} given up: {error.what}")

    def _strata(self) -> Ints:
        """Stratum of each row (C); the last is that of rows taken whole."""
        name = self.weighting.stratum
        whole = np.zeros(len(self.size), dtype=np.intp)
        stratum = self.read.categories(name).label if name else whole
        return np.unique(np.where(self.certain, stratum.max() + 1, stratum), return_inverse=True)[
            1
        ].astype(np.intp)

    def _before(self, stratum: Ints, population: Floats) -> Floats:
        """Weights (n) before calibration."""
        answered = np.bincount(stratum, weights=self.answered, minlength=len(population))
        if np.any(answered == 0):
            raise NoWeights(
                f"{int((answered == 0).sum())} stratum has no respondent",
                todo="Merge it with another stratum",
            )
        w0 = (population / answered)[stratum][self.cell]
        if self.weighting.propensity:
            w0 = 1 / self._propensities(self.weighting.propensity)[self.unit]
        return np.asarray(np.where(self.certain[self.cell], 1.0, w0))

    def _propensities(self, propensity: Propensity) -> Floats:
        """Of each unit (N), among units that were not all taken."""
        open_units = ~self.certain[self.rows.of_unit]
        answered = np.zeros(len(self.frame), dtype=bool)
        answered[self.unit] = True
        rho = np.ones(len(self.frame))
        self.propensity = f"{propensity.method}: {', '.join(propensity.variables)}"
        if not open_units.any():
            return rho
        if propensity.method == "cells":
            cells = self.read.categories("*".join(propensity.variables)).without(self.certain)
            cells = self._collapsed(cells)
            rates = cells.counts(self.answered) / cells.counts(self.size)
            rho[open_units] = rates[cells.label[self.rows.of_unit[open_units]]]
            return rho
        columns = [self.read.margin(name).columns(whole=False)[0] for name in propensity.variables]
        x = np.column_stack(columns)[self.rows.of_unit][open_units]
        rho[open_units], firth = response_propensity(x, answered[open_units])
        self.propensity += " (Firth)" if firth else ""
        return rho

    def _fitted(self, w0: Floats) -> Calibrated:
        """Calibrated weights; margins of `give_up` are left out until there are any."""
        while True:
            try:
                return self._calibrated(w0)
            except NoWeights as error:
                left = [name for name in self.weighting.give_up if name not in self.given_up]
                if not left:
                    raise
                self._give_up(left[0], error)
                self.margins = [margin for margin in self.margins if margin.name != left[0]]

    def _calibrated(self, w0: Floats) -> Calibrated:
        """Weights before and after, of the respondents that do not keep weight 1; then all."""
        weighting, inside = self.weighting, ~self.certain[self.cell]
        before, cell = w0[inside], self.cell[inside]
        if weighting.method == "none" or not inside.any():
            return w0, w0.copy(), 0
        x, names = matrix(self.margins, ~self.certain)
        of_respondents, totals = x[cell], x.T @ self.size
        if weighting.method in ("raking", "poststratification") and self._counts_only():
            after, iterations = self._raked(before, cell)
        else:
            after, iterations = calibrate_weights(
                of_respondents, totals, before, weighting.method, weighting.bounds, names=names
            )
        if weighting.trim:
            before, after, more = trim_and_calibrate(
                after, *weighting.trim, of_respondents, totals, names
            )
            iterations += more
        first, final = w0.copy(), w0.copy()
        first[inside], final[inside] = before, after
        return first, final, iterations

    def _counts_only(self) -> bool:
        return all(isinstance(margin, Categories) for margin in self.margins)

    def _raked(self, w0: Floats, cell: Ints) -> tuple[Floats, int]:
        """By row: within one all factors are equal."""
        rows = ~self.certain
        mass = np.asarray(np.bincount(cell, w0, minlength=len(rows))[rows], dtype=float)
        margins = [m for m in self.margins if isinstance(m, Categories)]
        factor = np.ones(len(rows))
        factor[rows], sweeps = rake(
            mass, [m.label[rows] for m in margins], [m.counts(self.size) for m in margins]
        )
        return w0 * factor[cell], sweeps

    def _record(self, x: Floats, w1: Floats, iterations: int) -> WeightRecord:
        weighting = self.weighting
        wanted = x.T @ self.size
        scale = np.maximum(np.abs(wanted), 1e-300)
        error = np.abs(x[self.cell].T @ w1 - wanted) / scale
        effective = float(w1.sum() ** 2 / (w1**2).sum())
        calibrated = weighting.margins if weighting.method != "none" else ()
        return WeightRecord(
            method=weighting.method,
            margins=tuple(name for name in calibrated if name not in self.given_up),
            propensity=self.propensity,
            bounds=weighting.bounds,
            trim=weighting.trim,
            collapsed=tuple(self.notes),
            taken_all=int(self.certain[self.cell].sum()),
            population=int(self.size.sum()),
            respondents=len(self.cell),
            iterations=iterations,
            margin_error=float(error.max()),
            lowest=float(w1.min()),
            highest=float(w1.max()),
            effective_n=effective,
            design_effect=len(self.cell) / effective,
        )
