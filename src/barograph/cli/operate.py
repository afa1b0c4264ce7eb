"""An installation, kept: backups, their restoring, a look whether all is well."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from barograph.cli.app import Folder, State, app

STATE = Path("var/field")


@app.command()
def backup(
    folder: Folder,
    to: Annotated[
        Path, typer.Option(help="Folder of the backups; on another disk than the state.")
    ],
    keep: Annotated[int, typer.Option(min=1, help="How many to keep; the oldest go.")] = 14,
    state: State = STATE,
) -> None:
    """Back up database, uploads, secret and barometer in one verified archive, while all runs."""
    from barograph.operate.backup import backup as back_up

    def step(name: str) -> None:
        if sys.stdout.isatty():
            print(f"  {name}", flush=True)

    made = back_up(folder, state, os.environ.get("DATABASE_URL", ""), to, keep, step)
    rows = sum(made.manifest.rows.values())
    print(f"Backup of {folder}, verified: {made.path}")
    print(f"  {rows} rows, {made.size / 2**20:.1f} MB, SHA-256 {made.sha256}")
    for old in made.removed:
        print(f"  removed {old.name}: more than {keep}")


@app.command()
def restore(
    archive: Annotated[Path, typer.Argument(help="A backup, barograph-....tar.gz.")],
    state: Annotated[Path, typer.Option(help="Folder of the state; new, or see --replace.")],
    folder: Annotated[
        Path | None, typer.Option(help="New folder for the barometer's files, if wanted.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Set aside the installation that is there.")
    ] = False,
) -> None:
    """Put a backup in place, once it is verified whole; DATABASE_URL names PostgreSQL."""
    from barograph.operate.restore import restore as put_back

    manifest = put_back(
        archive, state, os.environ.get("DATABASE_URL", ""), folder=folder, replace=replace
    )
    rows = sum(manifest.rows.values())
    print(
        f"Restored {archive.name} of {manifest.made[:16]}: {rows} rows of {manifest.engine} ",
        end="",
    )
    print(f"in {state}. Look at it: barograph doctor FOLDER --state {state}")


@app.command()
def doctor(folder: Folder, state: State = STATE) -> None:
    """Say whether the installation is well, one line each; exit code 2 when something is wrong."""
    from barograph.operate.doctor import examine

    wrong = 0
    for finding in examine(folder, state):
        print(finding)
        wrong += finding.level == "wrong"
    if wrong:
        print(f"{wrong} wrong", file=sys.stderr)
        raise typer.Exit(2)
