"""The answers of a municipality, the log of every change, and what is known of the answering."""

from __future__ import annotations

from django.db import models

from barograph.collect.models.people import Invitation
from barograph.collect.models.waves import Form, Unit


class Status(models.TextChoices):
    """Where the response of a municipality stands."""

    INVITED = "invited"
    STARTED = "started"
    SIGNED = "signed"
    REOPENED = "reopened"


class Response(models.Model):
    """The answers of one unit as a whole; `serial` counts the saves that changed something."""

    unit = models.OneToOneField(Unit, models.CASCADE)
    form = models.ForeignKey(Form, models.PROTECT)
    public_id = models.CharField(max_length=16, unique=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.INVITED)
    serial = models.PositiveIntegerField(default=0)


class Save(models.Model):
    """One act of saving: who, when, which section. The database refuses to change or delete it.

    `page` names a page as it was shown, `sequence` counts what that page sent: a repetition is known
    by both. A save that changed nothing has the serial of the one before it.
    """

    response = models.ForeignKey(Response, models.PROTECT, related_name="saves")
    by = models.ForeignKey(Invitation, models.PROTECT)
    at = models.DateTimeField()
    section = models.CharField(max_length=100)
    page = models.CharField(max_length=32)
    sequence = models.PositiveIntegerField()
    serial = models.PositiveIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("response", "page", "sequence"), name="save_once"),
        )


class Change(models.Model):
    """One answer before and after a save. Append-only.

    With `kept` false the new value lost against a colleague's: it is in this log only.
    """

    save_of = models.ForeignKey(Save, models.PROTECT, related_name="changes")
    key = models.CharField(max_length=200)
    old = models.TextField()
    new = models.TextField()
    kept = models.BooleanField(default=True)


class Answer(models.Model):
    """The answer that holds now; `serial` is that of the save which set it, `page` who sent it.

    `page` is empty after an instance of a repeat was added or removed: the page sent shows it no longer.
    """

    response = models.ForeignKey(Response, models.CASCADE, related_name="answers")
    key = models.CharField(max_length=200)
    value = models.TextField()
    serial = models.PositiveIntegerField()
    page = models.CharField(max_length=32)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("response", "key"), name="answer_once"),)


class Assignment(models.Model):
    """A section handed over to a colleague."""

    response = models.ForeignKey(Response, models.CASCADE, related_name="assignments")
    section = models.CharField(max_length=100)
    informant = models.ForeignKey(Invitation, models.CASCADE, related_name="assignments")
    at = models.DateTimeField(auto_now_add=True)
    done = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("response", "section"), name="section_with_one"),
        )


class Signature(models.Model):
    """One person has signed the answers for the municipality, or opened them again. Append-only.

    `receipt` is a hash of the answers signed, salted by `salt`, given to the signatory.
    """

    response = models.ForeignKey(Response, models.PROTECT, related_name="signatures")
    by = models.ForeignKey(Invitation, models.PROTECT)
    at = models.DateTimeField()
    status = models.CharField(max_length=10, choices=Status.choices)
    name = models.CharField(max_length=200, default="", blank=True)
    function = models.CharField(max_length=200, default="", blank=True)
    serial = models.PositiveIntegerField()
    salt = models.CharField(max_length=32, default="", blank=True)
    receipt = models.CharField(max_length=64, default="", blank=True)


class Prefill(models.Model):
    """What was said to an earlier answer that was shown: confirm, correct or no longer so."""

    class Verdict(models.TextChoices):
        """An answer counts by what was said to it, never because it was shown."""

        CONFIRMED = "confirmed"
        CORRECTED = "corrected"
        ENDED = "ended"

    response = models.ForeignKey(Response, models.CASCADE, related_name="prefills")
    key = models.CharField(max_length=200)
    shown = models.DateTimeField()
    verdict = models.CharField(max_length=10, choices=Verdict.choices, default="", blank=True)
    at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("response", "key"), name="prefill_once"),)


class Paradata(models.Model):
    """How a page was answered: kind (page, language), seconds, faults, class of device.

    No network address, no keystrokes, no text.
    """

    response = models.ForeignKey(Response, models.CASCADE)
    role = models.CharField(max_length=12)
    section = models.CharField(max_length=100)
    at = models.DateTimeField()
    kind = models.CharField(max_length=10)
    seconds = models.PositiveIntegerField(null=True)
    faults = models.PositiveIntegerField(null=True)
    language = models.CharField(max_length=3)
    device = models.CharField(max_length=10)


class Upload(models.Model):
    """A file given as an answer; on disk under `name`, which is random."""

    response = models.ForeignKey(Response, models.CASCADE, related_name="uploads")
    key = models.CharField(max_length=200)
    name = models.CharField(max_length=32, unique=True)
    called = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    at = models.DateTimeField(auto_now_add=True)
