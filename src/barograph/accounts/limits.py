"""How often somebody has failed, counted in windows of ten minutes; who it was is not kept."""

from __future__ import annotations

import time

from django.conf import settings
from django.db.models import F
from django.http import HttpRequest

from barograph.accounts.keyed import keyed
from barograph.accounts.models import Failure

WINDOW = 10 * 60  # seconds
LINKS = 20  # wrong links in a window


def wrong_link(request: HttpRequest) -> bool:
    """Counts a link that opens nothing; True when its caller has shown too many. A right link always opens."""
    return count("link", caller(request)) >= LINKS


def count(what: str, whose: str) -> int:
    """Counts a failure of somebody at something; returns how many there were before in this window."""
    window, who = _now(what, whose)
    Failure.objects.filter(window__lt=window).delete()
    row, _ = Failure.objects.get_or_create(who=who, window=window)
    Failure.objects.filter(pk=row.pk).update(count=F("count") + 1)
    return row.count


def counted(what: str, whose: str) -> int:
    """How many failures there are in this window."""
    window, who = _now(what, whose)
    found = Failure.objects.filter(who=who, window=window).values_list("count", flat=True).first()
    return found or 0


def _now(what: str, whose: str) -> tuple[int, str]:
    window = int(time.time()) // WINDOW
    return window, keyed(what, f"{window}:{whose}").hex()


def caller(request: HttpRequest) -> str:
    """The address the connection comes from; behind the proxy, the one the proxy itself saw.

    That is the last of X-Forwarded-For: what stands before it anybody may have written.
    """
    seen = str(request.META.get("REMOTE_ADDR", ""))
    if settings.LOCAL:
        return seen
    return request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip() or seen
