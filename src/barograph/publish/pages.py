"""The pages of an edition: per language the key figures, the release, the reproduction."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from barograph.barometer import Indicator, Wave
from barograph.errors import BadInput
from barograph.estimate import Estimate, Estimates
from barograph.files import numbered_records, read_text
from barograph.publish import formats, texts
from barograph.publish.charts import Bar, Chart, interval_chart
from barograph.publish.language import Language
from barograph.publish.maps import LegendEntry, hexagon_map, shade, true_map
from barograph.publish.release import Release, to_html
from barograph.publish.reproduction import Reproduced

HERE = Path(__file__).parent
DIMENSIONS = frozenset({"environment", "governance", "living", "mobility", "people", "economy"})
Estimated = Mapping[str, Estimates]
Row = tuple[str, str, Estimate]


def render(
    wave: Wave,
    estimated: Estimated,
    releases: Mapping[str, Release],
    reproduced: Sequence[Reproduced],
) -> dict[str, bytes]:
    """Name and content of each page, the style and the releases as Markdown."""
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words = texts.load(languages=wave.barometer.languages)
    files = {"barograph.css": (HERE / "static" / "barograph.css").read_bytes()}
    for lang in wave.barometer.languages:
        language = Language(wave, lang, words[lang])
        markdown = releases[lang].markdown()
        notice = f"> {wave.synthetic[lang]}\n\n" if wave.synthetic else ""
        files[f"{lang}/release.md"] = (notice + markdown).encode()
        contexts: dict[str, dict[str, Any]] = {
            "index": _index(language, estimated, releases[lang]),
            "release": {"body": Markup(to_html(markdown))},
        }
        if reproduced:
            rows = [_reproduced(language, row) for row in reproduced]
            contexts["reproduction"] = {"rows": rows}
        for name, context in contexts.items():
            page = f"{name}.html"
            template = environment.get_template(f"{page}.j2")
            html = template.render(_common(language, page, tuple(contexts)), **context)
            files[f"{lang}/{page}"] = html.encode()
    files["index.html"] = _entry(wave, environment)
    return files


def _entry(wave: Wave, environment: Environment) -> bytes:
    entries = [
        {
            "code": lang,
            "language": formats.language_name(lang),
            "title": wave.barometer.title[lang],
            "synthetic": wave.synthetic.get(lang, ""),
        }
        for lang in wave.barometer.languages
    ]
    context = {"entries": entries, "wave": {"name": wave.name}, "css": "barograph.css"}
    return environment.get_template("languages.html.j2").render(context).encode()


def _common(language: Language, page: str, pages: Sequence[str]) -> dict[str, Any]:
    wave, t, method = language.wave, language.t, language.method()
    downloads = [
        ("../data/estimates.csv", t["data_estimates"]),
        ("../claims.json", t["data_claims"]),
        ("../manifest.json", t["data_manifest"]),
    ]
    if "reproduction" in pages:
        downloads.insert(1, ("../data/reproduction.csv", t["data_reproduction"]))
    return {
        "lang": language.lang,
        "languages": wave.barometer.languages,
        "page": page,
        "navigation": [(f"{name}.html", t[f"nav_{name}"]) for name in pages],
        "t": t,
        "fmt": language.fmt,
        "css": "../barograph.css",
        "barometer": {"title": wave.barometer.title[language.lang]},
        "wave": {
            "name": wave.name,
            "synthetic": bool(wave.synthetic),
            "synthetic_note": wave.synthetic.get(language.lang, ""),
            "invited": wave.sample.record.population,
            "answered": wave.sample.record.respondents,
            "fieldwork": t["method_fieldwork_text"].format(**method),
        },
        "downloads": downloads,
        "footer": t["footer"],
    }


def _index(language: Language, estimated: Estimated, release: Release) -> dict[str, Any]:
    wave, t = language.wave, language.t
    sections = [
        {
            "id": f"section-{name}",
            "title": label[language.lang],
            "figures": [
                _figure(language, indicator, estimated[indicator.name])
                for indicator in wave.barometer.indicators.values()
                if indicator.section == name
            ],
        }
        for name, label in wave.barometer.sections.items()
    ]
    terms = ("population", "answers", "weighting", "interval", "representativity", "few")
    method = [
        (t[f"method_{term}"], t[f"method_{term}_text"].format(**language.method()))
        for term in terms
    ]
    method.append((t["method_source"], wave.barometer.attribution))
    return {
        "findings": [
            {"id": f"finding-{name}", "sentence": sentence}
            for name, sentence in release.findings().items()
        ],
        "sections": sections,
        "map": _map(language),
        "method": method,
    }


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
        "svg": Markup(interval_chart(chart, lang, t)),
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
        e = wave.estimator.estimate(indicator.name, item, domain)
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
    if e.flag == "none":
        return language.t["map_empty"], ""
    return language.fmt.value(e), language.fmt.interval(e)


def _reproduced(language: Language, r: Reproduced) -> dict[str, str | int]:
    wave, fmt, t = language.wave, language.fmt, language.t
    indicator = wave.barometer.indicators[r.indicator]
    label = indicator.label[language.lang]
    if r.estimate is not None and len(wave.items(indicator)) > 1:
        label += f" – {language.item(indicator, r.items[0])}"
    if r.domain != "all":
        name = next(n for n, d in wave.barometer.domains.items() if r.domain in d.labels)
        label += f" – {language.domain(f'{name}={r.domain}')}"
    row: dict[str, str | int] = {"id": r.id, "label": label, "n": r.n, "base": r.base}
    if r.estimate is None:
        ranks = ", ".join(
            f"{_name(language, indicator, key)} {best}" + (f"–{worst}" if worst > best else "")
            for key, (best, worst) in r.ranks.items()
        )
        return row | {
            "published": _words(language, indicator, r.published),
            "as_published": _words(language, indicator, r.as_published),
            "estimate": _words(language, indicator, r.order),
            "interval": "",
            "claim": t["ranks_allowed"].format(ranks=ranks),
        }
    e = r.estimate
    percent = r.rule == "share"
    return row | {
        "published": fmt.percent(float(r.published) / 100) if percent else r.published,
        "as_published": fmt.percent(e.plain) if percent else r.as_published,
        "estimate": fmt.percent(e.value) if percent else fmt.number(e.value),
        "interval": fmt.interval(e),
        "claim": t[f"flag_{e.flag.replace('<', '')}"] if e.flag else "",
    }


def _name(language: Language, indicator: Indicator, key: str) -> str:
    battery = f"{indicator.question}_{key}"
    known = language.wave.barometer.instrument.variables
    return language.item(indicator, battery if battery in known else key)


def _words(language: Language, indicator: Indicator, order: str) -> str:
    """An order of codes in words: "a > b ~ c", and a set "a|b" as "a, b"."""
    spaced = re.sub(r"\s*([>~])\s*", r" \1 ", order.replace("|", ", "))
    return re.sub(r"\w+", lambda code: _name(language, indicator, code[0]), spaced)
