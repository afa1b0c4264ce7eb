"""The database of an installation, taken out and put back whole: SQLite or PostgreSQL."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from barograph.errors import BadInput
from barograph.web.database import database

if TYPE_CHECKING:
    import psycopg

OURS = ("accounts", "collect")  # apps whose tables and migrations are ours
TABLE = re.compile(r"(accounts|collect)_\w+")
MIGRATIONS = "SELECT app, name FROM django_migrations WHERE app IN ('accounts', 'collect')"
# A copy line of a dump in words: the table whose rows follow.
COPY = re.compile(rb'COPY (?:public\.)?"?(\w+)"? \(')
ASIDE = "barograph_before_"


def of(address: str, state: Path) -> Sqlite | Postgresql:
    """The database that the settings name."""
    settings = database(address, state)
    if settings["ENGINE"].endswith("sqlite3"):
        return Sqlite(Path(settings["NAME"]))
    return Postgresql(
        {k.lower(): settings[k] for k in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
    )


def _by_app(rows: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    return {app: sorted(name for of, name in rows if of == app) for app in OURS}


@dataclass(frozen=True)
class Sqlite:
    """A file in the state folder."""

    path: Path
    engine = "sqlite"
    member = "state/barograph.sqlite3"

    def exists(self) -> bool:
        """Whether there is something to back up, or to overwrite."""
        return self.path.exists()

    def rows(self) -> dict[str, int]:
        """Rows of each table of ours, now."""
        with self._opened(self.path) as file:
            return _counted(file)

    def migrations(self) -> dict[str, list[str]]:
        """The migrations applied, per app."""
        with self._opened(self.path) as file:
            return _by_app(file.execute(MIGRATIONS).fetchall())

    def dump(self, to: Path) -> None:
        """One consistent copy, while others write."""
        with self._opened(self.path) as source, closing(sqlite3.connect(to)) as copy:
            source.backup(copy)  # all pages in one step: a writer cannot make it begin again
            copy.execute("PRAGMA journal_mode=DELETE")
        to.chmod(0o600)

    def check(self, dump: Path) -> dict[str, int]:
        """Rows of each table of a copy that is sound; BadInput otherwise."""
        with self._opened(dump) as file:
            (verdict,) = file.execute("PRAGMA integrity_check(1)").fetchone()
            if verdict != "ok":
                raise BadInput(f"the database is damaged: {verdict}", file=dump)
            return _counted(file)

    def replace(self, dump: Path) -> None:
        """Nothing: the file takes its place with the state folder."""

    def assert_idle(self) -> None:
        """BadInput while somebody has the database open."""
        if not self.path.exists():
            return
        try:
            with closing(sqlite3.connect(self.path, timeout=1)) as file:
                # Every connection in WAL mode holds a shared lock, also when it does nothing.
                file.execute("PRAGMA locking_mode=EXCLUSIVE")
                file.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            raise _busy(self.path) from None
        except sqlite3.DatabaseError:
            return  # damaged: what a restore is for

    @staticmethod
    @contextmanager
    def _opened(path: Path) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(path, timeout=60)) as file:
                yield file
        except sqlite3.OperationalError as error:
            raise BadInput(f"the database cannot be used ({error})", file=path) from None
        except sqlite3.DatabaseError as error:
            raise BadInput(f"the database is damaged ({error})", file=path) from None


def _counted(file: sqlite3.Connection) -> dict[str, int]:
    names = [name for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type='table'")]
    return {
        name: file.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
        for name in sorted(names)
        if TABLE.fullmatch(name)
    }


def _busy(place: Path | str) -> BadInput:
    return BadInput("the database is in use", file=place, todo="Stop the server and the worker")


@dataclass(frozen=True)
class Postgresql:
    """A database of a server, through its own programs."""

    settings: Mapping[str, str]
    engine = "postgresql"
    member = "database.dump"

    def exists(self) -> bool:
        """Whether there is something to back up, or to overwrite."""
        with self._opened() as connection:
            return bool(self._tables(connection))

    def rows(self) -> dict[str, int]:
        """Rows of each table of ours, now."""
        from psycopg import sql

        with self._opened() as connection:
            count = sql.SQL("SELECT count(*) FROM {}")
            return {
                name: connection.execute(count.format(sql.Identifier(name))).fetchone()[0]  # type: ignore[index]
                for name in self._tables(connection)
            }

    def migrations(self) -> dict[str, list[str]]:
        """The migrations applied, per app."""
        with self._opened() as connection:
            return _by_app(connection.execute(MIGRATIONS).fetchall())

    def dump(self, to: Path) -> None:
        """One consistent dump in the custom format, while others write."""
        to.touch(mode=0o600)
        self._run(
            "pg_dump",
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            f"--exclude-schema={ASIDE}*",
            f"--file={to}",
            self.settings["name"],
        )

    def check(self, dump: Path) -> dict[str, int]:
        """Rows of each table of a dump, read to its end; BadInput when it cannot be."""
        command = [_program("pg_restore"), "--data-only", "--file=-", str(dump)]
        counts: dict[str, int] = {}
        table = ""
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if table:
                    table = "" if line == b"\\.\n" else table
                    if table in counts:
                        counts[table] += 1
                elif started := COPY.match(line):
                    table = started[1].decode()
                    if TABLE.fullmatch(table):
                        counts[table] = 0
            assert process.stderr is not None
            said = process.stderr.read().decode("utf-8", "replace")
        if process.returncode:
            raise BadInput(f"the dump is damaged ({_first(said)})", file=dump)
        return dict(sorted(counts.items()))

    def replace(self, dump: Path) -> None:
        """Puts a dump in the place of what is there, which moves to a schema of its own.

        When the dump cannot be loaded, all is as it was.
        """
        aside = f"{ASIDE}{datetime.now(UTC):%Y%m%d%H%M%S}"
        held = self.exists()
        if held:
            self._execute(f"ALTER SCHEMA public RENAME TO {aside}", "CREATE SCHEMA public")
        try:
            self.load(dump)
        except BadInput:
            if held:
                self._execute(
                    "DROP SCHEMA public CASCADE", f"ALTER SCHEMA {aside} RENAME TO public"
                )
            raise

    def _execute(self, *statements: str) -> None:
        """All of them, or none."""
        with self._opened() as connection:
            for statement in statements:
                connection.execute(statement)

    def load(self, dump: Path) -> None:
        """Puts a dump in an empty database: all of it or nothing."""
        self._run(
            "pg_restore",
            "--single-transaction",
            "--exit-on-error",
            "--no-owner",
            "--no-privileges",
            f"--dbname={self.settings['name']}",
            str(dump),
        )

    def assert_idle(self) -> None:
        """BadInput while somebody else is connected."""
        others = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND usename = current_user AND pid <> pg_backend_pid()"
        )
        with self._opened() as connection:
            if connection.execute(others).fetchone() != (0,):
                raise _busy(self.settings["name"])

    @contextmanager
    def _opened(self) -> Iterator[psycopg.Connection[Any]]:
        try:
            import psycopg
        except ModuleNotFoundError:
            raise BadInput(
                "PostgreSQL needs a package", todo="Install barograph[postgres]"
            ) from None
        given = {"dbname" if k == "name" else k: v for k, v in self.settings.items() if v}
        try:
            with psycopg.connect(**given, connect_timeout=10) as connection:  # type: ignore[arg-type]
                yield connection
        except psycopg.OperationalError as error:
            raise BadInput(f"the database does not answer ({_first(str(error))})") from None

    @staticmethod
    def _tables(connection: psycopg.Connection[Any]) -> list[str]:
        found = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
        )
        return [name for (name,) in found if TABLE.fullmatch(name)]

    def _run(self, program: str, *arguments: str) -> None:
        """One of PostgreSQL's programs; the password goes by the environment, which nobody lists."""
        names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}
        given = {names[k]: v for k, v in self.settings.items() if v and k in names}
        done = subprocess.run(
            [_program(program), *arguments],
            env={**os.environ, **given},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise BadInput(f"{program} failed ({_first(done.stderr)})")


def _program(name: str) -> str:
    """The path of one of PostgreSQL's programs."""
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    path = str(installed[-1]) if installed else shutil.which(name)
    if path is None:
        raise BadInput(
            f"the program {name} is not on this machine",
            todo="Install the package postgresql-client, of the version of the server",
        )
    return path


def _first(said: str) -> str:
    """The first line of what a program said: those after it may quote rows."""
    return next((line.strip() for line in said.splitlines() if line.strip()), "no reason told")
