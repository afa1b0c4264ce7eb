"""Tables as disclosure control sees them: respondents by row and level, and the figures of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from barograph.estimate.estimate import domain_key
from barograph.estimate.items import Item, Statistic
from barograph.instrument import DONT_KNOW, Responses, Variable
from barograph.weight import Sample
from barograph.weight.sample import Bools, Floats, Ints


@dataclass(frozen=True)
class Figure:
    """One figure of a table.

    `inside` (C) rows of its domain; `score` (L) what a level adds: 0/1 for a share or total, points
    for a mean. `item` says what is counted (variable and codes), whatever the indicator is called;
    `units` who is in the base. The value is `scale` times the weighted sum of scores, printed in
    steps of `step` and, when `counted`, with the number of respondents counted. It lies between
    `ends`, nan where the questionnaire sets none; its domain has `population` units.
    """

    estimate_id: str
    indicator: str
    item: str
    domain: str
    statistic: Statistic
    inside: Bools
    score: Floats
    units: frozenset[str]
    scale: float
    ends: tuple[float, float]
    population: float
    step: float = 1e-9
    counted: bool = True

    @property
    def base(self) -> int:
        """Respondents that the figure is over."""
        return len(self.units)


@dataclass(frozen=True)
class Table:
    """Respondents `counts` (C, L) of one question by row and level, and the figures made of them.

    A row holds respondents of the same domains and the same `weight` (C); a level is an answer that
    the questionnaire offers, also one that nobody gave.
    """

    wave: str
    question: str
    counts: Ints
    weight: Floats
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Asked:
    """An item of an indicator, the `codes` that a share of it counts, and the domains it is
    published for."""

    indicator: str
    item: Item
    codes: tuple[str, ...]
    domains: tuple[Mapping[str, str], ...]


def tables_of(
    wave: str,
    sample: Sample,
    responses: Responses,
    variables: Mapping[str, Variable],
    asked: Sequence[Asked],
) -> tuple[Table, ...]:
    """One table a question with one answer (of a ranking: its first place), else one an item."""
    pairs = np.column_stack([sample.cell, np.round(sample.w1, 9)])
    rows, row = np.unique(pairs, axis=0, return_inverse=True)
    grouped: dict[tuple[str, ...], list[Asked]] = {}
    for a in asked:
        choice = variables[a.item.variable].kind in ("one", "rank")
        key = (a.item.variable,) if choice else (a.item.variable, a.item.key, *a.codes)
        grouped.setdefault(key, []).append(a)
    tables = []
    for group in grouped.values():
        variable = variables[group[0].item.variable]
        level, scores = _levels(variable, responses, group)
        counts = np.zeros((len(rows), len(scores[0])), dtype=np.intp)
        np.add.at(counts, (row.ravel()[level >= 0], level[level >= 0]), 1)
        figures = tuple(
            _figure(wave, sample, responses, variable, a, domain, rows[:, 0].astype(int), score)
            for a, score in zip(group, scores, strict=True)
            for domain in a.domains
        )
        tables.append(Table(wave, variable.name, counts, rows[:, 1], figures))
    return tuple(tables)


def _levels(
    variable: Variable, responses: Responses, group: Sequence[Asked]
) -> tuple[Ints, list[Floats]]:
    """Level of each respondent (n), -1 without an answer, and scores of each item (L)."""
    item = group[0].item
    if variable.kind not in ("one", "rank"):
        told = (0.0, 1.0) if item.statistic != "mean" else ()
        values = np.unique([*item.value[item.base], *told])
        level = np.where(item.base, np.searchsorted(values, item.value), -1)
        return level, [values] * len(group)
    codes = [c.code for c in variable.choices if c.code != DONT_KNOW]
    first = [next(iter(a.split()), "") for a in responses.answers[variable.name]]
    level = np.array([codes.index(a) if a in codes else -1 for a in first])
    scores = [
        np.array([float(c) if a.item.statistic == "mean" else float(c in a.codes) for c in codes])
        for a in group
    ]
    return level, scores


def _figure(
    wave: str,
    sample: Sample,
    responses: Responses,
    variable: Variable,
    asked: Asked,
    domain: Mapping[str, str],
    cell: Ints,
    score: Floats,
) -> Figure:
    """`cell` (C) the design cell of each row."""
    item, mask = asked.item, sample.design.mask(domain)
    inside = item.base & mask[sample.cell]
    scale, ends = _scale(variable, sample, item, mask, score)
    key = domain_key(domain)
    return Figure(
        estimate_id=f"{wave}.{asked.indicator}.{item.key}.{item.statistic}.{key}",
        indicator=asked.indicator,
        item=f"{item.variable}={'|'.join(asked.codes)}" if asked.codes else item.variable,
        domain=key,
        statistic=item.statistic,
        inside=mask[cell],
        score=score,
        units=frozenset(responses.units[inside].tolist()),
        scale=scale,
        ends=ends,
        population=sample.design.population(domain),
    )


def _scale(
    variable: Variable, sample: Sample, item: Item, mask: Bools, score: Floats
) -> tuple[float, tuple[float, float]]:
    """What makes a value of a weighted sum of scores, and the ends between which it lies."""
    everybody = mask[sample.cell]
    weight = float(sample.w1[everybody & item.base].sum()) or 1.0
    if item.statistic == "mean":
        # The largest number that somebody gave is itself an answer.
        ends = (float(score.min()), float(score.max())) if variable.choices else (np.nan, np.nan)
        return 1 / weight, ends
    if item.statistic == "share":
        return 1 / weight, (0.0, 1.0)
    asked = float(sample.w1[everybody & item.eligible].sum())
    units = sample.design.size[mask].sum() * asked / (float(sample.w1[everybody].sum()) or 1.0)
    return float(units) / weight, (0.0, float(units))
