"""The folder of a barometer, opened: `Barometer` and its `Wave`s."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path

from barograph import wave_settings
from barograph.errors import BadInput
from barograph.estimate import (
    Estimates,
    Estimator,
    Item,
    items_of,
)
from barograph.estimate.change import Change, Measured, change
from barograph.estimate.compare import Between
from barograph.estimate.disclosure import Ledger, Rule, Suppression, suppress
from barograph.estimate.estimate import ALL, CellsOf, cells_in_memory
from barograph.estimate.intervals import DEFAULT
from barograph.estimate.items import Base, Statistic
from barograph.estimate.ranks import Order, figures_of, order_of
from barograph.estimate.tabulate import Asked, Table, tables_of
from barograph.files import (
    need,
    need_table,
    need_tables,
    only,
    read_record,
    read_toml,
    texts,
    translated,
)
from barograph.frame import Domain, Frame, kept, successions
from barograph.frame import read as read_frame
from barograph.indicators import Indicator, Labels, read_indicators
from barograph.instrument import (
    Frozen,
    Instrument,
    Responses,
    compile,
    read_responses,
)
from barograph.instrument import frozen as frozen_answers
from barograph.questions import Questions
from barograph.weight import Sample, Weighting, calibrate

LEDGER = "ledger.json"
TABLE = "responses.csv"  # of answers that come from elsewhere
# What barometer.toml and wave.toml may say, also to those who read them for their own part.
OF_BAROMETER = (
    "title", "languages", "attribution", "domains", "columns", "disclosure", "licence", "base_url",
    "operator", "contact", "funders", "identifiers", "microdata", "retention", "privacy",
)  # fmt: skip
OF_WAVE = (
    "reference_date", "opened", "closed", "embargo", "weights", "estimates", "synthetic", "prefill",
)  # fmt: skip


@dataclass(frozen=True)
class Barometer:
    """What stays the same from wave to wave.

    `labels` names, for running text, each column of the frame that weights may use: [columns], and
    the domains by their label where it says nothing.
    """

    folder: Path
    title: Labels
    languages: tuple[str, ...]
    attribution: str
    domains: Mapping[str, Domain]
    sections: Mapping[str, Labels]
    indicators: Mapping[str, Indicator]
    labels: Mapping[str, Labels]
    disclosure: Rule = field(default_factory=Rule)

    @classmethod
    def open(cls, folder: Path) -> Barometer:
        """Reads barometer.toml and indicators.toml."""
        path = folder / "barometer.toml"
        settings = read_toml(path)
        only(path, settings, OF_BAROMETER)
        languages = texts(path, "languages", need(path, settings, "languages"))
        domains = {
            name: Domain(
                name,
                translated(path, f"domains.{name}.label", need(path, d, "label"), languages),
                {
                    value: translated(path, f"domains.{name}.values.{value}", label, languages)
                    for value, label in need_table(path, d, "values").items()
                },
            )
            for name, d in need_tables(path, settings, "domains").items()
        }
        sections, indicators = read_indicators(folder / "indicators.toml", languages, domains)
        title = translated(path, "title", need(path, settings, "title"), languages)
        attribution = settings.get("attribution", "")
        if not isinstance(attribution, str):
            raise BadInput("attribution is no text", file=path, todo="Write it in quotes")
        rule = read_record(path, Rule, "disclosure", settings.get("disclosure", {}))
        for name in (*rule.sensitive, *(key.split(".")[1] for key in rule.published_before)):
            if name not in indicators:
                raise BadInput(f"disclosure: unknown indicator {name!r}", file=path)
        labels = {name: domain.label for name, domain in domains.items()} | {
            name: translated(path, f"columns.{name}", label, languages)
            for name, label in need_table(path, {"columns": {}} | settings, "columns").items()
        }
        return cls(
            folder, title, languages, attribution, domains, sections, indicators, labels, rule
        )

    @cached_property
    def instrument(self) -> Instrument:
        """The questionnaire, compiled."""
        return compile(self.folder / "questionnaire", self.languages)

    @property
    def ledger(self) -> Ledger:
        """What final editions have printed."""
        return Ledger.read(self.folder / LEDGER)

    @property
    def waves(self) -> tuple[str, ...]:
        """Names of the waves, oldest first."""
        return tuple(sorted(p.parent.name for p in self.folder.glob("*/wave.toml")))

    def wave(self, name: str) -> Wave:
        """One wave by name; BadInput names those that exist."""
        if name not in self.waves:
            known = ", ".join(self.waves) or "none"
            raise BadInput(
                f"there is no wave {name!r}", file=self.folder, todo=f"Waves are: {known}"
            )
        return Wave.open(self, name)


@dataclass(frozen=True)
class Wave(Questions):
    """One survey of the population: its frame on the reference date, answers, weights, figures."""

    barometer: Barometer
    name: str
    reference_date: date
    opened: date
    closed: date
    weighting: Weighting
    policy: str = DEFAULT
    synthetic: Labels = field(default_factory=dict)
    embargo: datetime | None = None
    cells_of: CellsOf = cells_in_memory

    @classmethod
    def open(cls, barometer: Barometer, name: str) -> Wave:
        """Reads wave.toml."""
        path = barometer.folder / name / "wave.toml"
        settings = read_toml(path)
        only(path, settings, OF_WAVE)
        weighting = wave_settings.weighting(path, need_table(path, settings, "weights"))
        for column in weighting.columns():
            if column not in barometer.labels:
                raise BadInput(
                    f"no label for the column {column!r}",
                    file=path,
                    column="weights",
                    todo=f"Declare it in barometer.toml as a domain, or as [columns.{column}]",
                )
        dates = {key: need(path, settings, key) for key in ("reference_date", "opened", "closed")}
        for key, day in dates.items():
            if not isinstance(day, date):
                raise BadInput(
                    f"{key} is no date", file=path, todo="Write it as 2017-02-01, unquoted"
                )
        note = need_table(path, {"synthetic": {}} | settings, "synthetic")
        if note:
            translated(path, "synthetic", note, barometer.languages)
        return cls(
            barometer,
            name,
            **dates,
            weighting=weighting,
            policy=wave_settings.policy(path, settings),
            synthetic=note,
            embargo=wave_settings.embargo(path, settings),
        )

    @property
    def folder(self) -> Path:
        """Where the files of the wave are."""
        return self.barometer.folder / self.name

    @cached_property
    def frame(self) -> Frame:
        """The units on the reference date."""
        return read_frame(
            self.barometer.folder / "frame", self.reference_date, self.barometer.domains
        )

    @cached_property
    def frozen(self) -> Frozen | None:
        """The newest frozen version of the answers; BadInput where a responses.csv lies beside it."""
        found = frozen_answers.newest(self.folder)
        if found and (self.folder / TABLE).exists():
            raise BadInput(
                f"stands beside answers that were frozen in {found.folder}",
                file=self.folder / TABLE,
                todo="A wave has one source: remove this file, or the folder of frozen answers",
            )
        return found

    @property
    def source(self) -> Path:
        """The file of the answers: the newest frozen version, else responses.csv."""
        return self.frozen.path(frozen_answers.ANSWERS) if self.frozen else self.folder / TABLE

    @cached_property
    def instrument(self) -> Instrument:
        """The questionnaire that was answered: frozen with the answers, else that of the barometer."""
        return self.frozen.instrument if self.frozen else self.barometer.instrument

    @cached_property
    def responses(self) -> Responses:
        """The answers, checked against questionnaire and frame."""
        path = self.source
        responses = read_responses(path, self.instrument, self.frame.row_of)
        if responses.synthetic and not self.synthetic:
            raise BadInput(
                "the answers are marked synthetic and wave.toml does not say so",
                file=path,
                column="synthetic",
                todo="Add a [synthetic] table with the notice in each language to wave.toml",
            )
        return responses

    @cached_property
    def sample(self) -> Sample:
        """Respondents with their weights."""
        units = [str(u) for u in self.responses.units]
        return calibrate(self.frame, units, self.weighting)

    @cached_property
    def estimator(self) -> Estimator:
        """What makes the figures of this wave."""
        return Estimator.of(self.sample, self.name, self.policy, self.cells_of)

    def items(self, indicator: Indicator) -> tuple[Item, ...]:
        """What an indicator measures in this wave; `rows` picks and orders items of a battery."""
        i = indicator
        key = (i.question, i.statistic, i.codes, i.base, i.rows)
        if key not in self._known:
            items = items_of(
                self.instrument,
                self.responses,
                i.question,
                i.statistic,
                i.codes,
                i.base,
            )
            by_key = {item.key: item for item in items}
            for row in i.rows:
                if row not in by_key:
                    raise BadInput(f"{row!r} of {i.question!r} was not asked in wave {self.name}")
            self._known[key] = tuple(by_key[row] for row in i.rows) if i.rows else items
        return self._known[key]

    @cached_property
    def _known(self) -> dict[tuple[object, ...], tuple[Item, ...]]:
        """Items by what makes them: texts, claims and pages ask for the same ones again."""
        return {}

    def domains(self, by: str | Sequence[str] | None) -> list[dict[str, str]]:
        """The domains of a breakdown that exist in the frame; several names are crossed."""
        names = [by] if isinstance(by, str) else list(by or ())
        for name in names:
            if name not in self.barometer.domains:
                known = ", ".join(self.barometer.domains)
                raise BadInput(f"there is no domain {name!r}", todo=f"Domains are: {known}")
        crossed: list[dict[str, str]] = [{}]
        for name in names:
            values = self.barometer.domains[name].labels
            crossed = [{**domain, name: value} for domain in crossed for value in values]
        return [d for d in crossed if self.sample.design.mask(d).any()]

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """All that the wave publishes, as disclosure control sees it; the map's crossing too."""
        asked = [
            Asked(
                indicator.name,
                item,
                () if indicator.statistic == "mean" else indicator.codes or (item.choice,),
                ({}, *(d for by in self._breakdowns(indicator) for d in self.domains(by))),
            )
            for indicator in self.barometer.indicators.values()
            for item in self.items(indicator)
        ]
        variables = self.instrument.variables
        return tables_of(self.name, self.sample, self.responses, variables, asked)

    @cached_property
    def suppression(self) -> Suppression:
        """What of the wave may be published, given what editions have printed before."""
        return suppress(self.tables, self.barometer.disclosure, self.barometer.ledger)

    def _breakdowns(self, indicator: Indicator) -> list[str | tuple[str, ...]]:
        return [*indicator.by, *([indicator.map] if indicator.map else [])]

    def estimates(self, indicator: Indicator) -> Estimates:
        """The figures of one indicator: for all, then by each of its domains."""
        domains = [{}, *(d for name in indicator.by for d in self.domains(name))]
        return Estimates(
            tuple(self.estimator.estimates(indicator.name, self.items(indicator), domains))
        )

    def shown(self, figures: Estimates) -> Estimates:
        """Figures as disclosure control lets them be printed."""
        return Estimates(tuple(self.suppression.shown(figure) for figure in figures))

    @cached_property
    def orders(self) -> dict[str, Order]:
        """The order of the items of each indicator: of rankings, and of means of a battery."""
        variables = self.instrument.variables
        several = {n: self.items(i) for n, i in self.barometer.indicators.items() if i.section}
        return {
            name: order_of(figures_of(self.estimator, items))
            for name, items in several.items()
            if len(items) > 1
            if items[0].statistic == "mean" or variables[items[0].variable].kind == "rank"
        }

    @cached_property
    def earlier(self) -> tuple[Wave, ...]:
        """The waves before this one, oldest first."""
        names = (n for n in self.barometer.waves if n < self.name)
        return tuple(Wave.open(self.barometer, name) for name in names)

    def table(self) -> Estimates:
        """All figures of all indicators."""
        indicators = self.barometer.indicators.values()
        return Estimates(tuple(figure for i in indicators for figure in self.estimates(i)))

    def change_of(
        self,
        item: Item,
        since: str,
        codes: Sequence[str] = (),
        domain: Mapping[str, str] = ALL,
        between: Between = None,
        base: Base = "asked",
    ) -> Change:
        """The change of one item since another wave."""
        earlier = self.barometer.wave(since)
        statistic: Statistic = "mean" if item.statistic == "mean" else "share"
        items = items_of(
            earlier.instrument, earlier.responses, item.variable, statistic, codes, base
        )
        before = next((i for i in items if i.key == item.key), None)
        if before is None:
            raise BadInput(f"{item.key!r} was not asked in wave {since}")
        first, second = (
            Measured(wave.estimator, [str(u) for u in wave.responses.units], of)
            for wave, of in ((earlier, before), (self, item))
        )
        return change(first, second, self.kept_since(earlier), domain, between)

    def kept_since(self, earlier: Wave) -> dict[str, str]:
        """Codes in an earlier wave with their codes now, of the units that are still the same."""
        return kept(successions(self.barometer.folder / "frame"), earlier.frame, self.frame)
