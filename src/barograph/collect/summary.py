"""The return for answering: a municipality's own answers beside the figures of the last edition.

Read from the open data of the edition, so that nothing is shown here that was not published: what
disclosure control withheld there is absent here.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from barograph.instrument import Instrument
from barograph.instrument.wording import in_words

if TYPE_CHECKING:
    from barograph.estimate import Estimate

WITHHELD = "withheld"


@dataclass(frozen=True)
class Row:
    """One figure: the own answer in words, then figure and interval for each group."""

    label: str
    own: str
    figures: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Block:
    """The rows of an indicator under its label."""

    label: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Summary:
    """The table: names of its groups, and per indicator its rows; `synthetic` is the edition's notice."""

    wave: str
    synthetic: str
    groups: tuple[str, ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Edition:
    """The open data of an edition, as read."""

    wave: str
    synthetic: Mapping[str, str]
    indicators: tuple[Mapping[str, str], ...]
    labels: Mapping[tuple[str, str], Mapping[str, str]]
    domains: Mapping[str, Mapping[str, str]]
    estimates: Mapping[tuple[str, str, str], Mapping[str, str]]


def summary(
    folder: Path,
    instrument: Instrument,
    answers: Mapping[str, str],
    domains: Mapping[str, str],
    lang: str,
) -> Summary | None:
    """Own answers beside all units and those of the own domains; None without an edition."""
    manifest = folder / "manifest.json"
    if not manifest.exists():
        return None
    edition = _read(folder, manifest.stat().st_mtime_ns)
    groups = ["all", *(f"{name}={value}" for name, value in domains.items())]
    groups = [group for group in groups if group in edition.domains]
    blocks = []
    for indicator in edition.indicators:
        rows = tuple(_rows(edition, indicator, instrument, answers, groups, lang))
        if rows:
            blocks.append(Block(indicator[f"label_{lang}"], rows))
    return Summary(
        edition.wave,
        edition.synthetic.get(lang, ""),
        tuple(edition.domains[group][f"label_{lang}"] for group in groups),
        tuple(blocks),
    )


@lru_cache(maxsize=2)
def _read(folder: Path, stamp: int) -> Edition:
    """The tables of an edition; `stamp` tells one edition in the same place from another."""
    data = folder / "data"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return Edition(
        manifest["wave"],
        manifest["synthetic"],
        tuple(_table(data / "indicators.csv")),
        {(r["indicator"], r["category"]): r for r in _table(data / "categories.csv")},
        {r["domain"]: r for r in _table(data / "domains.csv")},
        {
            (r["indicator"], r["category"], r["domain"]): r
            for r in _table(data / "estimates.csv")
            if r["suppressed"] == "0" and r["estimate"] and r["flag"] != WITHHELD
        },
    )


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _rows(
    edition: Edition,
    indicator: Mapping[str, str],
    instrument: Instrument,
    answers: Mapping[str, str],
    groups: Sequence[str],
    lang: str,
) -> Iterator[Row]:
    """The rows of an indicator that the own answers touch."""
    for category, own in _own(indicator, instrument, answers, edition, lang):
        found = [edition.estimates.get((indicator["indicator"], category, g)) for g in groups]
        if any(found):
            figures = tuple(_figure(row, indicator["statistic"], lang) for row in found)
            yield Row(
                edition.labels[indicator["indicator"], category][f"label_{lang}"], own, figures
            )


def _own(
    indicator: Mapping[str, str],
    instrument: Instrument,
    answers: Mapping[str, str],
    edition: Edition,
    lang: str,
) -> Iterator[tuple[str, str]]:
    """Category of the figures and own answer in words, for what was answered."""
    name = indicator["question"]
    if indicator["statistic"] == "total":
        return
    if indicator["statistic"] == "mean":
        for variable in instrument.battery(name) or (instrument.variable(name),):
            if answers.get(variable.name):
                yield variable.name, _words(instrument, variable.name, answers, lang)
        return
    if name not in instrument.variables or not answers.get(name):
        return
    own = _words(instrument, name, answers, lang)
    if (indicator["indicator"], name) in edition.labels:  # codes taken together
        yield name, own
        return
    chosen = answers[name].split()
    variable = instrument.variables[name]
    for code in chosen[:1] if variable.kind == "rank" else chosen:
        if code in variable.by_code and (indicator["indicator"], code) in edition.labels:
            yield code, variable.by_code[code].short(lang)


def _words(instrument: Instrument, name: str, answers: Mapping[str, str], lang: str) -> str:
    """An answer as the person chose it."""
    variable, answer = instrument.variables[name], answers[name]
    if variable.kind in ("number", "text"):
        return in_words(instrument.questions[name], answer, lang)
    return ", ".join(
        variable.by_code[c].short(lang) for c in answer.split() if c in variable.by_code
    )


def _figure(row: Mapping[str, str] | None, statistic: str, lang: str) -> tuple[str, str]:
    """Figure and interval as the edition prints them; a dash where it prints none."""
    from barograph.publish.formats import NOTHING, interval_text, value_text

    if row is None:
        return NOTHING, ""
    estimate = _estimate(row, statistic)
    return value_text(estimate, lang), interval_text(estimate, lang)


def _estimate(row: Mapping[str, str], statistic: str) -> Estimate:
    from barograph.estimate import Estimate

    def number(column: str) -> float:
        return float(row[column]) if row[column] else math.nan

    return Estimate(
        row["estimate_id"],
        row["indicator"],
        row["category"],
        row["domain"],
        statistic,  # type: ignore[arg-type]
        number("estimate"),
        number("se"),
        number("ci_low"),
        number("ci_high"),
        int(row["n"]),
        int(row["base"]),
        *(math.nan,) * 4,
        row["flag"],  # type: ignore[arg-type]
    )
