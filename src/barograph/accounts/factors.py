"""The second factor: digits of an authenticator, or a recovery code in their place."""

from __future__ import annotations

import secrets
from base64 import b32encode
from typing import Literal

from django.db import transaction
from django_otp.plugins.otp_static.models import StaticDevice

from barograph.accounts.keyed import keyed
from barograph.accounts.models import Account, Authenticator

CODES = 8  # recovery codes handed out at once
Factor = Literal["code", "recovery"]


def factor(account: Account, typed: str) -> Factor | None:
    """Which factor this is, used up by asking: digits hold once, so does a recovery code.

    After each failure django-otp refuses for twice as long as before: 1 s, 2 s, 4 s ...
    """
    text = "".join(typed.split()).replace("-", "").lower()
    digits = text.isdecimal() and len(text) == 6
    devices = Authenticator.objects if digits else StaticDevice.objects
    with transaction.atomic():
        device = devices.select_for_update().filter(user=account, confirmed=True).first()
        if device is None or not device.verify_token(text if digits else _kept(text)):
            return None
    return "code" if digits else "recovery"


def fresh(account: Account) -> Authenticator:
    """An authenticator that counts for nothing until its first digits were typed."""
    Authenticator.objects.filter(user=account, confirmed=False).delete()
    device = Authenticator(user=account, name="authenticator", confirmed=False)
    device.save()
    return device


def take(account: Account, device: Authenticator) -> list[str]:
    """Makes this the only authenticator; returns new recovery codes, which end those before."""
    Authenticator.objects.filter(user=account).exclude(pk=device.pk).delete()
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    StaticDevice.objects.filter(user=account).delete()
    recovery = StaticDevice.objects.create(user=account, name="recovery")
    codes = [b32encode(secrets.token_bytes(10)).decode().lower() for _ in range(CODES)]
    for code in codes:
        recovery.token_set.create(token=_kept(code))
    return ["-".join(code[i : i + 4] for i in range(0, 16, 4)) for code in codes]


def _kept(code: str) -> str:
    """What the table holds of a recovery code: 64 bits that only this installation can compute."""
    return keyed("recovery", code).hex()[:16]
