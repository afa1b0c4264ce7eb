"""Mail to be sent: written in the transaction that causes it, sent by the worker."""

from __future__ import annotations

from django.db import models

from barograph.accounts.models import Account
from barograph.collect.models.people import Code, Invitation
from barograph.collect.models.waves import Wave


class Mailing(models.Model):
    """One round of the send plan: to whom in which stratum, when, how fast.

    `stratum` holds chosen values per domain, such as {"region": ["flanders"]}; {} is everybody. A
    reminder goes to those only who have not answered. `number` counts the rounds of a kind, so that
    nobody gets the same round twice whatever the strata.
    """

    class Kind(models.TextChoices):
        """What is sent."""

        INVITATION = "invitation"
        REMINDER = "reminder"

    class State(models.TextChoices):
        """A released round has its messages in the outbox."""

        PLANNED = "planned"
        RELEASED = "released"
        CANCELLED = "cancelled"

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="mailings")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    number = models.PositiveSmallIntegerField()
    stratum = models.JSONField(default=dict)
    due = models.DateTimeField()
    per_minute = models.PositiveIntegerField(default=60)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    by = models.ForeignKey(Account, models.PROTECT, null=True)
    created = models.DateTimeField(auto_now_add=True)
    released = models.DateTimeField(null=True)


class Message(models.Model):
    """One message. `key` tells what it is about, so that nothing is sent twice.

    `body` holds the slots {link}, {code} and {opt_out}; what they stand for is filled in on sending
    only, so that a copy of this table opens no questionnaire. `message_id` stays the same when a
    message whose fate is unknown is sent again.
    """

    class State(models.TextChoices):
        """`claimed`: a worker has it in hand. `refused`, `bounced`, `given_up` need a person."""

        QUEUED = "queued"
        CLAIMED = "claimed"
        SENT = "sent"
        REFUSED = "refused"
        BOUNCED = "bounced"
        GIVEN_UP = "given_up"
        CANCELLED = "cancelled"

    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=20)
    invitation = models.ForeignKey(Invitation, models.CASCADE, related_name="messages")
    mailing = models.ForeignKey(Mailing, models.PROTECT, null=True, related_name="messages")
    code = models.ForeignKey(Code, models.CASCADE, null=True)
    to = models.EmailField()
    language = models.CharField(max_length=12)  # or several, such as "fr nl"
    subject = models.CharField(max_length=400)
    body = models.TextField()
    message_id = models.CharField(max_length=200, unique=True)
    created = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    due = models.DateTimeField()  # not before; moves on with every try that failed
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed = models.DateTimeField(null=True)
    uncertain = models.BooleanField(
        default=False
    )  # may have gone out before: a worker ended over it
    reply = models.CharField(max_length=400, default="", blank=True)  # of the mail server, last
    sent = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=("state", "due"), name="message_next"),)


FAILED = (Message.State.REFUSED, Message.State.BOUNCED, Message.State.GIVEN_UP)
