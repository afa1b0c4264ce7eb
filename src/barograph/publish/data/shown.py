"""A figure as disclosure control lets it be printed: whole, in steps, or not at all."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from barograph.estimate import Estimate

if TYPE_CHECKING:
    from barograph.estimate.disclosure import Decision

Value = float | None
CONFIDENTIAL = {"primary": "C", "secondary": "D"}  # CONF_STATUS of SDMX


@dataclass(frozen=True)
class Shown:
    """What is printed of one estimate; None where nothing is.

    `confidential` is "C" or "D" for a figure withheld for its own sake or for another's. `coarse`
    figures stand in steps, their interval rounded outwards, without the number counted.
    """

    value: Value
    se: Value
    low: Value
    high: Value
    n: float | None
    base: int
    confidential: str = ""
    coarse: bool = False

    @classmethod
    def of(cls, e: Estimate, decision: Decision | None = None) -> Shown:
        """The estimate under a decision; without one it is printed whole."""
        if decision and decision.withheld:
            confidential = CONFIDENTIAL[decision.status]
            return cls(None, None, None, None, None, e.base, confidential)
        value, se, low, high = (
            None if math.isnan(x) else x for x in (e.value, e.se, e.low, e.high)
        )
        if not decision or not decision.step:
            return cls(value, se, low, high, e.n, e.base)
        step = decision.step
        return cls(
            _step(value, step, round),
            _step(se, step, math.ceil),
            _step(low, step, math.floor),
            _step(high, step, math.ceil),
            None,
            e.base,
            coarse=True,
        )


def _step(x: Value, step: float, to: Callable[[float], int]) -> Value:
    """The multiple of `step` that `to` chooses; noise in the last digits does not move it."""
    return None if x is None else float(f"{to(round(x / step, 9)) * step:.12g}")
