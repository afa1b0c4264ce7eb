"""Mail to be sent: written in the transaction that causes it, sent by whoever empties the box."""

from __future__ import annotations

from django.db import models

from barograph.collect.models.people import Code, Invitation


class Message(models.Model):
    """One message. `key` tells what it is about, so that nothing is sent twice.

    `body` holds the slots {link} and {code}; what they stand for is filled in on sending only, so
    that a copy of this table opens no questionnaire.
    """

    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=20)
    invitation = models.ForeignKey(Invitation, models.CASCADE, related_name="messages")
    code = models.ForeignKey(Code, models.CASCADE, null=True)
    to = models.EmailField()
    language = models.CharField(max_length=3)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    created = models.DateTimeField(auto_now_add=True)
    sent = models.DateTimeField(null=True)
