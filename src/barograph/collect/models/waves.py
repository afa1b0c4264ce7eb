"""A wave in the field: its questionnaire, pinned, and its units, copied from the frame."""

from __future__ import annotations

from django.db import models


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
        """Answers are taken while testing or open."""

        DRAFT = "draft"
        TESTING = "testing"
        OPEN = "open"
        CLOSED = "closed"

    name = models.CharField(max_length=40, unique=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    practice = models.BooleanField(default=False)
    form = models.ForeignKey(Form, models.PROTECT)
    title = models.JSONField()  # text per language
    reference_date = models.DateField()
    opens = models.DateField(null=True)
    closes = models.DateField(null=True)  # the last day on which answers are taken
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
