"""The named figures of a barometer: indicators.toml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from barograph.errors import BadInput
from barograph.estimate.items import Base, Statistic
from barograph.files import need_table, need_tables, read_record, read_toml, translated
from barograph.frame import Domain

Labels = Mapping[str, str]


@dataclass(frozen=True)
class Indicator:
    """A named figure: a question, what is computed of it, and for which domains.

    `rows` picks and orders items of a battery. Without a `section` it is not drawn on the page. With
    `map` it colours the map, by these domains crossed; borders are those of the first.
    """

    name: str
    question: str
    statistic: Statistic
    label: Labels
    section: str = ""
    codes: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    base: Base = "asked"
    by: tuple[str, ...] = ()
    map: tuple[str, ...] = ()


def read_indicators(
    path: Path, languages: Sequence[str], domains: Mapping[str, Domain]
) -> tuple[dict[str, Labels], dict[str, Indicator]]:
    """Labels of the sections, and the indicators, by name; BadInput for one that cannot be."""
    tables = read_toml(path)
    sections = {
        name: translated(path, f"section {name}", label, languages)
        for name, label in need_table(path, tables, "sections").items()
    }
    indicators = {}
    for name, table in need_tables(path, tables, "indicators").items():
        indicator = read_record(path, Indicator, name, table)
        translated(path, f"indicators.{name}.label", indicator.label, languages)
        if indicator.statistic not in ("share", "mean", "total") or indicator.base not in get_args(
            Base
        ):
            raise BadInput(
                f"indicator {name}: unknown statistic or base",
                file=path,
                todo="statistic is share, mean or total; base is asked or all",
            )
        for domain in (*indicator.by, *indicator.map):
            if domain not in domains:
                raise BadInput(f"indicator {name}: unknown domain {domain!r}", file=path)
        if indicator.section and indicator.section not in sections:
            raise BadInput(f"indicator {name}: unknown section {indicator.section!r}", file=path)
        indicators[name] = indicator
    return sections, indicators
