"""Text, number and truth in one another's place, as ODK reads them (XPath 1.0 with dates as days)."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

EPOCH = date(1970, 1, 1)
FIRST, LAST = (date.min - EPOCH).days, (date.max - EPOCH).days  # of Python's calendar
FAR = 700_000  # days; a date beyond is none
_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:T(\d\d):(\d\d)(?::(\d\d(?:\.\d+)?))?(Z|[+-]\d\d:\d\d)?)?"
)


class Moment(float):
    """Days since 1970-01-01 that read as a date when whole, else as date and time (UTC)."""

    def __str__(self) -> str:
        if self.is_integer():
            return (EPOCH + timedelta(days=int(self))).isoformat()
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=float(self))
        return moment.isoformat(timespec="milliseconds")


def days(text: str) -> Moment | None:
    """An ISO date, or date and time, as days since 1970-01-01; None when it is neither."""
    found = _MOMENT.fullmatch(text)
    if not found:
        return None
    try:
        whole = (date.fromisoformat(found[1]) - EPOCH).days
    except ValueError:
        return None
    hours, minutes, seconds = (float(found[i] or 0) for i in (2, 3, 4))
    if hours > 23 or minutes > 59 or seconds >= 60:
        return None
    zone = found[5]
    offset = 0.0
    if zone and zone != "Z":
        offset = (int(zone[1:3]) * 60 + int(zone[4:])) * (1 if zone[0] == "+" else -1)
    moment = Moment(whole + (hours * 60 + minutes - offset) / 1440 + seconds / 86400)
    return moment if FIRST <= moment <= LAST else None


def number(value: Any) -> float:
    """A value as number: dates count days, and what is no number is NaN."""
    if isinstance(value, float):
        return value
    if isinstance(value, bool):
        return float(value)
    text = value.strip()
    if _NUMBER.fullmatch(text):
        return float(text)
    return math.nan if len(text) < 10 or (found := days(text)) is None else float(found)


def string(value: Any) -> str:
    """A value as text: whole numbers without decimals, truth as true or false."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Moment):
        return str(value)
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")


def boolean(value: Any) -> bool:
    """A value as truth: text that is there, a number that is neither zero nor NaN."""
    if isinstance(value, float):
        return value != 0 and not math.isnan(value)
    return bool(value)


def as_date(value: Any) -> float | str:
    """ODK's date(): from days or ISO text, months and days without leading zero too; else NaN."""
    if isinstance(value, bool) or value == "":
        return ""
    if isinstance(value, float):
        return Moment(value) if math.isfinite(value) and abs(value) <= FAR else math.nan
    if found := _DAY.match(value):
        value = f"{found[1]}-{found[2]:0>2}-{found[3]:0>2}{value[found.end() :]}"
    moment = days(value)
    return math.nan if moment is None else moment
