"""The only module that knows pyxform. It runs as a process of its own, which `sandbox` limits.

    python -I conversion.py read FILE      workbook -> JSON {sheet: {"heads": [...], "rows": [{...}]}}
    python -I conversion.py convert        JSON of sheets on stdin -> JSON {"xform", "warnings"}

What the user can mend is told as JSON {"error": "..."}. It imports nothing of barograph, and hides
numpy from openpyxl, which would load it for nothing.
"""

from __future__ import annotations

import json
import sys
from typing import Any

sys.modules["numpy"] = None  # type: ignore[assignment]
KNOWN = ("survey", "choices", "settings", "external_choices", "entities", "osm")


def read(path: str) -> dict[str, Any]:
    """The sheets of a workbook as pyxform reads them: texts by heading, empty rows kept."""
    from pyxform.xls2json_backends import xls_to_dict, xlsx_to_dict

    book: Any = (xls_to_dict if path.lower().endswith(".xls") else xlsx_to_dict)(path)
    return {
        name: {
            "heads": list((book.get(f"{name}_header") or [{}])[0]),
            "rows": [{k: v for k, v in row.items() if v is not None} for row in book[name]],
        }
        for name in KNOWN
        if name in book
    }


def convert(sheets: dict[str, Any]) -> dict[str, Any]:
    """The sheets as ODK XForm."""
    from pyxform.xls2xform import convert as to_xform

    result = to_xform(sheets, form_name="data", validate=False)
    return {"xform": result.xform, "warnings": result.warnings}


def main() -> None:
    """Reads what is asked of it, prints one JSON text."""
    try:
        result = read(sys.argv[2]) if sys.argv[1] == "read" else convert(json.load(sys.stdin))
    except MemoryError:
        raise
    except Exception as error:  # pyxform raises bare TypeErrors and others for a faulty form
        from pyxform.errors import PyXFormError

        if isinstance(error, PyXFormError):
            result = {"error": str(error)}
        elif sys.argv[1] == "read":  # what the readers of workbooks say of broken XML helps nobody
            todo = "Open it in a spreadsheet program and save it as a new workbook"
            result = {"error": f"is broken inside and cannot be read. {todo}"}
        else:
            result = {"error": f"{type(error).__name__}: {error}"}
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
