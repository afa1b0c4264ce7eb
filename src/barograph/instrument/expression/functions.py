"""The functions an expression may call: those of ODK that need no device and no chance.

Arguments come as text, numbers and truth already converted where `SIGNATURES` says so; functions
that look at nodes (count, sum, position, ...) are compiled in `compiling`.
Source: ODK XForms specification, XPath functions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Literal

import re2

from barograph.errors import BadInput
from barograph.instrument.expression.values import as_date, days

PATTERN_MEMORY = 1 << 20  # bytes an automaton may take
TEXT = 100_000  # characters a result may have
Result = Literal["text", "number", "truth", "any"]


@lru_cache(maxsize=512)
def pattern(source: str) -> Any:
    """A regular expression in linear time; BadInput when it is none or too large."""
    options = re2.Options()
    options.max_mem = PATTERN_MEMORY
    options.log_errors = False
    try:
        return re2.compile(source, options)
    except re2.error as error:
        shown = error.args[0].decode() if isinstance(error.args[0], bytes) else error
        raise BadInput(
            f"{source[:60]!r} is no regular expression that runs in linear time: {shown}",
            todo="Leave out look-around and back references",
        ) from None


def bounded(text: str) -> str:
    """The text; BadInput when it is longer than any answer."""
    if len(text) > TEXT:
        raise BadInput(f"an expression makes a text longer than {TEXT} characters")
    return text


def _whole(value: float) -> int:
    return int(value) if math.isfinite(value) else 0


def _round(value: float, digits: float = 0.0) -> float:
    """Half away from zero, as ODK does; XPath would round half up."""
    if not math.isfinite(value) or math.isnan(digits):
        return value if not math.isnan(digits) else math.nan
    factor = 10.0 ** max(min(digits, 300.0), -300.0)
    shifted = abs(value) * factor
    if not math.isfinite(shifted):
        return value
    return math.copysign(math.floor(shifted + 0.5) / factor, value) if value else value


def _power(base: float, exponent: float) -> float:
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return math.inf
    except ValueError:
        return math.inf if base == 0 else math.nan


def _truncated(value: float) -> float:
    return float(math.trunc(value)) if math.isfinite(value) else value


def _substr(text: str, start: float, end: float | None = None) -> str:
    length = len(text)
    first, last = (
        min(max(i + length if i < 0 else i, 0), length)
        for i in (_whole(start), length if end is None else _whole(end))
    )
    return text[first:last]


def _substring(text: str, start: float, length: float | None = None) -> str:
    first = math.floor(start + 0.5) if math.isfinite(start) else 0
    if length is None:
        return text[max(first - 1, 0) :]
    if not math.isfinite(length):
        return text[max(first - 1, 0) :] if length > 0 else ""
    return text[max(first - 1, 0) : max(first - 1 + math.floor(length + 0.5), 0)]


def _selected_at(answer: str, index: float) -> str:
    codes, i = answer.split(), _whole(index)
    return codes[i] if 0 <= i < len(codes) else ""


_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_DAYS = "Mon Tue Wed Thu Fri Sat Sun".split()


def _format_date(text: str, form: str, clock: bool = False) -> str:
    from datetime import UTC, datetime, timedelta

    moment = days(text)
    if moment is None:
        return ""
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=round(float(moment) * 86400, 3))
    parts = {
        "%Y": f"{at.year:04}",
        "%y": f"{at.year % 100:02}",
        "%m": f"{at.month:02}",
        "%n": str(at.month),
        "%b": _MONTHS[at.month - 1],
        "%d": f"{at.day:02}",
        "%e": str(at.day),
        "%a": _DAYS[at.weekday()],
    }
    if clock:
        parts |= {"%H": f"{at.hour:02}", "%h": str(at.hour), "%M": f"{at.minute:02}"}
        parts |= {"%S": f"{at.second:02}", "%3": f"{at.microsecond // 1000:03}"}
    for sign, value in parts.items():
        form = form.replace(sign, value)
    return form


def _date_time(value: Any) -> float:
    moment = as_date(value)
    return math.nan if isinstance(moment, str) else float(moment)


def _normal(text: str) -> str:
    return " ".join(text.split())


def _translate(text: str, source: str, target: str) -> str:
    table: dict[int, str | None] = {}
    for i, sign in enumerate(source):
        table.setdefault(ord(sign), target[i] if i < len(target) else None)
    return text.translate(table)


def _logarithm(value: float, of: Callable[[float], float]) -> float:
    return of(value) if value > 0 else -math.inf if value == 0 else math.nan


# Name: (kinds of the arguments, result, function). t text, n number, b truth, a as it is;
# what follows "?" may be left out.
SIGNATURES: Mapping[str, tuple[str, Result, Callable[..., Any]]] = {
    "true": ("", "truth", lambda: True),
    "false": ("", "truth", lambda: False),
    "not": ("b", "truth", lambda value: not value),
    "boolean": ("b", "truth", lambda value: value),
    "boolean-from-string": ("t", "truth", lambda text: text in ("1", "true")),
    "selected": ("tt", "truth", lambda answer, code: code.strip() in answer.split()),
    "selected-at": ("tn", "text", _selected_at),
    "count-selected": ("t", "number", lambda answer: float(len(answer.split()))),
    "regex": ("tt", "truth", lambda text, source: bool(pattern(source).search(text))),
    "contains": ("tt", "truth", lambda text, part: part in text),
    "starts-with": ("tt", "truth", lambda text, part: text.startswith(part)),
    "ends-with": ("tt", "truth", lambda text, part: text.endswith(part)),
    "string": ("?t", "text", lambda text: text),
    "string-length": ("?t", "number", lambda text: float(len(text))),
    "normalize-space": ("?t", "text", _normal),
    "substr": ("tn?n", "text", _substr),
    "substring": ("tn?n", "text", _substring),
    "substring-before": (
        "tt",
        "text",
        lambda text, part: text.partition(part)[0] if part and part in text else "",
    ),
    "substring-after": (
        "tt",
        "text",
        lambda text, part: text.partition(part)[2] if part else text,
    ),
    "translate": ("ttt", "text", _translate),
    "coalesce": ("tt", "text", lambda first, second: first or second),
    "number": ("?n", "number", lambda value: value),
    "int": ("n", "number", _truncated),
    "round": ("n?n", "number", _round),
    "floor": ("n", "number", lambda x: float(math.floor(x)) if math.isfinite(x) else x),
    "ceiling": ("n", "number", lambda x: float(math.ceil(x)) if math.isfinite(x) else x),
    "abs": ("n", "number", abs),
    "pow": ("nn", "number", _power),
    "sqrt": ("n", "number", lambda x: math.sqrt(x) if x >= 0 else math.nan),
    "exp": ("n", "number", lambda x: _power(math.e, x)),
    "exp10": ("n", "number", lambda x: _power(10.0, x)),
    "log": ("n", "number", lambda x: _logarithm(x, math.log)),
    "log10": ("n", "number", lambda x: _logarithm(x, math.log10)),
    "pi": ("", "number", lambda: math.pi),
    "date": ("a", "any", as_date),
    "date-time": ("a", "any", as_date),
    "decimal-date-time": ("a", "number", _date_time),
    "format-date": ("tt", "text", _format_date),
    "format-date-time": ("tt", "text", lambda text, form: _format_date(text, form, clock=True)),
}

# What looks at nodes or at the moment, by the least and the most arguments (None: any number).
SPECIAL: Mapping[str, tuple[int, int | None]] = {
    "if": (3, 3),
    "once": (1, 1),
    "today": (0, 0),
    "now": (0, 0),
    "concat": (0, None),
    "join": (1, None),
    "count": (1, 1),
    "count-non-empty": (1, 1),
    "sum": (1, 1),
    "min": (1, None),
    "max": (1, None),
    "position": (0, 1),
    "last": (0, 0),
    "current": (0, 0),
    "instance": (1, 1),
    "indexed-repeat": (3, 7),
    "choice-name": (2, 2),
    "pulldata": (4, 4),
    "checklist": (3, None),
    "weighted-checklist": (4, None),
}


def _arity(kinds: str) -> tuple[int, int]:
    needed, _, optional = kinds.partition("?")
    return len(needed), len(needed) + len(optional)


ARITIES: Mapping[str, tuple[int, int | None]] = {
    **SPECIAL,
    **{name: _arity(kinds) for name, (kinds, _, _) in SIGNATURES.items()},
}
