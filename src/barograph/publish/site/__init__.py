"""The pages of an edition in each language.

In: a wave, its estimates, its releases, what was published earlier. Out: name and content of files.
A page names its template and its own context; what all pages share is added here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from barograph.barometer import Wave
from barograph.estimate import Estimates
from barograph.publish import formats, texts
from barograph.publish.language import Language
from barograph.publish.release import Release
from barograph.publish.reproduction import Reproduced
from barograph.publish.site import downloads, earlier, evidence, findings, places
from barograph.publish.site.drawn import Drawn
from barograph.publish.site.page import Page

HERE = Path(__file__).parent.parent
WORDS = Path(__file__).with_name("words.toml")
STATIC = HERE / "static"
# tokens.css brings pico.css along.
SHEETS = ("tokens.css", "barograph.css", "charts.css")


def render(
    wave: Wave,
    estimated: Mapping[str, Estimates],
    releases: Mapping[str, Release],
    reproduced: Sequence[Reproduced],
    described: Callable[[str], dict[str, Any]],
) -> dict[str, bytes]:
    """Name and content of each page, what pages load, and the releases as Markdown.

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
    own = texts.load(WORDS, wave.barometer.languages)
    register = places.Register.of(wave)
    files = static()
    for lang in wave.barometer.languages:
        language = Language(wave, lang, words[lang] | own[lang])
        markdown = releases[lang].markdown()
        notice = f"> {wave.synthetic[lang]}\n\n" if wave.synthetic else ""
        files[f"{lang}/release.md"] = (notice + markdown).encode()
        drawn = Drawn(language, estimated)
        pages = [
            *findings.pages(drawn, releases[lang], described(lang)),
            Page("release.html", "release", {"body": releases[lang].html()}),
            evidence.page(language, releases[lang]),
            *places.pages(drawn, register),
            *earlier.pages(language, reproduced),
            *downloads.embedded(drawn),
        ]
        files |= {f"{lang}/{path}": content for path, content in downloads.files(drawn)}
        common = _common(language, pages)
        for page in pages:
            template = environment.get_template(f"{page.template}.html.j2")
            context = {**common, **page.place(), **page.context}
            files[f"{lang}/{page.path}"] = template.render(context).encode()
    files["index.html"] = _entry(wave, environment)
    return files


def static() -> dict[str, bytes]:
    """Styles, scripts, fonts and their licences, as pages load them."""
    return {
        f"static/{path.relative_to(STATIC).as_posix()}": path.read_bytes()
        for path in sorted(STATIC.rglob("*"))
        if path.is_file()
    }


def _common(language: Language, pages: Sequence[Page]) -> dict[str, Any]:
    """What every page of a language knows."""
    wave, t, method = language.wave, language.t, language.method()
    return {
        "lang": language.lang,
        "languages": wave.barometer.languages,
        "sheets": SHEETS,
        "address": "",
        "navigation": list(
            _links(t, pages, ("index", "municipalities/index", "release", "method"))
        ),
        "further": list(_links(t, pages, ("reproduction",))),
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
    context = {"entries": entries, "wave": {"name": wave.name}, "sheets": SHEETS}
    return environment.get_template("languages.html.j2").render(context).encode()
