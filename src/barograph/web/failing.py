"""What is said when the server fails: nothing of its inside, a number that the log has too.

A form that could not be saved stays on the page, to be sent again: with a full disk nothing is lost.
Of a form larger than is read nothing is there to show; the page says how to go on.
"""

from __future__ import annotations

import errno
import shutil
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from barograph.publish import texts
from barograph.web.logs import number

WORDS = Path(__file__).with_name("failing.toml")
NOT_KEPT = frozenset({"csrfmiddlewaretoken"})
SQLITE_FULL = 13
NOTHING_LEFT = 2**20  # bytes


@cache
def words() -> dict[str, dict[str, str]]:
    """Language -> key -> text of failing.toml."""
    return texts.load(WORDS)


def failed(request: HttpRequest) -> HttpResponse:
    """507 when the disk is full, else 500; after a POST with what was typed."""
    status = 507 if disk_full(sys.exc_info()[1]) else 500
    try:
        return _page(request, _kept(request), status)
    except Exception:  # whatever broke may have broken this page too
        return HttpResponse(f"Server error. {number()}", "text/plain", status)


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    """413 when more was sent than is read, else 400. What was sent is not there to be shown."""
    large = isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent)
    return _page(request, {"large": True} if large else {}, 413 if large else 400)


def _kept(request: HttpRequest) -> dict[str, Any]:
    # Of an interview only: what staff send may be a password.
    interview = request.resolver_match is not None and "public_id" in request.resolver_match.kwargs
    post = request.POST if request.method == "POST" and interview else None
    kept = [
        (name, value)
        for name, values in (post.lists() if post else ())
        if name not in NOT_KEPT
        for value in values
    ]
    return {"kept": kept, "files": bool(post and request.FILES)}


def _page(request: HttpRequest, more: Mapping[str, Any], status: int) -> HttpResponse:
    from barograph.collect import access

    lang = access.language(request)
    context = {
        "lang": lang,
        "w": words()[lang],
        "title": "Barograph",
        "languages": (),
        "kept": (),
        "files": False,
        "large": False,
        "number": number(),
        **more,
    }
    return render(request, "collect/failed.html", context, status=status)


def disk_full(error: BaseException | None) -> bool:
    """Whether an error, or what caused it, comes from a disk or quota without room."""
    while error is not None:
        full = getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT)
        if full or getattr(error, "sqlite_errorcode", None) == SQLITE_FULL:
            return True
        if type(error).__name__ == "DiskFull":  # of psycopg
            return True
        error = error.__cause__ or error.__context__
    return settings.STATE is not None and shutil.disk_usage(settings.STATE).free < NOTHING_LEFT
