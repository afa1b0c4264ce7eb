"""Frozen answers of a wave: WAVE/frozen/N, written when it was closed and never changed since."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from barograph.errors import BadInput
from barograph.files import read_text, sha256
from barograph.instrument.model import Instrument

FROZEN = "frozen"
RECORD = "freeze.json"
ANSWERS = "responses.parquet"
QUESTIONNAIRE = "questionnaire.json"


@dataclass(frozen=True)
class Frozen:
    """One frozen version: its folder, and the SHA-256 that its record tells of each file."""

    folder: Path
    files: Mapping[str, str]

    @classmethod
    def read(cls, folder: Path) -> Frozen:
        """The version in a folder; BadInput when its record is none."""
        path = folder / RECORD
        try:
            files = json.loads(read_text(path))["files"]
            if not all(isinstance(files[name], str) for name in (ANSWERS, QUESTIONNAIRE)):
                raise TypeError("files")
        except (KeyError, TypeError, ValueError) as error:
            raise BadInput(f"is no record of frozen answers ({error!r})", file=path) from None
        return cls(folder, files)

    def path(self, name: str) -> Path:
        """A file as it was frozen; BadInput when it was changed since."""
        path = self.folder / name
        if sha256(path) != self.files.get(name):
            raise BadInput(
                f"was changed since it was frozen: {RECORD} tells another hash",
                file=path,
                todo="Restore it from a backup, or reopen the wave and freeze it anew",
            )
        return path

    @cached_property
    def instrument(self) -> Instrument:
        """The questionnaire that was answered."""
        return Instrument.from_json(read_text(self.path(QUESTIONNAIRE)))


def versions(wave: Path) -> dict[int, Path]:
    """The frozen versions in the folder of a wave by number, the newest last."""
    found = {int(p.name): p for p in (wave / FROZEN).glob("*") if p.name.isdecimal()}
    return dict(sorted(found.items()))


def newest(wave: Path) -> Frozen | None:
    """The newest frozen version in the folder of a wave."""
    found = versions(wave)
    return Frozen.read(found[max(found)]) if found else None
