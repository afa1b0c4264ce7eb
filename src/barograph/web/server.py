"""One server on one port: the edition at /, the interview under /a/."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile

from barograph.errors import BadInput
from barograph.files import read_toml

WORKER = "barograph.web.wsgi:application"


def configure(
    folder: Path | None,
    edition: Path | None,
    state: Path | None,
    port: int = 8000,
    *,
    migrate: bool = True,
) -> None:
    """Tells Django where things are, in this process and in those it starts; the database is made fit.

    BadInput when the state cannot be written, or its database does not answer.
    """
    import django
    from django.core.management import call_command

    named = {
        "BAROGRAPH_FOLDER": folder,
        "BAROGRAPH_EDITION": edition,
        "BAROGRAPH_STATE": state,
        "PORT": port,
    }
    os.environ |= {name: "" if value is None else str(value) for name, value in named.items()}
    os.environ["DJANGO_SETTINGS_MODULE"] = "barograph.web.settings"
    if state is not None:
        _assert_writable(state)
    django.setup()
    if folder is None or not migrate:
        return
    from django.db import DatabaseError

    from barograph.web.database import assert_durable

    try:
        call_command("migrate", verbosity=0)
    except DatabaseError as error:
        reason = str(error).strip().splitlines()[0]
        raise BadInput(f"the database cannot be used ({reason})", file=state) from None
    assert_durable()


def _assert_writable(state: Path) -> None:
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        with TemporaryFile(dir=state):
            pass
    except OSError as error:
        raise BadInput(
            f"cannot be written ({error.strerror})",
            file=state,
            todo="Let the user who runs the server own it, or name another with --state",
        ) from None


def prepare(folder: Path, edition: Path | None, state: Path, port: int = 8000) -> None:
    """Reads the barometer and makes its state fit; BadInput for a folder that is none."""
    read_toml(folder / "barometer.toml")  # its libraries load only where figures or a wave are made
    if edition is not None and not (edition / "manifest.json").exists():
        raise BadInput("is no edition", file=edition, todo="Publish one with: barograph publish")
    if (state / "barograph.sqlite3").exists() and not (state / "secret").exists():
        raise _other_secret(state)
    configure(folder, edition, state, port)
    from barograph.collect import invitations

    if not invitations.secret_fits():
        raise _other_secret(state)


def _other_secret(state: Path) -> BadInput:
    return BadInput(
        "the secret of this installation is not there, and without it every link sent is dead",
        file=state / "secret",
        todo="Restore it from a backup: barograph restore",
    )


def directions(folder: Path, *, practice: bool) -> str:
    """Where to look: the preview, and the link into a practice wave when one is wanted."""
    from django.conf import settings

    lines = []
    if practice:
        import barograph as bg
        from barograph.accounts import links, staff
        from barograph.collect import invitations, waves
        from barograph.collect.practice import furnish

        barometer = bg.open(folder)
        described, researcher = waves.latest(barometer), staff.practising()
        invitation = waves.practise(described, barometer.languages[0])
        furnish(invitation.unit.wave, described, researcher)
        lines += [
            "Practice wave, never published; answer it through this invitation:",
            f"  {invitations.link(invitation)}",
            f"Its mailbox:                {settings.ADDRESS}/a/mailbox/",
            "The desk of the researchers; this link works once, within ten minutes:",
            f"  {links.issue(researcher, links.AT_START)}",
        ]
    if not settings.LOCAL and settings.SMTP is None:
        lines.append(
            "No mail is sent: BAROGRAPH_SMTP names no server. Messages wait in the outbox."
        )
    if settings.LOCAL:
        lines.append(f"Preview of the questionnaire: {settings.ADDRESS}/a/preview/")
    return "\n".join(lines)


def serve(port: int) -> None:
    """Serves what was configured until Ctrl-C; only this machine can reach it, or a proxy on it."""
    from django.conf import settings
    from django.db import connection, connections
    from granian import Granian
    from granian.constants import Interfaces

    # Writers of SQLite wait for each other unfairly: one process with one thread serves all best.
    alone = connection.vendor == "sqlite"
    connections.close_all()
    _refuse_taken(port)
    with _outbox_emptied():
        Granian(
            WORKER,
            address="127.0.0.1",
            port=port,
            interface=Interfaces.WSGI,
            workers=1 if alone else 2,
            blocking_threads=1 if alone else 4,
            websockets=False,
            log_level="warning",  # type: ignore[arg-type]
            log_dictconfig=settings.LOGGING,
            respawn_failed_workers=True,
        ).serve()


@contextmanager
def _outbox_emptied() -> Iterator[None]:
    """The worker beside the server, while there is a barometer; it ends after the message in hand."""
    from django.conf import settings

    if not settings.BAROMETER:
        yield
        return
    process = subprocess.Popen([sys.executable, "-m", "barograph.web.beside", str(os.getpid())])
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def _refuse_taken(port: int) -> None:
    import socket

    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind(("127.0.0.1", port))
        except OSError as error:
            raise BadInput(
                f"port {port} cannot be used ({error.strerror})", todo="Choose another with --port"
            ) from None
