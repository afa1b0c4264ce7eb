"""A round that is due: its invitations and messages are written in one transaction, each once."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from barograph.accounts.log import note
from barograph.accounts.models import Account
from barograph.collect import invitations, mail
from barograph.collect.models import Beat, Contact, Invitation, Mailing, Message, Unit, Wave
from barograph.collect.rounds.letters import Letters
from barograph.collect.rounds.reach import NEVER_CAME, key, reach
from barograph.errors import BarographError

BEAT = "rounds"
TEST = "test"


def release_due(now: datetime) -> int:
    """Releases every planned round that is due and whose wave is open; how many messages that makes."""
    open_ = Q(wave__state=Wave.State.OPEN) | Q(
        wave__state=Wave.State.CLOSING, kind=Mailing.Kind.REMINDER
    )
    due = Mailing.objects.filter(open_, state=Mailing.State.PLANNED, due__lte=now)
    made, held = 0, ""
    for mailing in due.order_by("due", "pk"):
        try:
            made += release(mailing)
        except BarographError as error:
            held = str(error)
    if held:
        told = {"at": timezone.now(), "held": held}
        Beat.objects.update_or_create(name=BEAT, defaults=told)
    else:
        Beat.objects.filter(name=BEAT).exclude(held="").update(at=timezone.now(), held="")
    return made


def release(mailing: Mailing) -> int:
    """Writes the messages of a round, if nobody has yet; how many."""
    with transaction.atomic():
        # The rounds of a wave are released one after the other, so that each sees the other's messages.
        Wave.objects.select_for_update().get(pk=mailing.wave_id)
        mailing = Mailing.objects.select_for_update().select_related("wave").get(pk=mailing.pk)
        if mailing.state != Mailing.State.PLANNED:
            return 0
        letters = Letters.of(mailing.wave)
        linked = {
            (i.unit_id, i.contact_id): i
            for i in Invitation.objects.filter(unit__wave=mailing.wave, revoked=None)
        }
        messages = [
            message(
                mailing,
                letters,
                linked.get((unit.pk, contact.pk)) or _invited(unit, contact),
                contact,
            )
            for unit, contact in reach(mailing).addressees
        ]
        Message.objects.filter(NEVER_CAME, key__in=[made.key for made in messages]).delete()
        Message.objects.bulk_create(messages)
        mailing.state, mailing.released = Mailing.State.RELEASED, timezone.now()
        mailing.save(update_fields=["state", "released"])
        subject = f"{mailing.kind} {mailing.number}"
        note(None, "round released", mailing.wave.name, subject, messages=len(messages))
    return len(messages)


def _invited(unit: Unit, contact: Contact) -> Invitation:
    language = contact.languages.split()[0]
    return invitations.invite(unit, contact.email, language, contact=contact)


def message(
    mailing: Mailing, letters: Letters, invitation: Invitation, contact: Contact
) -> Message:
    """The message of a round to a contact, not in the database yet."""
    letter = letters.letter(mailing.kind, mailing.number, invitation.unit, contact)
    return Message(
        key=key(mailing, contact),
        kind=mailing.kind,
        invitation=invitation,
        mailing=mailing,
        to=contact.email,
        language=letter.languages,
        subject=letter.subject[:400],
        body=letter.body,
        message_id=mail.message_id(),
        due=timezone.now(),
    )


def send_test(
    wave: Wave, kind: str, number: int, unit: Unit, contact: Contact, account: Account
) -> Message:
    """The letter to a contact, to the address of who tests it; marked, and its link opens nothing."""
    letter = Letters.of(wave).letter(kind, number, unit, contact)
    with transaction.atomic():
        now = timezone.now()
        invitation = invitations.dead(unit, account, letter.languages.split()[0])
        note(account, "test sent", wave.name, unit.code, kind=kind, number=number)
        return Message.objects.create(
            key=f"{wave.name}:test:{invitation.pk}",
            kind=TEST,
            invitation=invitation,
            to=account.email,
            language=letter.languages,
            subject=f"[TEST] {letter.subject}"[:400],
            body=letter.body.replace("{opt_out}", "{link}"),
            message_id=mail.message_id(),
            due=now,
        )
