"""The end: a code to the mailbox, everything that must be mended, the signature, and the return."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase

from barograph.collect import codes, forms, mail, signing
from barograph.collect.access import Visit, visiting
from barograph.collect.progress import data, notes, progress
from barograph.collect.summary import summary
from barograph.collect.views.interview import signed_by
from barograph.collect.views.shown import show, words
from barograph.collect.views.steps import label
from barograph.instrument import State
from barograph.instrument.faults import message

WHERE = {
    "sign": ("sign",),
    "contact": ("contact",),
    "reopen": ("thanks",),
    "overview": (),
}  # where a code may lead


@visiting
def code(visit: Visit) -> HttpResponseBase:
    """Sends a code to the address of the invitation, or checks the one typed."""
    to = wanted(visit)
    if visit.verified:
        return HttpResponseRedirect(back(visit, to))
    w, post = words()[visit.language], visit.request.POST
    if visit.request.method != "POST":
        outcome = visit.request.GET.get("identity", "")
        return _ask(visit, to, w[f"identity_{outcome}"] if outcome in ("failed", "other") else "")
    if "digits" not in post:
        if not _send(visit):
            return _ask(visit, to, w["code_too_many"])
        return HttpResponseRedirect(f"{visit.path('code')}?to={to}")
    if codes.check(visit.invitation, post["digits"][:20]):
        visit.verify()
        return HttpResponseRedirect(back(visit, to))
    return _ask(visit, to, w["code_wrong"])


def wanted(visit: Visit) -> str:
    """Where somebody wants to go who has to be verified first."""
    to = visit.request.POST.get("to") or visit.request.GET.get("to", "")
    return to if to in WHERE else "overview"


def back(visit: Visit, to: str) -> str:
    """The address of that place."""
    return visit.path(*WHERE[to])


def _send(visit: Visit) -> bool:
    issued = codes.issue(visit.invitation)
    if issued is None:
        return False
    mail.post(
        f"{visit.wave.name}:code:{issued.pk}",
        "code",
        visit.invitation,
        issued,
        title=visit.wave.title[visit.invitation.language],
        municipality=visit.unit.name,
    )
    return True


def _ask(visit: Visit, to: str, fault: str = "") -> HttpResponse:
    name, _, host = visit.invitation.email.partition("@")
    context = {
        "to": to,
        "sent": codes.waiting(visit.invitation),
        "fault": fault,
        "address": f"{name[:1]}…@{host}",
        "mailbox": settings.LOCAL and visit.wave.practice,
        "provider": settings.IDENTITY.name if settings.IDENTITY else "",
    }
    return show(visit, "code", context, status=400 if fault else 200)


@visiting
def sign(visit: Visit) -> HttpResponseBase:
    """Lists every fault with a link to its question; without one, and verified, takes the signature."""
    if not (visit.coordinates and visit.open):
        return HttpResponseRedirect(visit.path())
    state = visit.questionnaire.logic.evaluate(visit.answers)
    post = visit.request.POST
    missing = False
    if visit.request.method == "POST" and not state.faults:
        name, function = post.get("name", "").strip(), post.get("function", "").strip()
        missing = not (name and function and post.get("accountable"))
        if not missing and signing.sign(visit, name, function) is not None:
            return HttpResponseRedirect(visit.path("thanks"))
    context = {
        "faulty": _faulty(visit, state) if state.faults else [],
        "missing": missing,
        "name": post.get("name", ""),
        "function": post.get("function", ""),
        "waiting": [a for a in visit.assigned.values() if not a.done],
    }
    return show(visit, "sign", context, status=400 if missing else 200)


def _faulty(visit: Visit, state: State) -> list[dict[str, Any]]:
    """Sections with their faults, each with the address of the question."""
    form = visit.questionnaire
    unanswered = message("required")[visit.language]  # the page says so once
    found = []
    for part in progress(form, state).sections:
        if not part.faults:
            continue
        page = forms.page(
            form.instrument, part.section, state, visit.answers, visit.language, show_faults=True
        )
        href = visit.path("section", part.section.name) + "?check=1"
        found.append(
            {
                "label": label(visit, part.section, state),
                "faults": [
                    {
                        "label": fault["label"],
                        "message": fault["message"].replace(unanswered, ""),
                        "href": f"{href}#{fault['id']}",
                    }
                    for fault in page["faults"]
                ],
            }
        )
    return found


@visiting
def thanks(visit: Visit) -> HttpResponseBase:
    """What was signed, and at once the municipality's own answers beside the last edition."""
    signed = signing.signature(visit.response)
    if signed is None:
        return HttpResponseRedirect(visit.path())
    state = visit.questionnaire.logic.evaluate(visit.answers)
    own = None
    if settings.EDITION:
        own = summary(
            settings.EDITION,
            visit.questionnaire.instrument,
            data(visit.answers, state),
            visit.unit.domains,
            visit.language,
        )
    return show(
        visit,
        "thanks",
        {
            "signed": signed_by(visit, signed),
            "receipt": signed.receipt[:16],
            "summary": own,
            "notes": [
                state.text(n.label, visit.language, n.name)
                for n in notes(visit.questionnaire, state, after=True)
            ],
        },
    )


@visiting
def reopen(visit: Visit) -> HttpResponseBase:
    """Opens signed answers again; the earlier signature stays in the record."""
    if visit.request.method == "POST" and visit.coordinates:
        if not visit.verified:
            return HttpResponseRedirect(visit.path("code") + "?to=reopen")
        signing.reopen(visit)
    return HttpResponseRedirect(visit.path())
