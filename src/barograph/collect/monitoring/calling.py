"""Whom to ask next: the order of the core, without those who are not to be asked now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from barograph.collect.models import Call
from barograph.collect.monitoring.standing import Municipality, Standing
from barograph.weight.fieldwork import Asked

PROMISE = timedelta(days=7)  # so long a promise is waited for
REST = timedelta(days=2)  # between two calls


@dataclass(frozen=True)
class Next:
    """A municipality and why it is next."""

    unit: Municipality
    asked: Asked


def next_ones(stand: Standing, most: int | None = None) -> list[Next]:
    """The open units in order; those that refused, promised lately or were called lately are left out."""
    found = [Next(stand.units[a.row], a) for a in stand.fieldwork.order()]
    return [each for each in found if not rests(each.unit)][:most]


def rests(unit: Municipality) -> bool:
    """Whether a municipality is not to be called now."""
    if not unit.calls:
        return False
    at, outcome = unit.calls[-1]
    if outcome == Call.Outcome.REFUSED:
        return True
    wait = PROMISE if outcome == Call.Outcome.PROMISED else REST
    return timezone.now() - at < wait
