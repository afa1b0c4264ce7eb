"""Answers that came on paper or by telephone: staff types them into the same pages.

The invitation under which they do is theirs, marks every save by its mode, has no link that opens
anything, and holds while they are signed in.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from barograph.accounts import log
from barograph.accounts.models import Account
from barograph.collect import invitations
from barograph.collect.models import Invitation, Mode, Response, Status, Unit, Wave

MODES = (Mode.PAPER, Mode.TELEPHONE)
MOST = 30  # municipalities shown to a search
BEGINS = (Wave.State.TESTING, Wave.State.OPEN, Wave.State.CLOSING)  # paper may arrive late


def begin(account: Account, unit: Unit, mode: Mode, language: str) -> Invitation:
    """The invitation of this colleague for this municipality; that they read its answers is logged."""
    with transaction.atomic():
        of_mine = Invitation.objects.filter(unit=unit, account=account, mode=mode, revoked=None)
        invitation = of_mine.order_by("-pk").first()
        if invitation is None:
            invitation = invitations.invite(unit, account.email, language)
            invitation.account, invitation.mode = account, mode
        # Paper may arrive long after the last day announced; it is the sign-in that ends.
        invitation.expires = max(invitations.end(unit.wave), timezone.now() + invitations.VALID)
        invitation.save(update_fields=["account", "mode", "expires"])
        response = Response.objects.select_for_update().get(unit=unit)
        if response.status == Status.INVITED and unit.wave.state in BEGINS:
            response.status = Status.STARTED
            response.save(update_fields=["status"])
        log.note(account, "answers read", unit.wave.name, unit.code, mode=mode)
    return invitation


def found(wave: Wave, text: str) -> Sequence[Unit]:
    """Municipalities whose name holds the text, or whose code starts with it, by name."""
    text = text.strip()
    if not text:
        return []
    matching = Q(name__icontains=text) | Q(code__startswith=text)
    return list(wave.units.filter(matching).select_related("response").order_by("name")[:MOST])


def entered(wave: Wave) -> Sequence[Invitation]:
    """What staff began to enter, the latest first."""
    of_staff = Invitation.objects.filter(unit__wave=wave, account__isnull=False)
    return list(of_staff.select_related("unit__response", "account").order_by("-pk")[:MOST])
