"""Whether the clock can be believed. While it cannot, no round is released and nothing expires.

A wave's messages go out by the clock; one set forward by a day would send tomorrow's reminders today.
Within one run of the machine, the clock is held against the time since the start; across runs, against
the last time it was believed.
"""

from __future__ import annotations

import time
import uuid
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from barograph.accounts.log import note
from barograph.accounts.models import Account
from barograph.collect.models import Beat, Mailing

JUMP = timedelta(minutes=5)
NAME = "clock"
BOOT = Path("/proc/sys/kernel/random/boot_id")
_process = uuid.uuid4().hex  # where the machine does not name its runs


def ticks() -> float:
    """Seconds since the start of the machine, also those asleep; no clock setting moves them."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def boot() -> str:
    """The present run of the machine."""
    return BOOT.read_text("ascii").strip() if BOOT.exists() else _process


def check() -> str:
    """Notes that the clock is right, or says why it is not believed: "clock +1440 min", "gap ..."."""
    now, run = timezone.now(), boot()
    started = now - timedelta(seconds=ticks())
    with transaction.atomic():
        known, new = Beat.objects.select_for_update().get_or_create(
            name=NAME, defaults={"at": now, "boot": run, "started": started}
        )
        if new:
            return ""
        known.held = _doubt(known, now, run, started)
        if not known.held:
            known.at, known.boot, known.started = now, run, started
        known.save()
    return known.held


def _doubt(known: Beat, now: datetime, run: str, started: datetime) -> str:
    if known.boot == run and known.started is not None:
        return _jumped(started - known.started)
    if now < known.at - JUMP:
        return _jumped(now - known.at)
    missed = Mailing.objects.filter(state=Mailing.State.PLANNED, due__gt=known.at, due__lte=now)
    if now > known.at + JUMP and missed.exists():
        return f"gap {known.at:%Y-%m-%d %H:%M} UTC"
    return ""


def _jumped(by: timedelta) -> str:
    return f"clock {by.total_seconds() / 60:+.0f} min" if abs(by) > JUMP else ""


def held() -> str:
    """Why the clock is not believed; "" when it is."""
    return Beat.objects.filter(name=NAME).values_list("held", flat=True).first() or ""


def confirm(account: Account | None) -> None:
    """A person has looked: the clock is right as it is now."""
    with transaction.atomic():
        Beat.objects.filter(name=NAME).update(at=timezone.now(), boot="", started=None, held="")
        note(account, "clock confirmed")
