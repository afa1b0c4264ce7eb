"""A wave in the field: its questionnaire, pinned, and its units, copied from the frame."""

from __future__ import annotations

from django.db import models

from barograph.accounts.models import Account


class Form(models.Model):
    """A compiled questionnaire. The database refuses to change one."""

    version = models.CharField(max_length=64, primary_key=True)
    content = models.TextField()
    xform = models.TextField()
    created = models.DateTimeField(auto_now_add=True)


class Wave(models.Model):
    """A survey of the population while it is in the field.

    `practice` is set when the wave is made; the database refuses to change it afterwards, so that
    answers given to try things out never become results.
    """

    class State(models.TextChoices):
        """Answers are taken while testing, open or closing; when closing, only what was begun."""

        DRAFT = "draft"
        TESTING = "testing"
        OPEN = "open"
        CLOSING = "closing"
        CLOSED = "closed"
        FROZEN = "frozen"
        PUBLISHED = "published"

    name = models.CharField(max_length=40, unique=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    practice = models.BooleanField(default=False)
    form = models.ForeignKey(Form, models.PROTECT)
    title = models.JSONField()  # text per language
    reference_date = models.DateField()
    opens = models.DateField(null=True)
    closes = models.DateField(null=True)  # the last day announced; what comes later is late
    prefill_from = models.CharField(max_length=40, default="", blank=True)  # an earlier wave
    prefill_note = models.JSONField(default=dict)  # per language, when those answers are synthetic
    prefill_share = models.FloatField(default=0.0)  # of the units, drawn by the name of the wave


class Unit(models.Model):
    """A municipality of a wave, as the frame had it on the reference date."""

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="units")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    domains = models.JSONField()  # value per domain, such as {"region": "wallonia"}
    before = models.JSONField(default=dict)  # its answers in the wave that prefills

    class Meta:
        constraints = (models.UniqueConstraint(fields=("wave", "code"), name="unit_once"),)


class Transition(models.Model):
    """A wave went from one state to another. Append-only."""

    wave = models.ForeignKey(Wave, models.PROTECT, related_name="transitions")
    before = models.CharField(max_length=10, choices=Wave.State.choices)
    after = models.CharField(max_length=10, choices=Wave.State.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(Account, models.PROTECT, null=True)  # null: the command line
    reason = models.TextField(default="", blank=True)


class Freeze(models.Model):
    """A frozen version of the answers of a wave, on disk in `folder`. Append-only."""

    wave = models.ForeignKey(Wave, models.PROTECT, related_name="freezes")
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(Account, models.PROTECT, null=True)
    sha256 = models.CharField(max_length=64)
    respondents = models.PositiveIntegerField()
    folder = models.CharField(max_length=400)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("wave", "number"), name="freeze_once"),)


class Decision(models.Model):
    """What was decided about one finding of the validation report. Append-only: the newest holds."""

    class Verdict(models.TextChoices):
        """A finding is let stand, its answer or the whole response is left out, or taken in unsigned."""

        KEEP = "keep"
        BLANK = "blank"
        EXCLUDE = "exclude"
        INCLUDE = "include"

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="decisions")
    check_name = models.CharField(max_length=40)
    key = models.CharField(
        max_length=200, default="", blank=True
    )  # of the answer, if it is about one
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    reason = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(Account, models.PROTECT, null=True)
