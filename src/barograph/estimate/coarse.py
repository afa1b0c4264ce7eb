"""A figure printed in steps: no column of it tells more of the answers than its rounded value.

Error and interval of a figure are further sums over the same hidden counts: beside the value, even
rounded, they would place them. What is printed here takes of the answers the rounded value alone;
all else an outsider knows already: who answered, and what they weigh.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from barograph.estimate.intervals import LEVEL, quantile, wilson
from barograph.estimate.tabulate import Figure, Table


@dataclass(frozen=True)
class Coarse:
    """All that is printed of a figure in steps, beside its base."""

    step: float
    value: float
    low: float
    high: float

    @classmethod
    def of(cls, table: Table, figure: Figure) -> Coarse:
        """A figure of a table in its steps; nan for the interval where its scale has no ends.

        Wilson's interval (1927) with n* = n_eff/(1 - f) and t at n_eff + 3 degrees of freedom, of
        the value's place between the ends of its scale (of a mean: as if all answers were at the
        ends, the widest that there is), from the ends of the step and rounded outwards.
        """
        if not figure.base:
            return cls(figure.step, math.nan, math.nan, math.nan)
        of_row = table.weight * figure.inside
        answered = table.counts.sum(1)
        exact = figure.scale * float(of_row @ table.counts @ figure.score)
        least, most = figure.ends
        value = stepped(exact, figure.step, round)
        effective = float(of_row @ answered) ** 2 / float((of_row * table.weight) @ answered)
        n = effective / max(1 - figure.base / figure.population, 1e-12)
        ends = np.array([value - figure.step / 2, value + figure.step / 2])
        place = np.clip((ends - least) / (most - least), 0, 1)
        (low, _), (_, high) = wilson(place, n, quantile(effective + 3, LEVEL))
        low, high = (least + (most - least) * float(end) for end in (low, high))
        printed = (
            value,
            stepped(low, figure.step, math.floor),
            stepped(high, figure.step, math.ceil),
        )
        # A step may lead past the end of the scale; fmin and fmax keep the value where none is known.
        return cls(figure.step, *(float(np.fmin(np.fmax(x, least), most)) for x in printed))


def stepped(x: float, step: float, to: Callable[[float], int]) -> float:
    """The multiple of `step` that `to` chooses; noise in the last digits does not move it."""
    return x if math.isnan(x) else float(f"{to(round(x / step, 9)) * step:.12g}")
