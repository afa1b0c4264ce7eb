"""Slows down whoever shows links that open nothing; never someone whose link is right."""

from __future__ import annotations

import time

from django.db.models import F
from django.http import HttpRequest

from barograph.collect.invitations import keyed
from barograph.collect.models import Refusal

WINDOW = 10 * 60  # seconds
ALLOWED = 20  # wrong links in a window


def refused_too_often(request: HttpRequest) -> bool:
    """Counts a wrong link; True when its caller has shown too many.

    The caller is known by a keyed hash of the address the connection comes from, kept for a window:
    a header that anybody may write is not believed.
    """
    window = int(time.time()) // WINDOW
    caller = keyed("caller", f"{window}:{request.META.get('REMOTE_ADDR', '')}").hex()
    Refusal.objects.filter(window__lt=window).delete()
    row, _ = Refusal.objects.get_or_create(caller=caller, window=window)
    Refusal.objects.filter(pk=row.pk).update(count=F("count") + 1)
    return row.count >= ALLOWED
