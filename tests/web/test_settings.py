"""What the server is started with: a secret of its own, a durable database, guarded cookies."""

import json
import os
import stat
import subprocess
import sys

import pytest

from barograph.errors import BadInput
from barograph.web.database import database
from barograph.web.secret import secret


def started(code, tmp_path, **environment):
    """What a fresh process prints under these settings."""
    places = {"BAROGRAPH_FOLDER": str(tmp_path), "BAROGRAPH_STATE": str(tmp_path)}
    ours = {"DJANGO_SETTINGS_MODULE": "barograph.web.settings", "DATABASE_URL": ""}
    done = subprocess.run(
        [sys.executable, "-c", f"import django; django.setup()\n{code}"],
        env={**os.environ, "BAROGRAPH_HOST": "", **places, **ours, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def test_the_secret_is_made_once_and_for_its_owner(tmp_path):
    path = tmp_path / "secret"
    first = secret(path)
    assert len(first) >= 64
    assert secret(path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert secret(tmp_path / "other") != first


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda path: path.chmod(0o644), "chmod 600"),
        (lambda path: path.write_text("short"), "cut short"),
    ],
)
def test_a_secret_that_is_none_is_refused(tmp_path, spoil, words):
    path = tmp_path / "secret"
    secret(path)
    spoil(path)
    with pytest.raises(BadInput, match=words):
        secret(path)


def test_postgresql_is_named_by_its_address(tmp_path):
    found = database("postgresql://me:p%40ss@db.example:5433/field", tmp_path)
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"], found["NAME"]) == (
        "me", "p@ss", "db.example", "5433", "field",
    )  # fmt: skip
    for wrong, told in (
        ("mysql://x/y", "PostgreSQL"),
        ("postgresql://host", "PostgreSQL"),
        ("nonsense", "PostgreSQL"),
        ("postgresql://host/name?sslmode=verify-full", "options"),
    ):
        with pytest.raises(BadInput, match=told):
            database(wrong, tmp_path)


def test_sqlite_keeps_what_it_acknowledged_and_locks_before_it_reads(tmp_path):
    code = """
from django.db import connection, transaction
from barograph.web.database import assert_durable
assert_durable()
print(connection.cursor().execute("PRAGMA journal_mode").fetchone(), "durable")
connection.settings_dict["OPTIONS"]["transaction_mode"] = "DEFERRED"
try:
    assert_durable()
except Exception as error:
    print(error)
connection.settings_dict["OPTIONS"]["transaction_mode"] = "IMMEDIATE"
connection.cursor().execute("PRAGMA synchronous=NORMAL")
assert_durable()
"""
    told = started(code, tmp_path)
    assert "('wal',) durable" in told
    assert "must be IMMEDIATE" in told
    assert "synchronous 1 where 2 is needed" in told


def test_behind_a_public_name_cookies_are_bound_and_preview_is_gone(tmp_path):
    code = """
import json
from django.conf import settings as s
print(json.dumps([s.SESSION_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE,
    s.SESSION_COOKIE_HTTPONLY, s.SESSION_COOKIE_SAMESITE, s.ALLOWED_HOSTS, s.LOCAL, s.ADDRESS,
    s.SECURE_HSTS_SECONDS > 0, s.DEBUG]))
"""
    told = json.loads(started(code, tmp_path, BAROGRAPH_HOST="field.example.org"))
    assert told == [
        "__Host-barograph", True, True, True, "Lax", ["field.example.org"], False,
        "https://field.example.org", True, False,
    ]  # fmt: skip


def test_nothing_in_the_settings_is_a_password(tmp_path):
    code = """
from django.conf import settings as s
print(len(s.SECRET_KEY), s.DATABASES["default"].get("PASSWORD", ""))
"""
    assert started(code, tmp_path).split() == ["128"]
