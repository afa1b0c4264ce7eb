"""How long personal data is kept: [retention] of barometer.toml, and when a wave closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

from barograph.collect.models import Transition, Wave
from barograph.errors import BadInput
from barograph.files import read_record, read_toml

LONGEST = 120  # months
SHUT = (Wave.State.CLOSED, Wave.State.FROZEN, Wave.State.PUBLISHED)


@dataclass(frozen=True)
class Periods:
    """Months after a wave has closed; of the key, which tells persons by their answers, after publication."""

    contacts_months: int = 24
    texts_months: int = 24
    messages_months: int = 12
    key_months: int = 12


def read(folder: Path) -> Periods:
    """[retention] of a barometer; BadInput for a setting that is none."""
    path = folder / "barometer.toml"
    found = read_record(path, Periods, "retention", read_toml(path).get("retention", {}))
    for name, months in vars(found).items():
        if months > LONGEST:
            raise BadInput(f"is more than {LONGEST} months", file=path, column=f"retention.{name}")
    return found


def later(day: date, months: int) -> date:
    """The same day so many months later; the 29th to 31st count as the 28th."""
    years, month = divmod(day.month - 1 + months, 12)
    return date(day.year + years, month + 1, min(day.day, 28))


def entered(wave: Wave, state: str) -> date | None:
    """When a wave came into a state for the last time, if it is there or beyond."""
    beyond = SHUT[SHUT.index(Wave.State(state)) :]
    if wave.practice or wave.state not in beyond:
        return None
    moves = Transition.objects.filter(wave=wave, after=state).order_by("-at")
    moved = moves.first()
    if moved is not None:
        return moved.at.date()
    return wave.closes if state == Wave.State.CLOSED else None


def past(state: str, months: int, today: date) -> list[Wave]:
    """The waves that came into a state at least so many months ago."""
    found = []
    for wave in Wave.objects.filter(practice=False):
        since = entered(wave, state)
        if since is not None and later(since, months) <= today:
            found.append(wave)
    return found


def midnight(day: date) -> datetime:
    """Where a day begins."""
    return datetime.combine(day, time.min, UTC)
