"""The folder of a new barometer: a complete small one, to be replaced file by file."""

from __future__ import annotations

import shutil
from pathlib import Path

from barograph.errors import BadInput

TEMPLATE = Path(__file__).parent / "barometer"


def create(folder: Path) -> None:
    """Copies the starter to a folder that does not exist or is empty."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput("already holds something", file=folder, todo="Name a new folder")
    shutil.copytree(TEMPLATE, folder, dirs_exist_ok=True)
