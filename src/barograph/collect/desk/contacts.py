"""Whom the wave writes to: the list, and a file of contacts, checked first and then written."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_POST, require_safe

import barograph as bg
from barograph.accounts.doors import StaffRequest, staff_page
from barograph.accounts.log import note
from barograph.collect import access
from barograph.collect.contacts import importing
from barograph.collect.contacts.listing import ONLY, listing
from barograph.collect.contacts.table import MOST_BYTES
from barograph.collect.desk.shown import show_desk, wave_named
from barograph.collect.models import Wave

FAULTS_SHOWN = 100


@require_safe
@staff_page("contacts")
def contacts(request: StaffRequest, wave: str) -> HttpResponse:
    """The list; whoever reads it is noted."""
    found = wave_named(wave)
    note(request.account, "contacts read", found.name)
    return _list(request, found, {"done": request.GET.get("done", "")})


def _list(
    request: StaffRequest, wave: Wave, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    query, only = request.GET.get("q", "")[:100], request.GET.get("only", "")
    only = only if only in ONLY else ""
    shown: dict[str, Any] = {"list": listing(wave, query, only), "query": query, "only": only}
    shown |= {"states": ONLY, "done": "", "reading": None}
    return show_desk(request, wave, "contacts", {**shown, **context}, status)


@require_POST
@staff_page("contacts")
def check(request: StaffRequest, wave: str) -> HttpResponse:
    """A file is read; what it would change is shown, or all that is wrong with it."""
    found = wave_named(wave)
    file = request.FILES.get("file")
    data = file.read(MOST_BYTES + 1) if file is not None and not isinstance(file, list) else b""
    return _checked(request, found, data)


def _checked(request: StaffRequest, wave: Wave, data: bytes) -> HttpResponse:
    reading = importing.check(data, _municipalities())
    lang = access.language(request)
    context: dict[str, Any] = {
        "reading": reading,
        "faults": [(f, importing.told(f, lang)) for f in reading.faults[:FAULTS_SHOWN]],
        "more_faults": max(0, len(reading.faults) - FAULTS_SHOWN),
    }
    if not reading.faults:
        until = _until()
        context |= {
            "until": until,
            "counts": importing.changes(reading, until).counts,
            "data": base64.b64encode(data).decode(),
        }
    return _list(request, wave, context, 400 if reading.faults else 200)


@require_POST
@staff_page("contacts")
def save(request: StaffRequest, wave: str) -> HttpResponseBase:
    """The file that was shown is written; it is checked again, for the page may lie."""
    found = wave_named(wave)
    try:
        data = base64.b64decode(request.POST.get("data", ""), validate=True)
    except (binascii.Error, ValueError):
        data = b""
    reading = importing.check(data, _municipalities())
    if reading.faults:
        return _checked(request, found, data)
    importing.save(reading, _until(), request.account)
    return HttpResponseRedirect(f"/a/desk/{found.name}/contacts/?done={len(reading.entries)}")


def _municipalities() -> importing.Municipalities:
    assert settings.BAROMETER is not None  # without a barometer there is no desk
    return importing.Municipalities.of(bg.open(settings.BAROMETER))


def _until() -> Any:
    assert settings.BAROMETER is not None
    return importing.retained_until(settings.BAROMETER)
