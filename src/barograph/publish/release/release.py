"""A release in one language: its slots, its claims, the text they fill.

A template is Markdown with Jinja2 slots (SLOTS, and `n` for facts of the wave) and the tags of
`tags`. Whatever a slot prints carries its source: the estimate, the fact, the claim.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, StrictUndefined, Template, TemplateError, nodes
from markupsafe import Markup

from barograph.barometer import Wave
from barograph.errors import UnsupportedText
from barograph.estimate import Estimate, Item, rank_ranges
from barograph.files import read_text
from barograph.indicators import Indicator
from barograph.publish import formats
from barograph.publish.claims import Verdict
from barograph.publish.release import lint
from barograph.publish.release.facts import Fact
from barograph.publish.release.marks import Mark, Marks, literal, plain
from barograph.publish.release.tags import Tags

SLOTS = (
    *("share", "mean", "total", "count", "base", "scale", "leaders"),
    *("bound", "gap", "contact", "funding"),
)
TO = {"nl": " tot ", "fr": " à ", "de": " bis ", "en": " to "}
QUOTES = {"nl": "“{}”", "fr": "«\u00a0{}\u00a0»", "de": "„{}“", "en": "“{}”"}
EVIDENCE = {
    "nl": "Hoe deze zin is getoetst",
    "fr": "Comment cette phrase a été testée",
    "de": "Wie dieser Satz geprüft wurde",
    "en": "How this sentence was tested",
}


@dataclass(frozen=True)
class Release:
    """The text of one wave in one language."""

    wave: Wave
    lang: str
    verdicts: Mapping[str, Verdict]
    facts: Mapping[str, Fact]

    @property
    def path(self) -> Path:
        """The template."""
        return self.wave.folder / f"release.{self.lang}.md"

    @cached_property
    def marks(self) -> Marks:
        """What stands behind each marked piece of the text."""
        return Marks()

    @cached_property
    def printed(self) -> dict[str, str]:
        """The sentence, with marks, printed for each claim or instead of it; filled by `marked`."""
        return {}

    def sentence(self, claim: str) -> str:
        """What the text says on the strength of a claim, or instead of it."""
        _ = self.marked
        return plain(self.printed.get(claim, ""))

    def markdown(self) -> str:
        """The text with its figures, checked."""
        return plain(self.marked)

    def html(self) -> Markup:
        """The text as HTML, each number within what it comes from, each claim beside its test."""
        return self.marks.html(self.marked)

    def findings(self) -> dict[str, str]:
        """The blocks of the template: the sentences that lead other pages and documents."""
        return {name: plain(text) for name, text in self._blocks.items()}

    def findings_html(self) -> dict[str, Markup]:
        """The findings as HTML, as `html` gives them."""
        return {name: self.marks.html(text, inline=True) for name, text in self._blocks.items()}

    @cached_property
    def marked(self) -> str:
        """The text with marks around its numbers and claims."""
        template = self._checked
        self._environment.asserting = self  # type: ignore[attr-defined]
        try:
            return formats.spaced(template.render(self._slots), self.lang)
        except TemplateError as error:
            raise UnsupportedText(f"a slot cannot be filled: {error}", file=self.path) from None

    def over(self, wave: Wave, verdicts: Mapping[str, Verdict]) -> Release:
        """The same text over other answers; its template is not compiled again."""
        other = replace(self, wave=wave, verdicts=verdicts)
        shared = ("source", "reading", "_environment", "template", "_checked")
        other.__dict__.update({name: getattr(self, name) for name in shared})
        return other

    @cached_property
    def _blocks(self) -> dict[str, str]:
        template = self._checked
        self._environment.asserting = self  # type: ignore[attr-defined]
        context = template.new_context(self._slots)
        return {
            name: formats.spaced("".join(block(context)), self.lang)
            for name, block in template.blocks.items()
        }

    @cached_property
    def reading(self) -> lint.Reading:
        """The author's words, and what the text asserts: the same in every language."""
        return lint.read(self.source, SLOTS, self.path)

    @cached_property
    def _environment(self) -> Environment:
        return Environment(extensions=[Tags], undefined=StrictUndefined, keep_trailing_newline=True)

    @cached_property
    def source(self) -> nodes.Template:
        """The template, parsed."""
        try:
            return self._environment.parse(read_text(self.path))
        except TemplateError as error:
            raise self._broken(error) from None

    @cached_property
    def _checked(self) -> Template:
        """The template, compiled once its words are checked."""
        claims = {name: verdict.claim for name, verdict in self.verdicts.items()}
        lint.check(self.reading, self.lang, claims, self.path)
        for slot in self.reading.slots:
            try:
                self._known(slot)
            except UnsupportedText as error:
                raise UnsupportedText(
                    error.what, file=self.path, row=slot.line, todo=error.todo
                ) from None
        return self.template

    def _known(self, slot: lint.Slot) -> None:
        """UnsupportedText for a slot that names what is not there, also where it is not printed."""
        if not slot.called:
            if slot.name not in self.facts:
                raise UnsupportedText(f"n has no {slot.name!r}", todo=_known(self.facts))
            return
        function = signature(getattr(self, slot.name))
        try:
            given = function.bind(*slot.positional, **slot.named).arguments
        except TypeError as error:
            raise UnsupportedText(f"{slot} is filled wrongly: {error}") from None
        if "claim" in given:
            self._verdict(given["claim"])
        elif "item" in function.parameters:
            self._item(given["indicator"], given.get("item"), given.get("domain", {}))
        elif "indicator" in given:
            self._indicator(given["indicator"])

    @cached_property
    def template(self) -> Template:
        """The template, compiled."""
        try:
            return self._environment.from_string(self.source)
        except TemplateError as error:
            raise self._broken(error) from None

    def _broken(self, error: TemplateError) -> UnsupportedText:
        row = getattr(error, "lineno", None)
        return UnsupportedText(f"the template is broken: {error}", file=self.path, row=row)

    @cached_property
    def _slots(self) -> dict[str, Any]:
        facts = {
            name: self.marks.around(fact.mark(name), fact.text) for name, fact in self.facts.items()
        }
        return {**{name: getattr(self, name) for name in SLOTS}, "n": facts}

    # What the tags ask.

    def holds(self, claim: str) -> bool:
        """Whether a claim may be asserted."""
        return self._verdict(claim).holds

    def refuse(self, tried: tuple[str, ...]) -> str:
        """Stops the build: none of these claims holds, and the author gave no other sentence."""
        failed = "; ".join(self._verdict(name).explained() for name in tried)
        raise UnsupportedText(
            failed, file=self.path, todo="Give a {% fallback %} that says what does hold"
        )

    def span(self, tried: tuple[str, ...], sentence: str) -> str:
        """A sentence that the last claim tried carries, beside the way to its test."""
        claim = tried[-1]
        self._print(tried, sentence)
        link = Markup(' <a class="proof" href="claims.html#{0}" title="{1}" aria-label="{1}">✓</a>')
        tail = link.format(claim, EVIDENCE[self.lang]) + _anchors(tried[:-1])
        attributes = {"class": "claim", "id": f"claim-{claim}", "data-claim": claim}
        return self.marks.around(Mark("span", attributes, tail, tried), sentence)

    def instead(self, tried: tuple[str, ...], sentence: str) -> str:
        """What is said where none of the claims tried holds."""
        self._print(tried, sentence)
        attributes = {"class": "fallback", "id": f"claim-{tried[0]}"}
        mark = Mark("span", attributes, _anchors(tried[1:]))
        return self.marks.around(mark, sentence) if sentence else ""

    def _print(self, tried: tuple[str, ...], sentence: str) -> None:
        if "\n" in sentence:
            raise UnsupportedText(
                f"claim {tried[-1]} runs over a line break",
                file=self.path,
                todo="A claim carries a sentence: write it on one line",
            )
        self.printed.update(dict.fromkeys(tried, formats.spaced(sentence, self.lang)))

    def quoted(self, person: str, function: str, consent: str, words: str) -> str:
        """What a person said, with name, function and the day of consent."""
        mark = Mark("span", {"class": "quotation", "data-consent": consent})
        said = QUOTES[self.lang].format(words.strip())
        return self.marks.around(mark, f"{said} ({literal(person)}, {literal(function)})")

    # What authors call.

    def share(self, indicator: str, item: str | None = None, **domain: str) -> str:
        """Value and interval: "66% [58–73%]"; from few answers "10 of 29 [22–53%]"."""
        e = self._estimate(indicator, item, domain)
        text = f"{formats.value_text(e, self.lang)} [{formats.interval_text(e, self.lang)}]"
        return self._of(e, text)

    mean = total = share

    def count(self, indicator: str, item: str | None = None, **domain: str) -> str:
        """Respondents counted, without weights."""
        e = self._estimate(indicator, item, domain)
        if math.isnan(e.n):
            raise UnsupportedText(
                f"the number counted of {e.estimate_id} is not told: it is printed in steps",
                file=self.path,
                todo="Leave this count out of the text",
            )
        return self._of(e, formats.number(e.n, self.lang), "n")

    def base(self, indicator: str, item: str | None = None, **domain: str) -> str:
        """Respondents the figure is over."""
        e = self._estimate(indicator, item, domain)
        return self._of(e, formats.number(e.base, self.lang), "base")

    def scale(self, indicator: str) -> str:
        """The ends of the scale of a mean: "1 to 5"."""
        variable = self.wave.items(self._indicator(indicator))[0].variable
        choices = self.wave.instrument.variable(variable).choices
        scores = [int(c.code) for c in choices if c.code.isdecimal()]
        if not scores:
            raise UnsupportedText(f"{indicator} has no scale", file=self.path)
        low, high = (formats.number(end, self.lang) for end in (min(scores), max(scores)))
        mark = Mark("data", {"data-fact": f"scale.{indicator}", "value": f"{low}–{high}"})
        return self.marks.around(mark, f"{low}{TO[self.lang]}{high}")

    def bound(self, claim: str) -> str:
        """How many units may have what no respondent has, at 95%."""
        bound = self._verdict(claim).bound
        if bound is None:
            raise UnsupportedText(
                f"claim {claim} has no bound",
                file=self.path,
                todo="Write it in the sentence of a claim of type none",
            )
        return self._of_claim(claim, "at_most_units", formats.number(bound, self.lang), str(bound))

    def gap(self, claim: str) -> str:
        """The difference that a claim rests on, in percentage points or points of a scale."""
        verdict = self._verdict(claim)
        found = verdict.weakest
        if found is None:
            raise UnsupportedText(
                f"claim {claim} compares nothing, or a figure in steps", file=self.path
            )
        factor, digits = (100, 0) if verdict.unit == "share" else (1, 1)
        value, low, high = (
            formats.number(x * factor, self.lang, digits)
            for x in (found.difference, found.low, found.high)
        )
        between = TO[self.lang] if "-" in low + high or "−" in low + high else "–"
        text = f"{value} [{low}{between}{high}]"
        return self._of_claim(claim, "difference", text, f"{found.difference:.6g}")

    def leaders(self, indicator: str) -> str:
        """The items that the data allow to be first, in the order of their estimates."""
        chosen = self._indicator(indicator)
        items = self.wave.items(chosen)
        ranges = rank_ranges(self.wave.estimator, items)
        values = self.wave.estimator.moments(items).value[:, 0]
        ordered = [items[i] for i in np.argsort(-values, kind="stable")]
        names = [self._name(chosen, i) for i in ordered if ranges[i.key][0] == 1]
        return formats.listed(names, self.lang)

    def contact(self) -> str:
        """Who answers questions of the press."""
        return self._fact("contact")

    def funding(self) -> str:
        """Who paid, and what they sell."""
        return self._fact("funding")

    # Where it comes from.

    def _indicator(self, name: str) -> Indicator:
        indicators = self.wave.barometer.indicators
        if name not in indicators:
            raise UnsupportedText(
                f"there is no indicator {name!r}", file=self.path, todo=_known(indicators)
            )
        return indicators[name]

    def _item(self, indicator: str, item: str | None, domain: Mapping[str, str]) -> Item:
        """The item named, or the only one; UnsupportedText also for an unknown domain."""
        items = {item.key: item for item in self.wave.items(self._indicator(indicator))}
        key = next(iter(items)) if item is None and len(items) == 1 else item
        if key not in items:
            what = f"has no item {key!r}" if key else "needs an item"
            raise UnsupportedText(f"{indicator} {what}", file=self.path, todo=_known(items))
        domains = self.wave.barometer.domains
        for name, value in domain.items():
            if name not in domains:
                raise UnsupportedText(
                    f"there is no domain {name!r}", file=self.path, todo=_known(domains)
                )
            if value not in domains[name].labels:
                raise UnsupportedText(
                    f"{name} has no {value!r}", file=self.path, todo=_known(domains[name].labels)
                )
        return items[key]

    def _name(self, indicator: Indicator, item: Item) -> str:
        instrument = self.wave.instrument
        variable = instrument.variable(item.variable)
        choice = variable.by_code.get(item.key)
        return literal(choice.short(self.lang) if choice else variable.label[self.lang])

    def _estimate(self, indicator: str, item: str | None, domain: Mapping[str, str]) -> Estimate:
        e = self.wave.estimator.estimate(indicator, self._item(indicator, item, domain), domain)
        if (decision := self.wave.suppression.of(e.estimate_id)).withheld:
            raise UnsupportedText(
                f"{e.estimate_id} is withheld: {decision.reason}",
                file=self.path,
                todo="Leave this figure out of the text",
            )
        return self.wave.suppression.shown(e)

    def _of(self, e: Estimate, text: str, part: str = "value") -> str:
        value = e.value if part == "value" else getattr(e, part)
        attributes = {"class": "estimate", "data-estimate": e.estimate_id}
        attributes |= {} if part == "value" else {"data-part": part}
        return self.marks.around(Mark("data", {**attributes, "value": f"{value:.6g}"}), text)

    def _of_claim(self, claim: str, part: str, text: str, value: str) -> str:
        mark = Mark("data", {"data-fact": f"claims.{claim}.{part}", "value": value})
        return self.marks.around(mark, text)

    def _fact(self, name: str) -> str:
        return self.marks.around(self.facts[name].mark(name), self.facts[name].text)

    def _verdict(self, claim: str) -> Verdict:
        if claim not in self.verdicts:
            raise UnsupportedText(f"there is no claim {claim!r} in claims.toml", file=self.path)
        return self.verdicts[claim]


def _known(names: Iterable[str]) -> str:
    return f"Known are {', '.join(names)}"


def _anchors(claims: tuple[str, ...]) -> str:
    """Where the tests of claims that were tried lead back to."""
    return Markup().join(Markup('<span id="claim-{}"></span>').format(name) for name in claims)
