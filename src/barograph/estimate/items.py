"""From answers to what is counted: each item has a value and a base for every respondent.

A don't know leaves the base, no answer leaves the base; a question that was not asked leaves it
too, unless the indicator says that those not asked count as not having what was asked about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from barograph.errors import BadInput
from barograph.instrument import DONT_KNOW, Instrument, Responses, Variable

Statistic = Literal["share", "mean", "total"]
Base = Literal["asked", "all"]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Item:
    """One thing measured, an array of n each.

    `value` is 0/1 for a share or total, a score for a mean; `eligible` tells whom the figure speaks
    of, `base` who of them answered.
    """

    key: str
    variable: str
    statistic: Statistic
    value: NDArray[np.float64]
    eligible: Mask
    base: Mask

    def minus(self, other: Item) -> Item:
        """The paired difference, over those in both bases."""
        base = self.base & other.base
        difference = np.where(base, self.value - other.value, 0.0)
        eligible = self.eligible & other.eligible
        key = f"{self.key}-{other.key}"
        return Item(key, self.variable, "mean", difference, eligible, base)


def items_of(
    instrument: Instrument,
    responses: Responses,
    question: str,
    statistic: Statistic,
    codes: Sequence[str] = (),
    base: Base = "asked",
) -> tuple[Item, ...]:
    """Items of a question or battery.

    With `codes`: one item, the share (or total) giving any of these. Without: one item a choice,
    chosen for choices, put first for a ranking. A mean takes the codes as numbers; of a battery
    there is one item a row. BadInput when the question, a code or the statistic does not fit.
    """
    rows = instrument.battery(question) or (instrument.variable(question),)
    rows = tuple(v for v in rows if v.name in responses.answers)
    if not rows:
        raise BadInput(f"{question!r} was not collected in this wave")
    if statistic == "mean":
        return tuple(_mean_item(v, responses, base) for v in rows)
    if len(rows) > 1 or codes:
        return tuple(_share_item(v, responses, tuple(codes), base, statistic) for v in rows)
    choices = [c.code for c in rows[0].choices if c.code != DONT_KNOW]
    return tuple(_share_item(rows[0], responses, (c,), base, statistic, key=c) for c in choices)


def _bases(variable: Variable, responses: Responses, base: Base) -> tuple[Mask, Mask]:
    """Who is eligible, and who of them is in the base."""
    answers = responses.answers[variable.name]
    answered = np.array([a != "" and DONT_KNOW not in a.split() for a in answers])
    asked = responses.was_asked[variable.name]
    return (np.ones_like(asked), answered | ~asked) if base == "all" else (asked, answered)


def _share_item(
    variable: Variable,
    responses: Responses,
    codes: tuple[str, ...],
    base: Base,
    statistic: Statistic,
    key: str = "",
) -> Item:
    if not codes or variable.kind not in ("one", "multiple", "rank"):
        raise BadInput(f"a share of {variable.name!r} needs the codes to count")
    for code in codes:
        if code not in variable.by_code:
            raise BadInput(
                f"{variable.name!r} has no code {code!r}",
                todo=f"Known are {', '.join(variable.by_code)}",
            )
    # A ranking counts by its first place; everything else by any code given.
    given = [
        a.split()[: 1 if variable.kind == "rank" else None]
        for a in responses.answers[variable.name]
    ]
    value = np.array([float(any(c in codes for c in answer)) for answer in given])
    bases = _bases(variable, responses, base)
    return Item(key or variable.name, variable.name, statistic, value, *bases)


def _mean_item(variable: Variable, responses: Responses, base: Base) -> Item:
    eligible, within = _bases(variable, responses, base)
    answers = responses.answers[variable.name]
    try:
        value = np.array(
            [float(a) if b and a else 0.0 for a, b in zip(answers, within, strict=True)]
        )
    except ValueError:
        raise BadInput(f"{variable.name!r} has no mean: its codes are not numbers") from None
    return Item(variable.name, variable.name, "mean", value, eligible, within)
