"""Answers on paper or by telephone: which municipality, which way; then the pages of the interview."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404

from barograph.accounts.doors import StaffRequest, staff_page
from barograph.collect import access
from barograph.collect import entry as entering
from barograph.collect.desk.shown import show_desk, wave_named
from barograph.collect.models import Mode, Wave


@staff_page("entry")
def entry(request: StaffRequest, wave: str) -> HttpResponseBase:
    """GET searches; POST opens the questionnaire of a municipality in a mode."""
    of = wave_named(wave)
    if request.method != "POST":
        return _listed(request, of)
    unit = get_object_or_404(of.units, code=request.POST.get("unit", ""))
    if request.POST.get("mode") not in entering.MODES or of.state not in entering.BEGINS:
        return _listed(request, of, 400)
    mode = Mode(request.POST["mode"])
    invitation = entering.begin(request.account, unit, mode, access.language(request, "", of))
    access.enter(request, invitation)
    return HttpResponseRedirect(f"/a/{invitation.unit.response.public_id}/")


def _listed(request: StaffRequest, wave: Wave, status: int = 200) -> HttpResponse:
    query = request.GET.get("q", "")[:100]
    context = {
        "query": query,
        "found": entering.found(wave, query),
        "entered": entering.entered(wave),
        "modes": entering.MODES,
        "open_wave": wave.state in entering.BEGINS,
    }
    return show_desk(request, wave, "entry", context, status)
