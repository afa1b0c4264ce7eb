"""Installations to back up: forty questions, a server that runs, on each database."""

from __future__ import annotations

import secrets
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from forty import BIN, Server, serving
from servers import postgresql

UNITS = 12


@dataclass
class Installation:
    """A server, and the command line beside it."""

    server: Server
    base: Path

    def run(self, *arguments: object, **more: str) -> subprocess.CompletedProcess[str]:
        """A command of barograph that sees the same database."""
        return subprocess.run(
            [str(BIN / "barograph"), *map(str, arguments)],
            env={**self.server.environment, **more},
            capture_output=True,
            text=True,
            check=False,
        )

    def back_up(self, *more: object) -> Path:
        """The newest backup after one more was made."""
        server, to = self.server, self.base / "backups"
        done = self.run("backup", server.folder, "--state", server.state, "--to", to, *more)
        assert done.returncode == 0, done.stderr
        return sorted(to.glob("barograph-2*.tar.gz"))[-1]


def empty_beside(address: str) -> str:
    """The address of a new database on the same server; "" is SQLite."""
    if not address:
        return ""
    import psycopg

    name = f"empty_{secrets.token_hex(4)}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"{address.rpartition('/')[0]}/{name}"


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def installation(request: pytest.FixtureRequest, tmp_path_factory) -> Iterator[Installation]:
    """One for all tests of a module, on each database."""
    base = tmp_path_factory.mktemp(request.param)
    with ExitStack() as stack:
        address = ""
        if request.param == "postgresql":
            address = stack.enter_context(postgresql())
        yield Installation(stack.enter_context(serving(base, UNITS, address)), base)
