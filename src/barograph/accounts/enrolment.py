"""Choosing a password and an authenticator; both are new each time, and every other session ends."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from barograph.accounts import factors, log
from barograph.accounts.models import Account, Authenticator

ENROLLING = "enrolling"  # in the session: whom, and until when (seconds)
MINUTES = 30
# What the validators of the settings object to, by Django's names.
WEAK = ("password_too_short", "password_too_common", "password_too_similar")


def begin(request: HttpRequest, account: Account) -> None:
    """Lets this session, under a new key, choose password and authenticator of an account."""
    device = factors.fresh(account)
    until = int(timezone.now().timestamp()) + MINUTES * 60
    request.session[ENROLLING] = {"device": device.pk, "until": until}
    request.session.cycle_key()


def device_of(request: HttpRequest) -> Authenticator | None:
    """The authenticator that this session is about to take."""
    begun = request.session.get(ENROLLING, {})
    if begun.get("until", 0) < timezone.now().timestamp():
        return None
    waiting = Authenticator.objects.select_related("user").filter(confirmed=False)
    found = waiting.filter(pk=begun["device"], user__is_active=True).first()
    return found if isinstance(found, Authenticator) else None


def finish(device: Authenticator, password: str, again: str, typed: str) -> list[str] | str:
    """New recovery codes, or why not: a name of a fault among the words of the page."""
    account = device.user
    assert isinstance(account, Account)
    if password != again:
        return "password_differs"
    try:
        validate_password(password, account)
    except ValidationError as error:
        return next(name for name in WEAK if any(e.code == name for e in error.error_list))
    with transaction.atomic():
        waiting = Authenticator.objects.select_for_update().filter(pk=device.pk, confirmed=False)
        device = waiting.first()
        if device is None or not device.verify_token("".join(typed.split())[:10]):
            return "code_wrong"
        account.set_password(password)
        account.save(update_fields=["password"])
        log.note(account, "enrolled")
        return factors.take(account, device)
