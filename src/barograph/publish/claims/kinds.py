"""The types of claims: what each compares, how large it must be, which words it may carry.

Each test is an intersection-union test: all its comparisons must come out, so its p is the largest.
A difference that is worth a sentence has at least five percentage points.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from barograph.barometer import Wave
from barograph.errors import BadInput
from barograph.estimate import Comparison, Item, compare_domains, compare_items
from barograph.estimate.compare import above
from barograph.estimate.intervals import absence_bound
from barograph.indicators import Indicator
from barograph.instrument import DONT_KNOW
from barograph.publish.claims.association import dependence, odds
from barograph.publish.claims.model import Claim, Evidence
from barograph.weight.representativity import of_sample

SMALLEST_DIFFERENCE = 0.05  # in shares: a smaller one is not worth a sentence
LARGEST_MARGIN = 0.1  # of a scale: what lies further apart is not "as much"
SMALLEST_BASE = 10
MOST_VARIATION = 0.15  # of response propensities, for "representative"
# Shares that a word may stand for.
WORDS = {
    "tenth": (0.075, 0.125),
    "fifth": (0.16, 0.24),
    "quarter": (0.20, 0.30),
    "third": (0.28, 0.39),
    "half": (0.45, 0.55),
    "two_thirds": (0.61, 0.72),
    "three_quarters": (0.70, 0.80),
}
NOISE_DIGITS = 9  # what sums of weights leave behind
Part = tuple[str, Comparison]


@dataclass(frozen=True)
class Asked:
    """A claim with what it speaks of."""

    wave: Wave
    claim: Claim

    @property
    def indicator(self) -> Indicator:
        """The indicator named."""
        return self.wave.barometer.indicators[self.claim.indicator]

    @property
    def items(self) -> Mapping[str, Item]:
        """The items of the indicator."""
        return {item.key: item for item in self.wave.items(self.indicator)}

    @property
    def only(self) -> Item:
        """The one item named, or that there is."""
        keys = self.claim.items or tuple(self.items)
        if len(keys) != 1:
            raise self.fault(f"type {self.claim.type} needs one item, not {len(keys)}")
        return self.items[keys[0]]

    @property
    def width(self) -> float:
        """From the lowest to the highest value an answer may have: 1 for a share."""
        if self.indicator.statistic != "mean":
            return 1.0
        variable = self.wave.instrument.variable(next(iter(self.items.values())).variable)
        scores = [float(c.code) for c in variable.choices if c.code != DONT_KNOW]
        return max(scores) - min(scores)

    @property
    def needed(self) -> float:
        """The least difference worth a sentence."""
        return 0.0 if self.indicator.statistic == "mean" else SMALLEST_DIFFERENCE

    def fault(self, what: str) -> BadInput:
        """What is wrong with the claim."""
        path = self.wave.folder / "claims.toml"
        return BadInput(f"claim {self.claim.name}: {what}", file=path)

    def each_above(self, pairs: Sequence[tuple[str, str]]) -> Evidence:
        """Evidence that in each pair the first item is above the second."""
        if not pairs:
            raise self.fault("leaves nothing to compare")
        items, estimator, domain = self.items, self.wave.estimator, self.claim.a
        parts = [
            (f"{a} - {b}", compare_items(estimator, items[a], items[b], domain)) for a, b in pairs
        ]
        return self.compared(parts)

    def compared(self, parts: Sequence[Part]) -> Evidence:
        """Evidence from comparisons, each of at least the needed size."""
        smallest = min(c.difference for _, c in parts)
        failed = [(w, c) for w, c in parts if c.difference < self.needed or c.p >= 0.05]
        told = [_instead(what, c, self.needed) for what, c in failed[:3]]
        more = f" (and {len(failed) - 3} more)" if len(failed) > 3 else ""
        return Evidence(
            tuple(parts),
            smallest > 0 and smallest >= self.needed,
            max(c.p for _, c in parts),
            "; ".join(told) + more or "each by itself, but not after Holm",
            self.unit,
        )

    @property
    def first(self) -> Item:
        """The one item, or any of a question with one answer: all share its levels."""
        items = list(self.items.values())
        alike = all(item.level is items[0].level for item in items)
        return items[0] if alike and not self.claim.items else self.only

    @property
    def unit(self) -> str:
        """In what differences are: shares, or points of a scale."""
        return "points" if self.indicator.statistic == "mean" else "share"


def _instead(what: str, c: Comparison, needed: float) -> str:
    if c.p >= 0.05:
        return f"{what} may be {c.low:.3g} to {c.high:.3g}, so neither is ahead"
    if c.difference < 0:
        return f"{what} is below 0: the reverse"
    return f"{what} is {c.difference:.3g}, under the {needed:g} that a sentence needs"


def _majority(asked: Asked) -> Evidence:
    """More than half of the units."""
    return _half(asked, 1)


def _minority(asked: Asked) -> Evidence:
    """Fewer than half of the units."""
    return _half(asked, -1)


def _half(asked: Asked, sign: int) -> Evidence:
    c = above(asked.wave.estimator, asked.only, 0.5, asked.claim.a)
    c = c if sign > 0 else Comparison(-c.difference, -c.high, -c.low, c.p)
    other = "a minority" if sign > 0 else "a majority"
    certain = c.p < 0.05 and c.difference < 0
    instead = other if certain else "neither more nor fewer than half can be told"
    what = f"{asked.only.key} - 0.5" if sign > 0 else f"0.5 - {asked.only.key}"
    return Evidence(((what, c),), c.difference > 0, c.p, instead, asked.unit)


def _about(asked: Asked) -> Evidence:
    """The interval lies within what the word stands for."""
    low, high = WORDS[asked.claim.word]
    c = above(asked.wave.estimator, asked.only, 0.0, asked.claim.a, (low, high))
    inside = low <= c.low and c.high <= high
    instead = f"{c.difference:.3g} [{c.low:.3g}, {c.high:.3g}], not within {low:g} to {high:g}"
    return Evidence(((asked.only.key, c),), inside, c.p, instead)


def _more(asked: Asked) -> Evidence:
    """Domain a above domain b; with `within`, at equal shares of its classes."""
    return asked.compared([_domains(asked, None)])


def _less(asked: Asked) -> Evidence:
    """Domain a below domain b; or each item of a tier below each of the next."""
    claim = asked.claim
    if claim.b:
        return _more(replace(asked, claim=replace(claim, a=claim.b, b=claim.a)))
    return _order(replace(asked, claim=replace(claim, items=claim.items[::-1])))


def _nodiff(asked: Asked) -> Evidence:
    """Two domains, or two items, less than a margin apart: two one-sided tests."""
    claim, wave = asked.claim, asked.wave
    if not claim.margin and asked.indicator.statistic == "mean":
        raise asked.fault("a mean needs a margin, in points of its scale")
    margin = claim.margin or SMALLEST_DIFFERENCE
    most = LARGEST_MARGIN * asked.width
    if not 0 < margin <= most:
        told = "in points of the scale" if asked.unit == "points" else "a share: 0.05 is 5 points"
        raise asked.fault(f"a margin of {margin:g} is not between 0 and {most:g}; it is {told}")
    between = (-margin, margin)
    if claim.b:
        part = _domains(asked, between)
    elif len(claim.items) == 2:
        a, b = (asked.items[key] for key in claim.items)
        part = f"{a.key} - {b.key}", compare_items(wave.estimator, a, b, claim.a, between)
    else:
        raise asked.fault("nodiff compares domains a and b, or two items")
    c = part[1]
    instead = f"they may lie {c.low:.3g} to {c.high:.3g} apart; equal is within {margin:g}"
    return Evidence((part,), abs(c.difference) < margin, c.p, instead, asked.unit)


def _domains(asked: Asked, between: tuple[float, float] | None) -> Part:
    claim, wave = asked.claim, asked.wave
    if not (claim.a and claim.b):
        raise asked.fault("needs domains a and b")
    within = wave.domains(claim.within) if claim.within else [{}]
    for part in ({**d, **k} for k in within for d in (claim.a, claim.b)):
        if not wave.sample.design.population(part):
            raise asked.fault(f"there is nobody in {' '.join(part.values())}")
    keys = [" ".join(d.values()) for d in (claim.a, claim.b)]
    name = " - ".join(keys) + (f" within {claim.within}" if claim.within else "")
    return name, compare_domains(wave.estimator, asked.only, claim.a, claim.b, within, between)


def _order(asked: Asked) -> Evidence:
    """Each item of a tier above each of the next."""
    tiers = asked.claim.tiers
    return asked.each_above([(a, b) for x, y in pairwise(tiers) for a in x for b in y])


def _top(asked: Asked) -> Evidence:
    """Each of the items above every other item of the indicator."""
    others = [key for key in asked.items if key not in asked.claim.items]
    return asked.each_above([(a, b) for a in asked.claim.items for b in others])


def _lowest(asked: Asked) -> Evidence:
    """Each of the items below every other item of the indicator."""
    others = [key for key in asked.items if key not in asked.claim.items]
    return asked.each_above([(b, a) for a in asked.claim.items for b in others])


def _rise(asked: Asked) -> Evidence:
    """Higher than in an earlier wave."""
    return asked.compared([_change(asked, 1)])


def _fall(asked: Asked) -> Evidence:
    """Lower than in an earlier wave."""
    return asked.compared([_change(asked, -1)])


def _change(asked: Asked, sign: int) -> Part:
    claim, indicator = asked.claim, asked.indicator
    c = asked.wave.change_of(
        asked.only, claim.since, indicator.codes, claim.a, base=indicator.base
    ).comparison
    name = f"{asked.wave.name} - {claim.since}"
    if sign > 0:
        return name, c
    return f"{claim.since} - {asked.wave.name}", Comparison(-c.difference, -c.high, -c.low, c.p)


def _association(asked: Asked) -> Evidence:
    """Answers depend on a domain (Rao-Scott), or two answers go together (odds ratio)."""
    claim, wave = asked.claim, asked.wave
    if claim.by:
        p = dependence(wave, asked.first, claim.by)
        return Evidence((), True, p, f"independence of {claim.by} is not excluded")
    other = Asked(wave, Claim(claim.name, claim.type, claim.other, claim.other_items)).only
    c = odds(wave, asked.only, other)
    instead = f"the log of the odds ratio may be {c.low:.3g} to {c.high:.3g}"
    return Evidence(((f"{asked.only.key} with {other.key}", c),), c.difference > 0, c.p, instead)


def _arithmetic(asked: Asked) -> Evidence:
    """Parts add up to their total, within rounding: items to an indicator, or domains to all."""
    claim, wave = asked.claim, asked.wave
    if claim.by:
        one = wave.items(asked.indicator)[0]
        if asked.indicator.statistic != "total":
            raise asked.fault("only a total adds up over domains")
        parts = [wave.estimator.estimate("", one, d) for d in wave.domains(claim.by)]
        whole = wave.estimator.estimate("", one)
    else:
        parts = [wave.estimator.estimate("", asked.items[key]) for key in claim.items]
        total = Asked(wave, Claim(claim.name, claim.type, claim.total)).only
        whole = wave.estimator.estimate("", total)
    values = [0.0 if np.isnan(e.value) else e.value for e in parts]
    over = round(sum(values) - whole.value, NOISE_DIGITS)
    c = Comparison(over, over, over, 0.0)
    same = over == 0
    counted = sum(e.n for e in parts) == whole.n
    return Evidence(
        (("parts - total", c),),
        same and counted,
        None,
        f"the parts add up to {sum(values):.4g}, the total is {whole.value:.4g}",
    )


def _none(asked: Asked) -> Evidence:
    """No respondent has it; `bound` is how many units may."""
    m = asked.wave.estimator.moments([asked.only], [asked.claim.a]).at(0, 0)
    base, hits = int(m.base), round(float(m.hits))
    holds = hits == 0 and base > 0
    bound = absence_bound(base, round(float(m.population))) if holds else None
    return Evidence((), holds, None, f"{hits} of {base} respondents have it", bound=bound)


def _count(asked: Asked) -> Evidence:
    """Some respondents have it: a count of them, with its estimate for the population."""
    m = asked.wave.estimator.moments([asked.only], [asked.claim.a]).at(0, 0)
    return Evidence((), bool(m.hits > 0), None, f"none of {int(m.base)} respondents has it")


def _share(asked: Asked) -> Evidence:
    """A share or an estimated number of units over enough respondents to be printed."""
    e = asked.wave.estimator.estimate("", asked.only, asked.claim.a)
    c = Comparison(e.value, e.low, e.high, 0.0)
    few = f"only {e.base} respondents: say {e.n} of {e.base}"
    return Evidence(((asked.only.key, c),), e.base >= SMALLEST_BASE, None, few)


def _representative(asked: Asked) -> Evidence:
    """The respondents mirror the population: propensities vary little, no cell is empty."""
    sample = asked.wave.sample
    even, _ = of_sample(sample)
    v = even.variation
    cells = dict.fromkeys(sample.design.values, 0)
    for row in sample.cell:
        cells[sample.design.values[row]] += 1
    empty = [" ".join(values) for values, n in cells.items() if n == 0]
    instead = f"weighted; propensities vary by {v:.2f} of their mean (at most {MOST_VARIATION})"
    instead += f", nobody answered in {', '.join(empty)}" if empty else ""
    c = Comparison(v, v, v, 0.0)
    return Evidence((("variation", c),), v <= MOST_VARIATION and not empty, None, instead)


@dataclass(frozen=True)
class Type:
    """A type of claim: its test, settings, statistics it is fit for, words of the lexicon it carries.

    A total is compared by none: its test would be that of the share behind it.
    """

    test: Callable[[Asked], Evidence]
    settings: tuple[str, ...]
    statistics: tuple[str, ...] = ("share", "mean")
    words: tuple[str, ...] = ()


SHARE, COUNTED = ("share",), ("share", "total")
TYPES = {
    "share": Type(_share, ("items", "a"), COUNTED),
    "majority": Type(_majority, ("items", "a"), SHARE, ("majority",)),
    "minority": Type(_minority, ("items", "a"), SHARE, ("minority",)),
    "about": Type(_about, ("items", "a", "word"), SHARE, ("about",)),
    "more": Type(_more, ("items", "a", "b", "within"), words=("above",)),
    "less": Type(_less, ("items", "a", "b", "within"), words=("below",)),
    "nodiff": Type(_nodiff, ("items", "a", "b", "within", "margin"), words=("equal",)),
    "order": Type(_order, ("items", "a"), words=("above", "order")),
    "top": Type(_top, ("items", "a"), words=("above", "highest")),
    "lowest": Type(_lowest, ("items", "a"), words=("below", "lowest")),
    "rise": Type(_rise, ("items", "a", "since"), words=("above", "rose", "change")),
    "fall": Type(_fall, ("items", "a", "since"), words=("below", "fell", "change")),
    "count": Type(_count, ("items", "a"), COUNTED, ("some",)),
    "none": Type(_none, ("items", "a"), COUNTED, ("none",)),
    "arithmetic": Type(_arithmetic, ("items", "total", "by"), COUNTED, ("sum",)),
    "association": Type(
        _association, ("items", "by", "other", "other_items"), SHARE, ("association",)
    ),
    "representative": Type(_representative, (), words=("representative",)),
}


def carried(claim: Claim) -> set[str]:
    """The categories of the lexicon whose words a claim carries."""
    # Two answers that go together: who has the one has the other more often.
    return {*TYPES[claim.type].words, claim.word, *(("above",) if claim.other else ())}


def carriers(categories: Collection[str]) -> list[str]:
    """The types of claims that carry words of these categories."""
    about = ["about"] if WORDS.keys() & categories else []
    return [name for name, kind in TYPES.items() if {*kind.words} & {*categories}] + about
