"""Coverage from simulated moments; tables, targets and the page made of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from coverage_picture import picture

from barograph.estimate.intervals import LEVEL, POLICIES, quantile, square_and_add
from barograph.estimate.moments import Moments
from barograph.weight.sample import Floats

PAGE = Path(__file__).parent.parent / "docs" / "methods" / "coverage.md"
DOMAINS: list[dict[str, str]] = [
    {},
    {"region": "flanders"},
    {"region": "wallonia"},
    {"rurality": "rural"},
    {"rurality": "urban"},
    {"region": "brussels"},
]
DIFFERENCES = [(4, 3), (1, 2), (5, 1)]  # urban - rural, Flanders - Wallonia, Brussels - Flanders
SCENARIOS = ["mid", "rare", "half", "30%", "3%", "95%", "mid, uneven", "rare, uneven"]
OPEN = SCENARIOS.index("95%")
OTHERS = [q for q in range(len(SCENARIOS)) if q != OPEN]
BASE = 10  # domains with a smaller base are reported apart
ENOUGH = 0.2  # part of the replications that must have such a base
DEFAULT = "minority_wilson"
ROUNDING = 1e-9


@dataclass(frozen=True)
class Coverage:
    """Of one policy at one n, in %; nan where less than ENOUGH of the replications count.

    `domains` (Q, D) in replications with base >= BASE, `few` (Q, D) in the others, `counted` and
    `counted_few` (Q, D) replications; `differences` (Q, 3); `width` (Q, D) mean.
    """

    domains: Floats
    counted: Floats
    few: Floats
    counted_few: Floats
    differences: Floats
    width: Floats


@dataclass(frozen=True)
class Draws:
    """R replications at one n: moments and truth (R, Q, D), variance of differences (R, Q, 3).

    `refused` (R) draws of respondents that had no weights and were drawn again.
    """

    moments: Moments
    truth: Floats
    difference_variance: Floats
    refused: Floats

    def save(self, path: Path) -> None:
        """As .npz, a field an array."""
        columns = {f.name: getattr(self.moments, f.name) for f in fields(Moments)}
        path.parent.mkdir(parents=True, exist_ok=True)
        own = {f.name: getattr(self, f.name) for f in fields(self)[1:]}
        np.savez_compressed(path, **own, **columns)

    @classmethod
    def load(cls, path: Path) -> Draws:
        """What `save` wrote."""
        with np.load(path) as kept:
            moments = Moments(*(kept[f.name] for f in fields(Moments)))
            return cls(moments, *(kept[f.name] for f in fields(cls)[1:]))

    def coverage(self) -> dict[str, Coverage]:
        """Of each policy."""
        return {name: self._of(name) for name in POLICIES}

    def _of(self, policy: str) -> Coverage:
        low, high = POLICIES[policy](self.moments, LEVEL)
        hit = (low <= self.truth + ROUNDING) & (self.truth <= high + ROUNDING)
        counts = self.moments.base >= BASE
        width = np.where(counts, high - low, 0.0).sum(axis=0) / np.maximum(counts.sum(axis=0), 1)
        hits = [self._difference(policy, low, high, *pair) for pair in enumerate(DIFFERENCES)]
        return Coverage(
            _percent(hit, counts),
            counts.sum(axis=0),
            _percent(hit, ~counts),
            (~counts).sum(axis=0),
            100 * np.stack([h.mean(axis=0) for h in hits], axis=-1),
            width,
        )

    def _difference(
        self, policy: str, low: Floats, high: Floats, k: int, pair: tuple[int, int]
    ) -> Any:
        """Whether the interval of a - b holds it: linearised for t, else square-and-add."""
        (a, b), value = pair, self.moments.value
        if policy == "t":
            spread = np.sqrt(np.maximum(self.difference_variance[..., k], 0))
            half = quantile(self.moments.df[..., 0], LEVEL) * spread
            difference = value[..., a] - value[..., b]
            first, last = difference - half, difference + half
        else:
            of_a, of_b = ((low[..., d], high[..., d]) for d in (a, b))
            first, last = square_and_add(value[..., a], of_a, value[..., b], of_b)
        truth = self.truth[..., a] - self.truth[..., b]
        return (first <= truth + ROUNDING) & (truth <= last + ROUNDING)


def _percent(hit: Any, counts: Any) -> Floats:
    n = counts.sum(axis=0)
    return np.where(
        n >= ENOUGH * len(hit), 100 * (hit & counts).sum(axis=0) / np.maximum(n, 1), np.nan
    )


@dataclass(frozen=True)
class Study:
    """Coverage by n and policy; `refused` by n, redraws of respondents per draw kept."""

    replications: int
    by_n: dict[int, dict[str, Coverage]]
    refused: dict[int, float]

    @property
    def error(self) -> float:
        """Half a 95% interval of one coverage of 95%, in points."""
        return float(1.96 * 100 * np.sqrt(0.95 * 0.05 / self.replications))

    def values(self, policy: str, group: str, n: int | None = None) -> Floats:
        """All coverages of a group: the numbers that its lowest and highest are taken of."""
        rows = [self.by_n[k][policy] for k in ([n] if n else self.by_n)]
        return np.concatenate([_group(c, group).ravel() for c in rows])

    def width(self, policy: str, n: int, domains: slice) -> float:
        """Mean over scenarios of the width relative to that of `wilson`."""
        own, wilson = (self.by_n[n][name] for name in (policy, "wilson"))
        some = ~np.isnan(own.domains[:, domains])
        ratio = own.width[:, domains][some] / wilson.width[:, domains][some]
        return float(ratio.mean())


GROUPS = {
    "national": "national",
    "domain": "domains",
    "open": "open, national",
    "open_domain": "open, domains",
    "brussels": "Brussels",
    "difference": "differences",
}


def _group(c: Coverage, group: str) -> Floats:
    found = {
        "national": c.domains[OTHERS, 0],
        "domain": c.domains[OTHERS, 1:5],
        "open": c.domains[OPEN, 0],
        "open_domain": c.domains[OPEN, 1:5],
        "brussels": c.domains[:, 5],
        "difference": c.differences,
        "few": c.few[:, 1:],
    }
    return np.asarray(found[group])


def ends(values: Floats) -> tuple[float, float]:
    """Lowest and highest of those known; nan when none is."""
    known = values[~np.isnan(values)]
    return (float(known.min()), float(known.max())) if len(known) else (np.nan, np.nan)


def targets(study: Study, policy: str = DEFAULT) -> Iterator[tuple[str, str, bool]]:
    """Each target, what was found, and whether it is met."""
    for group, low, high, what in (
        ("national", 94.0, 97.5, "national, seven scenarios: 94 to 97.5"),
        ("domain", 92.0, 98.5, "Flanders, Wallonia, rural, urban, seven scenarios: 92 to 98.5"),
        ("open", 91.0, 100.0, "national, open scenario: better than 91"),
        ("open_domain", 91.0, 100.0, "the four domains, open scenario: better than 91"),
        ("brussels", 92.0, 100.0, "Brussels, all scenarios: at least 92"),
        ("brussels", 0.0, 98.5, "Brussels, all scenarios: at most 98.5"),
    ):
        least, most = ends(study.values(policy, group))
        above = least > low if group.startswith("open") else least >= low
        yield what, f"{least:.1f} to {most:.1f}", above and most <= high


def figures(study: Study) -> dict[str, Any]:
    """What `--json` prints."""
    policies = {}
    for policy in POLICIES:
        found = {group: ends(study.values(policy, group)) for group in GROUPS}
        policies[policy] = {
            f"{group}_{end}": None if np.isnan(value) else round(value, 2)
            for group, pair in found.items()
            for end, value in zip(("low", "high"), pair, strict=True)
        }
    verdicts = {what: met for what, _, met in targets(study)}
    return {
        "replications": study.replications,
        "monte_carlo_error": round(study.error, 2),
        "default": DEFAULT,
        "policies": policies,
        "targets": verdicts,
        "targets_met": all(verdicts.values()),
    }


def rows(study: Study, policies: list[str]) -> Iterator[list[str]]:
    """n, policy, lowest-highest of each group, width of all and of domains."""
    for n in study.by_n:
        for policy in policies:
            spans = (ends(study.values(policy, group, n)) for group in GROUPS)
            widths = (study.width(policy, n, d) for d in (slice(0, 1), slice(1, 5)))
            yield [
                str(n),
                policy,
                *(_span(*s) for s in spans),
                *(f"{w:.2f}" for w in widths),
            ]


def _span(low: float, high: float) -> str:
    if np.isnan(low):
        return "-"
    return f"{low:.1f}" if low == high else f"{low:.1f}-{high:.1f}"


HEADER = ["n", "policy", *GROUPS.values(), "width, national", "width, domains"]
CELLS = [
    *("n", "scenario", "all", "Flanders", "Wallonia", "rural", "urban", "Brussels"),
    *("urban − rural", "Flanders − Wallonia", "Brussels − Flanders"),
]


def print_study(study: Study) -> None:
    """The table and the verdicts, for a terminal."""
    print(f"coverage in %, lowest-highest; one number ±{study.error:.1f}")
    widths = [4, 16, *(max(len(h), 11) + 1 for h in HEADER[2:])]
    for row in (HEADER, *rows(study, [*POLICIES])):
        print("".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)))
    print(f"targets, {DEFAULT}:")
    for what, found, met in targets(study):
        print(f"  {'met   ' if met else 'MISSED'} {what}: {found}")


def table(header: list[str], lines: Iterator[list[str]]) -> str:
    """A Markdown table."""
    written = [header, ["---"] * len(header), *lines]
    return "\n".join("| " + " | ".join(line) + " |" for line in written)


def each_cell(study: Study) -> Iterator[list[str]]:
    """Coverage of the default policy by n, scenario and domain; base < BASE apart."""
    for n, policies in study.by_n.items():
        c = policies[DEFAULT]
        for q, scenario in enumerate(SCENARIOS):
            cells = [
                f"{value:.1f}" if not np.isnan(value) else f"({c.few[q, d]:.1f})"
                for d, value in enumerate(c.domains[q])
            ]
            yield [str(n), scenario, *cells, *(f"{d:.1f}" for d in c.differences[q])]


def write_page(studies: dict[str, Study]) -> None:
    """The parts of the page between markers, and the picture."""
    main, example = studies.values()
    verdicts = ([what, found, "met" if met else "**missed**"] for what, found, met in targets(main))
    parts = {
        "run": f"{main.replications:,} replications for each n; a coverage near 95 is known to "
        f"±{main.error:.1f} points (95%). Draws without weights, drawn again: "
        + ", ".join(f"{100 * part:.1f}% at {n}" for n, part in main.refused.items())
        + ".",
        "targets": table(["target", "found", ""], verdicts),
        "policies": table(HEADER, rows(main, [*POLICIES])),
        "cells": table(
            CELLS,
            each_cell(main),
        ),
        "example": table(HEADER, rows(example, ["shrunk_wilson", DEFAULT])),
    }
    text = PAGE.read_text()
    for name, part in parts.items():
        block = f"<!-- {name} -->\n{part}\n<!-- end -->"
        pattern = rf"<!-- {name} -->\n.*?<!-- end -->"
        text, found = re.subn(pattern, lambda _, b=block: b, text, count=1, flags=re.DOTALL)
        assert found, name
    PAGE.write_text(text)
    PAGE.with_suffix(".svg").write_text(picture(main, [*POLICIES]))
