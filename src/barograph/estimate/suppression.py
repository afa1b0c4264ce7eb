"""Which further figures to withhold, so that none of those withheld can be worked out.

An outsider knows how many answered in each row of a table (the crossing of all domains) and what a
respondent of the row weighs. What he does not know is the respondents by row and level; every
published figure is a weighted sum of these, so that the categories of a question, partitions,
crossings and overlapping domains need no equations of their own. A table is one question; tables
share nothing but the known numbers of respondents, so the integer programme over all tables of a
wave falls apart into one per table, and each is solved exactly.

The programme is the cell suppression problem of Fischetti and Salazar-González (2001): binary
variables say what is withheld, the attacker's linear programmes add the constraints, cut by cut.
An outsider may also use that counts are whole numbers, which with weights of many digits tells him
much; where that betrays a figure, the cheapest further ones are added until it does not. Against
linear programmes the choice is the cheapest; that addition leaves none that could be dropped.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from barograph.estimate.tabulate import Table
from barograph.weight.sample import Bools, Floats, Ints

if TYPE_CHECKING:  # a third of what a command loads: where a table is protected, not before
    from scipy.optimize import OptimizeResult

Interval = tuple[float, float]
Cut = tuple[Floats, float]  # coefficients (F) @ what is withheld (F) >= right-hand side
EXACT = 1e-6  # respondents within which the solver takes figures for equal
INFEASIBLE = 2  # status of scipy.optimize.milp


@dataclass(frozen=True)
class Plan:
    """`hidden`: all figures to withhold; `exposed`: those that figures already out give away."""

    hidden: frozenset[str]
    exposed: frozenset[str]


@dataclass(frozen=True)
class Attacker:
    """What an outsider can write down of a table with F figures and U = C x L unknowns.

    `truth` (U) the unknowns, `rows` (C, U) adds them up to the `totals` (C) he knows, `plain` (F, U)
    to the count of a figure (of a mean: its sum of scores). `readings` (M, U), each from the figure
    `owner` (M), lie in `low`..`high` (M) when it is published and in `least`..`most` (M), which the
    totals alone allow, when not.
    """

    truth: Floats
    rows: Floats
    totals: Floats
    plain: Floats
    readings: Floats
    owner: Ints
    low: Floats
    high: Floats
    least: Floats
    most: Floats

    @classmethod
    def of(cls, table: Table) -> Attacker:
        """The value of each figure is a reading, and so is its count where it is printed."""
        figures, (_, length) = table.figures, table.counts.shape
        counts = table.counts.astype(np.float64)
        truth, totals = counts.ravel(), np.asarray(counts.sum(1), dtype=np.float64)
        plain = np.array([np.outer(f.inside, f.score).ravel() for f in figures])
        counted = np.flatnonzero([f.counted and f.statistic != "mean" for f in figures])
        readings = np.concatenate([plain * np.repeat(table.weight, length), plain[counted]])
        exact = readings @ truth
        step, scale = np.array([(f.step, f.scale) for f in figures]).T
        printed = np.round(exact[: len(figures)] * scale / step) * step
        middle = np.concatenate([printed / scale, exact[len(figures) :]])
        half = np.concatenate([np.maximum(step / scale / 2, EXACT), np.full(len(counted), EXACT)])
        by_row = readings.reshape(-1, *table.counts.shape)
        return cls(
            truth,
            np.repeat(np.eye(len(totals)), length, axis=1),
            totals,
            plain,
            readings,
            np.concatenate([np.arange(len(figures)), counted]),
            np.minimum(middle - half, exact),
            np.maximum(middle + half, exact),
            by_row.min(2) @ totals,
            by_row.max(2) @ totals,
        )

    def bounds(self, hidden: Bools) -> tuple[Floats, Floats]:
        """Of the readings (M), when the figures `hidden` (F) are withheld."""
        free = hidden[self.owner]
        return np.where(free, self.least, self.low), np.where(free, self.most, self.high)

    def reach(self, figure: int, hidden: Bools, sign: int) -> tuple[float, Floats]:
        """How far up (sign 1) or down (-1) the count may lie when the figures `hidden` (F) are
        withheld, and what withholding each figure adds (F).

        The reach is concave in `hidden`: reach + gain @ (other - hidden) bounds that of any other
        choice. RuntimeError when the solver fails, for that must not pass as safe.
        """
        from scipy.optimize import linprog

        low, high = self.bounds(hidden)
        found = linprog(
            -sign * self.plain[figure],
            A_ub=np.concatenate([self.readings, -self.readings]),
            b_ub=np.concatenate([high, -low]),
            A_eq=self.rows,
            b_eq=self.totals,
        )
        _require_solved(found)
        up, down = np.split(-found.ineqlin.marginals, 2)
        gain = up * (self.most - self.high) + down * (self.low - self.least)
        by_figure = np.bincount(self.owner, weights=gain, minlength=len(self.plain))
        return -float(found.fun), by_figure.astype(float)

    def whole(self, goal: Goal, hidden: Bools) -> Floats | None:
        """Whole numbers of respondents (U) that reach the goal and fit all that is published."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        level, most = goal.level - EXACT, self.rows.T @ self.totals
        found = milp(
            np.zeros(len(self.truth)),
            integrality=np.ones(len(self.truth)),
            bounds=Bounds(0, most),
            constraints=[
                LinearConstraint(self.rows, self.totals, self.totals),
                LinearConstraint(self.readings, *self.bounds(hidden)),
                LinearConstraint(goal.sign * self.plain[goal.figure][None], level),
            ],
        )
        if found.status == INFEASIBLE:
            return None
        _require_solved(found)
        return np.asarray(np.round(found.x), dtype=np.float64)


def attack(table: Table, hidden: Collection[str]) -> dict[str, Interval]:
    """The narrowest interval that an outsider derives for each figure withheld, by two linear
    programmes: of its count of respondents, or of the sum of scores of a mean."""
    attacker, withheld = Attacker.of(table), _mask(table, hidden)
    return {
        table.figures[i].estimate_id: (
            -attacker.reach(i, withheld, -1)[0],
            attacker.reach(i, withheld, 1)[0],
        )
        for i in map(int, np.flatnonzero(withheld))
    }


def protect(
    table: Table, primary: Collection[str], out: Collection[str], protection: float
) -> Plan:
    """The cheapest figures to withhold with the primary ones, none of them `out` already.

    A figure costs its base: the respondents of whom readers learn nothing (for this and other costs
    Willenborg and de Waal 2001; Castro 2012). Where two cost the same, the first stays. What can be
    derived of a primary figure's count then exceeds `protection` of it on both sides, and reaches at
    least 1, unless the figures already out leave less open.
    """
    attacker = Attacker.of(table)
    free, wanted = ~_mask(table, out), _mask(table, primary)
    goals = [g for i in np.flatnonzero(wanted) for g in _goals(attacker, int(i), free, protection)]
    order = np.arange(len(free), 0, -1) / (10 * len(free) ** 2)
    cost = order + [1 + f.base for f in table.figures]
    hidden = _linear(attacker, goals, cost, wanted, free)
    hidden = _completed(attacker, goals, cost, wanted, free, hidden)
    ids = np.array([f.estimate_id for f in table.figures])
    exposed = [str(ids[g.figure]) for g in goals if g.exposed]
    return Plan(frozenset(ids[hidden].tolist()), frozenset(exposed))


@dataclass(frozen=True)
class Goal:
    """`sign` times the count of `figure` must be able to reach `level`; `exposed`: a lesser one
    than asked, for no more is open."""

    figure: int
    sign: int
    level: float
    exposed: bool


def _goals(attacker: Attacker, figure: int, free: Bools, protection: float) -> list[Goal]:
    plain = attacker.plain[figure]
    value = float(plain @ attacker.truth)
    width = math.floor(protection * value + EXACT) + 1
    by_row = plain.reshape(len(attacker.totals), -1)
    goals = []
    for sign in (-1, 1):
        asked = min(sign * value + width, float((sign * by_row).max(1) @ attacker.totals))
        goal = Goal(figure, sign, asked, False)
        while not free.all() and goal.level > sign * value and attacker.whole(goal, free) is None:
            goal = Goal(figure, sign, max(goal.level - 1, sign * value), True)
        goals.append(goal)
    return goals


def _linear(
    attacker: Attacker, goals: list[Goal], cost: Floats, wanted: Bools, free: Bools
) -> Bools:
    """The cheapest choice against linear programmes: cuts until it meets all goals."""
    cuts: list[Cut] = []
    hidden = wanted
    while found := [c for g in goals if (c := _cut(attacker, g, hidden)) is not None]:
        cuts += found
        hidden = _cheapest(cost, wanted, free, cuts)
    return hidden


def _cut(attacker: Attacker, goal: Goal, hidden: Bools) -> Cut | None:
    """What any sufficient choice meets and `hidden` does not; None when `hidden` suffices.

    The capacity constraint of Fischetti and Salazar-González (2001), from the multipliers of the
    attacker's programme; for binary variables no coefficient need exceed the right-hand side.
    """
    reach, gain = attacker.reach(goal.figure, hidden, goal.sign)
    if reach >= goal.level - 2 * EXACT:
        return None
    need = goal.level - EXACT - reach + float(gain @ hidden)
    return np.clip(gain, 0, need), need


def _cheapest(cost: Floats, wanted: Bools, free: Bools, cuts: list[Cut]) -> Bools:
    from scipy.optimize import Bounds, LinearConstraint, milp

    coefficients, needs = zip(*cuts, strict=True)
    found = milp(
        cost,
        integrality=np.ones(len(cost)),
        bounds=Bounds(wanted.astype(float), free.astype(float)),
        constraints=LinearConstraint(np.array(coefficients), np.array(needs)),
        options={"mip_rel_gap": 0},
    )
    _require_solved(found)
    return np.asarray(found.x > 0.5)


def _completed(
    attacker: Attacker, goals: list[Goal], cost: Floats, wanted: Bools, free: Bools, hidden: Bools
) -> Bools:
    """`hidden` with the cheapest figures added until whole numbers reach all goals, then without
    those that turn out needless, the dearest first."""
    witnesses = [attacker.truth]

    def enough(hidden: Bools) -> bool:
        return all(_attained(attacker, goal, hidden, witnesses) for goal in goals)

    linear, every = hidden, np.arange(len(cost))
    for i in sorted(np.flatnonzero(free & ~hidden), key=lambda i: float(cost[i])):
        if enough(hidden):
            break
        hidden = hidden | (every == i)
    if (hidden == linear).all():
        return hidden
    for i in sorted(np.flatnonzero(hidden & ~wanted), key=lambda i: (linear[i], -cost[i])):
        fewer = hidden & (every != i)
        hidden = fewer if enough(fewer) else hidden
    return hidden


def _attained(attacker: Attacker, goal: Goal, hidden: Bools, witnesses: list[Floats]) -> bool:
    """Whether whole numbers reach the goal: those found before, or new ones, which are kept."""
    known, (low, high) = np.array(witnesses), attacker.bounds(hidden)
    readings = known @ attacker.readings.T
    fits = ((readings >= low - EXACT) & (readings <= high + EXACT)).all(1)
    if (goal.sign * (known[fits] @ attacker.plain[goal.figure]) >= goal.level - EXACT).any():
        return True
    found = attacker.whole(goal, hidden)
    witnesses += [] if found is None else [found]
    return found is not None


def _mask(table: Table, ids: Collection[str]) -> Bools:
    return np.array([f.estimate_id in ids for f in table.figures], dtype=bool)


def _require_solved(found: OptimizeResult) -> None:
    if found.status != 0:
        raise RuntimeError(f"disclosure control has no solution: {found.message}")
