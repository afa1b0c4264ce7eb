"""The Frictionless Data Package: which files there are; of tables, what columns mean and refer to.

Tables are plain `tabular-data-resource`s; the package claims no profile of its own.
Source: Data Package specification, version 1, and Table Schema, version 1.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from barograph.publish.data.catalogue import Catalogue, format_of
from barograph.publish.data.tables import Table
from barograph.publish.data.terms import LICENCES


def descriptor(
    catalogue: Catalogue, tables: Sequence[Table], files: Mapping[str, bytes]
) -> dict[str, Any]:
    """datapackage.json for `files`, among them each table as NAME.csv."""
    terms, figures = catalogue.terms, catalogue.datasets[0]
    first = catalogue.languages[0]
    of_table = {f"{table.name}.csv": table for table in tables}
    title = {d.path: d.title[first] for s in catalogue.datasets for d in s.distributions}
    package: dict[str, Any] = {
        "name": catalogue.name,
        "title": figures.title[first],
        "description": figures.description[first],
        "version": catalogue.version,
        "keywords": list(catalogue.keywords[first]),
        "resources": [
            _table(of_table[path], path, content)
            if path in of_table
            # Without the type, frictionless reads a workbook as one table.
            else _file(path, content, title.get(path, path)) | {"type": "file"}
            for path, content in files.items()
        ],
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


def _table(table: Table, path: str, content: bytes) -> dict[str, Any]:
    return _file(path, content, table.description) | {
        "name": table.name,
        "profile": "tabular-data-resource",
        "encoding": "utf-8",
        "schema": _schema(table),
    }


def _file(path: str, content: bytes, title: str) -> dict[str, Any]:
    return {
        "name": path,
        "title": title,
        "path": path,
        "format": path.rpartition(".")[2],
        "mediatype": format_of(path)[0],
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
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
