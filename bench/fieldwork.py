"""A season of fieldwork end to end: 589 invited, two rounds of reminders, 150 robots, freeze and edition.

A real server with its worker, a real mail server, the command line; tests/support/season.py plays it on
SQLite (DATABASE_URL: that database, which must be empty). `desk_ms` is the desk over the wire, the
median of seven. `--json`: the last line is JSON.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))

from season import play  # noqa: E402


def main() -> None:
    """Plays it and prints what was counted."""
    with tempfile.TemporaryDirectory(prefix="barograph-") as name:
        start = time.perf_counter()
        played = play(Path(name), os.environ.get("DATABASE_URL", ""))
        took = time.perf_counter() - start
    figures = played.figures()
    print(f"a season of fieldwork ({took:.0f} s):")
    for key, value in figures.items():
        print(f"  {key:<22} {value}")
    if "--json" in sys.argv:
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
