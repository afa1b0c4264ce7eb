"""Typed while the section closed: shown to be copied, and ready to be sent again."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpResponseRedirect
from django.http.response import HttpResponseBase

from barograph.collect import markup
from barograph.collect.access import Visit
from barograph.collect.signing import signature
from barograph.collect.views.landing import carried
from barograph.collect.views.shown import in_words, label_of, show, words
from barograph.collect.views.steps import label
from barograph.instrument import Group


def show_unsaved(visit: Visit, group: Group, typed: Mapping[str, str]) -> HttpResponseBase:
    """Every answer that is not held, in words. The form carries all that was sent, for a second time."""
    visit.response.refresh_from_db(fields=["status"])
    visit.wave.refresh_from_db(fields=["state"])
    state = visit.questionnaire.logic.evaluate(visit.answers)
    known = visit.questionnaire.instrument.questions
    rows = [
        (label_of(visit, state, key), in_words(visit, key, value))
        for key, value in typed.items()
        if value and value != visit.answers.get(key, "") and key.split("[")[0] in known
    ]
    if not rows:
        return HttpResponseRedirect(visit.path("section", group.name))
    context = {
        "heading": label(visit, group, state),
        "why": why_locked(visit),
        "rows": rows,
        "kept": carried(visit.request),
        "files": bool(visit.request.FILES),
    }
    return show(visit, "unsaved", context, status=409)


def why_locked(visit: Visit) -> str:
    """Why this person cannot write in a section, when that is so."""
    w = words()[visit.language]
    if visit.open:
        return markup.words()[visit.language]["locked"]
    return w["fixed" if signature(visit.response) else "not_open"]
