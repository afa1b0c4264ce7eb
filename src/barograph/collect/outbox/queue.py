"""Which message is next, who has it in hand, and what becomes of it. Every step is one transaction."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, Q, QuerySet, Value, When
from django.utils import timezone

from barograph.collect.models import Mailing, Message, Status, Wave
from barograph.collect.outbox.smtp import Outcome

State = Message.State
DELAYS = tuple(timedelta(minutes=m) for m in (5, 15, 60, 240, 720))
STALE = timedelta(minutes=10)  # longer than any delivery takes; see smtp.TIMEOUT
MINUTE = timedelta(minutes=1)
IN_FIELD = (Wave.State.OPEN, Wave.State.CLOSING)
PRACTICE = "mailbox"  # the reply of practice: it never leaves this machine


def waiting(now: datetime) -> QuerySet[Message]:
    """What may go out now, codes first; never to practice, never a code that has expired."""
    first = Case(When(kind="code", then=Value(0)), default=Value(1))
    return (
        Message.objects.filter(
            Q(code=None) | Q(code__expires__gt=now),
            state=State.QUEUED,
            due__lte=now,
            invitation__unit__wave__practice=False,
        )
        .select_related("invitation__contact", "code")
        .order_by(first, "due", "pk")
    )


def claim() -> Message | None:
    """Takes the next message in hand; no other worker gets it. None when there is none now."""
    now = timezone.now()
    full: list[int] = []
    with transaction.atomic():
        while True:
            found = (
                waiting(now)
                .exclude(mailing__in=full)
                .select_for_update(of=("self",), skip_locked=True)
                .first()
            )
            if found is None:
                return None
            if found.mailing_id is None or _room(found.mailing_id, now):
                break
            full.append(found.mailing_id)
        found.state, found.claimed, found.attempts = State.CLAIMED, now, found.attempts + 1
        found.save(update_fields=["state", "claimed", "attempts"])
    return found


def _room(mailing: int, now: datetime) -> bool:
    """Whether the round may send one more in this minute; its row is held so that workers take turns."""
    most = Mailing.objects.select_for_update().get(pk=mailing).per_minute
    lately = Message.objects.filter(mailing=mailing, claimed__gt=now - MINUTE, claimed__lte=now)
    return lately.count() < most


def settle(message: Message, outcome: Outcome) -> str:
    """Writes down what became of a claimed message; the state it has now."""
    now = timezone.now()
    values: dict[str, object] = {"reply": outcome.reply[:400]}
    if outcome.fate == "sent":
        values |= {"state": State.SENT, "sent": now}
    elif outcome.fate == "refused":
        values |= {"state": State.REFUSED}
    elif message.attempts > len(DELAYS):
        values |= {"state": State.GIVEN_UP}
    else:
        values |= {"state": State.QUEUED, "due": now + DELAYS[message.attempts - 1]}
    if outcome.fate == "uncertain":
        values["uncertain"] = True
    _mine(message).update(**values)
    return str(values["state"])


def put_back(message: Message, reply: str) -> None:
    """The server took no mail: the message waits as before, and no attempt is counted."""
    _mine(message).update(state=State.QUEUED, attempts=message.attempts - 1, reply=reply[:400])


def _mine(message: Message) -> QuerySet[Message]:
    """The row while this worker has it; another may have taken it over as stale."""
    return Message.objects.filter(pk=message.pk, state=State.CLAIMED, claimed=message.claimed)


def take_over() -> int:
    """Messages whose worker ended over them wait again: whether they went out is uncertain."""
    now = timezone.now()
    stale = Message.objects.filter(state=State.CLAIMED, claimed__lt=now - STALE)
    given_up = stale.filter(attempts__gt=len(DELAYS))
    given_up.update(state=State.GIVEN_UP, uncertain=True)
    return stale.update(state=State.QUEUED, due=now, uncertain=True)


def rest(host: str, until: datetime) -> None:
    """Nothing goes to a mail domain before then; codes, which would expire, still try."""
    Message.objects.filter(state=State.QUEUED, to__iendswith=f"@{host}", due__lt=until).exclude(
        kind="code"
    ).update(due=until)


def drop_obsolete() -> int:
    """Cancels what nobody should get any more; how many."""
    now = timezone.now()
    round_ = Q(mailing__isnull=False)
    reasons = {
        "expired": Q(code__expires__lte=now) | Q(invitation__expires__lte=now),
        "revoked": Q(invitation__revoked__isnull=False) & ~Q(kind__in=("test", "moved_away")),
        # What may have gone out already is sent again: silence would be worse.
        "round cancelled": Q(mailing__state=Mailing.State.CANCELLED, uncertain=False),
        "answered": round_ & Q(invitation__unit__response__status=Status.SIGNED),
        "opted out": round_ & Q(invitation__contact__opted_out__isnull=False),
        "bounced": round_ & Q(invitation__contact__bounced__isnull=False),
        "closed": round_ & ~Q(invitation__unit__wave__state__in=IN_FIELD),
        "not begun": round_
        & Q(invitation__unit__wave__state=Wave.State.CLOSING)
        & Q(invitation__unit__response__status=Status.INVITED),
    }
    queued = Message.objects.filter(state=State.QUEUED)
    return sum(
        queued.filter(reason).update(state=State.CANCELLED, reply=text)
        for text, reason in reasons.items()
    )


def to_mailbox() -> int:
    """Messages of practice waves stay here: they are done when they can be read."""
    now = timezone.now()
    practice = Message.objects.filter(
        state=State.QUEUED, due__lte=now, invitation__unit__wave__practice=True
    )
    return practice.update(state=State.SENT, sent=now, reply=PRACTICE)
