"""A wave in one language: domains, items and method in its words, numbers in its format."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from barograph.barometer import Wave
from barograph.indicators import Indicator
from barograph.publish import formats
from barograph.weight import columns_of


@dataclass(frozen=True)
class Language:
    """A wave in one language: its words and number formats."""

    wave: Wave
    lang: str
    t: Mapping[str, str]

    @property
    def fmt(self) -> formats.Formats:
        """Numbers as this language writes them."""
        return formats.Formats(self.lang)

    def domain(self, key: str) -> str:
        """ "region=flanders&rurality=rural" in words."""
        if key == "all":
            return self.t["all"]
        pairs = (part.split("=") for part in key.split("&"))
        domains = self.wave.barometer.domains
        return " · ".join(domains[name].labels[value][self.lang] for name, value in pairs)

    def item(self, indicator: Indicator, category: str) -> str:
        """An item in words: the short label of a choice, the row of a battery, or "row: choice"."""
        instrument = self.wave.instrument
        row, _, code = category.rpartition("=")
        if row:
            variable = instrument.variable(row)
            return f"{variable.label[self.lang]}: {variable.by_code[code].short(self.lang)}"
        if category in instrument.variables:
            return instrument.variables[category].label[self.lang]
        return instrument.variable(indicator.question).by_code[category].short(self.lang)

    def time(self, day: date) -> Markup:
        """A day in full, as a page marks it."""
        return Markup('<time datetime="{}">{}</time>').format(day.isoformat(), self.fmt.date(day))

    def margins(self) -> str:
        """The margins of the weights, in words."""
        return self.columns(self.wave.sample.record.margins)

    def columns(self, names: Iterable[str]) -> str:
        """Margins or variables in words, as running text."""
        return formats.listed([self._crossed(name) for name in names], self.lang)

    def _crossed(self, margin: str) -> str:
        """The columns in a margin or variable, in words."""
        labels = [self.wave.barometer.labels[c][self.lang] for c in columns_of(margin)]
        return " × ".join(label if self.lang == "de" else label.lower() for label in labels)

    def weighting(self) -> str:
        """What was done beyond plain calibration: a sentence for each step, none for none."""
        record, t, number = self.wave.sample.record, self.t, self.fmt.number
        sentences = []
        if first := self.wave.weighting.propensity:
            variables = self.columns(first.variables)
            sentences.append(t[f"propensity_{first.method}"].format(variables=variables))
        for name, limits in (("bounds", record.bounds), ("trim", record.trim)):
            if limits:
                low, high = (number(limit, 1) for limit in limits)
                sentences.append(t[f"weights_{name}"].format(low=low, high=high))
        if record.taken_all:
            sentences.append(t["weights_taken_all"].format(n=number(record.taken_all)))
        if record.collapsed:
            sentences.append(t["weights_collapsed"].format(n=number(len(record.collapsed))))
        return "".join(f" {sentence}" for sentence in sentences)

    def method(self) -> dict[str, str]:
        """What the method texts say of this wave."""
        record, fmt, wave = self.wave.sample.record, self.fmt, self.wave
        return {
            "population": fmt.number(record.population),
            "invited": fmt.number(record.population),
            "answered": fmt.number(record.respondents),
            "rate": fmt.percent(record.respondents / record.population),
            "date": fmt.date(wave.reference_date),
            "opened": fmt.date(wave.opened),
            "closed": fmt.date(wave.closed),
            "margins": self.margins(),
            "low": fmt.number(record.lowest, 1),
            "high": fmt.number(record.highest, 1),
            "policy": self.t[f"policy_{wave.policy}"],
            "effective": fmt.number(record.effective_n),
            "steps": self.weighting(),
        }

    def marked_method(self) -> dict[str, str]:
        """The same for pages: each fact marked by its name, each day as a time."""
        days = {"date": self.wave.reference_date, "opened": self.wave.opened}
        days["closed"] = self.wave.closed
        plain = {"margins", "policy", "steps"}
        return {
            name: self.time(days[name])
            if name in days
            else (text if name in plain else fact(name, text))
            for name, text in self.method().items()
        }


def figure(estimate_id: str, text: str) -> Markup:
    """A figure on a page, by its estimate_id."""
    return Markup('<data data-estimate="{}">{}</data>').format(estimate_id, text)


def fact(name: str, text: str) -> Markup:
    """A fact of the wave or its frame on a page, by its name in facts.json."""
    return Markup('<data data-fact="{}">{}</data>').format(name, text)
