"""Whom to ask and who may answer: contacts, invitations, codes sent by mail."""

from __future__ import annotations

from django.db import models

from barograph.accounts.models import Account
from barograph.collect.models.waves import Unit


class Contact(models.Model):
    """A person at a municipality. Apart from answers, and from waves: it outlives them until its date.

    `code` is the municipality's in the frame; `languages` are those of the messages, such as "fr nl".
    """

    code = models.CharField(max_length=40)
    name = models.CharField(max_length=200, default="", blank=True)
    email = models.EmailField()
    function = models.CharField(max_length=100, default="", blank=True)
    languages = models.CharField(max_length=12)
    phone = models.CharField(max_length=40, default="", blank=True)
    created = models.DateTimeField(auto_now_add=True)
    bounced = models.DateTimeField(null=True)
    opted_out = models.DateTimeField(null=True)
    retain_until = models.DateField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("code", "email"), name="contact_once"),)


class OptOut(models.Model):
    """An address that wants no more messages, as a keyed hash: it outlives the contact."""

    address = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField(auto_now_add=True)


class Call(models.Model):
    """Somebody of staff telephoned a municipality."""

    class Outcome(models.TextChoices):
        """How it ended."""

        PROMISED = "promised"
        REACHED = "reached"
        MISSED = "missed"
        REFUSED = "refused"
        WRONG = "wrong"  # the contact is not, or no longer, the right one

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="calls")
    at = models.DateTimeField()
    by = models.ForeignKey(Account, models.PROTECT)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)


class Mode(models.TextChoices):
    """How answers come in."""

    WEB = "web"
    PAPER = "paper"
    TELEPHONE = "telephone"


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
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="invitations")
    mode = models.CharField(max_length=10, choices=Mode.choices, default=Mode.WEB)
    account = models.ForeignKey(Account, models.PROTECT, null=True)  # staff who enters what came in
    invited_by = models.ForeignKey("self", models.SET_NULL, null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("unit", "contact"),
                condition=models.Q(revoked=None),
                name="one_link_a_contact",
            ),
        )


class Code(models.Model):
    """Six digits sent to the address of an invitation; computed from `nonce`, never stored."""

    invitation = models.ForeignKey(Invitation, models.CASCADE, related_name="codes")
    nonce = models.CharField(max_length=32)
    created = models.DateTimeField()
    expires = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used = models.DateTimeField(null=True)
