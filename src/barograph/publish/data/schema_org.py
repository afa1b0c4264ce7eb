"""The catalogue entry as schema.org Dataset, for search engines: to be embedded in a page."""

from __future__ import annotations

from barograph.publish.data.catalogue import Catalogue, Dataset, Distribution, Node
from barograph.publish.data.terms import LICENCES


def schema_org(catalogue: Catalogue, lang: str, data: str) -> Node:
    """The entry as schema.org, for a page in `lang`; `data` leads from the page to the data."""
    return {
        "@context": "https://schema.org/",
        "@graph": [_schema_dataset(catalogue, d, lang, data) for d in catalogue.datasets],
    }


def _schema_dataset(catalogue: Catalogue, dataset: Dataset, lang: str, data: str) -> Node:
    terms, place = catalogue.terms, catalogue.address or data
    operator = terms.operator
    name = operator.name if operator else catalogue.title[lang]
    publisher = {"@type": "Organization", "name": name}
    if operator and operator.url:
        publisher["url"] = operator.url
    node: Node = {
        "@type": "Dataset",
        "name": dataset.title[lang],
        "description": dataset.description[lang],
        "identifier": f"{catalogue.name}-{dataset.key}",
        "inLanguage": lang,
        "version": catalogue.version,
        "temporalCoverage": f"{catalogue.opened}/{catalogue.closed}",
        "keywords": list(catalogue.keywords[lang]),
        "isAccessibleForFree": True,
        "creator": publisher,
        "publisher": publisher,
        "distribution": [
            _schema_download(d, place) for d in dataset.distributions if d.language in ("", lang)
        ],
    }
    if terms.licence:
        node["license"] = LICENCES[terms.licence][0]
    return node


def _schema_download(d: Distribution, place: str) -> Node:
    return {
        "@type": "DataDownload",
        "name": d.format[2],
        "contentUrl": place + d.path,
        "encodingFormat": d.format[0],
        "contentSize": f"{d.size} B",
        "sha256": d.sha256,
    }
