"""One page of a language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Page:
    """`path` within the folder of the language; the template adds what all pages share."""

    path: str
    template: str
    context: Mapping[str, Any]

    def place(self) -> dict[str, str]:
        """Where the page stands: its path, and the way back to its language and to the edition."""
        home = "../" * self.path.count("/")
        return {"page": self.path, "home": home, "root": f"{home}../"}
