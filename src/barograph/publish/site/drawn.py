"""The figures of a wave in one language: charts, maps and the tables behind them, drawn once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from barograph.barometer import Indicator, Wave
from barograph.errors import BadInput
from barograph.estimate import Estimate, Estimates
from barograph.files import numbered_records, read_text
from barograph.publish.charts import Bar, Chart, inline
from barograph.publish.language import Language
from barograph.publish.maps import LegendEntry, hexagon_map, shade, true_map

DIMENSIONS = frozenset({"environment", "governance", "living", "mobility", "people", "economy"})
Row = tuple[str, str, Estimate]


class Drawn:
    """Figures of one language; each is drawn once, however many pages show it."""

    def __init__(self, language: Language, estimated: Mapping[str, Estimates]) -> None:
        self.language, self.estimated = language, estimated
        self._figures: dict[str, dict[str, Any]] = {}

    def figure(self, indicator: Indicator) -> dict[str, Any]:
        """Chart, table, question and base of an indicator."""
        if indicator.name not in self._figures:
            estimates = self.estimated[indicator.name]
            self._figures[indicator.name] = _figure(self.language, indicator, estimates)
        return self._figures[indicator.name]

    def rows(self, indicator: Indicator) -> list[Row]:
        """The table behind a figure."""
        rows: list[Row] = self.figure(indicator)["rows"]
        return rows

    def axis(self, indicator: Indicator) -> tuple[float, float]:
        """The ends of its axis."""
        return _axis(self.language.wave, indicator)

    def map(self) -> dict[str, Any] | None:
        """The map of the indicator that names one."""
        return _map(self.language)


def _figure(language: Language, indicator: Indicator, estimates: Estimates) -> dict[str, Any]:
    t, lang = language.t, language.lang
    rows = _rows(language, indicator, estimates)
    title = indicator.label[lang]
    chart = Chart(
        id=f"figure-{indicator.name}",
        title=title,
        description=t["chart_description"].format(rows=len(rows)),
        bars=tuple(
            Bar(label, e, group, e.category if e.category in DIMENSIONS else "")
            for group, label, e in rows
        ),
        axis=_axis(language.wave, indicator),
    )
    low, high = (language.fmt.number(f(e.base for e in estimates)) for f in (min, max))
    wording = language.wave.barometer.instrument.wording(indicator.question)
    return {
        "id": indicator.name,
        "title": title,
        "question": wording[lang],
        "chart": chart,
        "svg": Markup(inline(chart, lang, t)),
        "rows": rows,
        "note": "",
        "base_text": t["base_text"].format(n=low)
        if low == high
        else t["base_range"].format(low=low, high=high),
    }


def _rows(language: Language, indicator: Indicator, estimates: Estimates) -> list[Row]:
    """One item: a row a domain, grouped. Several items: a row each, the highest first."""
    several = len({e.category for e in estimates}) > 1
    if several:
        ordered = sorted(estimates, key=lambda e: -e.value)
        return [("", language.item(indicator, e.category), e) for e in ordered if e.domain == "all"]
    rows = []
    for e in estimates:
        name = e.domain.split("=")[0]
        domain = language.wave.barometer.domains.get(name)
        label = domain.label[language.lang] if domain else ""
        rows.append((label, language.domain(e.domain), e))
    return rows


def _axis(wave: Wave, indicator: Indicator) -> tuple[float, float]:
    """0..1 for shares, 0..N for totals, the ends of the scale for means."""
    if indicator.statistic != "mean":
        return 0.0, 1.0 if indicator.statistic == "share" else float(len(wave.frame))
    instrument = wave.barometer.instrument
    row = (instrument.battery(indicator.question) or (instrument.variable(indicator.question),))[0]
    scale = [float(c.code) for c in row.choices if c.code.isdigit()]
    return min(scale), max(scale)


def _map(language: Language) -> dict[str, Any] | None:
    """The indicator that names a `map`, by its domains crossed; None without one or geometry."""
    wave, t = language.wave, language.t
    indicator = next((i for i in wave.barometer.indicators.values() if i.map), None)
    folder = wave.barometer.folder / "frame"
    draw = next((d for name, d in MAPS.items() if (folder / name).exists()), None)
    if indicator is None or draw is None:
        return None
    item, *others = wave.items(indicator)
    if others:
        raise BadInput(f"indicator {indicator.name}: a map shows one item, name its codes")
    legend, rows = [], []
    classes: dict[str, str] = {}
    for number, domain in enumerate(wave.domains(indicator.map)):
        e = wave.suppression.shown(wave.estimator.estimate(indicator.name, item, domain))
        name, label = f"{shade(e.value)} g{number}", language.domain(e.domain)
        legend.append(LegendEntry(name, label, *_map_texts(language, e), few=e.flag != ""))
        rows.append(("", label, e))
        inside = np.all([wave.frame.attributes[d] == v for d, v in domain.items()], axis=0)
        classes |= {str(code): name for code in wave.frame.codes[inside]}
    outlines = dict(zip(wave.frame.codes, wave.frame.attributes[indicator.map[0]], strict=True))
    title = indicator.label[language.lang]
    description = t["map_description"].format(units=len(wave.frame))
    svg, note = draw(folder, classes, legend, title, description, outlines)
    notes = [t[note], *([t["map_few"]] if any(entry.few for entry in legend) else [])]
    return {"title": title, "svg": Markup(svg), "rows": rows, "note": " ".join(notes)}


def _draw_boundaries(folder: Path, classes: Mapping[str, str], *rest: Any) -> tuple[str, str]:
    path = folder / "boundaries.topojson"
    try:
        topology = json.loads(read_text(path))
        return true_map(topology, "municipalities", classes, *rest), "map_note_true"
    except (AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
        raise BadInput(f"is no sound TopoJSON ({error})", file=path) from None


def _draw_cartogram(folder: Path, classes: Mapping[str, str], *rest: Any) -> tuple[str, str]:
    path = folder / "cartogram.csv"
    cells = {}
    for row, r in numbered_records(path, ("nis", "column", "row")):
        try:
            place = int(r["column"]), int(r["row"])
        except ValueError:
            raise BadInput("column and row are whole numbers", file=path, row=row) from None
        if r["nis"] in classes:
            cells[r["nis"]] = place
    return hexagon_map(cells, classes, *rest), "map_note"


# Real boundaries, where a folder has them, before the cartogram.
MAPS = {"boundaries.topojson": _draw_boundaries, "cartogram.csv": _draw_cartogram}


def _map_texts(language: Language, e: Estimate) -> tuple[str, str]:
    if e.flag == "withheld":
        return language.t["flag_withheld"], ""
    if e.flag == "none":
        return language.t["map_empty"], ""
    return language.fmt.value(e), language.fmt.interval(e)
