"""The figures as tables: every estimate, and the code lists its columns refer to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from barograph.barometer import Wave
from barograph.estimate import Estimate, Estimates
from barograph.indicators import Indicator, Labels
from barograph.instrument import DONT_KNOW
from barograph.publish.data.shown import Shown
from barograph.publish.data.tables import Cell, Field, Table, number_text
from barograph.publish.language import Language
from barograph.publish.reproduction import Reproduced

if TYPE_CHECKING:
    from barograph.estimate.disclosure import Suppression

Words = Mapping[str, Language]  # the wave in each of its languages


@dataclass(frozen=True)
class Figures:
    """The estimates of a wave as `suppression` lets them be published: without it, all whole."""

    wave: Wave
    estimates: Mapping[str, Estimates]
    method: str
    suppression: Suppression | None = None

    def __iter__(self) -> Iterator[tuple[Indicator, Estimate]]:
        for name, indicator in self.wave.barometer.indicators.items():
            for estimate in self.estimates.get(name, ()):
                yield indicator, estimate

    def shown(self, estimate: Estimate) -> Shown:
        """What is printed of an estimate; BadInput for one that disclosure control did not see."""
        name = estimate.estimate_id
        return Shown.of(estimate, self.suppression.of(name) if self.suppression else None)

    def earlier(self, estimate: Estimate) -> Shown:
        """The same for a figure published earlier, which need not be among the estimates."""
        decisions = self.suppression.decisions if self.suppression else {}
        return Shown.of(estimate, decisions.get(estimate.estimate_id))


def estimates(figures: Figures) -> Table:
    """Every estimate, in the columns that do not change from wave to wave."""
    wave = figures.wave
    identity = (wave.name, wave.frame.version)
    return Table(
        "estimates",
        f"Every figure of the wave {wave.name}",
        _estimate_fields(len(wave.frame)),
        [_estimate(figures, identity, e) for _, e in figures],
        key=("estimate_id",),
        refers={
            ("indicator",): "indicators",
            ("indicator", "category"): "categories",
            ("domain",): "domains",
        },
    )


def _estimate_fields(population: int) -> tuple[Field, ...]:
    some, value = {"required": True}, {"minimum": 0, "maximum": population}
    count = {"minimum": 0, "maximum": population}
    return (
        Field("estimate_id", "string", "Name of the figure, for ever", some | {"unique": True}),
        Field("wave", "string", "Wave", some),
        Field("frame_version", "string", "Version of the list of units", some),
        Field("indicator", "string", "What is measured: see indicators", some),
        Field("category", "string", "Choice or row it is measured of: see categories", some),
        Field("domain", "string", "For whom: see domains", some),
        Field("estimate", "number", "Share (0 to 1), mean on its scale, or total in units", value),
        Field("se", "number", "Linearised standard error", {"minimum": 0}),
        Field("ci_low", "number", "Lower end of the 95% interval", value),
        Field("ci_high", "number", "Upper end of the 95% interval", value),
        Field("n", "integer", "Respondents counted", count),
        Field("base", "integer", "Respondents the figure is over", count),
        Field(
            "flag",
            "string",
            "Few respondents in the base",
            {"enum": ["base<30", "base<10", "none"]},
        ),
        Field("suppressed", "integer", "1: withheld, to protect respondents", {"enum": [0, 1]}),
        Field("method_id", "string", "How the figure was made", some),
    )


def _estimate(figures: Figures, identity: tuple[str, str], e: Estimate) -> list[Cell]:
    shown = figures.shown(e)
    place = [e.estimate_id, *identity, e.indicator, e.category, e.domain]
    most = len(figures.wave.frame)  # an interval by t may lead past it
    ends = [None if x is None else min(x, most) for x in (shown.value, shown.low, shown.high)]
    values = [ends[0], shown.se, *ends[1:], shown.n, shown.base]
    return [*place, *values, e.flag or None, int(bool(shown.confidential)), figures.method]


def indicators(figures: Figures, words: Words) -> Table:
    """What each indicator measures, and its name per language."""
    used = {i.name: i for i, _ in figures}.values()
    return Table(
        "indicators",
        "What is measured",
        (
            Field("indicator", "string", "Indicator", {"required": True}),
            Field("question", "string", "Question or battery of the questionnaire"),
            Field("statistic", "string", "Statistic", {"enum": ["share", "mean", "total"]}),
            Field("codes", "string", "Codes taken together, separated by spaces"),
            Field(
                "base",
                "string",
                "asked: who was asked and answered, without don't know; all: also who was not asked",
                {"enum": ["asked", "all"]},
            ),
            *_texts("label", "Name", words, required=True),
        ),
        [
            [
                i.name,
                i.question,
                i.statistic,
                " ".join(i.codes) or None,
                i.base,
                *(i.label[k] for k in words),
            ]
            for i in used
        ],
        key=("indicator",),
    )


def categories(figures: Figures, words: Words, first: Labels) -> Table:
    """The categories of each indicator, what was asked and what counts, per language.

    `first` says of a ranking that its first place counts.
    """
    used = {(i.name, e.category): (i, e.category) for i, e in figures}.values()
    return Table(
        "categories",
        "Choices and rows that figures are of",
        (
            Field("indicator", "string", "Indicator", {"required": True}),
            Field("category", "string", "Choice of the question, or row of the battery"),
            Field(
                "condition", "string", "Whom the question was put to, as the questionnaire says it"
            ),
            *_texts("label", "Name", words, required=True),
            *_texts("wording", "Question as asked", words, required=True),
            *_texts("counted", "Codes that count, of a mean those of the scale", words),
        ),
        [_category(figures.wave, i, c, words, first) for i, c in used],
        key=("indicator", "category"),
        refers={("indicator",): "indicators"},
    )


def _category(
    wave: Wave, indicator: Indicator, name: str, words: Words, first: Labels
) -> list[Cell]:
    row, _, code = name.rpartition("=")
    instrument = wave.instrument
    asked = row or (name if name in instrument.variables else indicator.question)
    variable = instrument.variable(asked)
    intro = instrument.groups.get(variable.battery)
    if indicator.statistic == "mean":
        counted = [c for c in variable.choices if c.code != DONT_KNOW]
    else:
        counted = [variable.by_code[c] for c in indicator.codes or (code,)]
    place = {k: f" ({text})" if variable.kind == "rank" else "" for k, text in first.items()}
    return [
        indicator.name,
        name,
        " and ".join(variable.relevant) or None,
        *(category(language, indicator, name) for language in words.values()),
        *(f"{intro[k]} {variable.label[k]}" if intro else variable.label[k] for k in words),
        *("; ".join(f"{c.code}: {c.label[k]}{place[k]}" for c in counted) or None for k in words),
    ]


def category(language: Language, indicator: Indicator, name: str) -> str:
    """A category in words; codes taken together go by the name of the indicator."""
    together = name == indicator.question
    return indicator.label[language.lang] if together else language.item(indicator, name)


def domains(figures: Figures, words: Words) -> Table:
    """The domains that figures are for, and their names per language."""
    used = dict.fromkeys(e.domain for _, e in figures)
    return Table(
        "domains",
        "Parts of the population that figures are for",
        (
            Field("domain", "string", "Domain", {"required": True}),
            *_texts("label", "Name", words, required=True),
        ),
        [[key, *(words[k].domain(key) for k in words)] for key in used],
        key=("domain",),
    )


def _texts(name: str, what: str, words: Words, *, required: bool = False) -> Iterator[Field]:
    constraints = {"required": True} if required else {}
    for language in words:
        yield Field(f"{name}_{language}", "string", f"{what}, in {language}", constraints)


def reproduction(figures: Figures, rows: Sequence[Reproduced]) -> Table:
    """Figures published earlier beside what the answers give."""
    return Table(
        "reproduction",
        "Figures published earlier: as published, as the plain share, as estimated",
        (
            Field("id", "string", "Name of the figure", {"required": True, "unique": True}),
            Field("published", "string", "As it was published"),
            Field("as_published", "string", "The same, from the answers without weights"),
            Field(
                "estimate", "string", "As estimated: percent, units, or the order that is tested"
            ),
            Field("low", "number", "Lower end of the 95% interval"),
            Field("high", "number", "Upper end of the 95% interval"),
            Field("n", "integer", "Respondents counted"),
            Field("base", "integer", "Respondents the figure is over"),
        ),
        list(_reproduced(figures, rows)),
        key=("id",),
    )


def _reproduced(figures: Figures, rows: Iterable[Reproduced]) -> Iterator[list[Cell]]:
    for r in rows:
        if r.estimate is None:
            yield [r.id, r.published, r.as_published, r.order, None, None, r.n, r.base]
            continue
        shown, scale = figures.earlier(r.estimate), 100.0 if r.rule == "share" else 1.0
        value, low, high = (
            None if x is None else x * scale for x in (shown.value, shown.low, shown.high)
        )
        text = None if value is None else number_text(value)
        plain = r.as_published if shown.n is not None else None  # it tells the number counted
        yield [r.id, r.published, plain, text, low, high, shown.n, shown.base]
