"""Domains and their values in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from barograph.barometer import Wave as Described


def said(texts: Mapping[str, str], lang: str) -> str:
    """A text of the barometer; in its first language where it does not speak that of the desk."""
    return texts.get(lang) or next(iter(texts.values()))


def domain_label(described: Described, name: str, lang: str, w: Mapping[str, str]) -> str:
    """A domain, or the classes of size."""
    domain = described.barometer.domains.get(name)
    return said(domain.label, lang) if domain else w["size"]


def value_label(
    described: Described, name: str, value: str, lang: str, w: Mapping[str, str]
) -> str:
    """A value of a domain, or a class of size; the value itself where the folder no longer has it."""
    domain = described.barometer.domains.get(name)
    if domain is None:
        return w.get(f"size_{value}", value)
    return said(domain.labels[value], lang) if value in domain.labels else value
