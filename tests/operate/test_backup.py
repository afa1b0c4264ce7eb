"""Backups made under load, brought back elsewhere, and refused when they are not whole."""

from __future__ import annotations

import gzip
import io
import json
import signal
import sqlite3
import stat
import tarfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from forty import Server, answer_all, opened, saved
from persons import Fields
from servers import free_port

from barograph.errors import BadInput
from barograph.operate import archive, databases
from barograph.operate.restore import restore
from tests.operate.conftest import Installation, empty_beside

pytestmark = pytest.mark.xdist_group("servers")


def test_a_drill_under_load(installation: Installation, tmp_path: Path) -> None:
    """Saved while somebody writes; restored elsewhere; what was acknowledged before it began is there."""
    server = installation.server
    person = opened(server.port, server.links[0])
    answer_all(person, 7)
    uploads = server.state / "uploads"
    uploads.mkdir(mode=0o700, exist_ok=True)
    (uploads / "0123").write_bytes(b"%PDF- given as an answer")
    writer = opened(server.port, server.links[1])
    fields = Fields(writer.get(f"{writer.path}section/s1/").page, "interview").values
    going, sent, statuses = threading.Event(), [0], set()
    going.set()

    def write() -> None:
        while going.is_set():
            sent[0] += 1
            typed = {"s1_number": str(sent[0]), "sequence": str(sent[0]), "go": "stay"}
            writer.post(writer.path, {**fields, **typed})
            statuses.add(writer.status)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        while sent[0] < 10:
            time.sleep(0.01)
        before = sent[0] - 1
        backup = installation.back_up()
    finally:
        going.clear()
        thread.join(60)
    assert statuses == {200}, "a backup keeps nobody from saving"
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600

    state, address = tmp_path / "state", empty_beside(server.database)
    restored = Installation(Server(tmp_path / "barometer", state, address, free_port()), tmp_path)
    done = restored.run("restore", backup, "--state", state, "--folder", restored.server.folder)
    assert done.returncode == 0, done.stderr
    assert (state / "uploads" / "0123").read_bytes() == b"%PDF- given as an answer"
    assert (state / "secret").read_text() == (server.state / "secret").read_text()
    assert stat.S_IMODE((state / "secret").stat().st_mode) == 0o600
    wave = (restored.server.folder / "2026" / "wave.toml").read_bytes()
    assert wave == (server.folder / "2026" / "wave.toml").read_bytes()
    held = restored.server.answers()
    for section in range(1, 6):
        assert saved(section, 7).items() <= held["U00000"].items()
    assert before <= int(held["U00001"]["s1_number"]) <= sent[0]

    restored.server.start()
    try:  # the same link opens the same questionnaire
        again = opened(restored.server.port, server.links[0])
        assert "short 7" in again.get(f"{again.path}section/s1/").page
        refused = restored.run("restore", backup, "--state", state, "--replace")
        assert refused.returncode == 2
        assert "in use" in refused.stderr
    finally:
        restored.server.stop(signal.SIGTERM)

    refused = restored.run("restore", backup, "--state", state)
    assert refused.returncode == 2
    assert "holds an installation already" in refused.stderr
    replaced = restored.run("restore", backup, "--state", state, "--replace")
    assert replaced.returncode == 0, replaced.stderr
    assert [path.name for path in state.glob("before-*/secret")] == ["secret"]
    assert restored.server.answers() == held
    doctor = restored.run("doctor", restored.server.folder, "--state", state)
    assert doctor.returncode == 0, doctor.stdout


def test_old_backups_make_room_and_nothing_else_does(installation: Installation) -> None:
    to = installation.base / "backups"
    to.mkdir(exist_ok=True)
    kept = [to / "barograph-notes.tar.gz", to / "other"]
    for path in (*kept, *(to / f"barograph-2020010{n}T000000Z.tar.gz" for n in range(1, 6))):
        path.touch()
    newest = installation.back_up("--keep", 2)
    found = sorted(path.name for path in to.iterdir() if path not in kept)
    assert len(found) == 2
    assert found[-1] == newest.name
    assert all(path.exists() for path in kept)


def test_a_backup_that_fails_leaves_nothing(installation: Installation) -> None:
    server = installation.server
    to = installation.base / "elsewhere"
    (server.state / "secret").rename(server.state / "hidden")
    try:
        done = installation.run("backup", server.folder, "--state", server.state, "--to", to)
    finally:
        (server.state / "hidden").rename(server.state / "secret")
    assert done.returncode == 2
    assert "secret" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(to.iterdir()) == []


@pytest.fixture(scope="module")
def sound(installation: Installation) -> Path:
    """A backup that restores."""
    return installation.back_up()


def _members(path: Path) -> dict[str, bytes]:
    with tarfile.open(path) as tar:
        return {m.name: tar.extractfile(m).read() for m in tar}  # type: ignore[union-attr]


def _write(path: Path, members: dict[str, bytes], *others: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        for other in others:
            tar.addfile(other)
    return path


def _told(members: dict[str, bytes], **more: object) -> dict[str, bytes]:
    manifest = {**json.loads(members["manifest.json"]), **more}
    return {**members, "manifest.json": json.dumps(manifest).encode()}


def _cut(path: Path, sound: Path) -> None:
    path.write_bytes(sound.read_bytes()[:-200])


def _flipped(path: Path, sound: Path) -> None:
    content = bytearray(sound.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def _tampered(path: Path, sound: Path) -> None:
    members = _members(sound)
    _write(path, members | {"state/secret": b"0" * len(members["state/secret"])})


def _left_out(path: Path, sound: Path) -> None:
    _write(path, {k: v for k, v in _members(sound).items() if k != "state/secret"})


def _added(path: Path, sound: Path) -> None:
    _write(path, _members(sound) | {"state/authorized_keys": b"x"})


def _newer_format(path: Path, sound: Path) -> None:
    _write(path, _told(_members(sound), format=99, version="9.9"))


def _newer_database(path: Path, sound: Path) -> None:
    applied = {"collect": ["0001_initial", "0999_from_the_future"], "accounts": []}
    _write(path, _told(_members(sound), migrations=applied))


def _nothing(path: Path, sound: Path) -> None:
    path.write_bytes(gzip.compress(b"no archive"))


def _other_rows(path: Path, sound: Path) -> None:
    members = _members(sound)
    rows = json.loads(members["manifest.json"])["rows"] | {"collect_answer": 1}
    _write(path, _told(members, rows=rows))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_cut, "damaged or cut short"),
        (_flipped, "damaged|not what was|no manifest|missing|which no backup does"),
        (_tampered, "state/secret is not what was backed up"),
        (_left_out, "state/secret is missing"),
        (_added, "does not belong"),
        (_newer_format, "newer version"),
        (_newer_database, "0999_from_the_future"),
        (_nothing, "damaged|no manifest"),
        (_other_rows, "rows are not those"),
    ],
)
def test_what_is_no_whole_backup_is_refused(
    spoil, words, sound: Path, installation: Installation, tmp_path: Path
) -> None:
    spoilt, state = tmp_path / "spoilt.tar.gz", tmp_path / "state"
    spoil(spoilt, sound)
    address = empty_beside(installation.server.database)
    with pytest.raises(BadInput, match=words):
        restore(spoilt, state, address)
    assert not state.exists() or list(state.iterdir()) == []


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/evil", "state/../../evil", "state//evil", ".", "a\\..\\evil"]
)
def test_no_member_leads_out(name: str, tmp_path: Path) -> None:
    path = _write(tmp_path / "evil.tar.gz", {name: b"x", "manifest.json": b"{}"})
    with pytest.raises(BadInput, match="which no backup does"):
        restore(path, tmp_path / "in" / "state", "")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["evil.tar.gz"]


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE]
)
def test_only_plain_files(kind: bytes, tmp_path: Path) -> None:
    member = tarfile.TarInfo("state/secret")
    member.type, member.linkname = kind, "/etc/passwd"
    path = _write(tmp_path / "evil.tar.gz", {"manifest.json": b"{}"}, member)
    with pytest.raises(BadInput, match="which no backup does"):
        archive.examine(path)


def test_a_backup_of_the_other_database_is_refused(
    sound: Path, installation: Installation, tmp_path: Path
) -> None:
    address = "" if installation.server.database else "postgresql://nobody@127.0.0.1:1/x"
    with pytest.raises(BadInput, match="DATABASE_URL"):
        restore(sound, tmp_path / "state", address)


def test_a_damaged_database_in_a_backup_with_the_right_hash(tmp_path: Path) -> None:
    """Someone backed up what was broken already: its own hash fits, opening it tells."""
    file = tmp_path / "broken"
    with closing(sqlite3.connect(file)) as made:
        made.executescript(
            "CREATE TABLE collect_wave (x TEXT); INSERT INTO collect_wave VALUES (1)"
        )
    content = bytearray(file.read_bytes())
    content[4096:4196] = b"\xff" * 100
    file.write_bytes(content)
    path = tmp_path / "barograph.tar.gz"
    with archive.writing(path) as out:
        out.add("state/barograph.sqlite3", file)
        out.finish(archive.Manifest("2026-01-01", "0.1", "sqlite", {}, {"collect_wave": 1}))
    with pytest.raises(BadInput, match="damaged"):
        restore(path, tmp_path / "state", "")
    assert list((tmp_path / "state").iterdir()) == []


def test_a_database_locked_for_ten_seconds_only_makes_wait(installation: Installation) -> None:
    """By a report, a restore of another table, a backup of old: nobody sees an error."""
    server = installation.server
    person = opened(server.port, server.links[2])
    person.get(f"{person.path}section/s1/")
    with _locked(server):
        saving = threading.Thread(
            target=lambda: person.press({"s1_short": "waited", "go": "overview"}, form="interview")
        )
        saving.start()
        time.sleep(10)
        assert saving.is_alive()
    saving.join(60)
    assert person.status == 200
    assert server.answers()["U00002"]["s1_short"] == "waited"


def test_a_restore_that_cannot_be_loaded_changes_nothing(
    installation: Installation, sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not installation.server.database:
        pytest.skip("a file of SQLite is put in place by its name alone")
    address, state = empty_beside(installation.server.database), tmp_path / "state"
    restore(sound, state, address)
    there, before = databases.of(address, state), (state / "secret").stat().st_ino

    def broken(*_: object) -> None:
        raise BadInput("pg_restore failed")

    rows = there.rows()
    with monkeypatch.context() as spoilt:
        spoilt.setattr(databases.Postgresql, "load", broken)
        with pytest.raises(BadInput, match="pg_restore"):
            restore(sound, state, address, replace=True)
    assert there.rows() == rows
    assert (state / "secret").stat().st_ino == before
    restore(sound, state, address, replace=True)
    assert there.rows() == rows
    assert rows["collect_unit"] > 0


@contextmanager
def _locked(server: Server) -> Iterator[None]:
    """Nobody else may write."""
    if server.database:
        import psycopg

        with psycopg.connect(server.database) as other:
            other.execute("LOCK TABLE collect_answer IN ACCESS EXCLUSIVE MODE")
            yield
    else:
        with closing(sqlite3.connect(server.state / "barograph.sqlite3")) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.rollback()
