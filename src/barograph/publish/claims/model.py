"""A claim, what its test found, and the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from barograph.estimate import Comparison
from barograph.estimate.estimate import domain_key


@dataclass(frozen=True)
class Claim:
    """One entry of claims.toml; which settings a type takes stands in `kinds.TYPES`.

    `items` are keys of the indicator's items, in an order joined by "|" where they form a tier; `a`
    and `b` domains; `within` a domain whose classes standardise a difference; `word` what a share
    is about; `margin` how far apart counts as no difference; `since` an earlier wave; `total` the
    indicator that parts add up to; `by` a domain; `other` and `other_items` a second indicator.
    """

    name: str
    type: str
    indicator: str = ""
    items: tuple[str, ...] = ()
    a: Mapping[str, str] = field(default_factory=dict)
    b: Mapping[str, str] = field(default_factory=dict)
    within: str = ""
    word: str = ""
    margin: float = 0.0
    since: str = ""
    total: str = ""
    by: str = ""
    other: str = ""
    other_items: tuple[str, ...] = ()

    @property
    def tiers(self) -> tuple[tuple[str, ...], ...]:
        """The items of each tier."""
        return tuple(tuple(tier.split("|")) for tier in self.items)

    @property
    def domains(self) -> list[Mapping[str, str]]:
        """The domains named, or that of all."""
        return [d for d in (self.a, self.b) if d] or [{}]


@dataclass(frozen=True)
class Evidence:
    """What a test found.

    `parts` name the comparisons that must all come out, each in the direction of the claim;
    `supported` whether they have the sign and size it takes; `p` the largest, None where the claim
    rests on counts. `instead` says what would be true when it does not hold, `unit` what the
    comparisons are in: share, points of a scale, or nothing.
    """

    parts: tuple[tuple[str, Comparison], ...]
    supported: bool
    p: float | None
    instead: str
    unit: str = ""
    bound: int | None = None

    @property
    def weakest(self) -> tuple[str, Comparison] | None:
        """The comparison with the largest p; among equals the one with the least difference."""
        return max(self.parts, key=lambda part: (part[1].p, -part[1].difference), default=None)


@dataclass(frozen=True)
class Verdict:
    """Whether a claim holds, and on what that rests.

    `tested` whether by a p; `weakest` is the comparison with the largest p and `what` it compares;
    `bound` the number of units that may have what no respondent has; `unit` what differences are
    in: share or points. Of a claim that rests on a figure in steps, p and `weakest` are not told.
    """

    claim: Claim
    holds: bool
    tested: bool
    p: float | None
    p_adjusted: float | None
    weakest: Comparison | None
    what: str
    base: int
    bound: int | None
    estimate_ids: tuple[str, ...]
    instead: str
    unit: str = ""

    def explained(self) -> str:
        """Why a claim does not hold, for the author."""
        told = [f"claim {self.claim.name} ({self.claim.type}) does not hold"]
        if self.weakest:
            low, high = (f"{x:.3g}" for x in (self.weakest.low, self.weakest.high))
            told.append(f"{self.what} is {self.weakest.difference:.3g} [{low}, {high}]")
        if self.p is not None and self.p_adjusted is not None:
            told.append(f"p = {self.p:.2g}, {self.p_adjusted:.2g} after Holm")
        told.append(f"n = {self.base}, estimates {', '.join(self.estimate_ids[:4])}")
        return f"{'; '.join(told)}. True instead: {self.instead}"

    def as_json(self) -> dict[str, Any]:
        """For claims.json."""
        claim, weakest = self.claim, self.weakest
        settings = ("within", "word", "since", "total", "by", "other", "other_items")
        return {
            "type": claim.type,
            "indicator": claim.indicator,
            "items": list(claim.items),
            "domains": [domain_key(d) for d in (claim.a, claim.b) if d],
            **{name: getattr(claim, name) for name in settings if getattr(claim, name)},
            "verdict": "holds" if self.holds else "does not hold",
            "p": self.p,
            "p_holm": self.p_adjusted,
            "compares": self.what,
            "difference": weakest.difference if weakest else None,
            "low": weakest.low if weakest else None,
            "high": weakest.high if weakest else None,
            "n": self.base,
            "at_most_units": self.bound,
            "estimate_ids": list(self.estimate_ids),
        }
