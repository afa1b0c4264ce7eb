"""From a backup back to an installation: verified whole, then put in place, the old set aside."""

from __future__ import annotations

import pkgutil
import shutil
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from barograph.errors import BadInput
from barograph.operate import archive, databases
from barograph.operate.archive import Manifest

# What an installation keeps in its state folder; all else there stays where it is.
KEPT = ("barograph.sqlite3", "barograph.sqlite3-wal", "barograph.sqlite3-shm", "secret", "uploads")


def restore(
    backup: Path, state: Path, address: str, *, folder: Path | None = None, replace: bool = False
) -> Manifest:
    """Puts a backup in place and says what it holds; with `folder`, the barometer's files there too.

    BadInput, and nothing changed, when the backup is damaged or newer than this version, when it is of
    the other database, when the state is in use, or is there and `replace` is false.
    """
    manifest = archive.examine(backup)
    _assert_known(backup, manifest)
    target = databases.of(address, state)
    if target.engine != manifest.engine:
        todo = {"sqlite": "Leave DATABASE_URL empty", "postgresql": "Name it in DATABASE_URL"}
        raise BadInput(f"is of {manifest.engine}", file=backup, todo=todo.get(manifest.engine, ""))
    there = [name for name in KEPT if (state / name).exists()]
    if (there or target.exists()) and not replace:
        raise BadInput(
            "holds an installation already",
            file=state,
            todo="Restore elsewhere, or set this one aside with --replace",
        )
    if folder is not None and folder.exists() and any(folder.iterdir()):
        raise BadInput("is not empty", file=folder, todo="Name a new folder with --folder")
    target.assert_idle()
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=state) as work:
        unpacked = Path(work)
        archive.extract(backup, manifest, unpacked)
        if target.check(unpacked / target.member) != dict(manifest.rows):
            raise BadInput("its rows are not those of its manifest", file=backup)
        target.replace(unpacked / target.member)
        _set_aside(state, there)
        # The database comes last: without it the folder is none that a server would start on.
        for name in reversed(KEPT):
            if (unpacked / "state" / name).exists():
                (unpacked / "state" / name).rename(state / name)
        if folder is not None and (unpacked / "barometer").exists():
            folder.parent.mkdir(parents=True, exist_ok=True)
            if folder.exists():
                folder.rmdir()
            shutil.move(unpacked / "barometer", folder)
    return manifest


def _set_aside(state: Path, names: list[str]) -> None:
    names = [name for name in names if (state / name).exists()]  # a WAL may have been taken in
    if not names:
        return
    aside = state / f"before-{datetime.now(UTC):%Y%m%d%H%M%S}"
    aside.mkdir(mode=0o700)
    for name in names:
        (state / name).rename(aside / name)


def _assert_known(backup: Path, manifest: Manifest) -> None:
    """BadInput when the database has been migrated further than this version goes."""
    unknown = unknown_migrations(manifest.migrations)
    if unknown:
        raise BadInput(
            f"was made by a newer version ({manifest.version}: {', '.join(unknown)})",
            file=backup,
            todo="Install that version, or a later one",
        )


def unknown_migrations(applied: Mapping[str, list[str]]) -> list[str]:
    """Those that this version does not have."""
    return [
        f"{app}.{name}"
        for app in databases.OURS
        for name in applied.get(app, ())
        if name not in known_migrations(app)
    ]


def known_migrations(app: str) -> list[str]:
    """The migrations of this version, in order."""
    package = import_module(f"barograph.{app}.migrations")
    return sorted(module.name for module in pkgutil.iter_modules(package.__path__))
