"""Workers as processes on both databases: two at once, and one killed in the midst."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from forty import BIN, write
from postbox import Postbox, postbox
from servers import postgresql

UNITS = 40
pytestmark = pytest.mark.xdist_group("servers")


@dataclass
class Field:
    """A wave in the field, its database, its mail server."""

    folder: Path
    state: Path
    database: str
    box: Postbox

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "DATABASE_URL": self.database,
            "BAROGRAPH_SMTP": self.box.address,
            "BAROGRAPH_MAIL_FROM": "Barometer <barometer@institute.example>",
            "FOLDER": str(self.folder),
            "STATE": str(self.state),
        }

    def work(self, *options: str) -> subprocess.Popen[str]:
        """A worker in a process of its own."""
        command = [str(BIN / "barograph"), "work", str(self.folder), "--state", str(self.state)]
        return subprocess.Popen(
            [*command, *options], env=self.environment, stdout=subprocess.PIPE, text=True
        )

    def work_once(self) -> str:
        """What a worker says that did what was due."""
        process = self.work("--once")
        said, _ = process.communicate(timeout=100)
        assert process.returncode == 0
        return said

    def due(self, number: int) -> None:
        """Both rounds of a reminder are due."""
        planned = (
            "UPDATE collect_mailing SET state = 'planned' WHERE kind = 'reminder' AND number = ?"
        )
        self.sql(planned, number)

    def sql(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """Straight to the database."""
        if self.database:
            import psycopg

            with psycopg.connect(self.database) as connection:
                cursor = connection.execute(statement.replace("?", "%s"), values)  # type: ignore[arg-type]
                return cursor.fetchall() if cursor.description else []
        with closing(sqlite3.connect(self.state / "barograph.sqlite3", timeout=20)) as file, file:
            return file.execute(statement, values).fetchall()

    def states(self, kind: str, number: int) -> dict[object, int]:
        """How many messages of a round are in which state."""
        key = f"%:{kind}:{number}"
        counted = "SELECT state, COUNT(*) FROM collect_message WHERE key LIKE ? GROUP BY state"
        return {state: int(str(count)) for state, count in self.sql(counted, key)}

    def arrived(self) -> Counter[str]:
        """Copies by address of what came in since the last look."""
        got, self.box.got = self.box.got, []
        return Counter(each.to[0] for each in got)


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def field(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Field]:
    base = tmp_path_factory.mktemp(request.param)
    write(base / "barometer", UNITS)
    (base / "state").mkdir(mode=0o700)

    def made(database: str, box: Postbox) -> Field:
        found = Field(base / "barometer", base / "state", database, box)
        script = Path(__file__).parents[1] / "support" / "mailed.py"
        subprocess.run([sys.executable, str(script)], env=found.environment, check=True)
        return found

    with postbox() as box:
        if request.param == "sqlite":
            yield made("", box)
            return
        with postgresql() as address:
            yield made(address, box)


def test_two_workers_at_once_release_and_send_a_round_once(field: Field) -> None:
    workers = [field.work("--once"), field.work("--once")]
    said = "".join(worker.communicate(timeout=100)[0] for worker in workers)
    assert field.arrived() == {f"clerk@u{n:05}.example": 1 for n in range(UNITS)}
    assert field.states("invitation", 1) == {"sent": UNITS}
    assert sum(map(int, re.findall(r"released (\d+)", said))) == UNITS
    links = field.sql("SELECT COUNT(*), COUNT(DISTINCT contact_id) FROM collect_invitation")
    assert links == [(UNITS, UNITS)]


def test_a_worker_killed_in_the_midst_loses_nothing(field: Field) -> None:
    field.due(1)
    field.box.delay = 0.05
    worker = field.work()
    until = time.monotonic() + 100
    while len(field.box.got) < 7:
        assert time.monotonic() < until, "the worker sends nothing"
        time.sleep(0.01)
    worker.send_signal(signal.SIGKILL)
    worker.wait(20)
    field.box.delay = 0.0
    left = field.states("reminder", 1).get("claimed", 0)
    assert left in (0, 1), "one message at most was in hand"
    long_ago = datetime.now(UTC) - timedelta(minutes=11)
    field.sql("UPDATE collect_message SET claimed = ? WHERE state = 'claimed'", str(long_ago))
    field.work_once()
    assert field.states("reminder", 1) == {"sent": UNITS}
    ids = {each.message["Message-ID"] for each in field.box.got}
    assert len(ids) == UNITS, "a copy has the Message-ID of the first"
    arrived = field.arrived()
    assert len(arrived) == UNITS
    assert arrived.total() - UNITS <= left, "only what may not have gone out is sent again"
    assert field.sql("SELECT COUNT(*) FROM collect_message WHERE uncertain") == [(left,)]
