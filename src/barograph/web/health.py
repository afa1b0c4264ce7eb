"""Whether the installation is well: a few facts, and the page that tells a monitor ok or not.

The page tells no version, no number and no reason; `barograph doctor` tells them on the machine.
"""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

LAST_BACKUP = "last-backup.json"
OLDEST_BACKUP = timedelta(days=2)
LONGEST_WAIT = timedelta(hours=1)  # of a message that could go out
FLOWS = timedelta(minutes=10)  # since the last message that went out
LEAST_FREE = 500 * 2**20  # bytes


@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """200 when every part is well, else 503."""
    state = settings.STATE
    assert state is not None  # there is no interview without
    answers = database_answers()
    parts = {
        "db": answers,
        "queue": answers and waited() <= LONGEST_WAIT,
        "disk": free(state) >= LEAST_FREE,
        "backup": backed_up(state),
    }
    parts = {"ok": all(parts.values()), **parts}
    return JsonResponse(parts, status=200 if parts["ok"] else 503)


def database_answers() -> bool:
    """Whether the database can be read."""
    from django.db import DatabaseError, connection

    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM collect_wave LIMIT 1")
    except DatabaseError:
        return False
    return True


def waited() -> timedelta:
    """How long the message has been waiting that should have gone out first; 0 while mail flows."""
    from barograph.collect.models import Message
    from barograph.collect.outbox.queue import waiting

    now = timezone.now()
    # Without a mail server messages stay on this machine; a round may be slow on purpose.
    if settings.SMTP is None or Message.objects.filter(sent__gt=now - FLOWS).exists():
        return timedelta(0)
    first = waiting(now).order_by("due").first()
    return now - first.due if first else timedelta(0)


def free(state: Path) -> int:
    """Bytes left where the state is kept."""
    return shutil.disk_usage(state).free


def last_backup(state: Path) -> datetime | None:
    """When the last verified backup was made."""
    try:
        told = json.loads((state / LAST_BACKUP).read_text(encoding="utf-8"))
        return datetime.fromisoformat(told["at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def backed_up(state: Path) -> bool:
    """Whether the last backup is recent; a server of this machine alone, or a new one, needs none."""
    if settings.LOCAL:
        return True
    since = last_backup(state) or datetime.fromtimestamp((state / "secret").stat().st_mtime, UTC)
    return datetime.now(UTC) - since <= OLDEST_BACKUP
