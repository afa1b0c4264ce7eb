"""Run as a program: opens the wave of a barometer, gives each municipality a contact, plans rounds.

The invitation is due, twice in strata that overlap; the reminders, likewise, wait as cancelled until a
test sets them to planned. FOLDER, STATE and DATABASE_URL say where.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from barograph.web.server import configure


def main() -> None:
    """Once, before any round is planned."""
    folder = Path(os.environ["FOLDER"])
    configure(folder, None, Path(os.environ["STATE"]))
    from django.utils import timezone

    import barograph as bg
    from barograph.collect import waves
    from barograph.collect.models import Contact, Mailing, Wave
    from barograph.collect.rounds.plan import plan

    wave = waves.prepare(waves.latest(bg.open(folder)))
    today = timezone.now().date()
    wave.state, wave.closes = Wave.State.OPEN, today + timedelta(days=30)
    wave.save()
    for code in wave.units.values_list("code", flat=True):
        address = f"clerk@{code.lower()}.example"
        Contact.objects.create(code=code, email=address, languages="en", retain_until=today)
    for kind, number in (("invitation", 1), ("reminder", 1)):
        for stratum in ({}, {"region": ["north"]}):
            plan(wave, kind, number, stratum, timezone.now(), 6000, None)
    Mailing.objects.filter(kind="reminder").update(state=Mailing.State.CANCELLED)


main()
