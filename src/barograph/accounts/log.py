"""The log of acts: who changed a wave, who read an answer or an address."""

from __future__ import annotations

from typing import Any

from barograph.accounts.models import Account, Event


def note(
    account: Account | None, act: str, wave: str = "", subject: str = "", **detail: Any
) -> Event:
    """Writes one line; `subject` is a code, never a name or an answer."""
    return Event.objects.create(account=account, act=act, wave=wave, subject=subject, detail=detail)
