"""What one asks of a wave question by question, for notebooks and the command line.

A question or domain that is not there, and a number that means nothing, is BadInput.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cached_property

from barograph.errors import BadInput
from barograph.estimate import Estimates, Estimator, Item, independence_of, items_of
from barograph.estimate.change import Change
from barograph.estimate.estimate import ALL, domain_key
from barograph.estimate.items import Statistic
from barograph.estimate.rankings import Ranking, orders
from barograph.estimate.ranks import figures_of, order_of
from barograph.estimate.table import Changed, Changes, Independence, Rank, Ranks
from barograph.estimate.unit_level import UnitLevel
from barograph.instrument import DONT_KNOW, Instrument, Responses


class Questions(ABC):
    """A wave as far as its questions go: `Wave` has the rest."""

    @property
    @abstractmethod
    def instrument(self) -> Instrument:
        """The questionnaire that was answered."""

    @property
    @abstractmethod
    def responses(self) -> Responses:
        """The answers."""

    @property
    @abstractmethod
    def estimator(self) -> Estimator:
        """What makes the figures."""

    @abstractmethod
    def domains(self, by: str | Sequence[str] | None) -> list[dict[str, str]]:
        """The domains of a breakdown; BadInput where there is none of that name."""

    @abstractmethod
    def change_of(
        self,
        item: Item,
        since: str,
        codes: Sequence[str] = (),
        domain: Mapping[str, str] = ALL,
    ) -> Change:
        """The change of one item since another wave."""

    def share(
        self,
        question: str,
        *,
        top: int | None = None,
        codes: Sequence[str] = (),
        by: str | Sequence[str] | None = None,
    ) -> Estimates:
        """Shares of a question: of each choice, of the `top` highest taken together, or of `codes`."""
        if top is not None:
            codes = self._highest(question, top)
        return self._table(question, "share", codes, by)

    def total(
        self, question: str, codes: Sequence[str] = (), *, by: str | Sequence[str] | None = None
    ) -> Estimates:
        """Estimated numbers of units: of each choice, or of `codes` taken together."""
        return self._table(question, "total", codes, by)

    def mean(self, question: str, *, by: str | Sequence[str] | None = None) -> Estimates:
        """Means of a question or of the rows of a battery."""
        return self._table(question, "mean", (), by)

    def quantile(
        self, question: str, p: float = 0.5, *, by: str | Sequence[str] | None = None
    ) -> Estimates:
        """Quantiles of a question with numbers, or of the rows of a battery; the median by default."""
        if not 0 < p < 1:
            raise BadInput(f"there is no quantile {p}", todo="Name a p between 0 and 1")
        rows = [
            row
            for item in self._items(question, "mean")
            for row in self._respondents.quantiles(question, item, p, self.domains(by))
        ]
        return Estimates(tuple(rows))

    def ratio(
        self, numerator: str, denominator: str, *, by: str | Sequence[str] | None = None
    ) -> Estimates:
        """The ratio of the totals of two questions with numbers."""
        (over,), (under,) = (self._items(q, "mean") for q in (numerator, denominator))
        return Estimates(tuple(self._respondents.ratios(numerator, over, under, self.domains(by))))

    def ranking(
        self,
        question: str,
        statistic: Ranking = "borda",
        *,
        by: str | Sequence[str] | None = None,
    ) -> Estimates:
        """Of a question that ranks: Borda count, mean rank or worth of each choice."""
        variable = self.instrument.variable(question)
        if variable.kind != "rank":
            raise BadInput(f"{question!r} does not rank", todo="Ask for share or mean")
        options = [c.code for c in variable.choices if c.code != DONT_KNOW]
        order = orders(self.responses.answers[question].tolist(), options)
        return Estimates(
            tuple(self._respondents.rankings(question, options, order, statistic, self.domains(by)))
        )

    @cached_property
    def _respondents(self) -> UnitLevel:
        return UnitLevel(self.estimator)

    def rank(self, question: str, domain: Mapping[str, str] = ALL) -> Ranks:
        """Tier, best and worst rank that each choice or row may have at 95%, all at once."""
        battery = bool(self.instrument.battery(question))
        items = self._items(question, "mean" if battery else "share")
        self._require_domain(domain)
        sample, where = self.estimator.sample, domain_key(domain)
        inside = sample.design.mask(domain)[sample.cell]
        if not all((item.base & inside).any() for item in items):
            raise BadInput(f"nobody answered {question!r} in {where}")
        order = order_of(figures_of(self.estimator, items, domain))
        columns = zip(
            order.values.tolist(), order.tiers.tolist(), order.ranges.tolist(), strict=True
        )
        return Ranks(
            tuple(
                Rank(item.key, where, value, tier, best, worst)
                for item, (value, tier, (best, worst)) in zip(items, columns, strict=True)
            )
        )

    def independence(self, question: str, by: str | Sequence[str]) -> Independence:
        """Rao and Scott's test that a question of one choice does not hang on a domain."""
        if self.instrument.variable(question).kind != "one":
            raise BadInput(
                f"{question!r} is not of one choice", todo="Test a question where one is chosen"
            )
        if not (domains := self.domains(by))[1:]:
            raise BadInput("independence needs a domain", todo="Name one, such as region")
        found = independence_of(self.estimator, self._items(question, "share")[0], domains)
        numbers = {f.name: float(getattr(found, f.name)) for f in fields(found)}
        return Independence(question, "&".join(domains[0]), **numbers)

    def change(
        self, question: str, *codes: str, since: str, domain: Mapping[str, str] = ALL
    ) -> Changes:
        """What changed since another wave, by choice or row; with `codes`, the share of these."""
        battery = bool(self.instrument.battery(question))
        statistic: Statistic = "mean" if battery and not codes else "share"
        self._require_domain(domain)
        rows = []
        for item in self._items(question, statistic, codes):
            found = self.change_of(item, since, codes, domain)
            told = {**vars(found.comparison), "common": found.common}
            rows.append(Changed(item.key, domain_key(domain), **told, covariance=found.covariance))
        return Changes(tuple(rows))

    def _highest(self, question: str, top: int) -> list[str]:
        """The `top` highest codes of a question or battery."""
        variable = (self.instrument.battery(question) or (None,))[0]
        variable = variable or self.instrument.variable(question)
        codes = [c.code for c in variable.choices if c.code != DONT_KNOW]
        if not isinstance(top, int) or not 1 <= top < len(codes):
            raise BadInput(
                f"the top {top} of {question!r} is no part of its {len(codes)} answers",
                todo="Name a whole number from 1, below that of the answers",
            )
        return codes[-top:]

    def _require_domain(self, domain: Mapping[str, str]) -> None:
        known = self.domains(list(domain))
        if domain not in known:
            raise BadInput(
                f"there is no domain {domain_key(domain)}",
                todo=f"Domains are: {', '.join(map(domain_key, known))}",
            )

    def _items(
        self, question: str, statistic: Statistic, codes: Sequence[str] = ()
    ) -> tuple[Item, ...]:
        return items_of(self.instrument, self.responses, question, statistic, codes)

    def _table(
        self,
        question: str,
        statistic: Statistic,
        codes: Sequence[str],
        by: str | Sequence[str] | None,
    ) -> Estimates:
        items = self._items(question, statistic, codes)
        figures = self.estimator.estimates(question, items, self.domains(by))
        return Estimates(tuple(f for q in range(len(items)) for f in figures[q :: len(items)]))
