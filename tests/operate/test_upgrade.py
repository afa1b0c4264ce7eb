"""From the version before to this one, with the data of a country: whole, cut off, and begun again."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from forty import write

from barograph.operate.restore import known_migrations

ROUNDS = 4
UNITS, ANSWERS = 589, 40
BEFORE = """
import sys
from pathlib import Path
from barograph.web.server import configure
folder, last = Path(sys.argv[1]), sys.argv[2]
configure(folder, None, folder.parent / "state", migrate=False)
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
call_command("migrate", "collect", last, verbosity=0)
apps = MigrationLoader(connection).project_state(("collect", last)).apps
of = lambda name: apps.get_model("collect", name).objects
form = of("Form").create(version="v", content="{}", xform="")
wave = of("Wave").create(name="2026", form=form, title={}, reference_date="2026-01-01")
Unit, Response, Answer = (apps.get_model("collect", n) for n in ("Unit", "Response", "Answer"))
units = of("Unit").bulk_create([Unit(wave=wave, code=f"U{n}", name="x", domains={}) for n in range(UNITS)])
made = of("Response").bulk_create([Response(unit=u, form=form, public_id=f"{n:016}") for n, u in enumerate(units)])
of("Answer").bulk_create(
    [Answer(response=r, key=f"k{k}", value="v", serial=1, page="p") for r in made for k in range(ANSWERS)]
)
""".replace("UNITS", str(UNITS)).replace("ANSWERS", str(ANSWERS))
UPGRADE = """
import sys
from pathlib import Path
import django.core.management.commands.migrate
from barograph.web import server
print("now", flush=True)
folder = Path(sys.argv[1])
server.configure(folder, None, folder.parent / "state")
"""


def start(code: str, *arguments: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        env={**os.environ, "DATABASE_URL": "", "BAROGRAPH_HOST": ""},
        stdout=subprocess.PIPE,
    )


def finish(process: subprocess.Popen[bytes]) -> None:
    process.communicate(timeout=120)
    assert process.returncode == 0


@pytest.fixture(scope="module")
def before(tmp_path_factory) -> Path:
    """An installation as the version before left it."""
    base = tmp_path_factory.mktemp("before")
    write(base / "barometer", 2)
    finish(start(BEFORE, base / "barometer", known_migrations("collect")[-2]))
    return base


def applied(state: Path) -> list[str]:
    """The migrations of collect in a database that is sound and holds every answer."""
    with closing(sqlite3.connect(state / "barograph.sqlite3")) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        count = file.execute("SELECT count(*) FROM collect_answer").fetchone()
        assert count == (UNITS * ANSWERS,)
        names = file.execute("SELECT name FROM django_migrations WHERE app = 'collect' ORDER BY id")
        return [name for (name,) in names]


def test_an_upgrade_cut_off_anywhere_runs_again(before: Path, tmp_path: Path) -> None:
    known = known_migrations("collect")
    assert applied(before / "state") == known[:-1]
    for turn in range(ROUNDS):
        base = tmp_path / str(turn)
        shutil.copytree(before, base)
        process = start(UPGRADE, base / "barometer")
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(turn * turn * 0.2)  # somewhere from its first step to well after its last
        process.kill()
        process.communicate()
        assert applied(base / "state") in (known[:-1], known)
        finish(start(UPGRADE, base / "barometer"))
        assert applied(base / "state") == known
