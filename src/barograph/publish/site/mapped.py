"""The map of an indicator: its domains crossed, on the geometry that the frame has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from barograph.errors import BadInput
from barograph.estimate import Estimate
from barograph.files import numbered_records, read_text
from barograph.indicators import Indicator
from barograph.publish.charts import LegendEntry, Map, hexagon_map, shade, true_map
from barograph.publish.charts.words import own
from barograph.publish.language import Language


def map_of(language: Language, indicator: Indicator) -> dict[str, Any] | None:
    """The map of an indicator that names one; None without geometry."""
    wave, t, lang = language.wave, language.t, language.lang
    folder = wave.barometer.folder / "frame"
    draw = next((d for name, d in MAPS.items() if (folder / name).exists()), None)
    if not indicator.map or draw is None:
        return None
    item, *others = wave.items(indicator)
    if others:
        raise BadInput(f"indicator {indicator.name}: a map shows one item, name its codes")
    legend, rows = [], []
    classes: dict[str, str] = {}
    for number, domain in enumerate(wave.domains(indicator.map)):
        e = wave.suppression.shown(wave.estimator.estimate(indicator.name, item, domain))
        name, label = f"{shade(e.value)} g{number}", language.domain(e.domain)
        value, interval = _texts(language, e)
        legend.append(LegendEntry(name, label, value, interval, e.flag != "", e.estimate_id))
        rows.append(("", label, e))
        inside = np.all([wave.frame.attributes[d] == v for d, v in domain.items()], axis=0)
        classes |= {str(code): name for code in wave.frame.codes[inside]}
    outlines = dict(zip(wave.frame.codes, wave.frame.attributes[indicator.map[0]], strict=True))
    title = indicator.label[lang]
    description = t["map_description"].format(units=len(wave.frame))
    drawn, note = draw(folder, classes, legend, title, description, outlines)
    notes = [t[note], *([t["map_few"]] if any(entry.few for entry in legend) else [])]
    domains = " × ".join(wave.barometer.domains[name].label[lang] for name in indicator.map)
    return {
        "title": title,
        "heading": own(lang)["map_title"].format(domains=domains),
        "map": drawn,
        "svg": Markup(drawn.html()),
        "rows": rows,
        "note": " ".join(notes),
    }


def _draw_boundaries(folder: Path, classes: Mapping[str, str], *rest: Any) -> tuple[Map, str]:
    path = folder / "boundaries.topojson"
    try:
        topology = json.loads(read_text(path))
        return true_map(topology, "municipalities", classes, *rest), "map_note_true"
    except (AttributeError, KeyError, IndexError, TypeError, ValueError) as error:
        raise BadInput(f"is no sound TopoJSON ({error})", file=path) from None


def _draw_cartogram(folder: Path, classes: Mapping[str, str], *rest: Any) -> tuple[Map, str]:
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


def _texts(language: Language, e: Estimate) -> tuple[str, str]:
    if e.flag == "withheld":
        return language.t["flag_withheld"], ""
    if e.flag == "none":
        return language.t["map_empty"], ""
    return language.fmt.value(e), language.fmt.interval(e)
