"""Run in a child process: prints the cases of a .sav as JSON texts. It imports nothing of barograph.

A value that the file declares missing is "", but in the columns that stdin names (a JSON list).
"""

from __future__ import annotations

import datetime
import json
import math
import sys
from decimal import Decimal
from typing import Any


def text(value: Any) -> str:
    """A value as a text file would have it: no labels, whole numbers without decimals."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float):
        whole = value.is_integer() and abs(value) < 1e15
        return str(int(value)) if whole else format(Decimal(repr(value)), "f")
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


def main() -> None:
    """Prints {"heads": [...], "rows": [[...]]}, or {"error": "..."}."""
    import pyreadstat

    try:
        path, kept = sys.argv[1], json.load(sys.stdin)
        columns, _ = pyreadstat.read_sav(path, output_format="dict")
        if names := [name for name in kept if name in columns]:
            columns |= pyreadstat.read_sav(
                path, usecols=names, user_missing=True, output_format="dict"
            )[0]
        cells = [[text(value) for value in column] for column in columns.values()]
        result: dict[str, Any] = {"heads": list(columns), "rows": list(zip(*cells, strict=True))}
    except MemoryError:
        raise
    except Exception as error:
        result = {"error": f"is no readable .sav: {error}"}
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
