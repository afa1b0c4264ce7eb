"""Fieldwork on a day: whom to ask next so that response becomes even, and when to stop asking.

The order follows the partial indicators P_u (Schouten, Shlomo and Skinner 2011) and the gain in the
coefficient of variation; the thresholds are a choice, told in docs/fieldwork.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from barograph.weight.representativity import Partial, Representativity, of_rows, representativity
from barograph.weight.sample import Bools, Floats, Ints

FEW = 0.7  # a cell with less than this part of the mean response is called in person
EVEN = 0.10  # adjusted coefficient of variation at which response is even enough
RESPONDENTS = 15  # of each domain that is published
CONTACTS = 4  # so often is a unit asked before it is left in peace


@dataclass(frozen=True)
class Asked:
    """A unit that has not answered: why it stands where it stands in the order.

    `domain` and `value` name the category that lacks most, `part` is its P_u (at most 0), `gain` the
    fall of the CV if one unit of its cell answers, `contacts` how often it was asked;
    `personal` when its cell answers less than 0.7 times the mean.
    """

    row: int
    code: str
    domain: str
    value: str
    part: float
    gain: float
    contacts: int
    personal: bool


@dataclass(frozen=True)
class Reached:
    """One value of a domain under the stop rule: `least` contacts of any unit that is still open."""

    domain: str
    value: str
    units: int
    respondents: int
    least: int

    @property
    def enough(self) -> bool:
        """15 respondents, or every unit that is still open asked 4 times."""
        return self.respondents >= RESPONDENTS or self.least >= CONTACTS


@dataclass(frozen=True)
class Fieldwork:
    """N units: `domains` gives each unit's value (N), who `answered` (N), `contacts` so far (N)."""

    codes: Sequence[str]
    domains: Mapping[str, NDArray[np.str_]]
    answered: Bools
    contacts: Ints

    @cached_property
    def values(self) -> tuple[tuple[str, ...], ...]:
        """Values of the domains in each cell (C) of their crossing."""
        return tuple(dict.fromkeys(self._of_unit))

    @cached_property
    def cell(self) -> Ints:
        """Cell of each unit (N)."""
        position = {values: c for c, values in enumerate(self.values)}
        return np.array([position[values] for values in self._of_unit], dtype=np.intp)

    @cached_property
    def _of_unit(self) -> list[tuple[str, ...]]:
        columns = (values.tolist() for values in self.domains.values())
        return list(zip(*columns, strict=True)) if self.domains else [()] * len(self.codes)

    @cached_property
    def size(self) -> Floats:
        """Units of each cell (C)."""
        return np.bincount(self.cell, minlength=len(self.values)).astype(float)

    @cached_property
    def respondents(self) -> Floats:
        """Respondents of each cell (C)."""
        count = np.bincount(self.cell, weights=self.answered, minlength=len(self.values))
        return np.asarray(count, dtype=float)

    @cached_property
    def evenness(self) -> tuple[Representativity, dict[str, Partial]] | None:
        """R-indicator and partial indicators today; None while nobody has answered."""
        if not self.answered.any():
            return None
        return of_rows(tuple(self.domains), self.values, self.size, self.respondents)

    @cached_property
    def few(self) -> Bools:
        """Cells (C) whose response is below 0.7 times the mean: they are called in person."""
        return np.asarray(self.respondents / self.size < FEW * self.answered.mean())

    def order(self) -> list[Asked]:
        """The open units: most lacking category first, then largest gain, then least often asked.

        Equals go by lot, always the same, so that no part of the country is favoured.
        """
        gain = gains(self.size, self.respondents)
        found = []
        for row in map(int, np.flatnonzero(~self.answered)):
            domain, value, part = self._lacking(int(self.cell[row]))
            of_cell = float(gain[self.cell[row]])
            personal = bool(self.few[self.cell[row]])
            asked = int(self.contacts[row])
            found.append(Asked(row, self.codes[row], domain, value, part, of_cell, asked, personal))
        return sorted(
            found, key=lambda a: (round(a.part, 9), -round(a.gain, 9), a.contacts, _lot(a.code))
        )

    def _lacking(self, cell: int) -> tuple[str, str, float]:
        """The category of a cell with the lowest P_u; none where all categories answer enough."""
        if self.evenness is None:
            return "", "", 0.0
        parts = self.evenness[1]
        of_cell = zip(self.domains, self.values[cell], strict=True)
        part, domain, value = min(
            ((parts[name].categories[value], name, value) for name, value in of_cell),
            default=(0.0, "", ""),
        )
        return (domain, value, part) if part < 0 else ("", "", 0.0)

    def reached(self) -> list[Reached]:
        """Every value of every domain, as the stop rule sees it."""
        found = []
        for name, values in self.domains.items():
            for value in dict.fromkeys(values.tolist()):
                inside = values == value
                open_ = self.contacts[inside & ~self.answered]
                found.append(
                    Reached(
                        name,
                        value,
                        int(inside.sum()),
                        int(self.answered[inside].sum()),
                        int(open_.min(initial=CONTACTS)),
                    )
                )
        return found

    @property
    def even(self) -> bool:
        """First part of the stop rule: adjusted CV at most .10."""
        return self.evenness is not None and self.evenness[0].variation <= EVEN

    def enough(self) -> bool:
        """The stop rule: response is even, and each domain has respondents or was asked enough."""
        return self.even and all(domain.enough for domain in self.reached())


def _lot(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def gains(size: Floats, answered: Floats) -> Floats:
    """Fall of the CV if one more unit of each cell (C) answers; 0 in a cell that is complete.

    Of the raw CV: the adjusted one stands at 0 while answers are few, where nobody would gain anything.
    0 everywhere before the first answer: without a mean there is no variation.
    """
    gain = np.zeros(len(size))
    if not answered.any():
        return gain
    now = representativity(size, answered).raw_variation
    for cell in np.flatnonzero(answered < size):
        more = answered.copy()
        more[cell] += 1
        gain[cell] = now - representativity(size, more).raw_variation
    return gain
