"""How a wave is weighted, as wave.toml says it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from barograph.errors import NoWeights
from barograph.weight.distance import DISTANCES

METHODS = ("none", "poststratification", *DISTANCES)
PROPENSITIES = ("cells", "logistic")
BOUNDED = ("logit", "truncated")


@dataclass(frozen=True)
class Propensity:
    """First step: 1 over the propensity of response, of the cells of `variables` or logistic."""

    method: str
    variables: tuple[str, ...]

    def __post_init__(self) -> None:
        _known("propensity", self.method, PROPENSITIES)
        if not self.variables:
            raise NoWeights("a propensity needs variables", todo='Name them, such as ["region"]')


@dataclass(frozen=True)
class Weighting:
    """Second step: weights calibrated to `margins`, by a distance of Deville and Särndal (1992).

    A margin is a column of the frame ("region", "population"), columns crossed ("region*rurality")
    or "log(population)". A domain or a column of texts counts its categories, another column of
    numbers is summed. `bounds` hold for the ratio of a weight to the one before calibration,
    `trim` for the final weight. Categories with fewer than `minimum_respondents` are taken
    together. When no weights fit, the margins in `give_up` are left out one after the other.
    """

    method: str
    margins: tuple[str, ...] = ()
    stratum: str | None = None
    bounds: tuple[float, float] | None = None
    trim: tuple[float, float] | None = None
    minimum_respondents: int = 0
    give_up: tuple[str, ...] = ()
    propensity: Propensity | None = None

    def __post_init__(self) -> None:
        _known("weighting", self.method, METHODS)
        if self.method != "none" and not self.margins:
            raise NoWeights(
                f"{self.method} needs margins", todo='Name them, or write method = "none"'
            )
        if (self.method in BOUNDED) != (self.bounds is not None):
            raise NoWeights(
                f"{self.method} {'needs' if self.bounds is None else 'takes no'} bounds",
                todo=f"Bounds belong to {' and '.join(BOUNDED)}, such as bounds = [0.3, 3]",
            )
        for name, pair in (("bounds", self.bounds), ("trim", self.trim)):
            if pair and not (0 <= pair[0] < pair[1] and all(map(math.isfinite, pair))):
                raise NoWeights(f"{name} {pair[0]:g} and {pair[1]:g} are no range")
        if self.trim and self.method == "none":
            raise NoWeights("trimming recalibrates", todo="Name a method with margins")
        if unknown := [name for name in self.give_up if name not in self.margins]:
            raise NoWeights(f"give_up names {unknown[0]!r}, which is no margin")

    def columns(self) -> Iterator[str]:
        """The columns of the frame that it needs, each once."""
        of_propensity = self.propensity.variables if self.propensity else ()
        calibrated = self.margins if self.method != "none" else ()
        names = [c for m in (*calibrated, *of_propensity) for c in columns_of(m)]
        return iter(dict.fromkeys([*names, *([self.stratum] if self.stratum else [])]))


def columns_of(margin: str) -> tuple[str, ...]:
    """Columns in the name of a margin: "region*rurality" has two, "log(population)" one."""
    if margin.startswith("log(") and margin.endswith(")"):
        return (margin[4:-1].strip(),)
    return tuple(part.strip() for part in margin.split("*"))


def _known(what: str, name: str, names: tuple[str, ...]) -> None:
    if name not in names:
        raise NoWeights(f"unknown {what} {name!r}", todo=f"Known are {', '.join(names)}")
