"""How the wave stands."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from barograph.accounts.doors import StaffRequest, staff_page
from barograph.collect.desk.shown import show_desk, wave_named


@require_safe
@staff_page("desk")
def overview(request: StaffRequest, wave: str) -> HttpResponse:
    """State and days of the wave."""
    return show_desk(request, wave_named(wave), "overview", {})
