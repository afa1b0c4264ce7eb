"""A folder of results, written whole or not at all, and the CSV tables in it."""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from barograph.errors import BadInput


def refuse_other(out: Path, mark: str, kind: str) -> None:
    """BadInput unless `out` is absent, empty or, by its file `mark`, a folder of this kind."""
    if out.exists() and not out.is_dir():
        raise BadInput("is a file", file=out, todo=f"Name a folder for the {kind}")
    if out.is_dir() and any(out.iterdir()) and not (out / mark).exists():
        raise BadInput(f"is not empty and no {kind}", file=out, todo="Name an empty folder")


def write(out: Path, files: Mapping[str, bytes]) -> None:
    """Everything into a folder beside `out`, then one rename; what was there goes last."""
    fresh = None
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
        for name, content in files.items():
            path = fresh / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        fresh.chmod(0o755)
        old = fresh.with_name(f"{fresh.name}-old")
        if out.exists():
            out.rename(old)
        fresh.rename(out)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        raise BadInput(f"cannot be written ({error.strerror})", file=out) from None
    finally:
        if fresh:
            shutil.rmtree(fresh, ignore_errors=True)


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A table as comma-separated UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()
