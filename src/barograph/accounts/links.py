"""One-time links for staff: 128 random bits, of which only the hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from barograph.accounts.models import Account, StaffLink

AT_START = timedelta(minutes=10)  # printed when a server starts
ENROLMENT = timedelta(hours=24)


def issue(account: Account, valid: timedelta = ENROLMENT) -> str:
    """The address that lets a member of staff in once; earlier links of the same person end."""
    token = secrets.token_urlsafe(16)
    now = timezone.now()
    account.links.filter(used=None).delete()
    StaffLink.objects.create(account=account, digest=_digest(token), expires=now + valid)
    return f"{settings.ADDRESS}/a/staff/link/{token}/"


def find(token: str) -> StaffLink | None:
    """The link, while it can be used; None alike for unknown, expired and used."""
    return (
        StaffLink.objects.select_related("account")
        .filter(
            digest=_digest(token),
            used=None,
            expires__gt=timezone.now(),
            account__is_active=True,
        )
        .first()
    )


def use(link: StaffLink) -> bool:
    """Whether this was the first use: of two at once, one gets in."""
    return bool(StaffLink.objects.filter(pk=link.pk, used=None).update(used=timezone.now()))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
