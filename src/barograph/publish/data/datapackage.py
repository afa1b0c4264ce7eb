"""The Frictionless Data Package: which tables there are, what their columns mean and refer to.

Resources are plain `tabular-data-resource`s; the package claims no profile of its own.
Source: Data Package specification, version 1, and Table Schema, version 1.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from barograph.publish.data.catalogue import Catalogue
from barograph.publish.data.tables import Table
from barograph.publish.data.terms import LICENCES


def descriptor(
    catalogue: Catalogue, tables: Sequence[Table], files: Mapping[str, bytes]
) -> dict[str, Any]:
    """datapackage.json for tables that stand in `files` as NAME.csv."""
    terms, figures = catalogue.terms, catalogue.datasets[0]
    first = catalogue.languages[0]
    package: dict[str, Any] = {
        "name": catalogue.name,
        "title": figures.title[first],
        "description": figures.description[first],
        "version": catalogue.version,
        "keywords": list(catalogue.keywords[first]),
        "resources": [_resource(table, files[f"{table.name}.csv"]) for table in tables],
    }
    if terms.licence:
        package["licenses"] = [{"name": terms.licence, "path": LICENCES[terms.licence][0]}]
    if terms.operator:
        contributor = {"title": terms.operator.name, "role": "publisher"}
        optional = {"path": terms.operator.url, "email": terms.operator.email}
        package["contributors"] = [contributor | {k: v for k, v in optional.items() if v}]
    if catalogue.sources:
        package["sources"] = [{"title": catalogue.sources}]
    return package


def _resource(table: Table, content: bytes) -> dict[str, Any]:
    return {
        "name": table.name,
        "title": table.description,
        "path": f"{table.name}.csv",
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "schema": _schema(table),
    }


def _schema(table: Table) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "fields": [
            {"name": f.name, "type": f.type, "description": f.description}
            | ({"constraints": dict(f.constraints)} if f.constraints else {})
            for f in table.fields
        ],
        "missingValues": [""],
    }
    if table.key:
        schema["primaryKey"] = list(table.key)
    if table.refers:
        schema["foreignKeys"] = [
            {"fields": list(own), "reference": {"resource": other, "fields": list(own)}}
            for own, other in table.refers.items()
        ]
    return schema
