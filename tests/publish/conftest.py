"""The open data of the example under terms that publish single answers."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from barograph.barometer import Barometer, Wave
from barograph.publish import open_data
from barograph.publish.open_data import OpenData
from barograph.publish.reproduction import reproduce

TOP = """
licence = "CC-BY-4.0"
"""
TABLES = """
[operator]
name = "Institute"
url = "https://institute.example"
email = "barometer@institute.example"

[microdata]
consent = "r_publish"
codes = ["full"]
withhold = ["sec_background", "s_manager_dept"]
"""


def with_terms(folder: Path, top: str = TOP, tables: str = TABLES) -> Barometer:
    """The barometer in `folder`, its own terms replaced."""
    path = folder / "barometer.toml"
    kept, skip = [], False
    for line in path.read_text().splitlines():
        if line.startswith("["):
            skip = line.strip() in ("[operator]", "[microdata]")
        if not skip and not line.startswith(("licence", "base_url")):
            kept.append(line)
    path.write_text("\n".join([top, *kept, tables]))
    return Barometer.open(folder)


def built(wave: Wave) -> OpenData:
    """The open data of a wave, with all its figures."""
    estimates = {n: wave.estimates(i) for n, i in wave.barometer.indicators.items()}
    return open_data.build(wave, estimates, reproduce(wave))


@pytest.fixture(scope="session")
def open_wave(wave: Wave, tmp_path_factory: pytest.TempPathFactory) -> Wave:
    """The wave of 2017 with operator, licence and rules for single answers."""
    folder = shutil.copytree(wave.barometer.folder, tmp_path_factory.mktemp("open") / "barometer")
    return with_terms(folder).wave("2017")


@pytest.fixture(scope="session")
def published(open_wave: Wave) -> OpenData:
    """Its open data."""
    return built(open_wave)


@pytest.fixture
def folder(published: OpenData, tmp_path: Path) -> Path:
    """Its data files, to read or to damage."""
    (tmp_path / "data").mkdir()
    for name, content in published.files.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path / "data"
