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

Statistic = Literal["share", "mean", "total", "quantile", "ratio", "borda", "mean_rank", "worth"]
Base = Literal["asked", "all"]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Item:
    """One thing measured: the level of each of n respondents, and what each of L levels means.

    `scores` (L) is 0/1 for a share or total, a score for a mean; `asked` (L) tells whom the figure
    speaks of, `answered` (L) who of them is in its base. Items of one choice question share `level`.
    """

    key: str
    variable: str
    statistic: Statistic
    level: NDArray[np.intp]
    scores: NDArray[np.float64]
    asked: Mask
    answered: Mask

    @classmethod
    def of(
        cls,
        key: str,
        variable: str,
        statistic: Statistic,
        value: NDArray[np.float64],
        eligible: Mask,
        base: Mask,
    ) -> Item:
        """From what each of n respondents has: levels are the distinct combinations."""
        triples = np.column_stack([eligible, base, np.where(base, value, 0.0)])
        levels, level = np.unique(triples, axis=0, return_inverse=True)
        asked, answered = levels[:, 0] > 0, levels[:, 1] > 0
        return cls(key, variable, statistic, level.ravel(), levels[:, 2], asked, answered)

    @property
    def value(self) -> NDArray[np.float64]:
        """Score of each respondent (n); 0 outside the base."""
        return self.scores[self.level]

    @property
    def eligible(self) -> Mask:
        """Whether the figure speaks of each respondent (n)."""
        return self.asked[self.level]

    @property
    def base(self) -> Mask:
        """Whether each respondent is in the base (n)."""
        return self.answered[self.level]

    @property
    def choice(self) -> str:
        """The code of an item of one choice: the key, without the row of a battery before it."""
        return self.key.rpartition("=")[2]

    def minus(self, other: Item) -> Item:
        """The paired difference, over those in both bases."""
        base = self.base & other.base
        difference = np.where(base, self.value - other.value, 0.0)
        key, eligible = f"{self.key}-{other.key}", self.eligible & other.eligible
        return Item.of(key, self.variable, "mean", difference, eligible, base)


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
    chosen for choices, put first for a ranking. A mean takes the codes as numbers. Of a battery
    there is one item a row, without codes one a row and choice, its key "row=code". BadInput when
    the question, a code or the statistic does not fit.
    """
    rows = instrument.battery(question) or (instrument.variable(question),)
    rows = tuple(v for v in rows if v.name in responses.answers)
    if not rows:
        raise BadInput(f"{question!r} was not collected in this wave")
    if statistic == "mean":
        return tuple(_mean_item(v, responses, base) for v in rows)
    if len(rows) > 1 and not codes and all(v.kind == "one" for v in rows):
        return tuple(
            item
            for v in rows
            for item in _choice_items(v, responses, _options(v), base, statistic, f"{v.name}=")
        )
    if len(rows) > 1 or codes:
        return tuple(_share_item(v, responses, tuple(codes), base, statistic) for v in rows)
    choices = _options(rows[0])
    if rows[0].kind == "one":
        return _choice_items(rows[0], responses, choices, base, statistic)
    return tuple(_share_item(rows[0], responses, (c,), base, statistic, key=c) for c in choices)


def _options(variable: Variable) -> list[str]:
    """What may be answered but for a don't know."""
    return [c.code for c in variable.choices if c.code != DONT_KNOW]


def _choice_items(
    variable: Variable,
    responses: Responses,
    choices: Sequence[str],
    base: Base,
    statistic: Statistic,
    row: str = "",
) -> tuple[Item, ...]:
    """One item a choice, all over the same levels: choices, then the three ways not to answer."""
    eligible, within = _bases(variable, responses, base)
    answers = responses.answers[variable.name]
    level = np.select([answers == c for c in choices], range(len(choices)), default=-1)
    # Not in the base; in it without a choice (those not asked, with base "all"); not eligible.
    level = np.where(
        level >= 0, level, len(choices) + np.where(within, 1, np.where(eligible, 0, 2))
    )
    last = [False, True, False], [True, True, False]
    answered, asked = (np.array([True] * len(choices) + tail) for tail in last)
    scores = np.eye(len(choices), len(choices) + 3)
    return tuple(
        Item(f"{row}{code}", variable.name, statistic, level, scores[i], asked, answered)
        for i, code in enumerate(choices)
    )


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
    return Item.of(key or variable.name, variable.name, statistic, value, *bases)


def _mean_item(variable: Variable, responses: Responses, base: Base) -> Item:
    eligible, within = _bases(variable, responses, base)
    answers = responses.answers[variable.name]
    try:
        value = np.array(
            [float(a) if b and a else 0.0 for a, b in zip(answers, within, strict=True)]
        )
    except ValueError:
        raise BadInput(f"{variable.name!r} has no mean: its codes are not numbers") from None
    return Item.of(variable.name, variable.name, "mean", value, eligible, within)
