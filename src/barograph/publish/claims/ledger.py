"""The claims of a wave, read from claims.toml and tested together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from barograph.barometer import Wave
from barograph.errors import BadInput
from barograph.estimate import Estimate, Item, holm
from barograph.estimate.intervals import LEVEL
from barograph.files import read_record, read_toml
from barograph.frame import Domain
from barograph.indicators import Indicator
from barograph.publish.claims.kinds import TYPES, WORDS, Asked
from barograph.publish.claims.model import Claim, Evidence, Verdict

WITHOUT_INDICATOR = ("representative",)
ALWAYS = ("name", "type", "indicator")


def read_claims(
    path: Path, indicators: Mapping[str, Indicator], domains: Mapping[str, Domain]
) -> dict[str, Claim]:
    """The claims of a wave; BadInput for an unknown type, indicator, domain or setting."""
    claims = {}
    for name, table in read_toml(path).items():
        claim = read_record(path, Claim, name, table)
        if fault := _fault(claim, indicators, domains):
            raise BadInput(f"claim {name}: {fault}", file=path)
        claims[name] = claim
    return claims


def _fault(claim: Claim, indicators: Mapping[str, Indicator], domains: Mapping[str, Domain]) -> str:
    if not claim.name.replace("_", "").isalnum() or not claim.name.isascii():
        return "its name may hold letters, digits and underscores"
    if claim.type not in TYPES:
        return f"unknown type {claim.type!r}; known are {', '.join(TYPES)}"
    if not claim.indicator and claim.type not in WITHOUT_INDICATOR:
        return "'indicator' is missing"
    for name in (claim.indicator, claim.total, claim.other):
        if name and name not in indicators:
            return f"unknown indicator {name!r}"
    for key, value in (*claim.a.items(), *claim.b.items()):
        if key not in domains or value not in domains[key].labels:
            return f"unknown domain {key} {value!r}"
    for name in (claim.within, claim.by):
        if name and name not in domains:
            return f"unknown domain {name!r}"
    given = [f for f in Claim.__dataclass_fields__ if f not in ALWAYS and getattr(claim, f)]
    if idle := [f for f in given if f not in TYPES[claim.type].settings]:
        return f"type {claim.type} takes no {idle[0]!r}"
    return _unfit(claim, indicators) or _incomplete(claim)


def _unfit(claim: Claim, indicators: Mapping[str, Indicator]) -> str:
    kind = TYPES[claim.type]
    for name in (claim.indicator, claim.total, claim.other):
        if name and (statistic := indicators[name].statistic) not in kind.statistics:
            return (
                f"type {claim.type} needs a {' or '.join(kind.statistics)}, {name} is a {statistic}"
            )
    keys = [key for tier in claim.tiers for key in tier]
    if twice := [key for key in keys if keys.count(key) > 1]:
        return f"{twice[0]!r} is named twice"
    if claim.a and claim.a == claim.b:
        return "a and b are the same domain"
    if claim.other and (claim.indicator, claim.items) == (claim.other, claim.other_items):
        return f"{claim.indicator} goes with itself"
    return ""


def _incomplete(claim: Claim) -> str:
    if claim.type == "about" and claim.word not in WORDS:
        return f"unknown word {claim.word!r}; known are {', '.join(WORDS)}"
    if claim.type in ("rise", "fall") and not claim.since:
        return "'since' is missing: the wave to compare with"
    if claim.type == "arithmetic" and bool(claim.total and claim.items) == bool(claim.by):
        return "name items and their total, or the domain to add up by"
    if claim.type == "association" and bool(claim.by) == bool(claim.other):
        return "name a domain by, or another indicator"
    return ""


def judge(wave: Wave, claims: Mapping[str, Claim]) -> dict[str, Verdict]:
    """Every claim tested, Holm over those that have a p."""
    found = {name: evidence(wave, claim) for name, claim in claims.items()}
    adjusted, holds = _adjusted(found), standing(found)
    verdicts = {
        name: _verdict(wave, claim, found[name], adjusted.get(name), holds[name])
        for name, claim in claims.items()
    }
    # Holm hands the p of one claim on to the next: one that is not told must not come out there.
    untold = {adjusted[name] for name, v in verdicts.items() if v.tested and v.p is None} - {1.0}
    return {
        name: replace(v, p_adjusted=None) if v.p_adjusted in untold else v
        for name, v in verdicts.items()
    }


def standing(found: Mapping[str, Evidence]) -> dict[str, bool]:
    """Which claims hold, by what their tests found."""
    adjusted = _adjusted(found)
    return {name: e.supported and adjusted.get(name, 0.0) < 1 - LEVEL for name, e in found.items()}


def _adjusted(found: Mapping[str, Evidence]) -> dict[str, float]:
    tested = {name: e.p for name, e in found.items() if e.p is not None}
    return dict(zip(tested, holm(list(tested.values())), strict=True))


def evidence(wave: Wave, claim: Claim) -> Evidence:
    """What the test of one claim finds; BadInput where it speaks of what is not there."""
    asked = Asked(wave, claim)
    for indicator, keys in (
        (claim.indicator, [key for tier in claim.tiers for key in tier]),
        (claim.other, claim.other_items),
    ):
        items = _items(wave, indicator) if indicator else {}
        if unknown := [key for key in keys if key not in items]:
            raise asked.fault(f"{indicator} has no item {unknown[0]!r}")
    return TYPES[claim.type].test(asked)


def _items(wave: Wave, indicator: str) -> dict[str, Item]:
    return {item.key: item for item in wave.items(wave.barometer.indicators[indicator])}


def _verdict(
    wave: Wave, claim: Claim, found: Evidence, p_adjusted: float | None, holds: bool
) -> Verdict:
    figures, steps = _figures(wave, claim)
    what, weakest = found.weakest or ("", None)
    return Verdict(
        claim,
        holds=holds,
        tested=found.p is not None,
        # Beside a figure in steps the digits of its test would be a second equation.
        p=None if steps else found.p,
        p_adjusted=None if steps else p_adjusted,
        weakest=None if steps else weakest,
        what=what,
        # Of a breakdown all respondents count, of a comparison the smaller side.
        base=figures[0].base
        if claim.by
        else min((e.base for e in figures), default=len(wave.sample)),
        bound=found.bound,
        estimate_ids=tuple(e.estimate_id for e in figures),
        instead=found.instead,
        unit=found.unit,
    )


def _figures(wave: Wave, claim: Claim) -> tuple[list[Estimate], bool]:
    """The figures a claim rests on, and whether one is printed in steps.

    BadInput where disclosure control keeps one back, or the number counted that the claim tells.
    """
    read = [(claim.indicator, claim.tiers)]
    read += [(name, ()) for name in (claim.total,) if name]
    read += [(claim.other, (claim.other_items,))] if claim.other else []
    domains = claim.domains if claim.b or not claim.by else [{}, *wave.domains(claim.by)]
    figures = []
    for indicator, tiers in read:
        if not indicator:
            continue
        keys = [key for tier in tiers for key in tier]
        items = [i for key, i in _items(wave, indicator).items() if key in keys or not keys]
        figures += wave.estimator.estimates(indicator, items, domains)
    classes = wave.domains(claim.within) if claim.within else []
    crossed = [{**d, **k} for d in domains for k in classes]
    one = list(_items(wave, claim.indicator).values()) if crossed else []
    behind = wave.estimator.estimates(claim.indicator, one, crossed)
    decisions = [wave.suppression.of(e.estimate_id) for e in (*figures, *behind)]
    if claim.since:
        before = wave.barometer.wave(claim.since)
        names = (before.name + e.estimate_id.removeprefix(wave.name) for e in figures)
        decisions += [d for name in names if (d := before.suppression.decisions.get(name))]
    for d in decisions:
        if d.withheld or (d.step and claim.type == "none"):
            told = f"withheld: {d.reason}" if d.withheld else "printed without the number counted"
            raise BadInput(
                f"claim {claim.name} rests on {d.estimate_id}, which is {told}",
                file=wave.folder / "claims.toml",
            )
    return figures, any(d.step for d in decisions)
