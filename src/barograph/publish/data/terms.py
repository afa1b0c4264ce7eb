"""On whose behalf and under which terms the data are published: optional keys of barometer.toml.

licence = "CC-BY-4.0"
base_url = "https://example.org/barometer"      # where editions stand; without it all links are relative
identifiers = ["r_email"]                       # questions that name a person: no export has them unasked
[operator]                                      # name, and if wanted url and email
[microdata]                                     # without it no single answers are published
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from barograph.barometer import Barometer
from barograph.errors import BadInput
from barograph.files import need, read_record, read_toml, texts

# SPDX identifier: address of the deed, concept of the licence authority of the EU.
LICENCES = {
    "CC-BY-4.0": ("https://creativecommons.org/licenses/by/4.0/", "CC_BY_4_0"),
    "CC0-1.0": ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0"),
    "CC-BY-SA-4.0": ("https://creativecommons.org/licenses/by-sa/4.0/", "CC_BYSA_4_0"),
}


@dataclass(frozen=True)
class Operator:
    """Who publishes the barometer and answers questions about it."""

    name: str
    url: str = ""
    email: str = ""


@dataclass(frozen=True)
class Microdata:
    """What the public file of single answers may hold.

    Only units that gave one of `codes` to the question `consent`. `withhold` names questions,
    batteries or sections that stay out.
    """

    name: str
    consent: str
    codes: tuple[str, ...]
    withhold: tuple[str, ...] = ()


@dataclass(frozen=True)
class Terms:
    """What barometer.toml says about publishing data; empty where it says nothing."""

    operator: Operator | None = None
    licence: str = ""
    base_url: str = ""
    microdata: Microdata | None = None
    identifiers: tuple[str, ...] = ()

    @classmethod
    def of(cls, barometer: Barometer) -> Terms:
        """Reads and checks the keys; BadInput tells which one cannot be."""
        path = barometer.folder / "barometer.toml"
        settings = read_toml(path)
        licence = _text(path, settings, "licence")
        if licence and licence not in LICENCES:
            known = ", ".join(LICENCES)
            raise BadInput(f"unknown licence {licence!r}", file=path, todo=f"Known are {known}")
        base_url = _text(path, settings, "base_url")
        if base_url and not base_url.startswith(("https://", "http://")):
            raise BadInput(f"base_url {base_url!r} is no web address", file=path)
        return cls(
            _operator(path, settings.get("operator")),
            licence,
            base_url.rstrip("/"),
            _microdata(path, barometer, settings.get("microdata")),
            _questions(path, barometer, "identifiers", settings.get("identifiers", [])),
        )


def _operator(path: Path, table: object) -> Operator | None:
    if table is None:
        return None
    if not isinstance(table, dict):
        raise BadInput("'operator' is no table", file=path)
    known = [f.name for f in fields(Operator)]
    if unknown := [key for key in table if key not in known]:
        raise BadInput(f"operator: {unknown[0]!r} is no setting here", file=path)
    need(path, table, "name")
    return Operator(**{key: _text(path, table, key) for key in table})


def _microdata(path: Path, barometer: Barometer, table: object) -> Microdata | None:
    if table is None:
        return None
    microdata = read_record(path, Microdata, "microdata", table)
    instrument = barometer.instrument
    question = instrument.variable(microdata.consent)
    if unknown := [code for code in microdata.codes if code not in question.by_code]:
        raise BadInput(f"microdata: {microdata.consent} has no code {unknown[0]!r}", file=path)
    _questions(path, barometer, "microdata", [*microdata.withhold])
    return microdata


def _questions(path: Path, barometer: Barometer, key: str, names: object) -> tuple[str, ...]:
    """Names of questions, batteries or sections that there are."""
    instrument = barometer.instrument
    for name in (found := texts(path, key, names)):
        if name not in instrument.variables and name not in instrument.groups:
            raise BadInput(f"{key}: no question or section is {name!r}", file=path)
    return found


def _text(path: Path, table: Mapping[str, Any], key: str) -> str:
    value = table.get(key, "")
    if not isinstance(value, str):
        raise BadInput(f"{key} is no text", file=path, todo="Write it in quotes")
    return value
