"""The moment before which an edition is not served: `embargo` in wave.toml, kept in the manifest.

The bytes of an edition do not depend on the clock; whoever serves them asks here first.
"""

from __future__ import annotations

from datetime import datetime
from html import escape
from typing import Any, NamedTuple

from barograph.errors import BadInput

CLOSED = "Embargo tot · jusqu'au · bis · until"


class Refusal(NamedTuple):
    """What every request gets until the embargo ends: status, headers, page."""

    status: int
    headers: dict[str, str]
    body: bytes


def refusal(manifest: dict[str, Any], now: datetime) -> Refusal | None:
    """503 for everything while the embargo of the edition lasts; None once it is over.

    `now` has an offset. A manifest whose embargo cannot be read keeps the edition closed.
    """
    text = manifest.get("embargo")
    if not text:
        return None
    try:
        until = datetime.fromisoformat(text)
        seconds = (until - now).total_seconds()
    except (TypeError, ValueError):
        raise BadInput(
            f"the embargo {text!r} in the manifest is no moment with an offset"
        ) from None
    if seconds <= 0:
        return None
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Embargo</title>'
        f"<h1>Embargo</h1><p>{CLOSED}</p>"
        f'<p><time datetime="{escape(text)}">{until:%d/%m/%Y %H:%M %z}</time></p></html>'
    )
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": "no-store",
        "Retry-After": str(int(seconds) + 1),
    }
    return Refusal(503, headers, page.encode())
