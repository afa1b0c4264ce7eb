"""Barograph: from the answers of municipalities to a published barometer.

>>> import barograph as bg
>>> wave = bg.open("examples/smart-city-belgium").wave("2017")   # doctest: +SKIP
>>> wave.share("p_relevance", top=2, by="region")                # doctest: +SKIP
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from barograph.barometer import Barometer

__version__ = "0.1.0"
__all__ = ["open"]


def open(folder: Path | str) -> Barometer:
    """The barometer in a folder; BadInput tells which file is missing or broken."""
    from barograph.barometer import Barometer  # numpy loads only when figures are wanted

    return Barometer.open(Path(folder))
