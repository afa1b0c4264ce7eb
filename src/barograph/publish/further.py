"""What pages print beyond data/estimates.csv: figures of the map, differences, ranks, and facts.

They go into an edition as further.csv, in the columns of estimates.csv, and facts.json, so that every
number on a page resolves: a figure by its estimate_id, a fact by its name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from barograph.barometer import Wave
from barograph.estimate import Estimate, Estimates, rank_ranges
from barograph.estimate.compare import Comparison, compare_domains, holm
from barograph.estimate.intervals import LEVEL
from barograph.estimate.items import Item
from barograph.indicators import Indicator
from barograph.publish import formats, open_data
from barograph.publish.charts.ranks import rank_id
from barograph.publish.claims.kinds import SMALLEST_DIFFERENCE
from barograph.publish.data import figures
from barograph.publish.data.figures import Figures
from barograph.publish.data.tables import Cell, Table
from barograph.publish.reproduction import Reproduced
from barograph.weight.representativity import of_sample

Fact = float | str | list[float]


@dataclass(frozen=True)
class Difference:
    """Domain a minus domain b of one figure; `p` is adjusted for all comparisons of the wave (Holm)."""

    estimate_id: str
    a: Estimate
    b: Estimate
    tested: Comparison
    p: float


@dataclass(frozen=True)
class Ranked:
    """Best and worst rank of an item at 95%, all items at once; `place` is that of its estimate."""

    estimate_id: str
    of: Estimate
    place: int
    best: int
    worst: int


@dataclass(frozen=True)
class Further:
    """Figures and facts of a wave that stand on pages and not in estimates.csv."""

    wave: Wave
    estimates: Mapping[str, Estimates]
    reproduced: Sequence[Reproduced]

    @cached_property
    def crossed(self) -> dict[str, Estimates]:
        """The figures of each map."""
        wave = self.wave
        return {
            name: Estimates(
                tuple(
                    wave.estimator.estimates(
                        name, wave.items(indicator), wave.domains(indicator.map)
                    )
                )
            )
            for name, indicator in wave.barometer.indicators.items()
            if indicator.map
        }

    @cached_property
    def repeated(self) -> dict[str, Estimates]:
        """Figures of the reproduction that no indicator has: they were printed before."""
        known = {e.estimate_id for table in self.estimates.values() for e in table}
        found: dict[str, dict[str, Estimate]] = {}
        for row in self.reproduced:
            if row.estimate and row.estimate.estimate_id not in known:
                found.setdefault(row.indicator, {})[row.estimate.estimate_id] = row.estimate
        return {name: Estimates(tuple(rows.values())) for name, rows in found.items()}

    @cached_property
    def differences(self) -> dict[str, list[Difference]]:
        """Of each indicator with one item and breakdowns: all pairs of values of a domain.

        None where disclosure control keeps one of the two back or prints it in steps.
        """
        found = [
            (indicator.name, pair)
            for indicator in self.wave.barometer.indicators.values()
            for pair in self._pairs(indicator)
        ]
        adjusted = holm([pair[-1].p for _, pair in found])
        differences: dict[str, list[Difference]] = {}
        for (name, (a, b, tested)), p in zip(found, adjusted, strict=True):
            identity = f"{a.estimate_id.removesuffix(a.domain)}{a.domain}|{b.domain}"
            differences.setdefault(name, []).append(Difference(identity, a, b, tested, p))
        return differences

    def _pairs(self, indicator: Indicator) -> Iterator[tuple[Estimate, Estimate, Comparison]]:
        items = self.wave.items(indicator)
        if len(items) > 1 or not indicator.section:
            return
        rows = {e.domain: e for e in self.estimates[indicator.name]}
        for name in indicator.by:
            for a, b in combinations(self.wave.domains(name), 2):
                pair = [rows[f"{name}={d[name]}"] for d in (a, b)]
                if not any(map(self.hidden, pair)) and all(e.base for e in pair):
                    tested = compare_domains(self.wave.estimator, items[0], a, b)
                    yield pair[0], pair[1], tested

    @cached_property
    def ranks(self) -> dict[str, list[Ranked]]:
        """Of each indicator with several items."""
        found = {}
        for indicator in self.wave.barometer.indicators.values():
            items = self.wave.items(indicator)
            if len(items) > 1:
                found[indicator.name] = self._ranked(indicator, items)
        return found

    def _ranked(self, indicator: Indicator, items: Sequence[Item]) -> list[Ranked]:
        allowed = rank_ranges(self.wave.estimator, items)
        rows = [
            e for e in self.estimates[indicator.name] if e.domain == "all" and not self.hidden(e)
        ]
        ordered = sorted(rows, key=lambda e: -e.value)
        return [
            Ranked(rank_id(e), e, place, *allowed[e.category])
            for place, e in enumerate(ordered, start=1)
        ]

    def hidden(self, e: Estimate) -> bool:
        """Whether disclosure control keeps a figure back or prints it in steps."""
        decision = self.wave.suppression.decisions.get(e.estimate_id)
        return decision is not None and bool(decision.withheld or decision.step)

    def shown(self, e: Estimate) -> Estimate:
        """A figure as it may be printed; one that no indicator has was printed before."""
        decision = self.wave.suppression.decisions.get(e.estimate_id)
        return decision.shown(e) if decision else e

    def facts(self) -> dict[str, Fact]:
        """Numbers and days of the wave and its frame, by name; several where a text tells several."""
        wave, record = self.wave, self.wave.sample.record
        even, _ = of_sample(wave.sample)
        told: dict[str, Fact] = {}
        for r in self.reproduced:
            if r.estimate is None:
                told |= {f"published.{r.id}": r.published, f"as_published.{r.id}": r.as_published}
                continue
            told[f"published.{r.id}"] = float(r.published)
            if not self.hidden(r.estimate):
                plain = r.estimate.plain if r.rule == "share" else float(r.as_published)
                told[f"as_published.{r.id}"] = plain
        return {
            "invited": record.population,
            "population": record.population,
            "answered": record.respondents,
            "rate": record.respondents / record.population,
            "date": str(wave.reference_date),
            "opened": str(wave.opened),
            "closed": str(wave.closed),
            "low": record.lowest,
            "high": record.highest,
            "effective": record.effective_n,
            "level": LEVEL,
            "r_indicator": even.r,
            "variation": even.variation,
            "percent_from": formats.PERCENT_FROM,
            "smallest_difference": 100 * SMALLEST_DIFFERENCE,
            "comparisons": sum(map(len, self.differences.values())),
            "reproduced": len(self.reproduced),
            **told,
            **self._bases(),
            **self._scales(),
            **self._response(),
        }

    def _bases(self) -> dict[str, Fact]:
        """Of each indicator the ends of its bases, the level of intervals, who answered of whom."""
        record = self.wave.sample.record
        return {
            f"base.{name}": [
                *(f(e.base for e in rows) for f in (min, max)),
                LEVEL,
                record.respondents,
                record.population,
            ]
            for name, rows in self.estimates.items()
        }

    def _scales(self) -> dict[str, Fact]:
        """The ends of the scale of each indicator that has one."""
        found: dict[str, Fact] = {}
        for name, indicator in self.wave.barometer.indicators.items():
            variable = self.wave.items(indicator)[0].variable
            choices = self.wave.instrument.variable(variable).choices
            if scores := [float(c.code) for c in choices if c.code.isdecimal()]:
                found[f"scale.{name}"] = [min(scores), max(scores)]
        return found

    def _response(self) -> dict[str, Fact]:
        """Of each value of a domain its units and respondents, their shares, its partial indicator."""
        wave, record = self.wave, self.wave.sample.record
        whole, parts = of_sample(wave.sample)
        told: dict[str, Fact] = {"response.r": [whole.r, 1, 100 * whole.share_bias]}
        rows = [wave.frame.row_of[str(unit)] for unit in wave.responses.units]
        for name, domain in wave.barometer.domains.items():
            values = wave.frame.attributes[name]
            for value in domain.labels:
                units, given = (int((v == value).sum()) for v in (values, values[rows]))
                if units:
                    told[f"response.{name}={value}"] = [
                        units,
                        given,
                        given / units,
                        given / record.respondents,
                        units / record.population,
                        parts[name].categories[value],
                    ]
        return told

    def table(self) -> Table:
        """further.csv: the columns of estimates.csv.

        Of a difference, n and base are those of both domains together; of a rank, the estimate is
        the place, the interval from the best to the worst rank.
        """
        wave, method = self.wave, open_data.method_id(self.wave)
        crossed = figures.estimates(Figures(wave, self.crossed, method, wave.suppression))
        repeated = figures.estimates(Figures(wave, self.repeated, method))
        rows = [*crossed.rows, *repeated.rows, *self._difference_rows(), *self._rank_rows()]
        return Table("further", "Figures on pages beside estimates.csv", crossed.fields, rows)

    def _identity(self) -> tuple[str, str]:
        return self.wave.name, self.wave.frame.version

    def _difference_rows(self) -> Iterator[list[Cell]]:
        method = f"{open_data.method_id(self.wave)}:square-and-add"
        for name, found in self.differences.items():
            for d in found:
                place = [d.estimate_id, *self._identity(), name, d.a.category]
                domain, t = f"{d.a.domain}|{d.b.domain}", d.tested
                counts = [d.a.n + d.b.n, d.a.base + d.b.base]
                yield [*place, domain, t.difference, None, t.low, t.high, *counts, None, 0, method]

    def _rank_rows(self) -> Iterator[list[Cell]]:
        method = f"{open_data.method_id(self.wave)}:simultaneous-ranks"
        for name, found in self.ranks.items():
            for r in found:
                place = [r.estimate_id, *self._identity(), name, r.of.category, r.of.domain]
                span: list[Cell] = [r.place, None, r.best, r.worst, r.of.n, r.of.base]
                yield [*place, *span, None, 0, method]
