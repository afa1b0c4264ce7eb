"""Estimates: a value never without its base, interval and warning."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Literal

from barograph.estimate.cells import cells
from barograph.estimate.intervals import LEVEL, Interval, shrunk_wilson, t_interval
from barograph.estimate.items import Item, Statistic
from barograph.estimate.linear import Linearisation, Moments
from barograph.weight import Sample

Flag = Literal["", "base<30", "base<10", "none"]
ALL: Mapping[str, str] = {}


@dataclass(frozen=True)
class Estimate:
    """One figure. Shares lie in 0..1; nan when there is nobody in the base (flag "none").

    `n` respondents counted (of a mean: in the base), `base` respondents the figure is over, `plain`
    the same figure among respondents without weights, `se` the linearised standard error.
    """

    estimate_id: str
    indicator: str
    category: str
    domain: str
    statistic: Statistic
    value: float
    se: float
    low: float
    high: float
    n: int
    base: int
    plain: float
    flag: Flag


@dataclass(frozen=True)
class Estimates(Sequence[Estimate]):
    """A table of estimates that shows itself in a notebook."""

    rows: tuple[Estimate, ...]
    columns: tuple[str, ...] = field(
        default=("category", "domain", "value", "se", "low", "high", "n", "base", "flag"),
        repr=False,
    )

    def __getitem__(self, index):  # type: ignore[no-untyped-def]
        return self.rows[index]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Estimate]:
        return iter(self.rows)

    def cells(self) -> list[tuple[str, ...]]:
        """The table as text, figures to four places."""
        return [tuple(_text(getattr(row, name)) for name in self.columns) for row in self.rows]

    def __repr__(self) -> str:
        table = [self.columns, *self.cells()]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        return "\n".join(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            for line in table
        )

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{name}</th>" for name in self.columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in line) + "</tr>"
            for line in self.cells()
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _text(cell: object) -> str:
    if isinstance(cell, float):
        return "" if math.isnan(cell) else f"{cell:.4f}"
    return str(cell)


def domain_key(domain: Mapping[str, str]) -> str:
    """ "all", "region=flanders", "region=flanders&rurality=rural"."""
    return "&".join(f"{name}={value}" for name, value in domain.items()) or "all"


def interval_of(item: Item, m: Moments, level: float = LEVEL) -> Interval:
    """Shrunk Wilson for shares, t for means, in the unit of the mean."""
    return t_interval(m, level) if item.statistic == "mean" else shrunk_wilson(m, level)


@dataclass(frozen=True)
class Estimator:
    """Makes the figures of one weighted sample."""

    sample: Sample
    linear: Linearisation
    prefix: str

    @classmethod
    def of(cls, sample: Sample, prefix: str) -> Estimator:
        """`prefix` begins every estimate_id: the name of the wave."""
        return cls(sample, Linearisation.of(sample), prefix)

    def moments(self, item: Item, domain: Mapping[str, str] = ALL) -> Moments:
        """Mean and variances of an item over a domain."""
        return self.linear.moments(cells(self.sample, item), self.sample.design.mask(domain))

    def estimate(self, indicator: str, item: Item, domain: Mapping[str, str] = ALL) -> Estimate:
        """The figure of an item in a domain; a total counts units of the population."""
        m = self.moments(item, domain)
        key = domain_key(domain)
        identity = ".".join((self.prefix, indicator, item.key, item.statistic, key))
        nothing = m.base == 0
        low, high = (math.nan, math.nan) if nothing else interval_of(item, m)
        scale = m.population if item.statistic == "total" else 1.0
        return Estimate(
            estimate_id=identity,
            indicator=indicator,
            category=item.key,
            domain=key,
            statistic=item.statistic,
            value=m.value * scale,
            se=math.sqrt(m.variance) * scale if not nothing else math.nan,
            low=low * scale,
            high=high * scale,
            n=m.base if item.statistic == "mean" else round(m.hits),
            base=m.base,
            plain=math.nan if nothing else m.hits if item.statistic == "total" else m.hits / m.base,
            flag="none"
            if nothing
            else "base<10"
            if m.base < 10
            else "base<30"
            if m.base < 30
            else "",
        )
