"""Where the state of fieldwork is kept: SQLite in the state folder, or PostgreSQL by address."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from barograph.errors import BadInput

# WAL: readers do not wait for the writer. FULL: what was acknowledged survives a power cut.
PRAGMAS = {"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"}
WAIT = 20  # seconds a writer waits for another


def database(address: str, state: Path) -> dict[str, Any]:
    """Django's description of the database; an empty address is SQLite in `state`."""
    if not address:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": state / "barograph.sqlite3",
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                # A transaction that reads first and writes later would fail at the second step.
                "transaction_mode": "IMMEDIATE",
                "timeout": WAIT,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL",
            },
        }
    parts = urlsplit(address)
    if parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/"):
        raise BadInput(
            "DATABASE_URL names no PostgreSQL database",
            todo="Write it as postgresql://USER:PASSWORD@HOST:PORT/NAME",
        )
    if parts.query:
        raise BadInput(
            "DATABASE_URL has options after the name, which backups would not see",
            todo="Give them as libpq reads them, such as PGSSLMODE=verify-full",
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }


def assert_durable() -> None:
    """Refuses to start on a SQLite that would lose acknowledged answers or fail under load."""
    from django.db import connection

    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        for pragma, wanted in PRAGMAS.items():
            cursor.execute(f"PRAGMA {pragma}")
            found = str(cursor.fetchone()[0]).lower()
            if found != wanted:
                raise BadInput(
                    f"SQLite has {pragma} {found} where {wanted} is needed",
                    file=connection.settings_dict["NAME"],
                    todo="Keep the state folder on a local disk",
                )
    if connection.settings_dict["OPTIONS"]["transaction_mode"] != "IMMEDIATE":
        raise BadInput("transactions of SQLite must be IMMEDIATE")
