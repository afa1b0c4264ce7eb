"""Work that takes longer than a page: a row that tells how far it is, and whether it still lives.

Its progress is written between transactions, never inside one, or nobody would see it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from barograph.accounts.models import Account
from barograph.collect.models import Job, Wave
from barograph.errors import BarographError

EVERY = timedelta(seconds=1)  # a row written more often would cost more than the work
SILENT = timedelta(minutes=5)  # a process that says nothing for so long has ended
SHOWN = timedelta(hours=1)  # so long a job that has ended is still told


class Running:
    """A job under way."""

    def __init__(self, row: Job) -> None:
        self.row, self.done, self.written = row, 0, timezone.now()

    def advance(self, steps: int = 1, message: str = "") -> None:
        """So many steps more are done; written at most once a second."""
        self.done += steps
        now = timezone.now()
        if message or not self.written <= now < self.written + EVERY:
            self._write(Job.State.RUNNING, now, message)

    def end(self, state: Job.State, message: str = "") -> None:
        """The last word."""
        now = timezone.now()
        self.row.ended = now
        self._write(state, now, message)

    def _write(self, state: Job.State, now: datetime, message: str) -> None:
        self.row.state, self.row.done, self.row.heartbeat = state, self.done, now
        self.row.message = message or self.row.message
        self.row.save(update_fields=["state", "done", "heartbeat", "message", "ended"])
        self.written = now


@contextmanager
def running(
    kind: str, wave: Wave | None = None, total: int = 0, account: Account | None = None
) -> Iterator[Running]:
    """A job of `total` steps while the block runs; what ends the block ends the job."""
    sweep()
    job = Running(
        Job.objects.create(
            kind=kind,
            wave=wave,
            total=total,
            by=account,
            state=Job.State.RUNNING,
            heartbeat=timezone.now(),
        )
    )
    try:
        yield job
    except BaseException as error:
        known = isinstance(error, BarographError)
        job.end(Job.State.FAILED, str(error) if known else type(error).__name__)
        raise
    job.end(Job.State.DONE)


def silent(job: Job) -> bool:
    """Whether a job says that it runs, and has not said so for five minutes."""
    spoke = job.heartbeat or job.created
    return job.state == Job.State.RUNNING and timezone.now() - spoke > SILENT


def sweep() -> None:
    """Marks the jobs whose process has ended without a word."""
    since = timezone.now() - SILENT
    Job.objects.filter(state=Job.State.RUNNING, heartbeat__lt=since).update(
        state=Job.State.ABANDONED, ended=timezone.now()
    )


def shown(wave: Wave) -> QuerySet[Job]:
    """Jobs of a wave, and of none, that run, wait or ended in the last hour; the newest first."""
    unended = Q(ended=None, state__in=(Job.State.WAITING, Job.State.RUNNING))
    recent = Q(ended__gt=timezone.now() - SHOWN)
    mine = Q(wave=wave) | Q(wave=None)
    return Job.objects.filter(mine & (unended | recent)).order_by("-pk")[:10]
