"""The mail of a wave: its send plan, and what works the outbox."""

from __future__ import annotations

import os
import threading
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from barograph.cli.app import FIELD, Folder, State, WaveName, app
from barograph.errors import BadInput

if TYPE_CHECKING:
    from barograph.collect.models import Wave

mail = typer.Typer(
    help="Plan the rounds of a wave: its invitation and reminders.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(mail, name="mail")


@mail.command()
def plan(
    folder: Folder,
    wave: WaveName,
    kind: Annotated[str, typer.Option(help="invitation or reminder.")],
    due: Annotated[
        str, typer.Option(help="When, such as 2026-12-01T09:00, in BAROGRAPH_TIME_ZONE.")
    ],
    number: Annotated[int, typer.Option(help="Which reminder.")] = 1,
    only: Annotated[
        list[str] | None, typer.Option(help="A stratum, such as region=flanders; repeatable.")
    ] = None,
    per_minute: Annotated[int, typer.Option(help="Most messages in a minute.")] = 60,
    state: State = FIELD,
) -> None:
    """Plan a round; the worker releases it when it is due and the wave is open."""
    found = _wave(folder, wave, state)
    from barograph.collect.rounds import plan as rounds
    from barograph.collect.rounds.reach import reach

    stratum = rounds.stratum_of(only or [])
    made = rounds.plan(found, kind, number, stratum, rounds.moment(due), per_minute, None)
    reached = reach(made)
    left_out = ", ".join(f"{why} {n}" for why, n in sorted(reached.left_out.items())) or "nobody"
    print(f"Round {made.pk} planned for {_local(made.due)}.")
    print(f"It would reach {len(reached.addressees)} contacts today; left out: {left_out}.")


@mail.command("list")
def list_rounds(folder: Folder, wave: WaveName, state: State = FIELD) -> None:
    """List the rounds of a wave and what became of their messages."""
    found = _wave(folder, wave, state)
    for each in found.mailings.order_by("due", "pk"):
        counts = Counter(each.messages.values_list("state", flat=True))
        stratum = " ".join(f"{name}={','.join(v)}" for name, v in each.stratum.items()) or "all"
        told = ", ".join(f"{state} {n}" for state, n in sorted(counts.items())) or "no message yet"
        print(
            f"{each.pk}: {each.kind} {each.number}, {stratum}, {_local(each.due)}, "
            f"{each.per_minute} a minute, {each.state}: {told}"
        )


@mail.command()
def cancel(
    folder: Folder,
    wave: WaveName,
    round_: Annotated[int, typer.Argument(metavar="ROUND", help="Its number in the list.")],
    state: State = FIELD,
) -> None:
    """Take a round back; what has not gone out stays here."""
    found = _wave(folder, wave, state)
    from barograph.collect.rounds import plan as rounds

    mailing = found.mailings.filter(pk=round_).first()
    if mailing is None:
        raise BadInput(f"wave {wave} has no round {round_}", todo="See: barograph mail list")
    print(f"Round {round_} cancelled; {rounds.cancel(mailing, None)} messages stopped.")


@app.command()
def work(
    folder: Folder,
    once: Annotated[bool, typer.Option("--once", help="Do what is due and end (cron).")] = False,
    clock_is_right: Annotated[
        bool, typer.Option("--clock-is-right", help="Confirm the clock, if rounds wait for that.")
    ] = False,
    state: State = FIELD,
) -> None:
    """Release rounds that are due and send what waits in the outbox, until Ctrl-C."""
    import signal

    _configured(folder, state)
    from barograph.collect.outbox import clock, worker

    if clock_is_right:
        clock.confirm(None)
    if once:
        done = worker.once()
        print(", ".join(f"{what} {n}" for what, n in sorted(done.items())) or "Nothing was due.")
        print("\n".join(worker.state_told()))
        return
    print(f"Working the outbox of {folder} (Ctrl-C ends it)", flush=True)
    stop = threading.Event()
    for end in (signal.SIGINT, signal.SIGTERM):
        signal.signal(end, lambda *_: stop.set())
    worker.forever(stop)
    print("Stopped.")


@app.command()
def bounces(
    box: Annotated[
        Path, typer.Argument(help="A message, an mbox file or a Maildir with what came back.")
    ],
    folder: Folder,
    state: State = FIELD,
) -> None:
    """Read what mail servers sent back, and mark addresses that do not exist."""
    _configured(folder, state)
    from barograph.collect.outbox.bounces import take_in

    counts = take_in(box)
    print(", ".join(f"{what} {n}" for what, n in sorted(counts.items())) or "No message found.")


def _wave(folder: Path, name: str, state: Path) -> Wave:
    """The wave in the database, practice too; BadInput when it is not in the field."""
    _configured(folder, state)
    from barograph.collect.models import Wave

    found = Wave.objects.filter(name=name).first()
    if found is None:
        known = ", ".join(Wave.objects.values_list("name", flat=True)) or "none"
        raise BadInput(f"wave {name!r} is not in the field", todo=f"In the field are: {known}")
    return found


def _configured(folder: Path, state: Path) -> None:
    from barograph.web import server

    server.prepare(folder, None, state, int(os.environ.get("PORT") or 8000))


def _local(moment: datetime) -> str:
    """A time in the zone of the installation."""
    from django.utils.timezone import localtime

    return f"{localtime(moment):%Y-%m-%d %H:%M %Z}"
