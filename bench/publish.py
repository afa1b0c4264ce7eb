"""How long an edition takes, beside the floor of writing its bytes.

Prints seconds for the whole edition of 2017, milliseconds a page, and the ratio to compiling the
questionnaire and writing the same files with nothing computed. `--json`: the last line is JSON.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import barograph as bg
from barograph.publish import publish

EXAMPLE = Path(__file__).parent.parent / "examples" / "smart-city-belgium"
RUNS = 5


def edition_seconds(out: Path) -> float:
    """One edition from opened folder to last byte."""
    start = time.perf_counter()
    publish(bg.open(EXAMPLE).wave("2017"), out)
    return time.perf_counter() - start


def floor_seconds(edition: Path, out: Path) -> float:
    """Compiling the questionnaire with pyxform and copying the bytes of the edition."""
    start = time.perf_counter()
    assert bg.open(EXAMPLE).instrument.variables
    shutil.copytree(edition, out)
    return time.perf_counter() - start


def main() -> None:
    """Runs both in turn and prints medians."""
    with tempfile.TemporaryDirectory() as folder:
        edition = Path(folder) / "edition"
        publish(bg.open(EXAMPLE).wave("2017"), edition)  # imports and disk cache
        pairs = [
            (edition_seconds(edition), floor_seconds(edition, Path(folder) / f"floor{run}"))
            for run in range(RUNS)
        ]
        pages = len(list(edition.rglob("*.html")))
        largest = max(p.stat().st_size for p in edition.rglob("*.html"))
    seconds, floor = (median(column) for column in zip(*pairs, strict=True))
    figures = {
        "edition_seconds": round(seconds, 3),
        "floor_seconds": round(floor, 3),
        "ratio_floor": round(seconds / floor, 1),
        "ms_per_page": round(1000 * seconds / pages, 1),
        "largest_page_kb": round(largest / 1000, 1),
    }
    print(f"edition of 2017, {pages} pages, median of {RUNS}:")
    for name, value in figures.items():
        print(f"  {name:<16} {value}")
    if "--json" in sys.argv:
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
