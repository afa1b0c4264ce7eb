"""The send plan: a round is noted with its day and stratum, and may be taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from barograph.accounts.log import note
from barograph.accounts.models import Account
from barograph.collect.models import Mailing, Message, Wave
from barograph.collect.rounds.letters import Letters, closes
from barograph.errors import BadInput

ROUNDS = 9
FASTEST = 6000  # messages a minute
FURTHEST = timedelta(days=730)
OVER = (Wave.State.CLOSED, Wave.State.FROZEN, Wave.State.PUBLISHED)


def plan(
    wave: Wave,
    kind: str,
    number: int,
    stratum: Mapping[str, Sequence[str]],
    due: datetime,
    per_minute: int,
    account: Account | None,
) -> Mailing:
    """Notes a round; BadInput for what cannot be one, and for letters that are not in order."""
    made = checked(wave, kind, number, stratum, due, per_minute)
    with transaction.atomic():
        made.by = account
        made.save()
        note(account, "round planned", wave.name, f"{kind} {number}", due=due.isoformat())
    return made


def checked(
    wave: Wave,
    kind: str,
    number: int,
    stratum: Mapping[str, Sequence[str]],
    due: datetime,
    per_minute: int,
) -> Mailing:
    """The round, not yet noted; BadInput when it cannot be one."""
    if kind not in Mailing.Kind.values:
        raise BadInput(f"{kind!r} is no kind of round", todo="Kinds are invitation and reminder")
    if not 1 <= number <= (1 if kind == Mailing.Kind.INVITATION else ROUNDS):
        raise BadInput(
            f"there is no {kind} number {number}",
            todo=f"The invitation is number 1, reminders go from 1 to {ROUNDS}",
        )
    if not 1 <= per_minute <= FASTEST:
        raise BadInput(f"{per_minute} messages a minute", todo=f"Take 1 to {FASTEST}")
    if abs(due - timezone.now()) > FURTHEST:
        raise BadInput(f"{due:%Y-%m-%d} is too far away", todo="Take a day within two years")
    if wave.state in OVER:
        raise BadInput(f"wave {wave.name} is {wave.state}: nobody is written to any more")
    _check_stratum(wave, stratum)
    closes(wave)
    Letters.of(wave)
    return Mailing(
        wave=wave,
        kind=kind,
        number=number,
        stratum={name: sorted(values) for name, values in sorted(stratum.items())},
        due=due,
        per_minute=per_minute,
    )


def domains(wave: Wave) -> dict[str, list[str]]:
    """The values that the units have in each domain."""
    found: dict[str, set[str]] = {}
    for values in wave.units.values_list("domains", flat=True):
        for name, value in values.items():
            found.setdefault(name, set()).add(value)
    return {name: sorted(values) for name, values in sorted(found.items())}


def _check_stratum(wave: Wave, stratum: Mapping[str, Sequence[str]]) -> None:
    known = domains(wave) if stratum else {}
    for name, values in stratum.items():
        if name not in known:
            raise BadInput(f"there is no domain {name!r}", todo=f"Domains are {', '.join(known)}")
        for value in values:
            if value not in known[name]:
                todo = f"Values are {', '.join(known[name])}"
                raise BadInput(f"no municipality has {name} {value!r}", todo=todo)


def stratum_of(texts: Sequence[str]) -> dict[str, list[str]]:
    """From "region=flanders,brussels" and the like."""
    found: dict[str, list[str]] = {}
    for text in texts:
        name, equals, values = text.partition("=")
        if not (equals and name.strip() and values.strip()):
            raise BadInput(f"{text!r} names no stratum", todo="Write it as region=flanders")
        found.setdefault(name.strip(), []).extend(v.strip() for v in values.split(",") if v.strip())
    return found


def moment(text: str) -> datetime:
    """A day and hour in the time zone of the installation, unless it says its own."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadInput(f"{text!r} is no time", todo="Write it as 2026-12-01T09:00") from None
    return found if found.tzinfo else found.replace(tzinfo=timezone.get_default_timezone())


def cancel(mailing: Mailing, account: Account | None) -> int:
    """Takes a round back, and with it the messages that have not gone out; how many those were."""
    with transaction.atomic():
        Mailing.objects.filter(pk=mailing.pk).update(state=Mailing.State.CANCELLED)
        stopped = mailing.messages.filter(state=Message.State.QUEUED).update(
            state=Message.State.CANCELLED, reply="round cancelled"
        )
        note(account, "round cancelled", mailing.wave.name, f"{mailing.kind} {mailing.number}")
    return stopped
