"""The wave of the database as the barometer's folder describes it, read once per process."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from barograph.barometer import Barometer
from barograph.barometer import Wave as Described
from barograph.collect.models import Wave
from barograph.collect.questionnaire import questionnaire
from barograph.collect.waves import PRACTICE

READ = (
    "barometer.toml",
    "indicators.toml",
    "frame/*.csv",
    "questionnaire/*",
    "*/wave.toml",
    "*/responses.csv",
    "*/frozen",
)
Stamps = tuple[tuple[str, int], ...]


def described(wave: Wave) -> Described:
    """Its frame, weighting and indicators; read anew when a file of the folder has changed."""
    folder = settings.BAROMETER
    assert folder is not None  # there is no wave without
    files = sorted(path for pattern in READ for path in folder.glob(pattern))
    stamps = tuple((str(path), path.stat().st_mtime_ns) for path in files)
    name = wave.name.removeprefix(f"{PRACTICE}-") if wave.practice else wave.name
    return _read(folder, name, wave.form_id, stamps)


def afresh(wave: Wave) -> Described:
    """As the folder says now, its questionnaire too, which is compiled."""
    assert settings.BAROMETER is not None
    return Barometer.open(settings.BAROMETER).wave(wave.name)


@lru_cache(maxsize=4)
def _read(folder: Path, name: str, form: str, stamps: Stamps) -> Described:
    barometer = Barometer.open(folder)
    # The questionnaire is the one in the field; compiling that of the folder takes seconds.
    vars(barometer)["instrument"] = questionnaire(form).instrument
    return barometer.wave(name)
