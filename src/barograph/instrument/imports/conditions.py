"""The conditions table of old LimeSurvey files as ExpressionScript."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from barograph.errors import BadInput
from barograph.instrument.imports.script import quoted
from barograph.instrument.source import shown

_METHODS = frozenset({"==", "!=", "<", "<=", ">", ">="})


def expression(rows: Sequence[Mapping[str, str]]) -> str:
    """The conditions on one question: any scenario; in it, all questions; of each, any value.

    BadInput for a method or value outside the subset.
    """
    scenarios: dict[str, dict[str, list[str]]] = {}
    for row in rows:
        field = row.get("cfieldname", "").lstrip("+")
        of_field = scenarios.setdefault(row.get("scenario", "1"), {}).setdefault(field, [])
        of_field.append(_compared(field, row.get("method", "").strip(), row.get("value", "")))
    return " or ".join(
        "(" + " and ".join(f"({' or '.join(parts)})" for parts in fields.values()) + ")"
        for fields in scenarios.values()
    )


def _compared(field: str, method: str, value: str) -> str:
    if method not in _METHODS or value.startswith(("@", "{")):
        raise BadInput(f"the condition '{shown(method + ' ' + value)}'")
    try:
        number = method not in ("==", "!=") and float(value) >= 0
    except ValueError:
        number = False
    return f"{field}.NAOK {method} {value.strip() if number else quoted(value.strip())}"
