"""The log: one line of JSON per event on stderr, with nothing in it that names a person or opens a door.

Our own messages are written out; of those of libraries only the unfilled text is kept, for what they fill
in may be an address, a path with a link, or a value; what Django has filled in already is told in our words.
Errors are told by kind and place, not by their words.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import time
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

OURS = "barograph."
FRAMES = 12  # of an error, the innermost
# Whatever else slipped in: an address, and what is as long and as random as a link.
ADDRESS = re.compile(r"[^\s<>\"'@]+@[^\s<>\"'@]+")
TOKEN = re.compile(r"[A-Za-z0-9_-]{20,}")
UNKNOWN = "(unknown)"
SUSPICIOUS = "django.security."  # its messages quote headers and cookies
FAILED = "an answer of 500 or more"
logger = logging.getLogger("barograph.request")
_request: ContextVar[str] = ContextVar("request", default="")
Answer = Callable[[HttpRequest], HttpResponseBase]


class Line(logging.Formatter):
    """Time, level, logger, message; for requests their number, path, status, milliseconds."""

    def format(self, record: logging.LogRecord) -> str:
        """One line: JSON in ASCII, in which no sign can begin another."""
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
        }
        if number := _request.get():
            told["request"] = number
        told |= getattr(record, "told", {})
        if record.exc_info and record.exc_info[0]:
            kind, _, trace = record.exc_info
            told |= {"error": kind.__name__, "at": _places(trace)}
        return json.dumps(told)


def _message(record: logging.LogRecord) -> str:
    if record.name.startswith(SUSPICIOUS):
        return f"refused as {record.name.removeprefix(SUSPICIOUS)}"
    if record.name == "django.request":
        return FAILED
    ours = record.name.startswith(OURS)
    text = record.getMessage() if ours else str(record.msg)
    return TOKEN.sub("(token)", ADDRESS.sub("(address)", text))


def _places(trace: TracebackType | None) -> list[str]:
    """Where an error came from, innermost last."""
    found = []
    while trace is not None:
        code = trace.tb_frame.f_code
        found.append(f"{Path(code.co_filename).name}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return found[-FRAMES:]


def logged(answer: Answer) -> Answer:
    """Middleware that numbers each request and writes one line about it."""

    def answered(request: HttpRequest) -> HttpResponseBase:
        _request.set(secrets.token_hex(8))
        began = time.monotonic()
        response = answer(request)
        told = {
            "method": (request.method or "")[:10],
            "path": _path(request, response.status_code),
            "status": response.status_code,
            "ms": round((time.monotonic() - began) * 1000, 1),
        }
        logger.info("request", extra={"told": told})
        return response

    return answered


def number() -> str:
    """The number of the request in hand."""
    return _request.get()


def _path(request: HttpRequest, status: int) -> str:
    """The pattern of the address, never what stands in it; of a published file, its name."""
    if request.resolver_match is not None:
        return f"/{request.resolver_match.route}"
    return request.path if status in (200, 206, 304) else UNKNOWN


def settings(level: str) -> dict[str, Any]:
    """Django's description of the log; `level` of the lines about requests."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "barograph.web.logs.Line"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "barograph.request": {"level": level},
            # Django would send some to a handler of its own; what it says of a 404 we say ourselves.
            "django": {"handlers": [], "level": "WARNING", "propagate": True},
            "django.request": {"level": "ERROR", "propagate": True},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        },
    }
