"""The compiled questionnaire: variables, their choices, and when each is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Literal

from barograph.errors import BadInput

DONT_KNOW = "dk"
Kind = Literal["one", "multiple", "rank", "number", "text"]
Labels = Mapping[str, str]


@dataclass(frozen=True)
class Choice:
    """A code that never changes, and its text per language."""

    code: str
    label: Labels

    def short(self, lang: str) -> str:
        """The part of the label before ":" or "(": what a chart has room for."""
        return re.split(r"\s*[:(]\s*", self.label[lang], maxsplit=1)[0]


@dataclass(frozen=True)
class Variable:
    """One answerable question. `relevant` holds its own and its groups' conditions, all needed."""

    name: str
    kind: Kind
    label: Labels
    choices: tuple[Choice, ...]
    section: str
    battery: str
    relevant: tuple[str, ...]

    @cached_property
    def by_code(self) -> Mapping[str, Choice]:
        """Choices by code."""
        return {choice.code: choice for choice in self.choices}


@dataclass(frozen=True)
class Instrument:
    """An immutable version of the questionnaire; `version` is the hash of its content."""

    languages: tuple[str, ...]
    variables: Mapping[str, Variable]
    groups: Mapping[str, Labels]
    version: str

    def variable(self, name: str) -> Variable:
        """The variable of that name; BadInput names near ones."""
        if name in self.variables:
            return self.variables[name]
        near = get_close_matches(name, [*self.variables, *self.groups], n=3)
        todo = f"Did you mean {' or '.join(near)}?" if near else ""
        raise BadInput(f"no question is called {name!r}", todo=todo)

    def battery(self, name: str) -> tuple[Variable, ...]:
        """The rows of a battery, in order."""
        return tuple(v for v in self.variables.values() if v.battery == name)

    def wording(self, name: str) -> Labels:
        """The question as asked: of a battery, the sentence above its rows."""
        return self.groups[name] if name in self.groups else self.variable(name).label
