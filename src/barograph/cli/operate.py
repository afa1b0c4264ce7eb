"""An installation, kept: backups, their restoring, a look whether all is well; what is kept of persons."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from barograph.cli.app import FIELD, Folder, State, app
from barograph.errors import BadInput, BarographError


@app.command()
def backup(
    folder: Folder,
    to: Annotated[
        Path, typer.Option(help="Folder of the backups; on another disk than the state.")
    ],
    keep: Annotated[int, typer.Option(min=1, help="How many to keep; the oldest go.")] = 14,
    state: State = FIELD,
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
def doctor(folder: Folder, state: State = FIELD) -> None:
    """Say whether the installation is well, one line each; exit code 2 when something is wrong."""
    from barograph.operate.doctor import examine

    wrong = 0
    for finding in examine(folder, state):
        print(finding)
        wrong += finding.level == "wrong"
    if wrong:
        print(f"{wrong} wrong", file=sys.stderr)
        raise typer.Exit(2)


@app.command()
def retain(
    folder: Folder,
    run: Annotated[
        bool, typer.Option("--run", help="Erase it; without this nothing is changed.")
    ] = False,
    state: State = FIELD,
) -> None:
    """Say what has been kept long enough by [retention] of barometer.toml; with --run erase it."""
    from barograph.web import server

    server.configure(folder, None, state)
    from django.utils import timezone

    from barograph.accounts import log
    from barograph.collect.outbox import clock
    from barograph.collect.privacy import erasing, periods, retention

    kept, today = periods.read(folder), timezone.localdate()
    if run:
        if doubt := clock.check():
            todo = "Set it right, or confirm it: barograph work FOLDER --once --clock-is-right"
            raise BadInput(f"the clock is not believed ({doubt})", todo=todo)
        counts = erasing.run("retention", lambda: retention.due(kept, today))
        if any(counts.values()):
            log.note(None, "retention run", counts=counts)
            erasing.scrub()
    else:
        counts = erasing.counts(retention.due(kept, today))
    for what, count in counts.items():
        print(f"{count:>7} {what}")
    print(
        "Erased; backups made before hold it until they are aged out"
        if run
        else "Nothing is changed; erase with --run"
    )


@app.command()
def person(
    folder: Folder,
    email: Annotated[str, typer.Argument(help="Mail address of the person.")],
    erase: Annotated[
        bool, typer.Option("--erase", help="Remove names and addresses; coded answers stay.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="File for the JSON; else it is printed.")] = None,
    state: State = FIELD,
) -> None:
    """Tell all that is kept of one person, as JSON; or erase it."""
    import json

    from barograph.web import server

    server.configure(folder, None, state)
    from barograph.accounts import log
    from barograph.collect import mail
    from barograph.collect.privacy import erasing
    from barograph.collect.privacy import person as of_person

    if not mail.address(email):
        raise BarographError(f"{email!r} is no mail address")
    told = of_person.known(email.strip())
    _write(json.dumps({"email": email, **told}, ensure_ascii=False, indent=1), out)
    log.note(None, "person told", rows=of_person.number(told))
    if not erase:
        return
    counts = erasing.run("person", lambda: of_person.erasures(email.strip()))
    log.note(None, "person erased", counts=counts)
    erasing.scrub()
    for what, count in counts.items():
        print(f"{count:>7} {what}", file=sys.stderr)
    if told["staff"]:
        print("A staff account has this address; it stays, with its log", file=sys.stderr)


@app.command()
def register(
    folder: Folder,
    out: Annotated[Path, typer.Option(help="File for the JSON.")],
    state: State = FIELD,
) -> None:
    """Write the register of processing (Art. 30 GDPR) in every language, as JSON."""
    import json

    from barograph.web import server

    server.configure(folder, None, state, migrate=False)
    from barograph.collect.privacy.register import register as told_in
    from barograph.files import read_toml

    told = {
        lang: told_in(folder, lang) for lang in read_toml(folder / "barometer.toml")["languages"]
    }
    _write(json.dumps(told, ensure_ascii=False, indent=1), out)
    print(f"Register of processing in {out}: {', '.join(told)}")


def _write(text: str, out: Path | None) -> None:
    """To a file for its owner only, or to the terminal."""
    if out is None:
        print(text)
        return
    try:
        with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text + "\n")
    except OSError as error:
        raise BarographError(f"cannot be written ({error.strerror})", file=out) from None
