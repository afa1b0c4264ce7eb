"""How long an edition takes, beside the floor of writing its bytes.

Prints seconds for the whole edition of 2017, milliseconds of one core for a page, and the ratio to compiling
the questionnaire and writing the same files with nothing computed. Then milliseconds a chart, over all
charts of the edition in every language, and the ratio to the same rows through vl-convert; and
milliseconds of processor for the report of a municipality as PDF and for a whole report, and the
ratio to the same report of a municipality through WeasyPrint, where that is installed. `--json`: the
last line is JSON.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable
from html import escape
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import vl_convert

import barograph as bg
from barograph.publish import charts, publish, texts
from barograph.publish.edition import check
from barograph.publish.language import Language
from barograph.publish.release import Release
from barograph.publish.release.facts import facts
from barograph.publish.report import TEMPLATES, municipality, report
from barograph.publish.report.content import Voice
from barograph.publish.site import places
from barograph.publish.site.drawn import Drawn
from barograph.publish.site.register import Register
from barograph.publish.typeset import FONTS, Typesetter

EXAMPLE = Path(__file__).parent.parent / "examples" / "smart-city-belgium"
RUNS = 3
PDFS = 25


def edition_seconds(out: Path) -> tuple[float, float]:
    """One edition from opened folder to last byte; and milliseconds of one core for a page.

    The latter are those of its context and of its template, pictures drawn and words loaded.
    """
    heard: list[tuple[int, float]] = []

    def step(name: str, done: int, of: int) -> None:
        if name == "pages" and done:
            heard.append((done, time.process_time()))

    start = time.perf_counter()
    publish(bg.open(EXAMPLE).wave("2017"), out, step)
    seconds = time.perf_counter() - start
    (first, begun), (last, ended) = heard[0], heard[-1]
    return seconds, 1000 * (ended - begun) / (last - first) + context_ms()


def context_ms() -> float:
    """Milliseconds of one core for what a page of a municipality tells, in one language."""
    wave = bg.open(EXAMPLE).wave("2017")
    shown = {
        name: wave.shown(wave.estimates(indicator))
        for name, indicator in wave.barometer.indicators.items()
    }
    drawn = Drawn(Language(wave, "nl", texts.load()["nl"]), shown)
    register = Register.of(wave)
    start = time.process_time()
    pages = list(places.pages(drawn, register, None))
    return 1000 * (time.process_time() - start) / len(pages)


def floor_seconds(edition: Path, out: Path) -> float:
    """Compiling the questionnaire with pyxform and copying the bytes of the edition."""
    start = time.perf_counter()
    assert bg.open(EXAMPLE).instrument.variables
    shutil.copytree(edition, out)
    return time.perf_counter() - start


def drawn_charts() -> list[tuple[charts.Drawable, str]]:
    """Every chart of the edition, with its language."""
    wave = bg.open(EXAMPLE).wave("2017")
    indicators = wave.barometer.indicators
    estimated = {name: wave.shown(wave.estimates(i)) for name, i in indicators.items()}
    found = []
    for lang, words in texts.load().items():
        drawn = Drawn(Language(wave, lang, words), estimated)
        figures = [drawn.figure(i) for i in indicators.values() if i.section]
        found += [(part["chart"], lang) for f in figures for part in (f, *f["more"])]
    return found


def chart_milliseconds() -> tuple[float, float]:
    """A chart over all of the edition; and how many times that long vl-convert takes for bars."""
    found, words = drawn_charts(), texts.load()
    every = milliseconds(
        lambda: [charts.inline(chart, lang, words[lang]) for chart, lang in found], len(found)
    )
    bars, lang = next((c, lang) for c, lang in found if isinstance(c, charts.Bars))
    spec = vega_lite(bars)
    theirs = milliseconds(lambda: vl_convert.vegalite_to_svg(spec))
    ours = milliseconds(lambda: [charts.inline(bars, lang, words[lang]) for _ in range(100)], 100)
    return every, theirs / ours


def milliseconds(work: Callable[[], object], count: int = 1) -> float:
    """Of processor, for each of `count` pieces of work; warmed, the median."""
    work()
    found = []
    for _ in range(RUNS):
        start = time.process_time()
        work()
        found.append(1000 * (time.process_time() - start) / count)
    return median(found)


def vega_lite(chart: charts.Bars) -> dict[str, object]:
    """The rows of a chart as Vega-Lite: a bar and a rule each."""
    rows = [
        {
            "label": r.label,
            "value": r.estimate.value,
            "low": r.estimate.low,
            "high": r.estimate.high,
        }
        for r in chart.rows
    ]
    y = {"field": "label", "type": "nominal", "sort": None, "title": None}
    x = {"type": "quantitative", "axis": {"format": "%"}, "title": None}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "data": {"values": rows},
        "layer": [
            {"mark": "bar", "encoding": {"y": y, "x": {"field": "value", **x}}},
            {
                "mark": "rule",
                "encoding": {"y": y, "x": {"field": "low", **x}, "x2": {"field": "high"}},
            },
        ],
    }


def pdf_milliseconds() -> tuple[float, float, float | None]:
    """A municipality report by a warm typesetter, a whole report by a cold one, and WeasyPrint's."""
    wave = bg.open(EXAMPLE).wave("2017")
    indicators = wave.barometer.indicators
    estimated = {name: wave.shown(wave.estimates(i)) for name, i in indicators.items()}
    release = Release(wave, "nl", check(wave), facts(wave, "nl"))
    language = Language(wave, "nl", texts.load(languages=("nl",))["nl"])
    voice = Voice.of(Drawn(language, estimated))
    whole = report.content(voice, release)
    found = municipality.contents(voice, release, Register.of(wave))
    contents = [content for _, content in islice(found, PDFS)]
    typesetter = Typesetter(TEMPLATES / "municipality.typ")
    typesetter.pdf(contents[0], wave.closed)
    one = median(processor_ms(lambda c=c: typesetter.pdf(c, wave.closed)) for c in contents[1:])
    cold = processor_ms(lambda: Typesetter(TEMPLATES / "report.typ").pdf(whole, wave.closed))
    try:
        from weasyprint import HTML
    except ImportError:
        return one, cold, None
    pages = [as_html(content) for content in contents]
    HTML(string=pages[0]).write_pdf()
    theirs = median(
        processor_ms(lambda page=page: HTML(string=page).write_pdf(pdf_variant="pdf/ua-1"))
        for page in pages[1:]
    )
    return one, cold, theirs


def processor_ms(work: Callable[[], object]) -> float:
    """Milliseconds of processor that a piece of work takes, over all threads."""
    start = time.process_time()
    work()
    return 1000 * (time.process_time() - start)


def as_html(content: dict[str, Any]) -> str:
    """A municipality report as HTML: the same words and pictures."""
    facts = "".join(f"<tr><th>{escape(t)}<td>{escape(v)}" for t, v in content["facts"])
    peers = "".join(f"<li>{escape(name)}" for name in content["peers"])
    pictures = "".join(
        f"<h3>{escape(f['title'])}</h3><figure><img alt='{escape(f['alt'])}' "
        f"src='data:image/svg+xml;base64,{b64encode(f['svg'].encode()).decode()}'>"
        f"<figcaption>{escape(f['caption'])}</figcaption></figure>"
        for f in content["figures"]
    )
    sentences = "".join(f"<p>{escape(s)}" for s in content["findings"]["sentences"])
    style = (
        "@page{size:A4;margin:24mm}"
        f"@font-face{{font-family:Inter;src:url('{(FONTS / 'Inter-Regular.otf').as_uri()}')}}"
        f"@font-face{{font-family:Inter;font-weight:700;src:url('{(FONTS / 'Inter-Bold.otf').as_uri()}')}}"
        "body{font:9.5pt Inter}img{width:100%}h2{break-before:page}"
    )
    return (
        f"<html lang=nl><title>{escape(content['name'])}</title><style>{style}</style>"
        f"<h1>{escape(content['name'])}</h1><p>{escape(content['notice'])}"
        f"<table>{facts}</table><ul>{peers}</ul>{pictures}"
        f"<h2>{escape(content['findings']['title'])}</h2>{sentences}"
    )


def main() -> None:
    """Runs both in turn and prints medians."""
    with tempfile.TemporaryDirectory() as folder:
        edition = Path(folder) / "edition"
        publish(bg.open(EXAMPLE).wave("2017"), edition)  # imports and disk cache
        pairs = [
            (edition_seconds(edition), floor_seconds(edition, Path(folder) / f"floor{run}"))
            for run in range(RUNS)
        ]
        pages = len(list(edition.rglob("*.html")))
        largest = max(p.stat().st_size for p in edition.rglob("*.html"))
    editions, floors = zip(*pairs, strict=True)
    seconds, page = (median(column) for column in zip(*editions, strict=True))
    floor = median(floors)
    chart, ratio = chart_milliseconds()
    one, report_ms, theirs = pdf_milliseconds()
    figures = {
        "edition_seconds": round(seconds, 3),
        "floor_seconds": round(floor, 3),
        "ratio_floor": round(seconds / floor, 1),
        "ms_per_page": round(page, 2),
        "ms_per_chart": round(chart, 3),
        "ratio_vl_convert": round(ratio),
        "ms_per_pdf": round(one, 1),
        "ms_per_report": round(report_ms),
        "ratio_weasyprint": None if theirs is None else round(theirs / one, 1),
        "largest_page_kb": round(largest / 1000, 1),
    }
    print(f"edition of 2017, {pages} pages, median of {RUNS}:")
    for name, value in figures.items():
        print(f"  {name:<16} {value}")
    if theirs is None:
        print("  WeasyPrint is not installed: no ratio")
    if "--json" in sys.argv:
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
