"""The press release: a template per language whose numbers come through slots and whose ordering
words stand under tested claims.

A template is Markdown with Jinja2. Slots: share, mean, total, count, base, bound, leaders, n, level.
`{% if holds("claim") %}` guards a sentence; a `{% block %}` makes it a finding of the page. A digit
outside a slot, an ordering word outside the branch of a claim that holds, or languages that assert
different things stop the build.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, StrictUndefined, Template, TemplateError, nodes
from markdown_it import MarkdownIt

from barograph.barometer import Wave
from barograph.errors import UnsupportedText
from barograph.estimate import Estimate, rank_ranges
from barograph.estimate.intervals import LEVEL
from barograph.files import read_text, read_toml
from barograph.publish import formats
from barograph.publish.claims import Verdict

LEXICON = Path(__file__).with_name("lexicon.toml")
FIGURES = frozenset({"share", "mean", "total", "count", "base", "bound", "leaders", "holds"})
AND = {"nl": "en", "fr": "et", "de": "und", "en": "and"}


@dataclass(frozen=True)
class Release:
    """The slots of one wave in one language, and the text they fill."""

    wave: Wave
    lang: str
    verdicts: Mapping[str, Verdict]
    facts: Mapping[str, str]

    @property
    def path(self) -> Path:
        """The template."""
        return self.wave.folder / f"release.{self.lang}.md"

    @cached_property
    def source(self) -> nodes.Template:
        """The template, parsed."""
        try:
            return Environment(keep_trailing_newline=True).parse(read_text(self.path))
        except TemplateError as error:
            raise UnsupportedText(f"the template is broken: {error}", file=self.path) from None

    @cached_property
    def _template(self) -> Template:
        """The template, compiled once its words are checked."""
        _check_words(self.path, self.lang, self.source)
        environment = Environment(undefined=StrictUndefined, keep_trailing_newline=True)
        try:
            return environment.from_string(self.source)
        except TemplateError as error:
            raise UnsupportedText(f"the template is broken: {error}", file=self.path) from None

    def markdown(self) -> str:
        """The text with its figures, checked."""
        try:
            return self._template.render(self._slots())
        except TemplateError as error:
            raise UnsupportedText(f"a slot cannot be filled: {error}", file=self.path) from None

    def findings(self) -> dict[str, str]:
        """The blocks of the template, filled: the sentences that lead the page."""
        context = self._template.new_context(self._slots())
        return {name: "".join(block(context)) for name, block in self._template.blocks.items()}

    def _slots(self) -> dict[str, Any]:
        level = formats.percent(LEVEL, self.lang)
        return {**{name: getattr(self, name) for name in FIGURES}, "n": self.facts, "level": level}

    def assertions(self) -> set[str]:
        """The claims and figures the text uses, as written: the same in every language."""
        return {_signature(call) for call in self.source.find_all(nodes.Call)}

    def _estimate(self, indicator: str, item: str | None, domain: Mapping[str, str]) -> Estimate:
        indicators = self.wave.barometer.indicators
        if indicator not in indicators:
            raise UnsupportedText(f"there is no indicator {indicator!r}", file=self.path)
        items = {i.key: i for i in self.wave.items(indicators[indicator])}
        key = item or (next(iter(items)) if len(items) == 1 else "")
        if key not in items:
            raise UnsupportedText(f"{indicator} has no item {key!r}", file=self.path)
        e = self.wave.estimator.estimate(indicator, items[key], domain)
        if (decision := self.wave.suppression.of(e.estimate_id)).withheld:
            raise UnsupportedText(
                f"{e.estimate_id} is withheld: {decision.reason}",
                file=self.path,
                todo="Leave this figure out of the text",
            )
        return e

    def share(self, indicator: str, item: str | None = None, **domain: str) -> str:
        """Value and interval: "66% [58–73%]"; from few answers "10 of 29 [22–53%]"."""
        e = self._estimate(indicator, item, domain)
        return f"{formats.value_text(e, self.lang)} [{formats.interval_text(e, self.lang)}]"

    mean = total = share

    def count(self, indicator: str, item: str | None = None, **domain: str) -> str:
        """Respondents counted, without weights."""
        return formats.number(self._estimate(indicator, item, domain).n, self.lang)

    def base(self, indicator: str, item: str | None = None, **domain: str) -> str:
        """Respondents the figure is over."""
        return formats.number(self._estimate(indicator, item, domain).base, self.lang)

    def bound(self, claim: str) -> str:
        """How many units may have what no respondent has, at 95%."""
        bound = self._verdict(claim).bound
        return formats.NOTHING if bound is None else formats.number(bound, self.lang)

    def holds(self, claim: str) -> bool:
        """Whether a claim may be asserted."""
        return self._verdict(claim).holds

    def leaders(self, indicator: str) -> str:
        """The items that the data allow to be first, in the order of their estimates."""
        chosen = self.wave.barometer.indicators[indicator]
        items = self.wave.items(chosen)
        ranges = rank_ranges(self.wave.estimator, items)
        variable = self.wave.barometer.instrument.variable(chosen.question)
        values = self.wave.estimator.moments(items).value[:, 0]
        ordered = [items[i] for i in np.argsort(-values, kind="stable")]
        names = [variable.by_code[i.key].short(self.lang) for i in ordered if ranges[i.key][0] == 1]
        return f" {AND[self.lang]} ".join(
            [", ".join(names[:-1]), names[-1]] if names[1:] else names
        )

    def _verdict(self, claim: str) -> Verdict:
        if claim not in self.verdicts:
            raise UnsupportedText(f"there is no claim {claim!r} in claims.toml", file=self.path)
        return self.verdicts[claim]


def to_html(markdown: str) -> str:
    """Markdown as HTML; raw HTML in it is shown, not obeyed."""
    return str(MarkdownIt("commonmark", {"html": False}).render(markdown))


def check_same_assertions(releases: Mapping[str, Release]) -> None:
    """Every language asserts the same claims and shows the same figures."""
    everything = {lang: release.assertions() for lang, release in releases.items()}
    union = set().union(*everything.values())
    for lang, found in everything.items():
        if missing := sorted(union - found):
            raise UnsupportedText(
                f"lacks what another language says: {', '.join(missing)}",
                file=releases[lang].path,
                todo="Every language carries the same claims and figures",
            )


def _signature(call: nodes.Call) -> str:
    name = call.node.name if isinstance(call.node, nodes.Name) else "?"
    arguments = [repr(a.value) for a in call.args if isinstance(a, nodes.Const)]
    arguments += [
        f"{k.key}={k.value.value!r}" for k in call.kwargs if isinstance(k.value, nodes.Const)
    ]
    return f"{name}({', '.join(arguments)})"


def _check_words(path: Path, lang: str, template: nodes.Template) -> None:
    """No digit outside a slot; no ordering word outside the branch of a claim."""
    words = read_toml(LEXICON)[lang]["words"]
    ordering = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, words))})(?!\w)", re.IGNORECASE)
    guarded = {
        id(data)
        for branch in template.find_all(nodes.If)
        if isinstance(branch.test, nodes.Call) and _signature(branch.test).startswith("holds(")
        for node in branch.body
        for data in [node, *node.find_all(nodes.TemplateData)]
    }
    for data in template.find_all(nodes.TemplateData):
        if digit := re.search(r"\S*\d\S*", data.data):
            raise UnsupportedText(
                f"{digit[0]!r} stands outside a slot", file=path, todo="Numbers come through slots"
            )
        if id(data) not in guarded and (word := ordering.search(data.data)):
            raise UnsupportedText(
                f"{word[0]!r} orders or compares without a claim",
                file=path,
                row=data.lineno,
                todo='Put the sentence under {% if holds("...") %} or say what does hold',
            )
