"""The questionnaire of a wave, read from the database once per process."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

from barograph.collect.models import Form
from barograph.instrument import Group, Instrument, Logic, Question


@dataclass(frozen=True)
class Questionnaire:
    """A compiled instrument with its logic; immutable, so that all requests share it."""

    instrument: Instrument
    logic: Logic

    @cached_property
    def sections(self) -> dict[str, Group]:
        """The pages, by name, in order."""
        return {section.name: section for section in self.instrument.sections}

    @cached_property
    def section_of(self) -> dict[str, str]:
        """Section of each question and group, by name."""
        return {
            name: section.name for section in self.sections.values() for name in _names(section)
        }

    def section_of_key(self, key: str) -> str:
        """Section of an answer: "name", or "name[2]" in a repeat. Empty when there is none."""
        return self.section_of.get(key.split("[")[0], "")


def _names(node: Group | Question) -> list[str]:
    if isinstance(node, Question):
        return [node.name]
    return [node.name, *(name for child in node.children for name in _names(child))]


def store(instrument: Instrument) -> Form:
    """The row of a compiled questionnaire; the same content is the same row."""
    form, _ = Form.objects.get_or_create(
        version=instrument.version,
        defaults={"content": instrument.to_json(), "xform": instrument.xform},
    )
    return form


@lru_cache(maxsize=8)
def questionnaire(version: str) -> Questionnaire:
    """By the version that a response is pinned to."""
    instrument = Instrument.from_json(Form.objects.get(pk=version).content)
    return Questionnaire(instrument, Logic(instrument))
