"""Saving: what was typed is kept first, whatever it is worth; then it is judged.

A page that was shown carries three things: its name, the serial of the answers it showed, and a number
that counts what it sends. With them a repetition changes nothing, a late message does not undo a newer
one, and two people who changed the same answer both see it. Nothing is cut: an answer that is too long
is told, and the one before it holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.db import transaction
from django.utils import timezone

from barograph.collect.access import takes_answers
from barograph.collect.models import Answer, Change, Invitation, Response, Save, Status, Wave

LONGEST = 20_000  # characters of one answer


@dataclass(frozen=True)
class Sent:
    """What a page says of itself: its name, the serial it showed, its count (0: it does not count).

    With `moves` it adds or removes an instance of a repeat: what it shows is then no longer as it shows it.
    """

    page: str
    seen: int
    sequence: int = 0
    moves: bool = False


@dataclass(frozen=True)
class Conflict:
    """An answer that a colleague changed since the page was shown: both values, and whose."""

    mine: str
    theirs: str
    by: Invitation
    at: str


@dataclass(frozen=True)
class Saved:
    """The serial after saving; the keys that changed; what a colleague had changed meanwhile; what
    is too long to be kept.
    """

    serial: int
    changed: tuple[str, ...]
    conflicts: Mapping[str, Conflict]
    too_long: tuple[str, ...] = ()


def save(
    response: Response, by: Invitation, section: str, typed: Mapping[str, str], sent: Sent
) -> Saved | None:
    """Keeps what was typed in one transaction; None when nothing may be written any more."""
    typed = {key: value.replace("\x00", "") for key, value in typed.items()}
    too_long = tuple(key for key, value in typed.items() if len(value) > LONGEST)
    fitting = {key: value for key, value in typed.items() if key not in too_long}
    with transaction.atomic():
        # The lock makes two saves of one municipality follow each other.
        locked = Response.objects.select_for_update().get(pk=response.pk)
        # Read after the lock: whoever froze the answers held it.
        wave = Wave.objects.get(units__response=locked)
        if locked.status == Status.SIGNED or not takes_answers(wave, locked):
            return None
        last = (
            Save.objects.filter(response=locked, page=sent.page)
            .order_by("-sequence")
            .values_list("sequence", flat=True)
            .first()
        )
        held = {a.key: a for a in Answer.objects.filter(response=locked, key__in=list(fitting))}
        changes = _changes(held, fitting)
        conflicts = _conflicts(locked, held, changes, sent)
        if last is not None and 0 < sent.sequence <= last:
            changes = []  # a repetition, or overtaken on its way
        elif changes or sent.sequence:  # what came is noted, so that an older one is known as late
            sequence = sent.sequence or (last or 0) + 1
            _write(locked, by, section, replace(sent, sequence=sequence), changes, conflicts)
    response.serial = locked.serial
    kept = tuple(change.key for change in changes if change.kept)
    return Saved(locked.serial, kept, conflicts, too_long)


def _changes(held: Mapping[str, Answer], typed: Mapping[str, str]) -> list[Change]:
    """Answers that differ from those that hold."""
    old = {key: held[key].value if key in held else "" for key in typed}
    return [Change(key=k, old=old[k], new=v) for k, v in typed.items() if v != old[k]]


def _conflicts(
    response: Response, held: Mapping[str, Answer], changes: list[Change], sent: Sent
) -> dict[str, Conflict]:
    """Settles answers that another page changed since this one was shown.

    Untouched here, the other's value holds. Changed here too, the other's holds for now, and both are
    shown; the log keeps what was typed.
    """
    newer = {
        c.key: c
        for c in changes
        if c.key in held and held[c.key].serial > sent.seen and held[c.key].page != sent.page
    }
    if not newer:
        return {}
    since = Change.objects.filter(
        save_of__response=response, save_of__serial__gt=sent.seen, key__in=newer, kept=True
    ).select_related("save_of__by")
    history: dict[str, list[Change]] = {}
    for change in since.order_by("save_of__serial"):
        history.setdefault(change.key, []).append(change)
    found = {}
    for key, change in newer.items():
        shown = history[key][0].old
        latest = history[key][-1].save_of
        change.kept = False
        if change.new != shown:
            at = latest.at.isoformat()
            found[key] = Conflict(change.new, held[key].value, latest.by, at)
    # What was not touched on this page is no change of this person.
    changes[:] = [c for c in changes if c.kept or c.key in found]
    return found


def _write(
    response: Response,
    by: Invitation,
    section: str,
    sent: Sent,
    changes: list[Change],
    conflicts: Mapping[str, Conflict],
) -> None:
    response.serial += bool(changes)
    done = Save.objects.create(
        response=response,
        by=by,
        at=timezone.now(),
        section=section,
        page=sent.page,
        sequence=sent.sequence,
        serial=response.serial,
    )
    for change in changes:
        change.save_of = done
    Change.objects.bulk_create(changes)
    Answer.objects.bulk_create(
        [
            Answer(
                response=response,
                key=c.key,
                value=c.new,
                serial=response.serial,
                page="" if sent.moves else sent.page,
            )
            for c in changes
            if c.kept
        ],
        update_conflicts=True,
        unique_fields=["response", "key"],
        update_fields=["value", "serial", "page"],
    )
    response.save(update_fields=["serial"])
