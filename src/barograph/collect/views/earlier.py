"""Answers of an earlier wave: still right, to be corrected, or no longer so."""

from __future__ import annotations

from django.http import HttpResponseRedirect
from django.http.response import HttpResponseBase

from barograph.collect import paradata, prefill
from barograph.collect.access import Visit, visiting
from barograph.collect.saving import save
from barograph.collect.views.shown import show
from barograph.collect.views.steps import group_of, label, new_page, seconds, sent_by


@visiting
def page(visit: Visit, name: str) -> HttpResponseBase:
    """Answers of an earlier wave in this section: still right, to be corrected, or no longer so."""
    group = group_of(visit, name)
    state = visit.questionnaire.logic.evaluate(visit.answers)
    offered = prefill.offered(visit, name, state)
    if visit.request.method == "POST":
        said = prefill.settled(
            offered, {e.question.name: visit.request.POST.get(e.question.name, "") for e in offered}
        )
        confirmed = {
            key: str(visit.unit.before[key])
            for key, what in said.items()
            if what == prefill.CONFIRM
        }
        sent = sent_by(visit.request.POST)
        if save(visit.response, visit.invitation, name, confirmed, sent) is not None:
            prefill.write(visit, said)
            paradata.note(visit, paradata.PREFILL, name, seconds=seconds(sent.page))
        return HttpResponseRedirect(visit.path("section", name))
    if not offered:
        return HttpResponseRedirect(visit.path("section", name))
    prefill.note_shown(visit, offered)
    return show(
        visit,
        "earlier",
        {
            "heading": label(visit, group, state),
            "earlier": offered,
            "from_wave": visit.wave.prefill_from,
            "note": visit.wave.prefill_note.get(visit.language, ""),
            "hidden": [("page", new_page()), ("seen", visit.response.serial), ("sequence", 0)],
        },
    )
