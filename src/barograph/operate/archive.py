"""The archive of a backup: one .tar.gz, its manifest last, every member with size and SHA-256.

An archive is hostile until it is examined: `examine` reads all of it and writes nothing, `extract`
writes only what was examined, below one folder.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path, PurePosixPath
from typing import IO, Any

from barograph.errors import BadInput

MANIFEST = "manifest.json"
FORMAT = 1
CHUNK = 2**20
LONGEST = 64 * 2**20  # bytes of a manifest
RESTORE_ANOTHER = "Take another backup"


@dataclass(frozen=True)
class Manifest:
    """What a backup holds. `migrations` per app, `rows` per table, `files` name -> [bytes, SHA-256]."""

    made: str
    version: str
    engine: str
    migrations: Mapping[str, list[str]]
    rows: Mapping[str, int]
    files: Mapping[str, list[Any]] = field(default_factory=dict)
    format: int = FORMAT


class Hashed:
    """A file that counts and hashes what is read of it."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.size, self.sha256 = file, 0, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """As a file does."""
        chunk = self.file.read(size)
        self.size += len(chunk)
        self.sha256.update(chunk)
        return chunk

    def drain(self) -> list[Any]:
        """Bytes and SHA-256 of the whole."""
        while self.read(CHUNK):
            pass
        return self.told()

    def told(self) -> list[Any]:
        """Bytes and SHA-256 of what was read."""
        return [self.size, self.sha256.hexdigest()]


class Writer:
    """Adds files to an archive that is being written, and the manifest at the end."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self.tar = tar
        self.files: dict[str, list[Any]] = {}

    def add(self, name: str, path: Path) -> None:
        """One file, as it is now."""
        with path.open("rb") as file:
            hashed = Hashed(file)
            self.tar.addfile(_member(name, path.stat().st_size), hashed)
        self.files[name] = hashed.told()

    def finish(self, manifest: Manifest) -> None:
        """The manifest of all that was added."""
        text = json.dumps(asdict(manifest) | {"files": self.files}, indent=1, sort_keys=True)
        content = text.encode()
        self.tar.addfile(_member(MANIFEST, len(content)), io.BytesIO(content))


def _member(name: str, size: int) -> tarfile.TarInfo:
    """Head of a member: no owner, no time, for its owner only."""
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member


@contextmanager
def writing(path: Path) -> Iterator[Writer]:
    """A new archive that only its owner may read."""
    path.touch(mode=0o600, exist_ok=False)
    with tarfile.open(path, "w:gz", compresslevel=6) as tar:
        yield Writer(tar)


def examine(path: Path) -> Manifest:
    """Reads the whole archive and holds it against its manifest; BadInput says what is wrong."""
    found: dict[str, list[Any]] = {}
    text = b""
    with _reading(path) as members:
        for name, content in members:
            if name == MANIFEST:
                text = content.read(LONGEST)
            else:
                found[name] = Hashed(content).drain()
    manifest = _manifest(path, text)
    for name in sorted({*found, *manifest.files}):
        if name not in found:
            raise BadInput(f"{name} is missing", file=path, todo=RESTORE_ANOTHER)
        if name not in manifest.files:
            raise BadInput(f"{name} does not belong to it", file=path, todo=RESTORE_ANOTHER)
        if found[name] != list(manifest.files[name]):
            raise BadInput(f"{name} is not what was backed up", file=path, todo=RESTORE_ANOTHER)
    return manifest


def extract(path: Path, manifest: Manifest, folder: Path) -> None:
    """Writes the examined members below `folder`, mode 600."""
    with _reading(path) as members:
        for name, content in members:
            if name != MANIFEST and _written(folder / name, content) != manifest.files.get(name):
                raise BadInput(f"{name} changed while it was read", file=path)


def _written(target: Path, content: IO[bytes]) -> list[Any]:
    """Bytes and SHA-256 of a file that was written from a member."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    hashed = Hashed(content)
    with target.open("xb") as file:
        target.chmod(0o600)
        while chunk := hashed.read(CHUNK):
            file.write(chunk)
    return hashed.told()


@contextmanager
def _reading(path: Path) -> Iterator[Iterator[tuple[str, IO[bytes]]]]:
    """The members of an archive; what goes wrong while they are read is told plainly."""
    try:
        with tarfile.open(path, "r:gz") as tar:
            yield _members(path, tar)
    except FileNotFoundError:
        raise BadInput("file not found", file=path) from None
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise _unreadable(path, error) from None
    except OSError as error:
        if error.errno is None:  # gzip's own, such as a wrong checksum
            raise _unreadable(path, error) from None
        raise BadInput(f"cannot be used ({error.strerror})", file=error.filename or path) from None


def _members(path: Path, tar: tarfile.TarFile) -> Iterator[tuple[str, IO[bytes]]]:
    """Name and content of each member; refuses all but plain files with names that lead downwards."""
    seen: set[str] = set()
    for member in tar:
        content = tar.extractfile(member) if member.isreg() else None
        if content is None or not _leads_down(member.name) or member.name in seen:
            raise BadInput(
                f"holds {member.name!r}, which no backup does", file=path, todo=RESTORE_ANOTHER
            )
        seen.add(member.name)
        yield member.name, content


def _unreadable(path: Path, error: Exception) -> BadInput:
    return BadInput(f"is damaged or cut short ({error})", file=path, todo=RESTORE_ANOTHER)


def _leads_down(name: str) -> bool:
    parts = PurePosixPath(name).parts
    plain = bool(parts) and "/".join(parts) == name and "\\" not in name and "\0" not in name
    return plain and not name.startswith("/") and ".." not in parts


def _manifest(path: Path, text: bytes) -> Manifest:
    try:
        told = json.loads(text)
        if told["format"] > FORMAT:
            raise BadInput(
                f"was made by a newer version ({told['version']})",
                file=path,
                todo="Install that version, or a later one",
            )
        return Manifest(**{f.name: told[f.name] for f in fields(Manifest)})
    except (ValueError, KeyError, TypeError):
        raise BadInput("has no manifest", file=path, todo=RESTORE_ANOTHER) from None
