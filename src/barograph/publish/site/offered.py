"""What readers may take away: the press page and the page of the data files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from barograph.publish.data.catalogue import Catalogue
from barograph.publish.data.terms import LICENCES
from barograph.publish.language import Language
from barograph.publish.open_data import OpenData
from barograph.publish.site.page import Page

# In the order of the page, each with the key of its description in words.toml.
FILES = {
    "data/estimates.csv": "file_estimates",
    "data/estimates.xlsx": "file_workbook",
    "data/estimates.{lang}.json": "file_cube",
    "data/indicators.csv": "file_lists",
    "data/categories.csv": "file_lists",
    "data/domains.csv": "file_lists",
    "data/reproduction.csv": "file_reproduction",
    "data/answers.{lang}.sav": "file_sav",
    "data/answers.parquet": "file_parquet",
    "data/datapackage.json": "file_datapackage",
    "data/catalogue.jsonld": "file_catalogue",
    "data/codebook.xml": "file_codebook",
    "data/README.md": "file_readme",
    "data/further.csv": "file_further",
    "data/facts.json": "file_facts",
    "claims.json": "file_claims",
    "manifest.json": "file_manifest",
}


def pages(
    language: Language, data: OpenData, files: Mapping[str, bytes], described: Any
) -> Iterator[Page]:
    """The two pages; `files` are those of the edition so far, for names and sizes."""
    entry, lang = data.catalogue, language.lang
    shared = {
        "citation": citation(language, entry),
        "licence": (entry.terms.licence, LICENCES.get(entry.terms.licence, ("", ""))[0]),
        "operator": entry.terms.operator,
    }
    listed = [
        (
            name,
            language.t[FILES[pattern]],
            _size(language, files.get(name)),
            name.rsplit(".", 1)[-1],
        )
        for pattern, name in _listed(language, data)
    ]
    example = "2017.relevance.p_relevance.share.region=flanders"
    yield Page(
        "data.html",
        "data",
        {**shared, "files": listed, "described": described, "example": _example(data, example)},
    )
    releases = [
        f"{lang}/release.html",
        f"release.{lang}.pdf",
        f"release.{lang}.docx",
        f"{lang}/release.md",
        f"report.{lang}.pdf",
    ]
    pictures = sorted(n for n in files if n.startswith(f"{lang}/") and n.endswith(".png"))
    yield Page(
        "press.html",
        "press",
        {
            **shared,
            "releases": [n for n in releases if n in files or n.endswith(".html")],
            "pictures": pictures,
            "embargo": language.wave.embargo,
        },
    )


def citation(language: Language, entry: Catalogue) -> str:
    """How to cite the edition: publisher, year of closing, title, wave, address."""
    operator = entry.terms.operator
    return language.t["citation"].format(
        publisher=operator.name if operator else "Barograph",
        year=entry.closed.year,
        title=entry.title[language.lang],
        wave=language.wave.name,
        address=f" {entry.terms.base_url}/{entry.version}/" if entry.terms.base_url else "",
    )


def _example(data: OpenData, preferred: str) -> str:
    """An estimate_id to explain ids by: a familiar one where it exists, else the first."""
    lines = data.files["data/estimates.csv"].decode().splitlines()[1:]
    ids = [line.split(",", 1)[0] for line in lines]
    return preferred if preferred in ids else ids[0]


def _listed(language: Language, data: OpenData) -> list[tuple[str, str]]:
    """Pattern and path of all data files but those in other languages, and of what proves them."""
    others = {f".{lang}." for lang in language.wave.barometer.languages} - {f".{language.lang}."}
    pattern = {
        name.replace(f".{language.lang}.", ".{lang}."): name
        for name in (*data.files, "claims.json", "manifest.json")
        if not any(other in name for other in others)
    }
    return sorted(pattern.items(), key=lambda pair: [*FILES].index(pair[0]))


def _size(language: Language, content: bytes | None) -> str:
    """Whole kilobytes, at least one; nothing for a file that is still to come."""
    if content is None:
        return ""
    return f"{language.fmt.number(max(len(content) / 1000, 1))} kB"
