"""A backup: database, uploads, secret and the folder of the barometer in one verified archive."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from barograph.errors import BadInput
from barograph.operate import archive, databases
from barograph.operate.archive import Manifest
from barograph.web.health import LAST_BACKUP

NAME = re.compile(r"barograph-\d{8}T\d{6}Z\.tar\.gz")
# Tables that only grow but for an erasure: fewer rows than before means a bad copy.
GROWING = ("wave", "unit", "response", "invitation", "save", "change", "answer", "signature")


@dataclass(frozen=True)
class Made:
    """A backup that is there, and the older ones that made room."""

    path: Path
    manifest: Manifest
    size: int
    sha256: str
    removed: tuple[Path, ...]


def backup(
    folder: Path, state: Path, address: str, to: Path, keep: int, step: Callable[[str], None]
) -> Made:
    """Writes under another name, reads it back, and only then gives it its name; then ages out.

    BadInput when there is nothing to back up, no room, or what was written is not what is there.
    """
    source = databases.of(address, state)
    if not source.exists():
        raise BadInput("holds no database to back up", file=state, todo="Name it with --state")
    to.mkdir(mode=0o700, parents=True, exist_ok=True)
    now = datetime.now(UTC)
    path = to / f"barograph-{now:%Y%m%dT%H%M%SZ}.tar.gz"
    try:
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=to) as work:
            partial = Path(work) / path.name
            manifest = _write(source, folder, state, partial, now, step)
            step("verifying")
            if archive.examine(partial).rows != manifest.rows:
                raise BadInput("what was written is not what was read", file=to)
            _sync(partial)
            partial.rename(path)
            _sync(to)
    except OSError as error:
        raise BadInput(f"the backup failed ({error.strerror})", file=error.filename or to) from None
    removed = tuple(_outdated(to, keep))
    for old in removed:
        old.unlink()
    told = {"at": now.isoformat(), "name": path.name, "bytes": path.stat().st_size}
    _note(state / LAST_BACKUP, told)
    return Made(path, manifest, path.stat().st_size, _sha256(path), removed)


def _write(
    source: databases.Sqlite | databases.Postgresql,
    folder: Path,
    state: Path,
    partial: Path,
    now: datetime,
    step: Callable[[str], None],
) -> Manifest:
    """The archive and its manifest. The database comes first: a file is there before its row is."""
    step("database")
    before, applied = source.rows(), source.migrations()
    dump = partial.with_name("dump")
    source.dump(dump)
    rows = source.check(dump)
    _assert_grown(before, rows)
    with archive.writing(partial) as out:
        out.add(source.member, dump)
        dump.unlink()
        step("files")
        for name, path in _files(folder, state, partial.parent.parent):
            out.add(name, path)
        manifest = Manifest(now.isoformat(), version("barograph"), source.engine, applied, rows)
        out.finish(manifest)
    return manifest


def _assert_grown(before: Mapping[str, int], rows: Mapping[str, int]) -> None:
    for table in (f"collect_{name}" for name in GROWING):
        if rows.get(table, 0) < before.get(table, 0):
            raise BadInput(
                f"the copy has {rows.get(table, 0)} rows of {table}, there were {before[table]}",
                todo="Try again; if an erasure was running, after it has ended",
            )


def _files(folder: Path, state: Path, to: Path) -> Iterator[tuple[str, Path]]:
    """Name in the archive and path of the secret, the uploads and the files of the barometer."""
    yield "state/secret", state / "secret"
    for path in sorted((state / "uploads").glob("*")):
        if path.is_file() and not path.is_symlink():
            yield f"state/uploads/{path.name}", path
    apart = {state.resolve(), to.resolve()}
    for base, folders, names in os.walk(folder.resolve()):
        here = Path(base)
        folders[:] = sorted(f for f in folders if f[0] != "." and here / f not in apart)
        for name in sorted(names):
            path = here / name
            if name[0] != "." and path.is_file() and not path.is_symlink():
                yield f"barometer/{path.relative_to(folder.resolve()).as_posix()}", path


def _outdated(to: Path, keep: int) -> list[Path]:
    """All but the newest; their names carry the moment."""
    return sorted(path for path in to.iterdir() if NAME.fullmatch(path.name))[:-keep]


def _sync(path: Path) -> None:
    """Onto the disk: a power cut after this loses nothing of it."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _note(path: Path, told: Mapping[str, object]) -> None:
    """Leaves word for the health page; whole or not at all."""
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(told), encoding="utf-8")
    partial.replace(path)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
