"""What of a wave may be published without telling what single respondents said.

Three steps: the rule names the figures that tell too much (primary), an integer programme those
that would give them away (secondary, see `suppression`), and a ledger of earlier editions those
whose difference to one already printed is about a few respondents only.

A table in which something is withheld is printed coarsely: values in steps, without error and
number counted, their interval made of the rounded value (see `coarse`). A weighted value of many
digits beside a count is a second equation; with both, secondary suppression would have to take the
national figures.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from barograph.errors import BadInput
from barograph.estimate.coarse import Coarse
from barograph.estimate.estimate import Estimate
from barograph.estimate.suppression import protect
from barograph.estimate.tabulate import Figure, Table
from barograph.files import read_text

Status = Literal["published", "coarse", "exempt", "primary", "secondary"]
Cause = Literal["", "base", "count", "difference", "secondary"]
# Columns of an estimate that depend on the answers, not only on who answered and what they weigh.
TELLING = ("value", "se", "low", "high", "n", "plain", "df", "effective_n", "design_effect")


@dataclass(frozen=True)
class Rule:
    """Table [disclosure] of barometer.toml.

    A figure needs `minimum_base` respondents; for a `sensitive` indicator also `minimum_count` of
    them in it and as many outside. An outsider may not place a withheld count within `protection`
    (a part of it). Where something is withheld, values are printed in steps. `published_before`
    lists exemptions with their reason, "2017.relevance" or "2017.relevance.region=brussels": what
    has been printed is not protected by withholding it now.
    """

    name: str = "disclosure"
    minimum_base: int = 10
    minimum_count: int = 5
    protection: float = 0.2
    step_share: float = 0.01
    step_mean: float = 0.1
    step_total: float = 5.0
    sensitive: tuple[str, ...] = ()
    published_before: Mapping[str, str] = field(default_factory=dict)

    def step(self, figure: Figure) -> float:
        """In which a figure of a table with something withheld is printed."""
        return float(getattr(self, f"step_{figure.statistic}"))


@dataclass(frozen=True)
class Decision:
    """What becomes of one figure: `status` and `cause` for machines, `reason` in words.

    "coarse": printed as `coarse` says. "exempt": against the rule, for it has been printed before;
    in steps, where it was. "primary" and "secondary" are withheld.
    """

    estimate_id: str
    status: Status = "published"
    cause: Cause = ""
    reason: str = ""
    coarse: Coarse | None = None

    @property
    def step(self) -> float:
        """In which the figure is printed; 0 in full."""
        return self.coarse.step if self.coarse else 0.0

    @property
    def withheld(self) -> bool:
        """Whether value, error, interval and number are left out."""
        return self.status in ("primary", "secondary")

    def shown(self, e: Estimate) -> Estimate:
        """The figure as it may be printed: whole, or without all that tells of hidden counts."""
        if not (self.withheld or self.coarse):
            return e
        nothing: dict[str, Any] = dict.fromkeys(TELLING, math.nan)
        bare = replace(e, **nothing)
        if self.coarse is None:
            return replace(bare, flag="withheld")
        return replace(bare, value=self.coarse.value, low=self.coarse.low, high=self.coarse.high)


@dataclass(frozen=True)
class Suppression:
    """The decisions on a wave; `exposed` are withheld in vain, given away by what is out already."""

    decisions: Mapping[str, Decision]
    exposed: frozenset[str] = frozenset()

    def of(self, estimate_id: str) -> Decision:
        """The decision on a figure; BadInput for one that nobody checked."""
        if estimate_id not in self.decisions:
            raise BadInput(f"{estimate_id} was not checked for disclosure")
        return self.decisions[estimate_id]

    def shown(self, e: Estimate) -> Estimate:
        """The figure as it may be printed: whole, in steps, or without value, interval and number."""
        return self.of(e.estimate_id).shown(e)

    def as_json(self) -> list[dict[str, Any]]:
        """All that is not simply published, for the record."""
        return [
            {
                "estimate_id": d.estimate_id,
                "status": d.status,
                "cause": d.cause,
                "reason": d.reason,
                "exposed": d.estimate_id in self.exposed,
            }
            for d in self.decisions.values()
            if d.status not in ("published", "coarse")
        ]


@dataclass(frozen=True)
class Entry:
    """One figure as an edition printed it, over the respondents `units`; `step` as in `Decision`.

    Units are the codes under which they answered: a domain of a later frame, after mergers, is
    entered as the respondents that it holds.
    """

    edition: str
    frame: str
    estimate_id: str
    wave: str
    item: str
    domain: str
    step: float
    units: frozenset[str]


@dataclass(frozen=True)
class Ledger:
    """What editions have printed, over whom, and the version of the answers that each rests on now. It
    names respondents: it stays in the folder of the barometer and never goes into an edition."""

    entries: tuple[Entry, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)  # by edition

    @classmethod
    def read(cls, path: Path) -> Ledger:
        """The ledger in a JSON file, empty when there is none; BadInput when it is damaged."""
        if not path.exists():
            return cls()
        try:
            stored = json.loads(read_text(path))
            sets = {key: frozenset(units) for key, units in stored["sets"].items()}
            entries = (Entry(**{**e, "units": sets[e["units"]]}) for e in stored["figures"])
            return cls(tuple(entries), dict(stored.get("answers", {})))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise BadInput(f"is no ledger ({error})", file=path) from None

    def append(
        self,
        edition: str,
        frame: str,
        tables: Sequence[Table],
        suppression: Suppression,
        answers: str,
    ) -> Ledger:
        """With what an edition prints; an edition written again adds what is new in it."""
        new = [
            Entry(edition, frame, d.estimate_id, table.wave, f.item, f.domain, d.step, f.units)
            for table in tables
            for f in table.figures
            if f.base and not (d := suppression.of(f.estimate_id)).withheld
        ]
        entries = tuple(dict.fromkeys((*self.entries, *new)))
        return Ledger(entries, {**self.answers, edition: answers})

    def text(self) -> str:
        """As JSON, each set of respondents once."""
        sets = {_digest(e.units): sorted(e.units) for e in self.entries}
        figures = [{**vars(e), "units": _digest(e.units)} for e in self.entries]
        content = {
            "answers": dict(sorted(self.answers.items())),
            "sets": dict(sorted(sets.items())),
            "figures": figures,
        }
        return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _digest(units: frozenset[str]) -> str:
    return hashlib.sha256(" ".join(sorted(units)).encode()).hexdigest()[:16]


def suppress(tables: Sequence[Table], rule: Rule, ledger: Ledger) -> Suppression:
    """Decides on every figure of the tables, which must be all that the wave publishes.

    Sources: minimum base and count, Willenborg and de Waal (2001, chapter 6); secondary
    suppression, Fischetti and Salazar-González (2001); zero and full cells count as small ones.
    """
    decisions: dict[str, Decision] = {}
    exposed: frozenset[str] = frozenset()
    for table in tables:
        found, given_away = _decide(table, rule, ledger)
        decisions |= found
        exposed |= given_away
    return Suppression(decisions, exposed)


def _decide(table: Table, rule: Rule, ledger: Ledger) -> tuple[dict[str, Decision], frozenset[str]]:
    out = _out(table, rule, ledger)
    causes = _causes(table, rule, ledger, out)
    primary = causes.keys() - out.keys()
    if not primary:
        return {f.estimate_id: _kept(f, causes, out) for f in table.figures}, frozenset()
    figures = []
    for f in table.figures:
        step = out[f.estimate_id].step if f.estimate_id in out else rule.step(f)
        figures.append(replace(f, step=step, counted=False) if step else f)
    plan = protect(replace(table, figures=tuple(figures)), primary, out, rule.protection)
    decisions = {}
    for f in figures:
        key = f.estimate_id
        if key in primary:
            decisions[key] = Decision(key, "primary", *causes[key])
        elif key in plan.hidden:
            reason = "would give away another figure withheld"
            decisions[key] = Decision(key, "secondary", "secondary", reason)
        else:
            kept = _kept(f, causes, out)
            coarse = None if f.counted else Coarse.of(table, f)
            status: Status = "coarse" if coarse and kept.status == "published" else kept.status
            decisions[key] = replace(kept, status=status, coarse=coarse)
    return decisions, plan.exposed


@dataclass(frozen=True)
class Printed:
    """That a figure is out already: why one knows, and in which steps it was printed."""

    reason: str
    step: float = 0.0


def _out(table: Table, rule: Rule, ledger: Ledger) -> dict[str, Printed]:
    """The figures that are out; one of the same item and respondents is, under whatever name."""
    by_content = {
        (f.item, f.units): p for f in table.figures if (p := _printed(table, f, rule, ledger))
    }
    keys = {f.estimate_id: (f.item, f.units) for f in table.figures}
    return {name: by_content[key] for name, key in keys.items() if key in by_content}


def _printed(table: Table, figure: Figure, rule: Rule, ledger: Ledger) -> Printed | None:
    name = f"{table.wave}.{figure.indicator}"
    for key in (f"{name}.{figure.domain}", name):
        if key in rule.published_before:
            return Printed(f"published before: {rule.published_before[key]}")
    steps = {
        e.step: e.edition
        for e in ledger.entries
        if (e.wave, e.item, e.units) == (table.wave, figure.item, figure.units)
    }
    finest = min(steps, default=None)
    return None if finest is None else Printed(f"published before: edition {steps[finest]}", finest)


def _kept(
    figure: Figure, causes: Mapping[str, tuple[Cause, str]], out: Mapping[str, Printed]
) -> Decision:
    key = figure.estimate_id
    if key not in causes:
        return Decision(key)
    cause, reason = causes[key]
    return Decision(key, "exempt", cause, f"{reason}; {out[key].reason}")


def _causes(
    table: Table, rule: Rule, ledger: Ledger, out: Mapping[str, Printed]
) -> dict[str, tuple[Cause, str]]:
    """The figures that the rule does not let pass, and why; of two too near, the smaller one."""
    causes: dict[str, tuple[Cause, str]] = {}
    printed = [(e.item, f"{e.domain} in edition {e.edition}", e.units)
               for e in ledger.entries if e.wave == table.wave]  # fmt: skip
    for f in sorted(table.figures, key=lambda f: (f.estimate_id not in out, -f.base)):
        if not f.base:
            continue
        if f.base < rule.minimum_base:
            causes[f.estimate_id] = "base", f"base below {rule.minimum_base}"
        elif f.indicator in rule.sensitive and _fewest(table, f) < rule.minimum_count:
            reason = f"fewer than {rule.minimum_count} respondents say so, or do not"
            causes[f.estimate_id] = "count", reason
        elif near := _nearest(f, printed, rule.minimum_base):
            reason = f"fewer than {rule.minimum_base} respondents more or less than {near}"
            causes[f.estimate_id] = "difference", reason
        if f.estimate_id in out or f.estimate_id not in causes:
            printed.append((f.item, f.domain, f.units))
    return causes


def _fewest(table: Table, figure: Figure) -> int:
    """Respondents counted or not counted, whichever are fewer; 0 when all give the same score."""
    by_level = table.counts[figure.inside].sum(0)
    if figure.statistic == "mean":
        return figure.base - int(by_level.max())
    n = int(by_level @ figure.score)
    return min(n, figure.base - n)


def _nearest(
    figure: Figure, printed: Sequence[tuple[str, str, frozenset[str]]], minimum: int
) -> str:
    """A printed figure of the same item whose respondents differ by some, but too few."""
    for item, domain, units in printed:
        if item == figure.item and 0 < len(units ^ figure.units) < minimum:
            return domain
    return ""
