"""The catalogue entry of an edition, and its form for data portals: DCAT-AP 3.0.1.

Addresses are relative to the file that holds the entry, unless barometer.toml names a `base_url`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from barograph.indicators import Labels
from barograph.publish.data.terms import LICENCES, Terms

IANA = "https://www.iana.org/assignments/media-types/"
EU = "http://publications.europa.eu/resource/authority/"
LANGUAGES = {"nl": "NLD", "fr": "FRA", "de": "DEU", "en": "ENG"}  # of the authority table
THEME = ("GOVE", "Government and public sector")
# Ending, or a file of its own kind: media type, code in the authority table of file types, name for
# readers.
FORMATS = {
    "csv": ("text/csv", "CSV", "CSV"),
    "xlsx": (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "XLSX",
        "Excel",
    ),
    "json": ("application/json", "JSON", "JSON-stat"),
    "parquet": ("application/vnd.apache.parquet", "PARQUET", "Parquet"),
    "sav": ("application/octet-stream", "", "SPSS"),  # neither table knows the format
    "xml": ("application/xml", "XML", "DDI Codebook"),
    "facts.json": ("application/json", "JSON", "JSON"),
}
CONTEXT = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
Node = dict[str, Any]


@dataclass(frozen=True)
class Distribution:
    """One file: its path beside the entry, the language of its labels ("" for all), its content."""

    path: str
    title: Labels
    size: int
    sha256: str
    language: str = ""

    @classmethod
    def of(cls, path: str, content: bytes, title: Labels, language: str = "") -> Distribution:
        """The file as it stands."""
        return cls(path, title, len(content), hashlib.sha256(content).hexdigest(), language)

    @property
    def format(self) -> tuple[str, str, str]:
        """Media type, authority code and name, by the ending of the path."""
        return format_of(self.path)


def format_of(path: str) -> tuple[str, str, str]:
    """Media type, authority code and name of a file."""
    return FORMATS.get(path) or FORMATS[path.rpartition(".")[2]]


@dataclass(frozen=True)
class Dataset:
    """The same data in several files, and the documents that explain them."""

    key: str
    title: Labels
    description: Labels
    distributions: tuple[Distribution, ...]
    documents: tuple[str, ...] = ()


@dataclass(frozen=True)
class Catalogue:
    """What an edition offers, on whose behalf, of which period. `title` is that of the barometer."""

    name: str
    title: Labels
    languages: tuple[str, ...]
    terms: Terms
    version: str
    opened: date
    closed: date
    keywords: Mapping[str, tuple[str, ...]]
    sources: str
    datasets: tuple[Dataset, ...]

    @property
    def address(self) -> str:
        """Where the folder of the data stands; "" when that is not known."""
        return f"{self.terms.base_url}/{self.version}/data/" if self.terms.base_url else ""


def dcat_ap(catalogue: Catalogue, here: str) -> Node:
    """The entry as DCAT-AP 3.0.1 in JSON-LD, to stand as `here` among the files it names.

    Concepts of the EU carry their label, because validators do not fetch them.
    """
    base = {"@base": catalogue.address + here} if catalogue.address else {}
    common = {
        "dct:publisher": _publisher(catalogue),
        "dct:language": [
            {"@id": f"{EU}language/{LANGUAGES[lang]}", "@type": "dct:LinguisticSystem"}
            for lang in catalogue.languages
            if lang in LANGUAGES
        ],
        "dct:temporal": {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": _typed(catalogue.opened.isoformat(), "date"),
            "dcat:endDate": _typed(catalogue.closed.isoformat(), "date"),
        },
    }
    first = catalogue.datasets[0]
    return {
        "@context": base | CONTEXT,
        "@id": "#catalogue",
        "@type": "dcat:Catalog",
        "dct:title": _texts(catalogue.title),
        "dct:description": _texts(first.description),
        **common,
        **_licence(catalogue.terms),
        "dcat:dataset": [_dataset(catalogue, d) | common for d in catalogue.datasets],
    }


def _dataset(catalogue: Catalogue, dataset: Dataset) -> Node:
    node: Node = {
        "@id": f"#{dataset.key}",
        "@type": "dcat:Dataset",
        "dct:identifier": f"{catalogue.name}-{dataset.key}",
        "dct:title": _texts(dataset.title),
        "dct:description": _texts(dataset.description),
        "dcat:version": catalogue.version,
        "dcat:keyword": [
            {"@language": lang, "@value": word}
            for lang, words in catalogue.keywords.items()
            for word in words
        ],
        "dcat:theme": _concept(f"{EU}data-theme/{THEME[0]}", THEME[1]),
        "dct:accessRights": {"@id": f"{EU}access-right/PUBLIC", "@type": "dct:RightsStatement"},
        "foaf:page": [{"@id": path, "@type": "foaf:Document"} for path in dataset.documents],
        "dcat:distribution": [_distribution(catalogue.terms, d) for d in dataset.distributions],
    }
    if contact := _contact(catalogue.terms):
        node["dcat:contactPoint"] = contact
    return node


def _distribution(terms: Terms, d: Distribution) -> Node:
    media, code, _ = d.format
    node: Node = {
        "@id": f"#{d.path}",
        "@type": "dcat:Distribution",
        "dct:title": _texts(d.title),
        "dcat:accessURL": {"@id": d.path, "@type": "rdfs:Resource"},
        "dcat:downloadURL": {"@id": d.path},
        "dcat:mediaType": {"@id": IANA + media, "@type": "dct:MediaType"},
        "dcat:byteSize": _typed(str(d.size), "nonNegativeInteger"),
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {
                "@id": "spdx:checksumAlgorithm_sha256",
                "@type": "spdx:ChecksumAlgorithm",
            },
            "spdx:checksumValue": _typed(d.sha256, "hexBinary"),
        },
        **_licence(terms),
    }
    if code:
        node["dct:format"] = {"@id": f"{EU}file-type/{code}", "@type": "dct:MediaTypeOrExtent"}
    if d.language in LANGUAGES:
        language = f"{EU}language/{LANGUAGES[d.language]}"
        node["dct:language"] = {"@id": language, "@type": "dct:LinguisticSystem"}
    return node


def _publisher(catalogue: Catalogue) -> Node:
    """The operator, or the barometer itself where none is named."""
    operator = catalogue.terms.operator
    if operator is None:
        return {"@id": "#publisher", "@type": "foaf:Agent", "foaf:name": _texts(catalogue.title)}
    node: Node = {"@id": "#publisher", "@type": "foaf:Agent", "foaf:name": operator.name}
    if operator.url:
        node["foaf:homepage"] = {"@id": operator.url, "@type": "foaf:Document"}
    return node


def _contact(terms: Terms) -> Node | None:
    operator = terms.operator
    if operator is None or not (operator.email or operator.url):
        return None
    node: Node = {"@type": "vcard:Kind", "vcard:fn": operator.name}
    if operator.email:
        node["vcard:hasEmail"] = {"@id": f"mailto:{operator.email}"}
    if operator.url:
        node["vcard:hasURL"] = {"@id": operator.url}
    return node


def _licence(terms: Terms) -> Node:
    if not terms.licence:
        return {}
    concept = f"{EU}licence/{LICENCES[terms.licence][1]}"
    return {"dct:license": {"@id": concept, "@type": "dct:LicenseDocument"}}


def _concept(address: str, label: str) -> Node:
    return {
        "@id": address,
        "@type": "skos:Concept",
        "skos:prefLabel": {"@language": "en", "@value": label},
    }


def _texts(labels: Labels) -> list[Node]:
    return [{"@language": lang, "@value": text} for lang, text in labels.items()]


def _typed(value: str, kind: str) -> Node:
    return {"@type": f"xsd:{kind}", "@value": value}


def named(paths: Sequence[tuple[str, bytes]], title: Labels) -> tuple[Distribution, ...]:
    """Files of one dataset, each titled after it and its format; NAME.LANG.ending is in a language."""
    found = []
    for path, content in paths:
        parts = path.split(".")
        language = parts[-2] if len(parts) > 2 else ""
        kind = format_of(path)[2]
        labels = {lang: f"{text} ({kind}, {path})" for lang, text in title.items()}
        found.append(Distribution.of(path, content, labels, language))
    return tuple(found)
