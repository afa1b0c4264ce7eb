"""The doctor and the health page: each fault that can be made is told, and only that one."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from forty import write

BIN = Path(sys.executable).parent
PREPARE = """
import os
from pathlib import Path
from barograph.web.server import configure
configure(Path(os.environ["FOLDER"]), None, Path(os.environ["STATE"]))
import barograph as bg
from barograph.collect import invitations, waves
barometer = bg.open(Path(os.environ["FOLDER"]))
wave = waves.prepare(barometer.wave(barometer.waves[-1]))
invitations.invite(wave.units.first(), "clerk@first.example", "en")
"""
# One process for all: Django is set up once in each child, its imports are shared.
EACH = """
import os, sys
from pathlib import Path
import django.core.management.commands.migrate, django.test, barograph.instrument
from barograph.operate.doctor import examine
for base in map(Path, sys.argv[1:]):
    if not (child := os.fork()):
        print(*(f"{base.name}: {f}" for f in examine(base / "barometer", base / "state")), sep="\\n", flush=True)
        os._exit(0)
    os.waitpid(child, 0)
"""
HEALTH = """
import os
from pathlib import Path
from barograph.web.server import configure
configure(Path(os.environ["FOLDER"]), None, Path(os.environ["STATE"]), migrate=False)
from django.test import Client
answer = Client(headers={"host": os.environ["BAROGRAPH_HOST"], "x-forwarded-proto": "https"}).get("/a/health/")
print(answer.status_code, answer.content.decode())
"""
HOST = {"BAROGRAPH_HOST": "field.example.org", "DATABASE_URL": ""}


def python(code: str, folder: Path, state: Path, **more: str) -> str:
    places = {"FOLDER": str(folder), "STATE": str(state), **HOST, **more}
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **places}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def doctor(folder: Path, state: Path, **more: str) -> tuple[int, list[str]]:
    """Exit code, and the lines that tell something wrong."""
    command = [str(BIN / "barograph"), "doctor", str(folder), "--state", str(state)]
    done = subprocess.run(
        command, env={**os.environ, **HOST, **more}, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    return done.returncode, [line for line in done.stdout.splitlines() if line.startswith("wrong")]


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    base = tmp_path_factory.mktemp("well")
    write(base / "barometer", 3)
    python(PREPARE, base / "barometer", base / "state")
    return base


@pytest.fixture
def well(made: Path, tmp_path: Path) -> Path:
    """A folder with barometer and state in which nothing is wrong, but for mail that nobody named."""
    copy(made, tmp_path)
    return tmp_path


def copy(made: Path, base: Path) -> None:
    """Barometer and state of one folder in another."""
    for name in ("barometer", "state"):
        shutil.copytree(made / name, base / name)


def sql(base: Path, *statements: str) -> None:
    with closing(sqlite3.connect(base / "state" / "barograph.sqlite3")) as file, file:
        for statement in statements:
            file.execute(statement)


def _truncate(base: Path) -> None:
    path = base / "state" / "barograph.sqlite3"
    path.write_bytes(path.read_bytes()[:-20000])


BEAT = "INSERT INTO collect_beat (name, at, held, boot) VALUES ('work', {}, {}, '')"
FAULTS = {
    "others may enter": lambda base: (base / "state").chmod(0o755),
    "others may read it": lambda base: (base / "state" / "secret").chmod(0o644),
    "without it every link": lambda base: (base / "state" / "secret").unlink(),
    "another than that of the links": lambda base: (base / "state" / "secret").write_text("0" * 128),
    "damaged": _truncate,
    "holds nothing": lambda base: (base / "state" / "barograph.sqlite3").unlink(),
    "collect.0999_future": lambda base: sql(
        base,
        "INSERT INTO django_migrations (app, name, applied) VALUES ('collect', '0999_future', '2026-01-01')",
    ),
    "to come: collect.0002": lambda base: sql(
        base, "DELETE FROM django_migrations WHERE name LIKE '0002%' AND app='collect'"
    ),
    "hours behind": lambda base: sql(base, BEAT.format("'2999-01-01 00:00:00'", "''")),
    "work holds back: clock": lambda base: sql(base, BEAT.format("'2026-01-01'", "'clock'")),
    "ended without a word": lambda base: sql(
        base,
        "INSERT INTO collect_job (kind, state, done, total, message, created, heartbeat) "
        "VALUES ('send', 'running', 1, 9, '', '2026-01-01', '2026-01-01')",
    ),
    "the log can be changed": lambda base: sql(
        base, "INSERT INTO collect_erasure (reason, opened, counts) VALUES ('person', '2026-01-01', '{}')"
    ),
    "the last one": lambda base: (base / "state" / "last-backup.json").write_text(
        json.dumps({"at": "2026-01-01T00:00:00+00:00"})
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def told(made: Path, tmp_path_factory) -> dict[str, list[str]]:
    """What the doctor finds wrong where one thing was spoilt each time."""
    bases = {}
    for words, spoil in FAULTS.items():
        bases[words] = base = tmp_path_factory.mktemp("spoilt")
        copy(made, base)
        spoil(base)
    done = subprocess.run(
        [sys.executable, "-c", EACH, *bases.values()], env={**os.environ, **HOST}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    lines = [line.partition(": ") for line in done.stdout.splitlines()]
    return {
        words: [text for name, _, text in lines if name == base.name and text.startswith("wrong")]
        for words, base in bases.items()
    }


@pytest.mark.parametrize("words", FAULTS)
def test_each_fault_is_told_and_only_that_one(words: str, told: dict[str, list[str]]) -> None:
    others = [line for line in told[words] if "no mail server" not in line]
    assert len(others) == 1, told[words]
    assert words in others[0]


def test_nothing_wrong_on_this_machine(well: Path) -> None:
    assert doctor(well / "barometer", well / "state", BAROGRAPH_HOST="") == (0, [])


def test_no_folder_no_state(tmp_path: Path) -> None:
    code, wrong = doctor(tmp_path, tmp_path / "nowhere")
    assert code == 2
    assert "--state" in wrong[0]  # and exit code 2
    assert not (tmp_path / "nowhere").exists()


def test_the_health_page_tells_ok_or_not_and_nothing_else(well: Path) -> None:
    folder, state = well / "barometer", well / "state"
    status, told = python(HEALTH, folder, state).split(maxsplit=1)
    parts = {"ok": True, "db": True, "queue": True, "disk": True, "backup": True}
    assert (status, json.loads(told)) == ("200", parts)
    FAULTS["the last one"](well)
    status, told = python(HEALTH, folder, state).split(maxsplit=1)
    assert (status, json.loads(told)) == ("503", parts | {"ok": False, "backup": False})
    (state / "barograph.sqlite3").write_bytes(b"no database" * 1000)
    status, told = python(HEALTH, folder, state).split(maxsplit=1)
    assert status == "503"
    assert json.loads(told) == parts | {"ok": False, "db": False, "queue": False, "backup": False}


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda base: (base / "state" / "secret").unlink(), "every link sent is dead"),
        (lambda base: (base / "state" / "secret").write_text("0" * 128), "every link sent is dead"),
        (lambda base: shutil.rmtree(base / "state") or (base / "state").write_text(""), "cannot be written"),
        (lambda base: (base / "state" / "barograph.sqlite3").write_bytes(b"x" * 9999), "cannot be used"),
    ],
)  # fmt: skip
def test_a_server_that_cannot_start_says_why(spoil, words: str, well: Path) -> None:
    spoil(well)
    command = [str(BIN / "barograph"), "serve", str(well / "barometer"), "--state", str(well / "state")]  # fmt: skip
    done = subprocess.run(
        command, env={**os.environ, **HOST}, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1
