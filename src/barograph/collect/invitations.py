"""Invitations and their links: 128 bits that nobody stores."""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, time, timedelta

from django.conf import settings
from django.utils import timezone

from barograph.accounts.keyed import keyed
from barograph.accounts.models import Account
from barograph.collect.models import Contact, Invitation, Response, Role, Unit, Wave

VALID = timedelta(days=180)  # without a closing day
AFTER_CLOSING = timedelta(days=30)  # whoever signed can still read what was signed


def token(invitation: Invitation) -> str:
    """The secret part of the link; computed anew whenever a message is sent."""
    return _token(invitation.nonce)


def _token(nonce: str) -> str:
    return urlsafe_b64encode(keyed("invitation", nonce)[:16]).rstrip(b"=").decode()


def digest(token: str) -> str:
    """What the database knows of a token. 128 random bits need no slow hash (ASVS 6.5.2)."""
    return hashlib.sha256(token.encode()).hexdigest()


def link(invitation: Invitation) -> str:
    """The address that opens the questionnaire."""
    return f"{settings.ADDRESS}/a/i/{token(invitation)}/"


def invite(
    unit: Unit,
    email: str,
    language: str,
    role: str = Role.COORDINATOR,
    by: Invitation | None = None,
    contact: Contact | None = None,
) -> Invitation:
    """An invitation of one person for one unit; the response of the unit exists from here on."""
    Response.objects.get_or_create(
        unit=unit, defaults={"form_id": unit.wave.form_id, "public_id": secrets.token_hex(8)}
    )
    invitation = unsaved(unit, email, language, role, by, contact)
    invitation.save()
    return invitation


def unsaved(
    unit: Unit,
    email: str,
    language: str,
    role: str = Role.COORDINATOR,
    by: Invitation | None = None,
    contact: Contact | None = None,
) -> Invitation:
    """An invitation that is not in the database yet, for whoever makes many at once."""
    nonce = secrets.token_hex(16)
    return Invitation(
        unit=unit,
        role=role,
        email=email,
        language=language,
        nonce=nonce,
        digest=digest(_token(nonce)),
        expires=end(unit.wave),
        invited_by=by,
        contact=contact,
    )


def dead(unit: Unit, account: Account, language: str) -> Invitation:
    """An invitation whose link opens nothing, for letters that staff sends to itself."""
    nonce, now = secrets.token_hex(16), timezone.now()
    return Invitation.objects.create(
        unit=unit,
        role=Role.COORDINATOR,
        email=account.email,
        language=language,
        nonce=nonce,
        digest=digest(_token(nonce)),
        expires=now + AFTER_CLOSING,
        revoked=now,
        account=account,
    )


def end(wave: Wave) -> datetime:
    """Links live until 30 days after the closing day."""
    if wave.closes is None:
        return timezone.now() + VALID
    return datetime.combine(wave.closes, time.min, UTC) + AFTER_CLOSING


def find(token: str) -> Invitation | None:
    """The invitation a token opens now; None alike for unknown, expired and revoked."""
    found = (
        Invitation.objects.select_related("unit__wave", "unit__response")
        .filter(digest=digest(token), account=None, revoked=None, expires__gt=timezone.now())
        .first()
    )
    return found if found and found.unit.wave.state != Wave.State.DRAFT else None


def revoke(invitation: Invitation) -> None:
    """Ends an invitation at once, also where its session is open."""
    invitation.revoked = timezone.now()
    invitation.save(update_fields=["revoked"])


def secret_fits() -> bool:
    """Whether the links sent open with the secret that is in use."""
    newest = Invitation.objects.exclude(nonce="").order_by("-pk").first()  # those past are erased
    return newest is None or newest.digest == digest(token(newest))
