"""The pages of an edition in each language.

In: a wave, its estimates and what else is printed, its releases, its data. Out: name and content of
files. A page names its template and its own context; what all pages share is added here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from barograph.barometer import Wave
from barograph.estimate import Estimates
from barograph.publish import formats, texts
from barograph.publish.data.terms import Terms
from barograph.publish.further import Further
from barograph.publish.language import Language, fact
from barograph.publish.open_data import OpenData
from barograph.publish.release import Release
from barograph.publish.site import (
    compare,
    downloads,
    earlier,
    evidence,
    explorer,
    findings,
    glossary,
    offered,
    places,
)
from barograph.publish.site.drawn import Drawn
from barograph.publish.site.headlines import headlines
from barograph.publish.site.page import Page
from barograph.publish.site.register import Register

HERE = Path(__file__).parent.parent
STATIC = HERE / "static"
# tokens.css brings pico.css along.
SHEETS = ("tokens.css", "barograph.css", "charts.css")
NAVIGATION = ("index", "municipalities/index", "compare", "explorer", "press", "method")
FOOTER = ("release", "claims", "data", "glossary", "reproduction")


def render(
    wave: Wave,
    estimated: Mapping[str, Estimates],
    releases: Mapping[str, Release],
    further: Further,
    data: OpenData,
    files: Mapping[str, bytes],
    done: Callable[[int, int], None],
) -> dict[str, bytes]:
    """Name and content of each page, what pages load, and the releases as Markdown.

    `files` are those of the edition so far, which pages offer; `done` hears how many pages of how
    many are written.
    """
    environment = _environment()
    words = texts.load(languages=wave.barometer.languages)
    register = Register.of(wave)
    rendered = static() | explorer.files()
    rendered["municipalities.json"] = places.search_index(register)
    every: list[tuple[Language, list[Page]]] = []
    for lang in wave.barometer.languages:
        language = Language(wave, lang, words[lang])
        markdown = releases[lang].markdown()
        notice = f"> {wave.synthetic[lang]}\n\n" if wave.synthetic else ""
        rendered[f"{lang}/release.md"] = (notice + markdown).encode()
        drawn = Drawn(language, estimated, headlines(releases[lang]))
        rendered |= {f"{lang}/{path}": content for path, content in downloads.files(drawn)}
        known = {**files, **rendered}
        described = Markup(findings.script(data.schema_org(lang)))
        pages = [
            *findings.pages(drawn, releases[lang], described),
            Page("release.html", "release", {"body": releases[lang].html()}),
            evidence.page(language, releases[lang]),
            *places.pages(drawn, register, data.catalogue.terms.microdata),
            *compare.pages(drawn, further),
            *explorer.pages(),
            *glossary.pages(language),
            *offered.pages(language, data, known, described),
            *earlier.pages(language, further),
            *downloads.embedded(drawn),
        ]
        every.append((language, pages))
    total, count = sum(len(pages) for _, pages in every), 0
    for language, mine in every:
        common = _common(language, mine, data.catalogue.terms)
        for page in mine:
            template = environment.get_template(f"{page.template}.html.j2")
            context = {**common, **page.place(), **page.context}
            rendered[f"{language.lang}/{page.path}"] = template.render(context).encode()
            count += 1
            if count % 20 == 0 or count == total:
                done(count, total)
    return rendered | _entries(wave, environment, data.catalogue.terms, words)


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "fact": fact,
        "mark": lambda text, **values: Markup(escape(text)).format(**values),
    }
    return environment


def static() -> dict[str, bytes]:
    """Styles, scripts, fonts and their licences, as pages load them."""
    return {
        f"static/{path.relative_to(STATIC).as_posix()}": path.read_bytes()
        for path in sorted(STATIC.rglob("*"))
        if path.is_file()
    }


def _common(language: Language, pages: Sequence[Page], terms: Terms) -> dict[str, Any]:
    """What every page of a language knows."""
    wave, t, lang = language.wave, language.t, language.lang
    return {
        "lang": lang,
        "languages": wave.barometer.languages,
        "sheets": SHEETS,
        "address": f"{terms.base_url}/{wave.name}" if terms.base_url else "",
        "navigation": list(_links(t, pages, NAVIGATION)),
        "further": list(_links(t, pages, FOOTER)),
        "contents": findings.contents(language),
        "compare": any(page.path == "compare.html" for page in pages),
        "columns_of": {column: t[column] for column in places.NUMBERS},
        "t": t,
        "fmt": language.fmt,
        "barometer": {
            "title": wave.barometer.title[lang],
            "attribution": wave.barometer.attribution,
        },
        "wave": {
            "name": wave.name,
            "synthetic": bool(wave.synthetic),
            "synthetic_note": wave.synthetic.get(lang, ""),
            "invited": wave.sample.record.population,
            "answered": wave.sample.record.respondents,
        },
        "footer": t["footer"],
    }


def _links(
    t: Mapping[str, str], pages: Sequence[Page], names: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """Path and name of those of the named pages that exist."""
    paths = {page.path for page in pages}
    for name in names:
        if f"{name}.html" in paths:
            yield f"{name}.html", t[f"nav_{name.removesuffix('/index')}"]


def _entries(
    wave: Wave, environment: Environment, terms: Terms, words: Mapping[str, Mapping[str, str]]
) -> dict[str, bytes]:
    """The page that leads to the languages, and the one for addresses that lead nowhere."""
    entries = [
        {
            "code": lang,
            "language": formats.language_name(lang),
            "title": wave.barometer.title[lang],
            "synthetic": wave.synthetic.get(lang, ""),
            "missing": words[lang]["page_missing"],
        }
        for lang in wave.barometer.languages
    ]
    # A page for any address cannot know how deep it stands: its links begin at the host.
    top = f"{urlsplit(terms.base_url).path}/{wave.name}/" if terms.base_url else "/"
    context = {"entries": entries, "wave": {"name": wave.name}, "sheets": SHEETS, "top": top}
    names = {"index.html": "languages", "404.html": "missing"}
    return {
        name: environment.get_template(f"{template}.html.j2").render(context).encode()
        for name, template in names.items()
    }
