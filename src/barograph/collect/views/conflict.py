"""Two people changed one answer: both values, to choose from."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase

from barograph.collect.access import Visit, visiting
from barograph.collect.saving import Conflict, Saved, save
from barograph.collect.views.shown import in_words, label_of, show, words
from barograph.collect.views.steps import NEXT, group_of, label, new_page, sent_by, went
from barograph.collect.views.unsaved import show_unsaved
from barograph.instrument import Group, State


@visiting
def page(visit: Visit, name: str) -> HttpResponseBase:
    """Keeps the own values that were chosen; where the colleague's was chosen nothing changes."""
    group = group_of(visit, name)
    post = visit.request.POST
    if visit.request.method != "POST":
        return HttpResponseRedirect(visit.path("section", name))
    mine = {
        key: post.get(f"mine:{key}", "")
        for key in post.getlist("keys")
        if visit.questionnaire.section_of_key(key) == name and post.get(f"keep:{key}") == "mine"
    }
    if not visit.may_write(name):
        return show_unsaved(visit, group, mine)
    saved = save(visit.response, visit.invitation, name, mine, sent_by(post))
    if saved is None:
        return show_unsaved(visit, group, mine)
    if saved.conflicts:
        state = visit.questionnaire.logic.evaluate(visit.answers)
        return show_conflicts(visit, group, state, saved, post.get("go", NEXT))
    return went(visit, group, post.get("go", NEXT))


def show_conflicts(visit: Visit, group: Group, state: State, saved: Saved, go: str) -> HttpResponse:
    """Both values of each answer that two people changed, to choose from."""
    rows = [
        {
            "key": key,
            "label": label_of(visit, state, key),
            "mine": conflict.mine,
            "mine_words": in_words(visit, key, conflict.mine),
            "theirs_words": in_words(visit, key, conflict.theirs),
            "by": conflict.by,
        }
        for key, conflict in saved.conflicts.items()
        if key.split("[")[0] in visit.questionnaire.instrument.questions
    ]
    return show(
        visit,
        "conflict",
        {
            "heading": label(visit, group, state),
            "rows": rows,
            "go": go,
            "hidden": [("page", new_page()), ("seen", saved.serial)],
            "action": visit.path("section", group.name, "conflict"),
        },
        status=409,
    )


def sentence(visit: Visit, key: str, conflict: Conflict) -> str:
    """What a colleague wrote meanwhile, in the words of the page."""
    return words()[visit.language]["conflict_inline"].format(
        who=conflict.by.email, value=in_words(visit, key, conflict.theirs)
    )
