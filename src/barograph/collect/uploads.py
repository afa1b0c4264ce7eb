"""Files given as answers: outside the web root, under a random name, their type found by content."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Container
from itertools import chain, count
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Exists, OuterRef, QuerySet
from django.http import FileResponse

from barograph.collect.models import Answer, Response, Upload, Wave

LARGEST = 10 * 2**20  # bytes
MOST = 50  # files of one municipality
OFFICE = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}
MARKS = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
}


def media_type(name: str, start: bytes) -> str:
    """The type by the first bytes; of zipped office files by the ending too. "" when not accepted."""
    found = next((kind for mark, kind in MARKS.items() if start.startswith(mark)), "")
    if found:
        return found
    ending = name.rpartition(".")[2].lower()
    if start.startswith(b"PK\x03\x04"):
        return OFFICE.get(ending, "")
    return "text/plain" if ending in ("txt", "csv") and _is_text(start) else ""


def _is_text(start: bytes) -> bool:
    return b"\x00" not in start and start.lstrip()[:1] != b"<"


def keep(response: Response, key: str, file: UploadedFile[Any]) -> Upload | None:
    """Stores a file and its record; None when its type, size or number is not accepted."""
    start = file.read(512)
    file.seek(0)
    called = called_by(file.name or "")
    kind = media_type(called, start)
    size = file.size or 0
    if not kind or not 0 < size <= LARGEST or response.uploads.count() >= MOST:
        return None
    called = _other_than(set(response.uploads.values_list("called", flat=True)), called)
    name = secrets.token_hex(16)
    _folder().mkdir(mode=0o700, exist_ok=True)
    with (_folder() / name).open("xb") as out:
        for chunk in file.chunks():
            out.write(chunk)
    return Upload.objects.create(
        response=response, key=key, name=name, called=called, media_type=kind, size=size
    )


def called_by(name: str) -> str:
    """The name as the person knows it, without folder, control signs or excess."""
    last = name.replace("\\", "/").rpartition("/")[2]
    clean = "".join(c for c in last if unicodedata.category(c)[0] != "C" and c not in '"<>')
    return clean[-200:] or "file"


def _other_than(taken: Container[str], called: str) -> str:
    """plan (2).pdf beside plan.pdf: the answer is this name, and must lead to one file."""
    name = Path(called)
    numbered = (f"{name.stem[:150]} ({n}){name.suffix[:40]}" for n in count(2))
    return next(each for each in chain([called], numbered) if each not in taken)


def held(wave: Wave) -> QuerySet[Upload]:
    """The files of a wave that are answers now; not those replaced or removed since."""
    answers = Answer.objects.filter(response=OuterRef("response"), value=OuterRef("called"))
    found = Upload.objects.filter(Exists(answers), response__unit__wave=wave)
    return found.select_related("response__unit").order_by("response__unit__code", "pk")


def download(upload: Upload, called: str = "") -> FileResponse:
    """The file, never to be shown in the browser: it may be hostile."""
    return FileResponse(
        path(upload).open("rb"),
        as_attachment=True,
        filename=called or upload.called,
        content_type=upload.media_type,
    )


def path(upload: Upload) -> Path:
    """Where the bytes are."""
    return _folder() / upload.name


def _folder() -> Path:
    assert settings.STATE is not None  # there is no interview without
    return settings.STATE / "uploads"
