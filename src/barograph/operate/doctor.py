"""Looks whether an installation is well: one finding a line, none of which changes anything."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from barograph.errors import BarographError
from barograph.operate import databases, restore

Level = Literal["ok", "note", "wrong"]
SLACK = timedelta(minutes=5)  # between two clocks


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    level: Level
    what: str
    text: str

    def __str__(self) -> str:
        return f"{self.level:<6} {self.what:<11} {self.text}"


def examine(folder: Path, state: Path) -> Iterator[Finding]:
    """What is found, thing by thing; what hangs on a fault is left out."""
    for first in (_folder, _database):
        found = list(first(state))
        yield from found
        if any(finding.level == "wrong" for finding in found):
            return
    try:
        from barograph.web import server

        server.configure(folder, None, state, migrate=False)
    except BarographError as error:
        yield Finding("wrong", "settings", str(error))
        return
    for look in LOOKS:
        yield from look(state)


def _folder(state: Path) -> Iterator[Finding]:
    """The state folder and the secret in it, before anything else touches them."""
    if not state.is_dir():
        yield Finding("wrong", "state", f"{state} is no folder: name it with --state")
        return
    found = state.stat()
    if found.st_mode & 0o077:
        yield Finding("wrong", "state", f"others may enter {state}: chmod 700 {state}")
    elif not os.access(state, os.W_OK | os.X_OK):
        yield Finding("wrong", "state", f"{state} cannot be written by this user")
    else:
        yield Finding("ok", "state", f"{state}, for its owner only")
    secret = state / "secret"
    if not secret.exists():
        yield Finding("wrong", "secret", "is missing: without it every link is dead; restore it")
    elif stat.S_IMODE(secret.stat().st_mode) & 0o077:
        yield Finding("wrong", "secret", f"others may read it: chmod 600 {secret}")
    else:
        yield Finding("ok", "secret", "is there, for its owner only")


def _database(state: Path) -> Iterator[Finding]:
    """Soundness and migrations, by the same means as a backup."""
    try:
        source = databases.of(os.environ.get("DATABASE_URL", ""), state)
        if not source.exists():
            yield Finding("wrong", "database", "holds nothing: start the server once")
            return
        applied = source.migrations()
        if isinstance(source, databases.Sqlite):
            source.check(source.path)
    except BarographError as error:
        yield Finding("wrong", "database", str(error))
        return
    rows = sum(source.rows().values())
    yield Finding("ok", "database", f"{source.engine}, {rows} rows")
    if newer := restore.unknown_migrations(applied):
        yield Finding("wrong", "migrations", f"of a newer version: {', '.join(newer)}")
    missing = [
        f"{app}.{name}"
        for app in databases.OURS
        for name in restore.known_migrations(app)
        if name not in applied[app]
    ]
    if missing:
        yield Finding("wrong", "migrations", f"to come: {', '.join(missing)}; restart the server")
    elif not newer:
        yield Finding("ok", "migrations", "all applied")


def _durable(state: Path) -> Iterator[Finding]:
    from django.db import connection

    from barograph.web.database import assert_durable

    try:
        assert_durable()
    except BarographError as error:
        yield Finding("wrong", "durability", str(error))
        return
    off = []
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for name in ("fsync", "synchronous_commit", "full_page_writes"):
                cursor.execute(f"SHOW {name}")
                off += [name] if cursor.fetchone()[0] == "off" else []
    if off:
        yield Finding("wrong", "durability", f"off in PostgreSQL: {', '.join(off)}")
    else:
        yield Finding("ok", "durability", "what is acknowledged survives a power cut")


def _secret_fits(state: Path) -> Iterator[Finding]:
    from barograph.collect import invitations

    if not invitations.secret_fits():
        yield Finding("wrong", "secret", "is another than that of the links sent: restore it")


def _disk(state: Path) -> Iterator[Finding]:
    from barograph.web.health import LEAST_FREE, free

    left = free(state)
    level: Level = "ok" if left >= LEAST_FREE else "wrong"
    yield Finding(level, "disk", f"{left / 2**30:.1f} GB free, {LEAST_FREE / 2**30:.1f} needed")


def _backup(state: Path) -> Iterator[Finding]:
    from django.conf import settings

    from barograph.web.health import backed_up, last_backup

    level: Level = "ok" if backed_up(state) else "wrong"
    last = last_backup(state)
    if last is None:
        level = "note" if level == "ok" and settings.LOCAL else level
        yield Finding(level, "backup", "none yet: barograph backup")
    else:
        hours = (datetime.now(UTC) - last) / timedelta(hours=1)
        yield Finding(level, "backup", f"the last one {hours:.0f} hours ago")


def _mail(state: Path) -> Iterator[Finding]:
    from django.conf import settings
    from django.utils import timezone

    from barograph.collect.models import Beat
    from barograph.collect.outbox.smtp import Line, Unreachable
    from barograph.web.health import LONGEST_WAIT, waited

    if settings.SMTP is None:
        level: Level = "note" if settings.LOCAL else "wrong"
        yield Finding(level, "mail", "no mail server is named in BAROGRAPH_SMTP: nothing is sent")
        return
    try:
        with Line(settings.SMTP):
            yield Finding("ok", "mail", "the mail server answers")
    except Unreachable as error:
        yield Finding("wrong", "mail", f"the mail server does not answer ({error})")
    minutes = waited() / timedelta(minutes=1)
    late: Level = "wrong" if waited() > LONGEST_WAIT else "ok"
    yield Finding(late, "queue", f"the oldest message waits for {minutes:.0f} minutes")
    if not Beat.objects.filter(name="work", at__gt=timezone.now() - SLACK).exists():
        yield Finding("wrong", "worker", "says nothing: barograph work, or the server, is stopped")


def _clock(state: Path) -> Iterator[Finding]:
    """Against the newest moment the database knows: a clock never goes back behind that."""
    from django.db.models import Max
    from django.utils import timezone

    from barograph.collect.models import Beat, Save, Signature

    newest = (m.objects.aggregate(at=Max("at"))["at"] for m in (Beat, Save, Signature))
    latest = max((at for at in newest if at is not None), default=timezone.now())
    behind = latest - timezone.now()
    if behind > SLACK:
        hours = behind / timedelta(hours=1)
        yield Finding("wrong", "clock", f"{hours:.1f} hours behind the newest record")
    else:
        yield Finding("ok", "clock", f"{timezone.now():%Y-%m-%d %H:%M} UTC")


def _held(state: Path) -> Iterator[Finding]:
    from django.conf import settings

    from barograph.collect.models import FAILED, Beat, Message

    for beat in Beat.objects.exclude(held=""):
        if beat.name != "mail" or settings.SMTP is not None:
            yield Finding("wrong", "held", f"{beat.name} holds back: {beat.held}")
    count = Message.objects.filter(state__in=FAILED).count()
    if count:
        yield Finding("note", "messages", f"{count} need a person: refused, bounced or given up")
    uncertain = Message.objects.filter(uncertain=True).count()
    if uncertain:
        yield Finding("note", "messages", f"{uncertain} may have gone out twice")


def _jobs(state: Path) -> Iterator[Finding]:
    from barograph.collect import jobs
    from barograph.collect.models import Erasure, Job

    for job in Job.objects.filter(state__in=(Job.State.RUNNING, Job.State.ABANDONED)):
        if job.state == Job.State.ABANDONED or jobs.silent(job):
            yield Finding("wrong", "jobs", f"{job.kind} {job.pk} ended without a word")
    if Erasure.objects.filter(closed=None).exists():
        yield Finding("wrong", "erasure", "one is open: the log can be changed; barograph retain")


def _settings(state: Path) -> Iterator[Finding]:
    """What would be dangerous where others reach the server."""
    from django.conf import settings

    if settings.LOCAL:
        yield Finding("note", "settings", "no BAROGRAPH_HOST: for this machine only")
    if settings.DEBUG:
        yield Finding("wrong", "settings", "DEBUG shows the inside of the server to everybody")
    if settings.EDITION and (
        state.resolve() == settings.EDITION or settings.EDITION in state.resolve().parents
    ):
        yield Finding("wrong", "settings", "the state lies in the edition, which is public")
    if os.geteuid() == 0 and not settings.LOCAL:
        yield Finding("note", "settings", "this is root; the server needs a user of its own")


LOOKS: tuple[Callable[[Path], Iterator[Finding]], ...] = (
    _durable, _secret_fits, _disk, _backup, _mail, _clock, _held, _jobs, _settings,
)  # fmt: skip
