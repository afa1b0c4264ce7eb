"""The loop: is the clock right, is a round due, is a message waiting."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from datetime import timedelta

from django.conf import settings
from django.db import close_old_connections
from django.db.models import Q
from django.utils import timezone

from barograph.collect.models import Beat, Message
from barograph.collect.outbox import clock, queue
from barograph.collect.outbox.envelope import envelope
from barograph.collect.outbox.smtp import Line, Server, Unreachable
from barograph.collect.rounds.release import release_due

POLL = 2  # seconds
BEAT = timedelta(seconds=10)
BATCH = 50  # messages between two looks at the clock
FAILURES = 3  # in a row: a mail domain, or the line, rests
REST = timedelta(minutes=15)
logger = logging.getLogger(__name__)


def once() -> Counter[str]:
    """Everything that is due now; how many messages came into each state."""
    # Asked for by hand or by cron: looks at the clock, and tries a line that rests.
    Beat.objects.filter(name__in=("work", "mail")).delete()
    total: Counter[str] = Counter()
    while done := step():
        total += done
    return total


def forever(stop: threading.Event) -> None:
    """Until told to stop; the message in hand is finished first. A fault of one turn ends that turn."""
    while not stop.is_set():
        done: Counter[str] = Counter()
        try:
            done = step(stop)
        except Exception:
            logger.exception("a turn of the worker failed")
        close_old_connections()
        if not done:
            stop.wait(POLL)


def step(stop: threading.Event | None = None) -> Counter[str]:
    """One turn: at most a batch of messages. Empty when nothing could be done."""
    doubt = _beat()
    done: Counter[str] = Counter()
    if not doubt:
        done["released"] += release_due(timezone.now())
    if Message.objects.filter(_due_now()).exists():
        if not doubt:
            queue.drop_obsolete()
        done["mailbox"] += queue.to_mailbox()
        done += _send(stop)
    return +done


def _due_now() -> Q:
    return Q(state=Message.State.QUEUED, due__lte=timezone.now())


def _beat() -> str:
    """Says that the worker is alive, and why the clock is not believed."""
    now = timezone.now()
    known = Beat.objects.filter(name="work").first()
    if known is not None and abs(now - known.at) < BEAT:
        return clock.held()
    Beat.objects.update_or_create(name="work", defaults={"at": now})
    doubt = clock.check()
    if not doubt:
        queue.take_over()
    return doubt


def _send(stop: threading.Event | None) -> Counter[str]:
    done: Counter[str] = Counter()
    if not queue.waiting(timezone.now()).exists():
        return done
    if settings.SMTP is None:
        _note_mail("no server: set BAROGRAPH_SMTP")
        return done
    if _resting():
        return done
    try:
        with Line(settings.SMTP) as line:
            _note_mail("")
            _batch(line, settings.SMTP, done, stop)
    except Unreachable as error:
        _note_mail(str(error))
    return done


def _resting() -> bool:
    """Whether the line failed a moment ago; then it is left alone for a minute."""
    mail = Beat.objects.filter(name="mail").exclude(held="").first()
    return mail is not None and abs(timezone.now() - mail.at) < queue.MINUTE


def _note_mail(held: str) -> None:
    Beat.objects.update_or_create(name="mail", defaults={"at": timezone.now(), "held": held[:400]})


def _batch(line: Line, server: Server, done: Counter[str], stop: threading.Event | None) -> None:
    failed: Counter[str] = Counter()  # by mail domain, in a row
    for _ in range(BATCH):
        if stop is not None and stop.is_set():
            return
        message = queue.claim()
        if message is None:
            return
        to, data = envelope(message, server.sender)
        try:
            outcome = line.carry(to, data)
        except Unreachable as error:
            queue.put_back(message, str(error))
            raise
        done[queue.settle(message, outcome)] += 1
        if line.broken >= FAILURES:
            raise Unreachable(outcome.reply)
        host = to.rpartition("@")[2].lower()
        failed[host] = failed[host] + 1 if outcome.reply[:1] == "4" else 0
        if failed[host] >= FAILURES:
            queue.rest(host, timezone.now() + REST)


def state_told() -> list[str]:
    """What waits, and what holds it up, in plain lines."""
    counts = Counter(Message.objects.values_list("state", flat=True))
    told = ", ".join(f"{state} {n}" for state, n in sorted(counts.items()))
    lines = [f"outbox: {told or 'empty'}"]
    lines += [
        f"held: {beat.held} ({beat.name})"
        for beat in Beat.objects.exclude(held="").order_by("name")
    ]
    return lines
