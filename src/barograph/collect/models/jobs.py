"""Work that takes longer than a page, and what is known of the worker."""

from __future__ import annotations

from django.db import models

from barograph.accounts.models import Account
from barograph.collect.models.waves import Wave


class Job(models.Model):
    """One run of a piece of work, with its progress."""

    class State(models.TextChoices):
        """`abandoned`: its process ended without a word."""

        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        ABANDONED = "abandoned"

    kind = models.CharField(max_length=20)  # such as "send", "freeze", "publish", "backup"
    wave = models.ForeignKey(Wave, models.CASCADE, null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    message = models.TextField(default="", blank=True)
    by = models.ForeignKey(Account, models.PROTECT, null=True)
    created = models.DateTimeField(auto_now_add=True)
    heartbeat = models.DateTimeField(null=True)
    ended = models.DateTimeField(null=True)


class Beat(models.Model):
    """When something that runs by itself was last well, by the clock of then.

    `work` is the worker, `mail` the way to the mail server, `clock` the clock while it could be
    believed: `boot` names the run of the machine, `started` is when that run began by this clock.
    """

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()
    held = models.TextField(default="", blank=True)  # why it holds back, "" when it does not
    boot = models.CharField(max_length=40, default="", blank=True)
    started = models.DateTimeField(null=True)


class Erasure(models.Model):
    """A removal of personal data. While one is open the database lets the log be changed."""

    reason = models.CharField(max_length=20)  # "retention" or "person"
    opened = models.DateTimeField()
    closed = models.DateTimeField(null=True)
    by = models.ForeignKey(Account, models.PROTECT, null=True)
    counts = models.JSONField(default=dict)
