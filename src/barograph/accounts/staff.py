"""Letting members of staff in and out."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from barograph.accounts import links, log
from barograph.accounts.models import Account
from barograph.accounts.roles import Role
from barograph.errors import BadInput

PRACTISING = "practice@localhost"  # no mailbox: let in by the link that a start prints


def add(email: str, role: str, by: Account | None = None) -> Account:
    """A member of staff, without a password until a one-time link was used to choose one.

    Somebody who was let out comes back, with what is given now.
    """
    email = email.strip().lower()
    if role not in Role.values:
        raise BadInput(f"{role!r} is no role", todo=f"Choose one of: {', '.join(Role.values)}")
    try:
        validate_email(email)
    except ValidationError:
        raise BadInput(f"{email!r} is no mail address") from None
    with transaction.atomic():
        account = Account.objects.filter(email=email).first() or Account(email=email)
        if account.is_active and account.pk:
            raise BadInput(f"{email} is a member of staff already, as {account.role}")
        account.role, account.is_active = role, True
        account.set_unusable_password()
        account.save()
        log.note(by, "staff added", subject=str(account.pk), role=role)
    return account


def practising() -> Account:
    """Whoever starts a server with a practice wave, as a researcher."""
    found = Account.objects.filter(email=PRACTISING, is_active=True).first()
    return found or add(PRACTISING, Role.RESEARCHER)


def member(email: str) -> Account:
    """Somebody who is let in; BadInput when nobody is."""
    found = Account.objects.filter(email=email.strip().lower(), is_active=True).first()
    if found is None:
        raise BadInput(f"{email} is no member of staff", todo="Let them in with: staff add")
    return found


def link(account: Account, by: Account | None = None) -> str:
    """A one-time link; it ends earlier ones, and what was chosen before once it is used."""
    log.note(by, "staff link made", subject=str(account.pk))
    return links.issue(account)


def remove(account: Account, by: Account | None = None) -> None:
    """Lets nobody in under this account, from the next page on; what it did stays on record."""
    with transaction.atomic():
        account.is_active = False
        account.set_unusable_password()
        account.save()
        account.links.filter(used=None).delete()
        log.note(by, "staff removed", subject=str(account.pk))
