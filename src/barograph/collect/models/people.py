"""Who may answer: invitations, codes sent by mail, and refused attempts."""

from __future__ import annotations

from django.db import models

from barograph.collect.models.waves import Unit


class Role(models.TextChoices):
    """A coordinator answers everything, hands over and signs; an informant answers own sections."""

    COORDINATOR = "coordinator"
    INFORMANT = "informant"


class Invitation(models.Model):
    """One person asked to answer for one municipality.

    `digest` is the SHA-256 of the token of the link. The token itself is nowhere: it is computed from
    `nonce` and the secret of the installation when a message is sent.
    """

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=12, choices=Role.choices)
    email = models.EmailField()
    language = models.CharField(max_length=3)
    nonce = models.CharField(max_length=32)
    digest = models.CharField(max_length=64, unique=True)
    created = models.DateTimeField(auto_now_add=True)
    expires = models.DateTimeField()
    revoked = models.DateTimeField(null=True)
    opened = models.DateTimeField(null=True)  # the landing page's button, not the link
    invited_by = models.ForeignKey("self", models.SET_NULL, null=True)


class Code(models.Model):
    """Six digits sent to the address of an invitation; computed from `nonce`, never stored."""

    invitation = models.ForeignKey(Invitation, models.CASCADE, related_name="codes")
    nonce = models.CharField(max_length=32)
    created = models.DateTimeField()
    expires = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used = models.DateTimeField(null=True)


class Refusal(models.Model):
    """How often a caller showed a link that opens nothing, in one window of time.

    `caller` is a keyed hash of the network address; rows are deleted after the window.
    """

    caller = models.CharField(max_length=64)
    window = models.PositiveBigIntegerField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("caller", "window"), name="refusal_once"),)
