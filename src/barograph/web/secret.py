"""The secret of an installation: made once, kept beside the database, readable by its owner only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from barograph.errors import BadInput

BITS = 512


def secret(path: Path) -> str:
    """The secret in `path`, made there on first use; BadInput when others may read it."""
    try:
        # O_EXCL: of two processes that start at once, one makes it and both read the same.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(path)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(BITS // 8))
    return _read(path)


def _read(path: Path) -> str:
    if path.stat().st_mode & 0o077:
        raise BadInput("others may read the secret", file=path, todo=f"Run: chmod 600 {path}")
    text = path.read_text(encoding="ascii").strip()
    if len(text) < BITS // 4:
        raise BadInput("the secret is cut short", file=path, todo="Restore it from a backup")
    return text
