"""The text put to the test: figures move beyond their intervals, and sentences must give way.

A mutant is the wave with one figure moved. What a sentence asserts is judged without the tests of
claims, from weighted means alone: by the claim it stands under, and by its own words - a word that
orders or compares, with figures it shows, says their order; a word for most, with one share, says
more than half. A sentence that was true and is false in the mutant must no longer be printed. One
that still is, survives: it is not guarded, or by the wrong claim, or its test is broken. So does one
whose word and figures contradict each other as they stand.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from barograph.barometer import Wave
from barograph.estimate import Item
from barograph.publish.claims import Claim
from barograph.publish.claims.kinds import SMALLEST_DIFFERENCE, WORDS
from barograph.publish.claims.ledger import evidence, standing
from barograph.publish.claims.model import Evidence
from barograph.publish.release.lint import asserting
from barograph.publish.release.marks import Mark
from barograph.publish.release.moved import Figure, means, moved, questions
from barograph.publish.release.release import Release
from barograph.weight.sample import Floats

BEYOND = (1.1, 2.5, 5.0)  # how far a figure moves, in half-widths of its interval
LEAST_RATE = 0.95
SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


@dataclass(frozen=True)
class Sentence:
    """A printed sentence: its claims, tried and taken, the estimates it shows, its words' kinds."""

    lang: str
    text: str
    guards: tuple[tuple[str, ...], ...]
    shown: tuple[str, ...]
    kinds: frozenset[str]

    @property
    def name(self) -> str:
        """The claim it stands under, or its beginning."""
        return self.guards[-1][-1] if self.guards else f"{self.lang}: {self.text[:40]}"

    def printed(self, holds: Mapping[str, bool]) -> bool:
        """Whether it would be printed with these verdicts."""
        return all(
            holds[taken] and not any(holds[name] for name in tried) for *tried, taken in self.guards
        )


@dataclass
class Tally:
    """Mutants of the text that turned a sentence false, those that stopped it, and the survivors."""

    mutants: int = 0
    flipped: Counter[str] = field(default_factory=Counter)
    killed: Counter[str] = field(default_factory=Counter)
    survivors: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Part of the false sentences that were stopped."""
        return self.killed.total() / max(self.flipped.total(), 1)


Truth = Callable[[Wave], bool]


def mutate(
    wave: Wave,
    claims: Mapping[str, Claim],
    releases: Sequence[Release],
    beyond: Sequence[float] = BEYOND,
) -> Tally:
    """Moves every figure that claims and texts use, both ways, and counts what still stands."""
    sentences = [s for release in releases for s in sentences_of(release)]
    found = {name: evidence(wave, claim) for name, claim in claims.items()}
    told = [(s, truths(wave, claims, s)) for s in sentences]
    told = [(s, [t for t in said if t(wave)]) for s, said in told]
    tally = Tally()
    for sentence in sentences:
        if contrary(wave, sentence):
            tally.flipped[sentence.name] += 1
            tally.survivors.append(f"as it stands: {sentence.lang} says: {sentence.text}")
    for figure in figures(wave, claims, sentences):
        for mutant, what in _mutants(wave, figure, beyond):
            tally.mutants += 1
            holds = _standing(mutant, figure, claims, found)
            for sentence, said in told:
                if all(t(mutant) for t in said):
                    continue
                tally.flipped[sentence.name] += 1
                if not sentence.printed(holds):
                    tally.killed[sentence.name] += 1
                else:
                    tally.survivors.append(f"{what}: {sentence.lang} still says: {sentence.text}")
    return tally


def sentences_of(release: Release) -> Iterator[Sentence]:
    """The sentences of a text, cut at full stops and where a claim begins or ends."""
    text, guards = "", ()  # type: str, tuple[tuple[str, ...], ...]
    shown: list[str] = []

    def sentence() -> Sentence:
        kinds = (kind for _, found in asserting(text, release.lang) for kind in found)
        return Sentence(release.lang, text.strip(), guards, tuple(shown), frozenset(kinds))

    for piece, marks in release.marks.pieces(release.marked):
        if any("data-consent" in m.attributes for m in marks):
            continue
        around = tuple(m.tried for m in marks if m.tried)
        estimate = _estimate(marks)
        for k, part in enumerate([piece] if estimate else SENTENCE.split(piece)):
            if text.strip() and (k or around != guards):
                yield sentence()
                text, shown = "", []
            guards, text = around, text + part
        shown += [estimate] if estimate else []
    if text.strip():
        yield sentence()


def _estimate(marks: Sequence[Mark]) -> str:
    """The estimate whose value a piece of text shows."""
    for mark in marks:
        if "data-estimate" in mark.attributes and "data-part" not in mark.attributes:
            return mark.attributes["data-estimate"]
    return ""


def figures(wave: Wave, claims: Mapping[str, Claim], sentences: Sequence[Sentence]) -> list[Figure]:
    """Every figure that a claim reads or a sentence shows, once."""
    found: dict[tuple[object, ...], Figure] = {}
    asked = [_figure(wave, i) for s in sentences for i in s.shown]
    for claim in claims.values():
        if claim.indicator:
            indicator = wave.barometer.indicators[claim.indicator]
            keys = [k for tier in claim.tiers for k in tier]
            keys = keys or [i.key for i in wave.items(indicator)]
            asked += [Figure(indicator, k, d) for k in keys for d in claim.domains]
    for f in asked:
        kind = "mean" if f.indicator.statistic == "mean" else "share"
        key = (f.item(wave).variable, f.indicator.codes or f.key, kind, *f.domain.items())
        found.setdefault(key, f)
    return list(found.values())


def _figure(wave: Wave, estimate_id: str) -> Figure:
    _, name, key, _, where = estimate_id.split(".", 4)
    domain = dict(part.split("=") for part in where.split("&")) if where != "all" else {}
    return Figure(wave.barometer.indicators[name], key, domain)


def _mutants(wave: Wave, figure: Figure, beyond: Sequence[float]) -> Iterator[tuple[Wave, str]]:
    value, low, high = figure.spread(wave)
    for sign, half in ((1, high - value), (-1, value - low)):
        for times in beyond:
            target = value + sign * times * max(half, 1e-9)
            if (mutant := moved(wave, figure, target, sign)) is not None:
                where = " ".join(figure.domain.values()) or "all"
                yield mutant, f"{figure.indicator.name}.{figure.key} {where} at {target:.3g}"


def _standing(
    mutant: Wave, figure: Figure, claims: Mapping[str, Claim], found: Mapping[str, Evidence]
) -> dict[str, bool]:
    """Which claims hold in a mutant; those on other questions keep their evidence."""
    touched = questions(mutant, figure.indicator) & {figure.item(mutant).variable}
    again = dict(found)
    for name, claim in claims.items():
        read = [n for n in (claim.indicator, claim.total, claim.other) if n]
        if any(questions(mutant, mutant.barometer.indicators[n]) & touched for n in read):
            again[name] = evidence(mutant, claim)
    return standing(again)


def truths(wave: Wave, claims: Mapping[str, Claim], sentence: Sentence) -> list[Truth]:
    """What a sentence says, to be asked of any wave."""
    said = [_of_claim(claims[guard[-1]]) for guard in sentence.guards]
    said += [_ordered(wave, a, b) for a, b in _compared(wave, sentence)]
    shown = [_figure(wave, i) for i in sentence.shown]
    if len(shown) == 1 and shown[0].indicator.statistic == "share":
        said += [_beyond_half(shown[0], s) for s, kind in HALVES if kind in sentence.kinds]
    return said


def contrary(wave: Wave, sentence: Sentence) -> bool:
    """Whether its word says more (less) and the figures it shows fall (rise), or the reverse."""
    up, down = sentence.kinds & {"above", "highest"}, sentence.kinds & {"below", "lowest"}
    if up and down and "order" not in sentence.kinds:
        return False
    sign = -1 if down and not up else 1
    pairs = _compared(wave, sentence)
    return any(sign * (_value(wave, a) - _value(wave, b)) < 0 for a, b in pairs)


def _compared(wave: Wave, sentence: Sentence) -> list[tuple[Figure, Figure]]:
    """Figures that a sentence shows one after the other with a word that orders or compares."""
    if not sentence.kinds & {"above", "below", "order"}:
        return []
    shown = [_figure(wave, i) for i in sentence.shown]
    return [(a, b) for a, b in pairwise(shown) if _alike(a, b)]


HALVES = ((1, "majority"), (-1, "minority"))


def _alike(a: Figure, b: Figure) -> bool:
    return (a.indicator.question, a.indicator.statistic) == (
        b.indicator.question,
        b.indicator.statistic,
    ) and a != b


def _value(wave: Wave, figure: Figure) -> float:
    return float(means(wave, [figure.item(wave)], figure.domain)[0])


def _ordered(wave: Wave, a: Figure, b: Figure) -> Truth:
    sign = np.sign(_value(wave, a) - _value(wave, b))
    return lambda w: bool(sign * (_value(w, a) - _value(w, b)) > 0)


def _beyond_half(figure: Figure, sign: int) -> Truth:
    return lambda w: sign * (_value(w, figure) - 0.5) > 0


def _of_claim(claim: Claim) -> Truth:
    """Whether what a claim asserts is so in a wave, by its weighted means."""

    def so(wave: Wave) -> bool:
        if claim.type not in POINT:
            return True
        indicator = wave.barometer.indicators[claim.indicator]
        items = {item.key: item for item in wave.items(indicator)}
        return POINT[claim.type](wave, claim, items)

    return so


Items = Mapping[str, Item]


def _v(wave: Wave, items: Items, keys: Sequence[str], domain: Mapping[str, str]) -> Floats:
    return means(wave, [items[key] for key in keys], domain)


def _one(claim: Claim, items: Items) -> str:
    return claim.items[0] if claim.items else next(iter(items))


def _share_of(wave: Wave, claim: Claim, items: Items) -> float:
    return float(_v(wave, items, [_one(claim, items)], claim.a)[0])


def _difference(wave: Wave, claim: Claim, items: Items) -> float:
    """a - b; standardised to the units of both in each class of `within`."""
    key, design = _one(claim, items), wave.sample.design
    classes = wave.domains(claim.within) if claim.within else [{}]
    total = found = 0.0
    for k in classes:
        units = design.population({**claim.a, **k}) + design.population({**claim.b, **k})
        a, b = (_v(wave, items, [key], {**d, **k})[0] for d in (claim.a, claim.b))
        total, found = total + units, found + units * (a - b)
    return found / total


def _all_above(
    wave: Wave, items: Items, pairs: Sequence[tuple[str, str]], domain: Mapping[str, str]
) -> bool:
    keys = list({key: None for pair in pairs for key in pair})
    value = dict(zip(keys, _v(wave, items, keys, domain), strict=True))
    return all(value[a] > value[b] for a, b in pairs)


def _order(wave: Wave, claim: Claim, items: Items) -> bool:
    tiers = pairwise(claim.tiers)
    return _all_above(wave, items, [(a, b) for x, y in tiers for a in x for b in y], claim.a)


def _upward(claim: Claim) -> Claim:
    return replace(claim, items=claim.items[::-1])


def _top(wave: Wave, claim: Claim, items: Items) -> bool:
    rest = [key for key in items if key not in claim.items]
    return _all_above(wave, items, [(a, b) for a in claim.items for b in rest], claim.a)


def _lowest(wave: Wave, claim: Claim, items: Items) -> bool:
    rest = [key for key in items if key not in claim.items]
    return _all_above(wave, items, [(b, a) for a in claim.items for b in rest], claim.a)


def _within(wave: Wave, claim: Claim, items: Items) -> bool:
    low, high = WORDS[claim.word]
    return low < _share_of(wave, claim, items) < high


def _equal(wave: Wave, claim: Claim, items: Items) -> bool:
    if claim.b:
        apart = _difference(wave, claim, items)
    else:
        first, second = _v(wave, items, claim.items, claim.a)
        apart = float(first - second)
    return abs(apart) < (claim.margin or SMALLEST_DIFFERENCE)


def _some(wave: Wave, claim: Claim, items: Items) -> bool:
    return _share_of(wave, claim, items) > 0


POINT: dict[str, Callable[[Wave, Claim, Items], bool]] = {
    "majority": lambda w, c, i: _share_of(w, c, i) > 0.5,
    "minority": lambda w, c, i: _share_of(w, c, i) < 0.5,
    "about": _within,
    "more": lambda w, c, i: _difference(w, c, i) > 0,
    "less": lambda w, c, i: _difference(w, c, i) < 0 if c.b else _order(w, _upward(c), i),
    "nodiff": _equal,
    "order": _order,
    "top": _top,
    "lowest": _lowest,
    "count": _some,
    "none": lambda w, c, i: not _some(w, c, i),
}
