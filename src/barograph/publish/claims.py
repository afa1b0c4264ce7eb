"""What a text asserts, typed and tested; a sentence may be printed only while its claim holds.

A claim is a set of comparisons that must all come out positive (an intersection-union test, so its
p is the largest of theirs); Holm's correction runs over all claims of the release.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from barograph.barometer import Indicator, Wave
from barograph.errors import BadInput
from barograph.estimate import Comparison, Item, compare_domains, compare_items, holm
from barograph.estimate.compare import above
from barograph.estimate.estimate import domain_key
from barograph.estimate.intervals import LEVEL, absence_bound
from barograph.files import read_record, read_toml
from barograph.frame import Domain

SMALLEST_DIFFERENCE = 0.05  # in shares: a smaller one is not worth a sentence


@dataclass(frozen=True)
class Claim:
    """One entry of claims.toml. `items` are keys of the indicator's items, `a` and `b` domains."""

    name: str
    type: str
    indicator: str
    items: tuple[str, ...] = ()
    a: Mapping[str, str] = field(default_factory=dict)
    b: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """Whether a claim holds, and on what that rests.

    `p` is nan-free: absence claims have none (None) and rest on count and bound. `weakest` is the
    comparison with the largest p.
    """

    claim: Claim
    holds: bool
    p: float | None
    p_adjusted: float | None
    weakest: Comparison | None
    base: int
    bound: int | None
    estimate_ids: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """For claims.json."""
        weakest = self.weakest
        return {
            "type": self.claim.type,
            "indicator": self.claim.indicator,
            "items": list(self.claim.items),
            "domains": [domain_key(d) for d in (self.claim.a, self.claim.b) if d],
            "verdict": "holds" if self.holds else "does not hold",
            "p": self.p,
            "p_holm": self.p_adjusted,
            "difference": weakest.difference if weakest else None,
            "low": weakest.low if weakest else None,
            "high": weakest.high if weakest else None,
            "n": self.base,
            "at_most_units": self.bound,
            "estimate_ids": list(self.estimate_ids),
        }


def read_claims(
    path: Path, indicators: Mapping[str, Indicator], domains: Mapping[str, Domain]
) -> dict[str, Claim]:
    """The claims of a wave; BadInput for an unknown type, indicator or key."""
    claims = {}
    for name, table in read_toml(path).items():
        claim = read_record(path, Claim, name, table)
        if claim.type not in (*TYPES, "none"):
            raise BadInput(f"claim {name}: unknown type {claim.type!r}", file=path)
        if claim.indicator not in indicators:
            raise BadInput(f"claim {name}: unknown indicator {claim.indicator!r}", file=path)
        for key, value in (*claim.a.items(), *claim.b.items()):
            if key not in domains or value not in domains[key].labels:
                raise BadInput(f"claim {name}: unknown domain {key} {value!r}", file=path)
        claims[name] = claim
    return claims


def test_claims(wave: Wave, claims: Mapping[str, Claim]) -> dict[str, Verdict]:
    """Every claim tested, Holm over those that have a p."""
    compared = {
        name: _compare(wave, claim) for name, claim in claims.items() if claim.type != "none"
    }
    adjusted = dict(
        zip(compared, holm([max(c.p for c in found) for found in compared.values()]), strict=True)
    )
    return {
        name: _absence(wave, claim)
        if claim.type == "none"
        else _verdict(wave, claim, compared[name], adjusted[name])
        for name, claim in claims.items()
    }


def _compare(wave: Wave, claim: Claim) -> list[Comparison]:
    items = {i.key: i for i in wave.items(wave.barometer.indicators[claim.indicator])}
    unknown = [key for key in claim.items if key not in items]
    if unknown:
        raise BadInput(f"claim {claim.name}: {claim.indicator} has no item {unknown[0]!r}")
    return TYPES[claim.type](wave, claim, items)


def _verdict(wave: Wave, claim: Claim, found: list[Comparison], p_adjusted: float) -> Verdict:
    indicator = wave.barometer.indicators[claim.indicator]
    smallest = min(c.difference for c in found)
    needed = SMALLEST_DIFFERENCE if indicator.statistic == "share" else 0.0
    if claim.type in ("majority", "minority"):
        needed = 0.0
    keys = claim.items or tuple(i.key for i in wave.items(indicator))
    domains = [d for d in (claim.a, claim.b) if d] or [{}]
    return Verdict(
        claim,
        holds=p_adjusted < 1 - LEVEL and smallest > 0 and smallest >= needed,
        p=max(c.p for c in found),
        p_adjusted=p_adjusted,
        weakest=max(found, key=lambda c: c.p),
        base=min(int(i.base.sum()) for i in wave.items(indicator)),
        bound=None,
        estimate_ids=tuple(
            wave.estimator.estimate(indicator.name, i, d).estimate_id
            for i in wave.items(indicator)
            if i.key in keys
            for d in domains
        ),
    )


def _absence(wave: Wave, claim: Claim) -> Verdict:
    indicator = wave.barometer.indicators[claim.indicator]
    (item,) = wave.items(indicator)
    moments = wave.estimator.moments([item]).at(0, 0)
    estimate = wave.estimator.estimate(indicator.name, item)
    base = int(moments.base)
    none = bool(moments.hits == 0) and base > 0
    bound = absence_bound(base, round(float(moments.population))) if none else None
    return Verdict(claim, none, None, None, None, base, bound, (estimate.estimate_id,))


Items = Mapping[str, Item]


def _majority(wave: Wave, claim: Claim, items: Items) -> list[Comparison]:
    """More than half of the units."""
    return [above(wave.estimator, _only(claim, items), 0.5)]


def _minority(wave: Wave, claim: Claim, items: Items) -> list[Comparison]:
    """Fewer than half of the units."""
    found = above(wave.estimator, _only(claim, items), 0.5)
    return [Comparison(-found.difference, -found.high, -found.low, found.p)]


def _more(wave: Wave, claim: Claim, items: Items) -> list[Comparison]:
    """Domain a above domain b."""
    return [compare_domains(wave.estimator, _only(claim, items), claim.a, claim.b)]


def _order(wave: Wave, claim: Claim, items: Items) -> list[Comparison]:
    """The items in this order, each above the next."""
    keys = claim.items
    return [compare_items(wave.estimator, items[a], items[b]) for a, b in pairwise(keys)]


def _top(wave: Wave, claim: Claim, items: Items) -> list[Comparison]:
    """Each of the items above every other item of the indicator."""
    others = [key for key in items if key not in claim.items]
    return [compare_items(wave.estimator, items[a], items[b]) for a in claim.items for b in others]


def _lowest(wave: Wave, claim: Claim, items: Items) -> list[Comparison]:
    """Each of the items below every other item of the indicator."""
    others = [key for key in items if key not in claim.items]
    return [compare_items(wave.estimator, items[b], items[a]) for a in claim.items for b in others]


def _only(claim: Claim, items: Items) -> Item:
    keys = claim.items or tuple(items)
    if len(keys) != 1:
        raise BadInput(f"claim {claim.name}: type {claim.type} needs one item, not {len(keys)}")
    return items[keys[0]]


TYPES: dict[str, Callable[[Wave, Claim, Items], list[Comparison]]] = {
    "majority": _majority,
    "minority": _minority,
    "more": _more,
    "order": _order,
    "top": _top,
    "lowest": _lowest,
}
