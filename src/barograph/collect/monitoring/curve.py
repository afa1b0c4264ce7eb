"""The curve of response: how many had signed so many days after the opening, wave beside wave."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate

from django.db.models import Max, Min
from django.utils import timezone

from barograph.barometer import Wave as Described
from barograph.collect.models import Signature, Status, Transition, Wave
from barograph.collect.monitoring.standing import Standing
from barograph.errors import BadInput
from barograph.files import numbered_records
from barograph.instrument.frozen import newest

logger = logging.getLogger(__name__)
LONGEST = 400  # days that are drawn
DAYS = "days.csv"  # of a wave that was frozen: day, signed


@dataclass(frozen=True)
class Curve:
    """`signed` in all on each day from the opening (0) on, of `units`."""

    name: str
    opened: date
    signed: tuple[int, ...]
    units: int

    @property
    def rates(self) -> list[float]:
        """Part of the units, day by day."""
        return [count / self.units for count in self.signed]


def opened(wave: Wave) -> date | None:
    """The day a wave was opened: by a person, else as announced, else when somebody was invited first."""
    moved = Transition.objects.filter(wave=wave, after=Wave.State.OPEN).aggregate(Min("at"))
    if moved["at__min"]:
        return _day(moved["at__min"])
    if wave.opens:
        return wave.opens
    invited = wave.units.aggregate(first=Min("invitations__created"))["first"]
    return _day(invited) if invited else None


def _day(moment: datetime) -> date:
    return timezone.localdate(moment)


def of_standing(stand: Standing) -> Curve | None:
    """Of the wave in hand, up to today or to its last signature; None before it opens."""
    first = opened(stand.wave)
    if first is None:
        return None
    days = [timezone.localdate(unit.signed) for unit in stand.units if unit.signed]
    running = stand.wave.state in (Wave.State.TESTING, Wave.State.OPEN, Wave.State.CLOSING)
    last = timezone.localdate() if running else max(days, default=first)
    return _curve(stand.wave.name, first, Counter(days), len(stand.units), last)


def earlier(stand: Standing) -> list[Curve]:
    """Of the waves before it, the oldest first: from this database, else as they were frozen."""
    own = stand.described
    names = [name for name in own.barometer.waves if name < own.name]
    in_hand = {w.name: w for w in Wave.objects.filter(name__in=names, practice=False)}
    found = []
    for name in names:
        curve = _of_database(in_hand[name]) if name in in_hand else None
        try:
            curve = curve or _of_folder(own.barometer.wave(name))
        except BadInput as fault:  # a wave of long ago does not stop this one's desk
            logger.warning("the curve of an earlier wave is left out: %s", fault)
        found += [curve] if curve else []
    return found


def _of_database(wave: Wave) -> Curve | None:
    signed = Signature.objects.filter(
        response__unit__wave=wave, response__status=Status.SIGNED, status=Status.SIGNED
    )
    moments = signed.values_list("response").annotate(at=Max("at")).values_list("at", flat=True)
    days = Counter(map(timezone.localdate, moments))
    first = opened(wave)
    if not days or first is None:
        return None
    return _curve(wave.name, first, days, wave.units.count(), max(days))


def _of_folder(wave: Described) -> Curve | None:
    found = newest(wave.folder)
    if found is None:
        return None
    file = found.path(DAYS)
    days: Counter[date] = Counter()
    for row, record in numbered_records(file, ("day", "signed")):
        try:
            days[date.fromisoformat(record["day"])] += int(record["signed"])
        except ValueError:
            raise BadInput("day and signed are a date and a number", file=file, row=row) from None
    return _curve(wave.name, wave.opened, days, len(wave.frame), max(days, default=wave.opened))


def _curve(name: str, first: date, signed: Mapping[date, int], units: int, last: date) -> Curve:
    """Whoever signed before the opening counts on its day."""
    length = min(max((last - first).days, 0), LONGEST) + 1
    by_day = [0] * length
    for day, count in signed.items():
        by_day[min(max((day - first).days, 0), length - 1)] += count
    return Curve(name, first, tuple(accumulate(by_day)), units)
