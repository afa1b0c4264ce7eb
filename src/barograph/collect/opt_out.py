"""Whoever wants no more messages says so by one press, without signing in."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from barograph.accounts.keyed import keyed
from barograph.collect.models import Contact, Invitation, Message, OptOut


def signed(contact: Contact, email: str) -> str:
    """What names a contact at an address in a link and cannot be made up: its number and 128 bits."""
    seal = keyed("opt out", f"{contact.pk}:{email.casefold()}")[:16]
    return f"{contact.pk}-{urlsafe_b64encode(seal).rstrip(b'=').decode()}"


def link(contact: Contact) -> str:
    """The address of the page."""
    return f"{settings.ADDRESS}/a/o/{signed(contact, contact.email)}/"


def find(text: str) -> tuple[Contact, str] | None:
    """The contact and the address that a link names; None when the link was not made here.

    The address is the one that the letter went to, also when the contact has moved since.
    """
    number = text.partition("-")[0]
    known = number.isdecimal() and len(number) < 19
    contact = Contact.objects.filter(pk=int(number)).first() if known else None
    if contact is None:
        return None
    former = Invitation.objects.filter(unit__code=contact.code).values_list("email", flat=True)
    for email in (contact.email, *former.distinct()):
        if hmac.compare_digest(signed(contact, email).encode(), text.encode()):
            return contact, email
    return None


def opt_out(email: str) -> None:
    """From now on no round goes to this address, whichever municipality it stands for."""
    with transaction.atomic():
        same = Contact.objects.filter(email__iexact=email)
        same.filter(opted_out=None).update(opted_out=timezone.now())
        OptOut.objects.get_or_create(address=_seal(email))
        Message.objects.filter(
            invitation__contact__in=same, mailing__isnull=False, state=Message.State.QUEUED
        ).update(state=Message.State.CANCELLED, reply="opted out")


def said(emails: Iterable[str]) -> dict[str, datetime]:
    """Which of these addresses have said so, in small letters, and when; also where no contact is left."""
    sealed = {_seal(email): email.casefold() for email in emails}
    found = OptOut.objects.filter(address__in=sealed).values_list("address", "at")
    return {sealed[address]: at for address, at in found}


def _seal(email: str) -> str:
    return keyed("opted out", email.casefold()).hex()
