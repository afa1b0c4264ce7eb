"""The pages of an edition in each language.

In: a wave, its estimates, its releases, what was published earlier. Out: name and content of files.
A page names its template and its own context; what all pages share is added here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from barograph.barometer import Wave
from barograph.estimate import Estimates
from barograph.publish import formats, texts
from barograph.publish.language import Language
from barograph.publish.release import Release, to_html
from barograph.publish.reproduction import Reproduced
from barograph.publish.site import earlier, places
from barograph.publish.site.drawn import Drawn
from barograph.publish.site.page import Page

HERE = Path(__file__).parent.parent


class Section(NamedTuple):
    """A part of the questionnaire, with name and title of each of its figures."""

    name: str
    title: str
    figures: list[tuple[str, str]]


def render(
    wave: Wave,
    estimated: Mapping[str, Estimates],
    releases: Mapping[str, Release],
    reproduced: Sequence[Reproduced],
    described: Callable[[str], dict[str, Any]],
) -> dict[str, bytes]:
    """Name and content of each page, the style and the releases as Markdown.

    `described` gives the data of the edition as schema.org has it, in a language.
    """
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words = texts.load(languages=wave.barometer.languages)
    register = places.Register.of(wave)
    files = {p.name: p.read_bytes() for p in sorted((HERE / "static").glob("*.css"))}
    for lang in wave.barometer.languages:
        language = Language(wave, lang, words[lang])
        markdown = releases[lang].markdown()
        notice = f"> {wave.synthetic[lang]}\n\n" if wave.synthetic else ""
        files[f"{lang}/release.md"] = (notice + markdown).encode()
        drawn = Drawn(language, estimated)
        pages = [
            *_findings(drawn, releases[lang], described(lang)),
            Page("release.html", "release", {"body": Markup(to_html(markdown))}),
            *places.pages(drawn, register),
            *earlier.pages(language, reproduced),
        ]
        common = _common(language, pages)
        for page in pages:
            template = environment.get_template(f"{page.template}.html.j2")
            context = {**common, **page.place(), **page.context}
            files[f"{lang}/{page.path}"] = template.render(context).encode()
    files["index.html"] = _entry(wave, environment)
    return files


def _findings(drawn: Drawn, release: Release, described: Mapping[str, Any]) -> Iterator[Page]:
    """The start page, a page for each section and one for each figure."""
    language, t = drawn.language, drawn.language.t
    barometer, lang = language.wave.barometer, language.lang
    sections = {
        name: [i for i in barometer.indicators.values() if i.section == name]
        for name in barometer.sections
    }
    contents = [
        Section(name, barometer.sections[name][lang], [(i.name, i.label[lang]) for i in indicators])
        for name, indicators in sections.items()
    ]
    terms = ("population", "answers", "weighting", "interval", "representativity", "few")
    texts_of = language.method()
    method = [(t[f"method_{term}"], t[f"method_{term}_text"].format(**texts_of)) for term in terms]
    found = [
        {"id": f"finding-{name}", "sentence": sentence}
        for name, sentence in release.findings().items()
    ]
    # In a script element, so that a "<" cannot end it.
    script = Markup(json.dumps(described, ensure_ascii=False).replace("<", "\\u003c"))
    start = {"findings": found, "contents": contents, "map": drawn.map(), "described": script}
    yield Page("index.html", "index", start)
    source = (t["method_source"], barometer.attribution)
    yield Page("method.html", "method", {"method": [*method, source]})
    for section in contents:
        figures = [drawn.figure(i) for i in sections[section.name]]
        context = {"section": section, "contents": contents, "figures": figures}
        yield Page(f"sections/{section.name}.html", "section", context)
        for figure in figures:
            yield Page(
                f"figures/{figure['id']}.html",
                "figure_page",
                {"figure": figure, "section": section, "contents": contents},
            )


def _common(language: Language, pages: Sequence[Page]) -> dict[str, Any]:
    """What every page of a language knows."""
    wave, t, method = language.wave, language.t, language.method()
    paths = {page.path for page in pages}
    navigation = ("index", "municipalities/index", "release", "method", "reproduction")
    downloads = {
        "data/estimates.csv": t["data_estimates"],
        "data/estimates.xlsx": t["data_workbook"],
        "data/README.md": t["data_readme"],
        "data/reproduction.csv": t["data_reproduction"],
        "claims.json": t["data_claims"],
        "manifest.json": t["data_manifest"],
    }
    if "reproduction.html" not in paths:
        del downloads["data/reproduction.csv"]
    return {
        "lang": language.lang,
        "languages": wave.barometer.languages,
        "navigation": [
            (f"{name}.html", t[f"nav_{name.removesuffix('/index')}"])
            for name in navigation
            if f"{name}.html" in paths
        ],
        "t": t,
        "fmt": language.fmt,
        "barometer": {"title": wave.barometer.title[language.lang]},
        "wave": {
            "name": wave.name,
            "synthetic": bool(wave.synthetic),
            "synthetic_note": wave.synthetic.get(language.lang, ""),
            "invited": wave.sample.record.population,
            "answered": wave.sample.record.respondents,
            "fieldwork": t["method_fieldwork_text"].format(**method),
        },
        "downloads": downloads.items(),
        "footer": t["footer"],
    }


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
