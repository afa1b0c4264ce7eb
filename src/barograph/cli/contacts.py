"""Contacts of the municipalities from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from barograph.cli.app import FIELD, Folder, State, app
from barograph.errors import BadInput
from barograph.files import read_bytes


@app.command()
def contacts(
    file: Annotated[Path, typer.Argument(help="CSV with email and code, nis or municipality.")],
    folder: Folder,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check and count; write nothing.")
    ] = False,
    state: State = FIELD,
) -> None:
    """Import contacts: all rows, or none and every fault by row and column."""
    from barograph.web import server

    data = read_bytes(file)
    server.prepare(folder, None, state)
    import barograph as bg
    from barograph.collect.contacts import importing

    reading = importing.check(data, importing.Municipalities.of(bg.open(folder)))
    if reading.faults:
        told = [
            str(BadInput(importing.told(f, "en"), file=file, row=f.row, column=f.column or None))
            for f in reading.faults
        ]
        raise BadInput("\n".join([*told, f"{len(told)} faults; nothing was imported"]))
    until = importing.retained_until(folder)
    done = importing.changes(reading, until) if dry_run else importing.save(reading, until, None)
    if reading.ignored:
        print(f"Columns not read: {', '.join(reading.ignored)}")
    counts = done.counts
    print(
        f"{reading.encoding}, {reading.delimiter}: {counts['new']} new, {counts['changed']} changed, "
        f"{counts['same']} as they were, {counts['opted_out']} of them opted out; kept until {until}"
    )
    if dry_run:
        print("Nothing was written (--dry-run).")
