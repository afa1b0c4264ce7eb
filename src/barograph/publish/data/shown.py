"""A figure as disclosure control lets it be printed: whole, in steps, or not at all."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from barograph.estimate import Estimate

if TYPE_CHECKING:
    from barograph.estimate.disclosure import Decision

Value = float | None
CONFIDENTIAL = {"primary": "C", "secondary": "D"}  # CONF_STATUS of SDMX


@dataclass(frozen=True)
class Shown:
    """What is printed of one estimate; None where nothing is.

    `confidential` is "C" or "D" for a figure withheld for its own sake or for another's. `coarse`
    figures stand in steps, with an interval made of the step, without error and number counted.
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
        told = decision.shown(e) if decision else e
        columns: dict[str, Any] = {
            name: None if math.isnan(x := getattr(told, name)) else x
            for name in ("value", "se", "low", "high", "n")
        }
        confidential = CONFIDENTIAL.get(decision.status, "") if decision else ""
        return cls(
            **columns,
            base=e.base,
            confidential=confidential,
            coarse=bool(decision and decision.coarse),
        )
