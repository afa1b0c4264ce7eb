"""Whom to ask next, and the page of one municipality."""

from __future__ import annotations

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from barograph.accounts import log
from barograph.accounts.doors import StaffRequest, staff_page
from barograph.collect import access
from barograph.collect.desk.labels import domain_label, value_label
from barograph.collect.desk.shown import show_desk, wave_named, words
from barograph.collect.models import Call

ROWS = 20


@require_safe
@staff_page("contacts")
def calling(request: StaffRequest, wave: str) -> HttpResponse:
    """The first of the order, and why."""
    from barograph.collect.monitoring.calling import next_ones
    from barograph.collect.monitoring.standing import standing
    from barograph.publish.formats import Formats

    found, lang = wave_named(wave), access.language(request)
    stand, w = standing(found), words("calling")[lang]
    everybody = next_ones(stand)
    rows = [
        (
            each,
            value_label(stand.described, each.asked.domain, each.asked.value, lang, w)
            if each.asked.domain
            else "",
        )
        for each in everybody[:ROWS]
    ]
    few = [
        " × ".join(
            value_label(stand.described, name, value, lang, w)
            for name, value in zip(stand.domains, stand.fieldwork.values[cell], strict=True)
        )
        for cell, called in enumerate(stand.fieldwork.few)
        if called
    ]
    context = {
        "fmt": Formats(lang),
        "rows": rows,
        "few": few,
        "rate": stand.total.rate,
        "waiting": stand.total.units - stand.total.signed - len(everybody),
        "open": len(everybody),
    }
    return show_desk(request, found, "calling", context)


@staff_page("contacts")
def unit(request: StaffRequest, wave: str, code: str) -> HttpResponseBase:
    """One municipality: where it stands, what was sent, who was called. No answer."""
    from barograph.collect.monitoring.municipality import of_unit
    from barograph.publish.formats import Formats

    found, lang = wave_named(wave), access.language(request)
    held = found.units.filter(code=code).first()
    if held is None:
        raise Http404
    if request.method == "POST":
        outcome = request.POST.get("outcome", "")
        if outcome not in Call.Outcome.values:
            raise Http404
        Call.objects.create(unit=held, at=timezone.now(), by=request.account, outcome=outcome)
        log.note(request.account, "call noted", found.name, code, outcome=outcome)
        return HttpResponseRedirect(f"/a/desk/{found.name}/units/{code}/?noted=1#calls")
    log.note(request.account, "contacts read", found.name, code)
    history = of_unit(held)
    w = words("unit")[lang]
    context = {
        "fmt": Formats(lang),
        "local": timezone.localtime,
        "unit": held,
        "history": history,
        "domains": [
            (
                domain_label(history.described, name, lang, w),
                value_label(history.described, name, value, lang, w),
            )
            for name, value in held.domains.items()
        ],
        "outcomes": Call.Outcome.values,
        "noted": "noted" in request.GET,
    }
    return show_desk(request, found, "unit", context)
