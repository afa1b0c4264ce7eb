"""The coordinator of a municipality says who they are and where to write to from now on."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from barograph.accounts import log
from barograph.collect import invitations, mail, opt_out
from barograph.collect.access import Visit
from barograph.collect.contacts.importing import retained_until
from barograph.collect.models import Contact, Invitation, Role
from barograph.collect.rounds.reach import COORDINATORS

MOST = 10  # addresses of one municipality in a wave


def contact_of(visit: Visit) -> Contact:
    """The contact behind an invitation; not in the database yet when there is none."""
    found = visit.invitation.contact
    return found or Contact(
        code=visit.unit.code,
        email=visit.invitation.email,
        languages=visit.invitation.language,
    )


def by_function(contact: Contact) -> bool:
    """Whether the function is what chooses this contact for the rounds: then it is not the contact's to change."""
    return contact.function.strip().casefold() in COORDINATORS


def change(visit: Visit, name: str, function: str, email: str) -> Invitation | None:
    """Keeps name and function. Another address gets an invitation of its own and ends this one.

    The address left is told. None when the municipality has moved too often, or is not verified.
    """
    old = visit.invitation
    if not (visit.coordinates and visit.verified) or visit.entered_by:
        return None
    with transaction.atomic():
        coordinators = Invitation.objects.filter(unit=visit.unit, role=Role.COORDINATOR)
        if len(coordinators.select_for_update()) >= MOST:
            return None
        contact = contact_of(visit)
        contact.name = name[:200]
        contact.function = contact.function if by_function(contact) else function[:100]
        moves = email.casefold() != old.email.casefold()
        if moves:
            contact = _moved(contact, email)
        if contact._state.adding:
            assert settings.BAROMETER is not None  # there is no interview without
            contact.retain_until = retained_until(settings.BAROMETER)
        contact.save()
        log.note(None, "contact changed by respondent", visit.wave.name, visit.unit.code)
        if not moves:
            old.contact = contact
            old.save(update_fields=["contact"])
            return old
        # First the old link ends and leaves the contact: one contact has one link, and what was done
        # under the old one stays its own.
        invitations.revoke(old)
        old.contact = None
        old.save(update_fields=["contact"])
        there = coordinators.filter(email__iexact=email, revoked=None, account=None)
        new = there.order_by(F("contact").asc(nulls_last=True)).first() or invitations.invite(
            visit.unit, email, old.language, by=old, contact=contact
        )
        if new.contact is None:  # else the next round would make a second link
            new.contact = contact
            new.save(update_fields=["contact"])
        Invitation.objects.filter(invited_by=old).exclude(pk=new.pk).update(invited_by=new)
        _tell(visit, old, new)
    return new


def _moved(contact: Contact, email: str) -> Contact:
    """The contact at the new address; one who is known there already takes over."""
    known = Contact.objects.filter(code=contact.code, email__iexact=email)
    other = known.exclude(pk=contact.pk).first()
    if other is None:
        contact.email, contact.bounced = email, None
        contact.opted_out = opt_out.said([email]).get(email.casefold())
        return contact
    if not contact._state.adding:
        Contact.objects.filter(pk=contact.pk).update(opted_out=timezone.now())
    keeps = other.function and not by_function(contact)
    other.name, other.function = contact.name, other.function if keeps else contact.function
    other.bounced = None
    return other


def _tell(visit: Visit, old: Invitation, new: Invitation) -> None:
    slots = {"title": visit.wave.title[old.language], "municipality": visit.unit.name}
    mail.post(f"{visit.wave.name}:moved_here:{new.pk}", "moved_here", new, **slots)
    mail.post(f"{visit.wave.name}:moved_away:{old.pk}", "moved_away", old, **slots)
