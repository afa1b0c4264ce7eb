"""Handing sections over to colleagues, and taking them back."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase

from barograph.collect import handover, mail
from barograph.collect.access import Visit, visiting
from barograph.collect.progress import asks
from barograph.collect.views.shown import show, words
from barograph.collect.views.steps import group_of, label


@visiting
def hand_over(visit: Visit) -> HttpResponseBase:
    """Which sections, and to whose mailbox."""
    if not (visit.coordinates and visit.open) or visit.entered_by:
        return HttpResponseRedirect(visit.path())
    if visit.request.method == "POST":
        return _posted(visit)
    return _form(visit, visit.request.GET.getlist("section"), "", "")


def _posted(visit: Visit) -> HttpResponseBase:
    post, form = visit.request.POST, visit.questionnaire
    w = words()[visit.language]
    chosen = [n for n in form.sections if n in post.getlist("section") and asks(form.sections[n])]
    typed = post.get("email", "")[:254]
    email = mail.address(typed)
    languages = form.instrument.languages
    language = post.get("mail_language", "")
    language = language if language in languages else visit.language
    fault = "" if chosen else w["hand_over_no_section"]
    fault = fault or ("" if email else w["hand_over_no_address"])
    if not fault and not handover.hand_over(visit, chosen, email, language):
        fault = w["hand_over_too_many"]
    if fault:
        return _form(visit, chosen, typed, fault)
    return HttpResponseRedirect(visit.path())


def _form(visit: Visit, chosen: list[str], email: str, fault: str) -> HttpResponse:
    state = visit.questionnaire.logic.evaluate(visit.answers)
    sections = [
        (name, label(visit, group, state), name in chosen, visit.assigned.get(name))
        for name, group in visit.questionnaire.sections.items()
        if asks(group)
    ]
    wrong = fault == words()[visit.language]["hand_over_no_address"]
    context = {"listed": sections, "email": email, "fault": fault, "wrong_address": wrong}
    return show(visit, "hand_over", context, status=400 if fault else 200)


@visiting
def take_back(visit: Visit, name: str) -> HttpResponseBase:
    """The section is the coordinator's again."""
    if visit.request.method == "POST" and visit.coordinates and visit.open:
        handover.take_back(visit, name)
    return HttpResponseRedirect(visit.path())


@visiting
def done(visit: Visit, name: str) -> HttpResponseBase:
    """The colleague declares an own section finished."""
    group_of(visit, name)
    if visit.request.method == "POST" and visit.open:
        handover.declare_done(visit, name)
    return HttpResponseRedirect(visit.path())
