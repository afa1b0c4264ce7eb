"""The states of a wave: draft, testing, open, closing, closed, frozen, published.

A person moves a wave, never a clock. A way back needs a reason, and so does a step against an obstacle
that may be overruled. What was tried while testing is deleted on leaving it, so that it never counts.
Freezing is a move of its own: `closing.freeze`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from barograph.accounts import log
from barograph.accounts.models import Account
from barograph.barometer import Wave as Described
from barograph.collect import tried, waves
from barograph.collect.models import Response, Status, Transition, Wave
from barograph.collect.questionnaire import questionnaire
from barograph.errors import BadInput
from barograph.publish import texts

State = Wave.State
WORDS = Path(__file__).with_suffix(".toml")
ONWARDS: Mapping[str, str] = {
    State.DRAFT: State.TESTING,
    State.TESTING: State.OPEN,
    State.OPEN: State.CLOSING,
    State.CLOSING: State.CLOSED,
    State.CLOSED: State.FROZEN,
    State.FROZEN: State.PUBLISHED,
}
BACK: Mapping[str, str] = {
    State.TESTING: State.DRAFT,
    State.CLOSING: State.OPEN,
    State.CLOSED: State.CLOSING,
    State.FROZEN: State.CLOSED,  # the next freeze is a new version
    State.PUBLISHED: State.FROZEN,
}


@lru_cache(maxsize=1)
def words() -> dict[str, dict[str, str]]:
    """Language -> key -> text: what stands against a move, and the names of the states."""
    desk = texts.load(WORDS.parent / "desk" / "desk.toml")
    return {lang: {**desk[lang], **own} for lang, own in texts.load(WORDS).items()}


@dataclass(frozen=True)
class Obstacle:
    """What stands against a move; `key` is that of its sentence in states.toml."""

    key: str
    values: Mapping[str, str] = field(default_factory=dict)
    overruled: bool = False  # by a reason

    def sentence(self, lang: str) -> str:
        """In words."""
        said = words()[lang]
        names = {str(state): said[f"state_{state}"] for state in State}
        known = {name: names.get(value, value) for name, value in self.values.items()}
        return said[f"not_{self.key}"].format(**names, **known)


class Refused(BadInput):
    """A move that cannot be made."""

    def __init__(self, obstacles: tuple[Obstacle, ...]) -> None:
        super().__init__(" ".join(obstacle.sentence("en") for obstacle in obstacles))
        self.obstacles = obstacles


def moves(wave: Wave) -> tuple[str, ...]:
    """The states that can be reached from this one, onwards first."""
    last = (State.FROZEN, State.PUBLISHED) if wave.practice else ()
    found = (ONWARDS.get(wave.state), BACK.get(wave.state))
    return tuple(to for to in found if to and to not in last)


def obstacles(wave: Wave, to: str, described: Described) -> tuple[Obstacle, ...]:
    """All that stands against a move but for a missing reason."""
    if to not in moves(wave):
        if wave.practice and to in (State.FROZEN, State.PUBLISHED):
            return (Obstacle("practice"),)
        return (Obstacle("reached", {"before": wave.state, "after": to}),)
    if to == State.OPEN:
        return tuple(_against_opening(wave, described))
    return () if to != State.PUBLISHED or _printed(wave, described) else (Obstacle("printed"),)


def _printed(wave: Wave, described: Described) -> bool:
    """Whether the final edition rests on the newest freeze."""
    newest = wave.freezes.order_by("number").last()
    version = described.barometer.ledger.answers.get(wave.name)
    return newest is not None and bool(version) and newest.sha256.startswith(str(version))


def _against_opening(wave: Wave, described: Described) -> Iterator[Obstacle]:
    if wave.practice:
        return
    if described.closed < described.opened:
        yield Obstacle("dates", {"opens": str(described.opened), "closes": str(described.closed)})
    if described.closed < timezone.localdate():
        yield Obstacle("past", {"closes": str(described.closed)})
    if wave.state != State.TESTING:
        return
    if described.reference_date != wave.reference_date:
        yield Obstacle("reference", {"date": str(described.reference_date)})
    pinned = questionnaire(wave.form_id).instrument
    missing = [lang for lang in described.barometer.languages if lang not in pinned.languages]
    if missing:
        yield Obstacle("languages", {"languages": ", ".join(missing)}, overruled=True)
    try:
        if described.barometer.instrument.version != pinned.version:
            yield Obstacle("changed", overruled=True)
    except BadInput as fault:
        yield Obstacle("fault", {"fault": str(fault)}, overruled=True)


def move(
    wave: Wave, to: str, described: Described, by: Account | None = None, reason: str = ""
) -> Transition:
    """Takes a wave to another state; Refused tells all that stands against it."""
    with transaction.atomic():
        held = Wave.objects.select_for_update().get(pk=wave.pk)
        if to == State.FROZEN and held.state == State.CLOSED:
            raise Refused((Obstacle("freeze"),))
        against = obstacles(held, to, described)
        if any(not obstacle.overruled for obstacle in against):
            raise Refused(against)
        if not reason.strip() and (against or to == BACK.get(held.state)):
            raise Refused((*against, Obstacle("reason")))
        if held.state == State.DRAFT:
            _renew(held, described)
        if held.state == State.TESTING:
            tried.forget(held, by)
        if not held.practice:
            waves.announce(held, described)
        done = enter(held, to, by, reason)
    wave.refresh_from_db()
    return done


def _renew(wave: Wave, described: Described) -> None:
    try:
        waves.renew(wave, described)
    except BadInput as fault:
        raise Refused((Obstacle("fault", {"fault": str(fault)}),)) from None


def enter(wave: Wave, to: str, by: Account | None, reason: str = "") -> Transition:
    """Writes the new state with who, when and why; `wave` is locked by the caller."""
    before, wave.state = wave.state, to
    wave.save(update_fields=["state"])
    log.note(by, f"wave {to}", wave.name, before=before, reason=reason.strip())
    return Transition.objects.create(
        wave=wave, before=before, after=to, at=timezone.now(), by=by, reason=reason.strip()
    )


def counts(wave: Wave) -> dict[str, int]:
    """Units of a wave by where their response stands; `units` is all of them."""
    rows = Response.objects.filter(unit__wave=wave).values_list("status").annotate(n=Count("pk"))
    found = dict(rows.order_by())
    return {
        "units": wave.units.count(),
        **{str(status): found.get(status, 0) for status in Status.values},
    }
