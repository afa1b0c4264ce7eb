"""Letting members of staff in and out."""

from __future__ import annotations

from barograph.accounts.models import Account
from barograph.accounts.roles import Role

PRACTISING = "practice@localhost"  # no mailbox: let in by the link that a start prints


def add(email: str, role: str) -> Account:
    """A member of staff, without a password until a one-time link was used to choose one."""
    account = Account(email=email, role=role)
    account.set_unusable_password()
    account.save()
    return account


def practising() -> Account:
    """Whoever starts a server with a practice wave, as a researcher."""
    return Account.objects.filter(email=PRACTISING).first() or add(PRACTISING, Role.RESEARCHER)
