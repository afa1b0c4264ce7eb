"""Whom the answers speak for: evenness of response, precision if fieldwork stopped now, the stop rule."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from barograph.accounts.doors import StaffRequest, staff_page
from barograph.collect import access
from barograph.collect.desk.labels import domain_label, said, value_label
from barograph.collect.desk.shown import show_desk, wave_named, words

PAGE = "evenness"


@require_safe
@staff_page("desk")
def evenness(request: StaffRequest, wave: str) -> HttpResponse:
    """Figures of today and what they mean."""
    from barograph.collect.monitoring.precision import precision
    from barograph.collect.monitoring.standing import standing
    from barograph.publish.formats import Formats
    from barograph.weight import fieldwork as rule

    found, lang = wave_named(wave), access.language(request)
    stand, w = standing(found), words(PAGE)[lang]
    field, expected = stand.fieldwork, precision(stand)
    parts: list[dict[str, Any]] = []
    for name, part in (field.evenness or (None, {}))[1].items():
        labels = stand.described.barometer.domains[name].labels
        rows = [
            (said(label, lang), part.categories[v])
            for v, label in labels.items()
            if v in part.categories
        ]
        label = domain_label(stand.described, name, lang, w)
        parts.append({"name": name, "label": label, "part": part, "rows": rows})
    heads = [
        value_label(stand.described, *next(iter(d.items())), lang, w) if d else w["all"]
        for d in expected.domains
    ]
    barometer = stand.described.barometer
    places = [(name, v) for name, domain in barometer.domains.items() for v in domain.labels]
    order = {place: i for i, place in enumerate(places)}
    reached = [
        (
            domain_label(stand.described, r.domain, lang, w),
            value_label(stand.described, r.domain, r.value, lang, w),
            r,
        )
        for r in sorted(field.reached(), key=lambda r: order.get((r.domain, r.value), len(order)))
    ]
    context = {
        "fmt": Formats(lang),
        "rule": rule,
        "fieldwork": field,
        "whole": field.evenness[0] if field.evenness else None,
        "parts": parts,
        "longest": max((abs(x) for p in parts for _, x in p["rows"]), default=0.0) or 1.0,
        "reached": reached,
        "precision": expected,
        "heads": heads,
        "said": said,
    }
    return show_desk(request, found, PAGE, context)
