"""Who works here: colleagues are let in by one-time links, and let out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from barograph.cli.app import FIELD, Folder, State, app

staff = typer.Typer(help="Let colleagues in and out of the desk.", no_args_is_help=True)
app.add_typer(staff, name="staff")

Email = Annotated[str, typer.Argument(help="Mail address of the colleague.")]


@staff.command()
def add(
    folder: Folder,
    email: Email,
    role: Annotated[
        str, typer.Option(help="researcher, fieldworker, analyst, publisher or reader.")
    ],
    state: State = FIELD,
) -> None:
    """Let a colleague in; prints a one-time link to hand over in person."""
    _open(folder, state)
    from barograph.accounts import staff as members

    _tell(members.link(members.add(email, role)))


@staff.command("list")
def members_(folder: Folder, state: State = FIELD) -> None:
    """Who is let in, as what, and when they came last."""
    _open(folder, state)
    from barograph.accounts.models import Account

    for account in Account.objects.filter(is_active=True).order_by("email"):
        last = f"{account.last_login:%Y-%m-%d %H:%M} UTC" if account.last_login else "never came"
        print(f"{account.email}  {account.role}  {last}")


@staff.command()
def link(folder: Folder, email: Email, state: State = FIELD) -> None:
    """Print another one-time link, for whoever lost password or telephone."""
    _open(folder, state)
    from barograph.accounts import staff as members

    _tell(members.link(members.member(email)))


@staff.command()
def remove(folder: Folder, email: Email, state: State = FIELD) -> None:
    """Let a colleague out, from the next page on."""
    _open(folder, state)
    from barograph.accounts import staff as members

    members.remove(members.member(email))
    print(f"{email} is let out.")


def _open(folder: Path, state: Path) -> None:
    from barograph.web import server

    server.prepare(folder, None, state, int(os.environ.get("PORT", "8000")))


def _tell(address: str) -> None:
    print("This link works once, within 24 hours; hand it over in person or by a safe channel:")
    print(f"  {address}")
