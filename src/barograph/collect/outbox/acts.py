"""What a person does to a message: send it again, or stop it."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from barograph.accounts.log import note
from barograph.accounts.models import Account
from barograph.collect.models import FAILED, Contact, Message, Wave

State = Message.State
AGAIN = (State.SENT, *FAILED)


def messages(wave: Wave, state: str = "", kind: str = "") -> QuerySet[Message]:
    """The messages of a wave, the newest first."""
    found = Message.objects.filter(invitation__unit__wave=wave).order_by("-pk")
    found = found.filter(state=state) if state in State.values else found
    found = found.filter(kind=kind) if kind else found
    return found.select_related("invitation__unit", "invitation__contact", "code")


def again(message: Message, account: Account) -> bool:
    """Queues a message anew, same link, same Message-ID; False for a code and for who opted out."""
    contact = message.invitation.contact
    if message.state not in AGAIN or message.code_id or (contact and contact.opted_out):
        return False
    with transaction.atomic():
        waits = {"state": State.QUEUED, "attempts": 0, "due": timezone.now(), "reply": ""}
        if not Message.objects.filter(pk=message.pk, state=message.state).update(**waits):
            return False
        Contact.objects.filter(invitations=message.invitation_id).update(bounced=None)
        _note(message, account, "message sent again")
    return True


def failed(wave: Wave, state: str, kind: str) -> QuerySet[Message]:
    """What failed in one way, and may go out anew together: not a code, nor to an address that does not work."""
    found = messages(wave, state, kind).filter(state__in=FAILED, code=None)
    return found.filter(invitation__contact__bounced=None, invitation__contact__opted_out=None)


def cancel(message: Message, account: Account) -> bool:
    """Stops a message that has not gone out; False when it is too late."""
    with transaction.atomic():
        waiting = Message.objects.filter(pk=message.pk, state=State.QUEUED)
        if not waiting.update(state=State.CANCELLED, reply="stopped by hand"):
            return False
        _note(message, account, "message stopped")
    return True


def _note(message: Message, account: Account, act: str) -> None:
    unit = message.invitation.unit
    note(account, act, unit.wave.name, unit.code, kind=message.kind)
