"""Decisions on findings: written once, the newest on a finding holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from barograph.accounts import log
from barograph.accounts.models import Account
from barograph.collect.models import Decision, Unit, Wave
from barograph.errors import BadInput

Verdict = Decision.Verdict
About = tuple[str, str, str]  # unit, check, key


@dataclass(frozen=True)
class Decided:
    """The decisions of a wave that hold, by what they are about."""

    of: Mapping[About, Decision]

    @classmethod
    def read(cls, wave: Wave) -> Decided:
        """Those of a wave."""
        found = Decision.objects.filter(unit__wave=wave).select_related("unit", "by").order_by("pk")
        return cls({(d.unit.code, d.check_name, d.key): d for d in found})

    def holding(self, last: Mapping[str, datetime]) -> Decided:
        """Those newer than the last act of their unit: what was saved or signed since is not judged."""
        return Decided(
            {
                about: d
                for about, d in self.of.items()
                if about[0] in last and d.at >= last[about[0]]
            }
        )

    def units(self, verdict: str) -> set[str]:
        """Units of which something was decided so."""
        return {about[0] for about, d in self.of.items() if d.verdict == verdict}

    def blanked(self, unit: str) -> set[str]:
        """Keys of the answers of a unit to leave out; the name of a battery stands for its rows."""
        return {
            key for (u, _, key), d in self.of.items() if u == unit and d.verdict == Verdict.BLANK
        }


def decide(
    wave: Wave,
    abouts: Iterable[About],
    verdict: str,
    reason: str,
    by: Account | None = None,
) -> list[Decision]:
    """Writes the same decision on each of these findings; BadInput without a reason, or once frozen."""
    if verdict not in Verdict.values:
        known = ", ".join(Verdict.values)
        raise BadInput(f"{verdict!r} is no decision", todo=f"Decide {known}")
    if not reason.strip():
        raise BadInput("a decision needs a reason")
    with transaction.atomic():
        held = Wave.objects.select_for_update().get(pk=wave.pk)
        if held.state in (Wave.State.FROZEN, Wave.State.PUBLISHED):
            raise BadInput(f"wave {wave.name} is frozen", todo="Reopen it: move it back to closed")
        units = {unit.code: unit for unit in Unit.objects.filter(wave=held)}
        made = []
        for code, check, key in abouts:
            decision = Decision.objects.create(
                unit=units[code],
                check_name=check,
                key=key,
                verdict=verdict,
                reason=reason.strip(),
                at=timezone.now(),
                by=by,
            )
            log.note(by, f"decided {verdict}", wave.name, code, check=check, key=key)
            made.append(decision)
    return made
