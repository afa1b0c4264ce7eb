"""The mail of a wave: what works the outbox."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Annotated

import typer

from barograph.cli.app import Folder, State, app


@app.command()
def work(
    folder: Folder,
    once: Annotated[bool, typer.Option("--once", help="Do what is due and end (cron).")] = False,
    clock_is_right: Annotated[
        bool, typer.Option("--clock-is-right", help="Confirm the clock, if rounds wait for that.")
    ] = False,
    state: State = Path("var/field"),
) -> None:
    """Release rounds that are due and send what waits in the outbox, until Ctrl-C."""
    import signal

    from barograph.web import server

    server.prepare(folder, None, state, int(os.environ.get("PORT") or 8000))
    from barograph.collect.outbox import clock, worker

    if clock_is_right:
        clock.confirm(None)
    if not once:
        print(f"Working the outbox of {folder} (Ctrl-C ends it)", flush=True)
        stop = threading.Event()
        for end in (signal.SIGINT, signal.SIGTERM):
            signal.signal(end, lambda *_: stop.set())
        worker.forever(stop)
        print("Stopped.")
        return
    done = worker.once()
    print(", ".join(f"{state} {n}" for state, n in sorted(done.items())) or "Nothing was due.")
    for line in worker.state_told():
        print(line)
