"""Whom a round meets now, and why it passes the others by."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from django.db.models import Q

from barograph.collect.models import (
    FAILED,
    Call,
    Contact,
    Mailing,
    Message,
    Response,
    Status,
    Unit,
    Wave,
)

# The function, in the words of a list of contacts, of who answers for the municipality.
COORDINATORS = frozenset(
    ("coordinator", "coördinator", "coordinateur", "coordinatrice", "koordinator", "koordinatorin")
)

# The round may be planned anew: its message never went out, or failed where the address is not to blame.
NEVER_CAME = Q(state=Message.State.CANCELLED, uncertain=False) | Q(state__in=FAILED)
# Who has a link: invited by a round, or by the coordinator who moved here.
INVITED = Q(kind=Mailing.Kind.INVITATION, state=Message.State.SENT) | Q(kind="moved_here")


@dataclass
class Reach:
    """The units and contacts of a round, and how many units are left out for which reason."""

    addressees: list[tuple[Unit, Contact]] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


def key(mailing: Mailing, contact: Contact) -> str:
    """Names a message of a round: the same for every stratum, so that nobody gets a round twice."""
    return f"{mailing.wave.name}:{contact.code}:{contact.pk}:{mailing.kind}:{mailing.number}"


def reach(mailing: Mailing) -> Reach:
    """Read now; a release reads it again."""
    wave, found = mailing.wave, Reach()
    contacts: dict[str, list[Contact]] = defaultdict(list)
    for contact in Contact.objects.order_by("pk"):
        contacts[contact.code].append(contact)
    statuses = dict(Response.objects.filter(unit__wave=wave).values_list("unit", "status"))
    refused = set(
        Call.objects.filter(unit__wave=wave, outcome=Call.Outcome.REFUSED).values_list(
            "unit", flat=True
        )
    )
    there = set(
        Message.objects.filter(key__startswith=f"{wave.name}:")
        .exclude(NEVER_CAME)
        .values_list("key", flat=True)
    )
    invited = set(
        Message.objects.filter(INVITED, invitation__unit__wave=wave).values_list(
            "invitation__contact", flat=True
        )
    )
    reminds = mailing.kind == Mailing.Kind.REMINDER
    for unit in wave.units.order_by("code"):
        if not all(unit.domains.get(name) in values for name, values in mailing.stratum.items()):
            continue
        reason = _passed_by(mailing, statuses.get(unit.pk, Status.INVITED), unit.pk in refused)
        known = contacts[unit.code]
        chosen = _chosen([c for c in known if not reminds or c.pk in invited])
        if not reason and not chosen:
            reason = "not_invited" if _chosen(known) else _why_none(known)
        if not reason:
            chosen = [
                c
                for c in chosen
                if key(mailing, c) not in there and (reminds or c.pk not in invited)
            ]
            reason = "" if chosen else "already"
        if reason:
            found.left_out[reason] += 1
        found.addressees += [(unit, contact) for contact in chosen if not reason]
    return found


def _passed_by(mailing: Mailing, status: str, refused: bool) -> str:
    if status == Status.SIGNED:
        return "answered"
    if refused:
        return "refused"
    # While a wave closes, only who has begun may finish.
    if mailing.wave.state == Wave.State.CLOSING and status == Status.INVITED:
        return "not_begun"
    return ""


def _chosen(contacts: list[Contact]) -> list[Contact]:
    """The coordinators among those who can be written to, else the first of them."""
    open_ = [c for c in contacts if c.opted_out is None and c.bounced is None]
    return [c for c in open_ if c.function.strip().casefold() in COORDINATORS] or open_[:1]


def _why_none(contacts: list[Contact]) -> str:
    if not contacts:
        return "no_contact"
    return "opted_out" if any(c.opted_out for c in contacts) else "bounced"
