"""docs/imports.md names all that is imported and refused, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

from barograph.instrument.imports.heads import FORMS, UNITS
from barograph.instrument.imports.mapping import REFUSED, TYPES

DOCS = (Path(__file__).parents[2] / "docs" / "imports.md").read_text(encoding="utf-8")


def test_every_type_is_documented() -> None:
    table, refused = DOCS.split("Refused, each by name: ")
    kinds = [line.split(" | ")[0] for line in table.splitlines() if line.startswith("| `")]
    named = set(re.findall(r"`(.|\\\|)`", " ".join(kinds)))
    assert {name.strip("\\") for name in named} == set(TYPES)
    listed = refused.split(";", 1)[0] + ";" + refused.split(";", 2)[1]
    assert all(f"`{kind}` {what}" in refused for kind, what in REFUSED.items()), listed


def test_every_origin_and_unit_is_documented() -> None:
    assert all(f"| `{form}`" in DOCS for form in FORMS)
    assert all(f"`{unit}`" in DOCS for unit in UNITS)
