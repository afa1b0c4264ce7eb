"""Six digits by mail: proof, for ten minutes, that the mailbox of the invitation is at hand."""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from barograph.accounts.keyed import keyed
from barograph.collect.models import Code, Invitation

VALID = timedelta(minutes=10)  # ASVS 6.5.5
TRIES = 5
AN_HOUR = 5  # codes a person may ask for
CLOCK_SLACK = timedelta(minutes=5)


def digits(code: Code) -> str:
    """The code itself, from its nonce and the secret of the installation."""
    return f"{int.from_bytes(keyed('code', code.nonce)[:8], 'big') % 10**6:06d}"


def issue(invitation: Invitation) -> Code | None:
    """A new code, which ends those before it; None when too many were asked for."""
    now = timezone.now()
    with transaction.atomic():
        Invitation.objects.select_for_update().get(pk=invitation.pk)
        if invitation.codes.filter(created__gt=now - timedelta(hours=1)).count() >= AN_HOUR:
            return None
        invitation.codes.filter(used=None, expires__gt=now).update(expires=now)
        return Code.objects.create(
            invitation=invitation, nonce=secrets.token_hex(16), created=now, expires=now + VALID
        )


def waiting(invitation: Invitation) -> bool:
    """Whether a code has been sent that can still be typed."""
    return invitation.codes.filter(used=None, expires__gt=timezone.now(), tries__lt=TRIES).exists()


def check(invitation: Invitation, typed: str) -> bool:
    """Whether this is the code sent last. Each code takes five tries and is used once."""
    now = timezone.now()
    with transaction.atomic():
        code = (
            invitation.codes.select_for_update(of=("self",))
            # A code "from the future" means the clock was set back: it is not believed.
            .filter(used=None, expires__gt=now, created__lte=now + CLOCK_SLACK, tries__lt=TRIES)
            .order_by("-created")
            .first()
        )
        if code is None:
            return False
        code.tries += 1
        right = hmac.compare_digest(digits(code).encode(), "".join(typed.split()).encode())
        code.used = now if right else None
        code.save(update_fields=["tries", "used"])
    return right
