"""The questionnaire itself: overview, sections, files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase

from barograph.collect import forms, paradata, prefill, uploads
from barograph.collect.access import Visit, remember_language, visiting
from barograph.collect.models import Signature, Status, Upload
from barograph.collect.progress import Progress, SectionProgress, notes, progress
from barograph.collect.saving import LONGEST, Saved, Sent, save
from barograph.collect.signing import signature
from barograph.collect.views.conflict import sentence, show_conflicts
from barograph.collect.views.shown import show, words
from barograph.collect.views.steps import (
    NEXT,
    STAY,
    as_shown,
    group_of,
    label,
    new_page,
    seconds,
    sent_by,
    went,
)
from barograph.collect.views.unsaved import show_unsaved, why_locked
from barograph.instrument import Fault, Group, State
from barograph.publish.formats import Formats


@visiting
def overview(visit: Visit) -> HttpResponse:
    """How far it is, section by section, and what can be done next."""
    state = visit.questionnaire.logic.evaluate(visit.answers)
    whole = progress(visit.questionnaire, state)
    lang = visit.language
    return show(
        visit,
        "overview",
        {
            "progress": whole,
            "parts": [_part(visit, part, state) for part in whole.sections],
            "notes": [
                state.text(n.label, lang, n.name)
                for n in notes(visit.questionnaire, state, after=False)
            ],
            "signed": signed_by(visit, signature(visit.response)),
            "reopened": visit.response.status == Status.REOPENED,
            "mailbox": settings.LOCAL and visit.wave.practice,
            "earlier": visit.unit.before and visit.coordinates and not visit.verified,
        },
    )


def signed_by(visit: Visit, signed: Signature | None) -> str:
    """Who signed and when, in a sentence; "" when nobody has."""
    if signed is None:
        return ""
    from barograph.publish.formats import date

    day = date(signed.at.date(), visit.language)
    sentence = words()[visit.language]["signed"]
    return sentence.format(name=signed.name, function=signed.function, date=day)


def _part(visit: Visit, part: SectionProgress, state: State) -> dict[str, Any]:
    """A section in the overview."""
    name = part.section.name
    assigned = visit.assigned.get(name)
    return {
        "name": name,
        "label": label(visit, part.section, state),
        "href": visit.path("section", name),
        "progress": part,
        "assigned": assigned,
        "mine": assigned is not None and assigned.informant_id == visit.invitation.pk,
        "writable": visit.may_write(name),
    }


@visiting
def section(visit: Visit, name: str) -> HttpResponseBase:
    """A section: shown by GET; a POST saves what was typed, then goes where the button says."""
    group = group_of(visit, name)
    if visit.request.method == "POST":
        before = visit.language
        answer = _posted(visit, group)
        if visit.language != before:
            remember_language(answer, visit.language)
        return answer
    state = visit.questionnaire.logic.evaluate(visit.answers)
    if visit.unit.before:
        earlier = prefill.offered(visit, name, state)
        shown = set(visit.response.prefills.values_list("key", flat=True)) if earlier else set()
        if any(e.question.name not in shown for e in earlier):
            return HttpResponseRedirect(visit.path("section", name, "earlier"))
    wants_faults = "check" in visit.request.GET
    return _page(visit, group, state, show_faults=wants_faults)


def _posted(visit: Visit, group: Group) -> HttpResponseBase:
    """Saves first. What was not kept, and what a colleague changed, is told wherever the button leads."""
    response, form = visit.response, visit.questionnaire
    go = visit.request.POST.get("go", NEXT)
    post, sent = as_shown(visit, group, sent_by(visit.request.POST))
    typed = forms.parse(
        form.instrument, group, cast(Any, post), cast(Any, visit.request.FILES), visit.answers
    )
    if not visit.may_write(group.name):
        return show_unsaved(visit, group, typed)
    refused = _keep_files(visit, typed)
    saved = save(response, visit.invitation, group.name, typed, sent)
    if saved is None:  # signed meanwhile
        return show_unsaved(visit, group, typed)
    if saved.changed:
        visit.answers = dict(response.answers.values_list("key", "value"))
    state = form.logic.evaluate(visit.answers)
    if go != STAY:
        faults, spent = _faults(visit, group, state), seconds(sent.page)
        paradata.note(visit, paradata.PAGE, group.name, seconds=spent, faults=len(faults))
    if go.startswith("lang-"):
        _switch(visit, group, go.removeprefix("lang-"))
    told = bool(post.get("checked"))  # faults once told stay until they are mended
    if refused or saved.too_long or go == STAY:
        unsettled = _unsettled(visit, typed, sent, saved, refused)
        return _page(visit, group, state, unsettled=unsettled, show_faults=told)
    leads = STAY if go.startswith("lang-") or ":" in go else go
    if saved.conflicts:
        return show_conflicts(visit, group, state, saved, leads)
    if ":" in go:
        return _page(visit, group, state, show_faults=told)
    stays = _before_next(visit, group, state) if go == NEXT else None
    return stays or went(visit, group, leads)


def _faults(visit: Visit, group: Group, state: State) -> dict[str, Fault]:
    """What is wrong in this section."""
    of = visit.questionnaire.section_of_key
    return {key: fault for key, fault in state.faults.items() if of(key) == group.name}


def _before_next(visit: Visit, group: Group, state: State) -> HttpResponse | None:
    """The page again, once, when the answers bring up questions or something on it is wrong."""
    post, form = visit.request.POST, visit.questionnaire
    stood = set(" ".join(post.getlist(forms.SHOWN)).split())
    context = forms.page(form.instrument, group, state, visit.answers, visit.language)
    added = [key for key in context["keys"] if key not in stood]
    if added and stood:
        return _page(visit, group, state, follow_up=added)
    faults = _faults(visit, group, state)
    touched = any(visit.answers.get(key) for key in stood)
    worth = touched or any(fault.kind != "required" for fault in faults.values())
    return _page(visit, group, state, show_faults=True) if faults and worth else None


def _switch(visit: Visit, group: Group, lang: str) -> None:
    """From here on in another language."""
    if lang in visit.wave.title:
        paradata.note(visit, paradata.LANGUAGE, group.name)
        visit.language = lang


def _keep_files(visit: Visit, typed: dict[str, str]) -> list[str]:
    """Stores files sent and puts their names in place; the keys of those not accepted."""
    refused = []
    for key, file in visit.request.FILES.items():
        if key not in typed or not isinstance(file, UploadedFile):
            continue
        kept = uploads.keep(visit.response, key, file)
        if kept is None:
            refused.append(key)
            typed.pop(key)
        else:
            typed[key] = kept.called
    return refused


@dataclass(frozen=True)
class Unsettled:
    """What a page shows otherwise than it is held: key -> value, and key -> why.

    With a conflict it stays the page that was `sent`, so that the conflict comes up until it is settled.
    """

    values: Mapping[str, str]
    why: Mapping[str, str]
    sent: Sent | None
    refused: bool


def _unsettled(
    visit: Visit, typed: Mapping[str, str], sent: Sent, saved: Saved, refused: Sequence[str]
) -> Unsettled:
    w, found, fmt = words()[visit.language], saved.conflicts, Formats(visit.language)
    sizes = {key: fmt.number(len(typed[key])) for key in saved.too_long}
    most = fmt.number(LONGEST)
    return Unsettled(
        {**{key: c.mine for key, c in found.items()}, **{key: typed[key] for key in sizes}},
        {
            **{key: sentence(visit, key, c) for key, c in found.items()},
            **{key: w["too_long"].format(n=n, most=most) for key, n in sizes.items()},
            **dict.fromkeys(refused, w["file_refused"]),
        },
        sent if found else None,
        bool(sizes or refused),
    )


def _page(
    visit: Visit,
    group: Group,
    state: State,
    *,
    unsettled: Unsettled = Unsettled({}, {}, None, False),
    show_faults: bool = False,
    follow_up: list[str] | None = None,
) -> HttpResponse:
    form = visit.questionnaire
    context = forms.page(
        form.instrument,
        group,
        state,
        {**visit.answers, **unsettled.values},
        visit.language,
        locked=not visit.may_write(group.name),
        conflicts=unsettled.why,
        files=_files(visit, group),
        show_faults=show_faults,
        seed=visit.response.public_id,
    )
    page = unsettled.sent or Sent(new_page(), visit.response.serial)
    hidden = [(name, getattr(page, name)) for name in ("page", "seen", "sequence")]
    return show(
        visit,
        "section",
        {
            **context,
            **navigation(visit, progress(form, state), group, state),
            "follow_up": context_fields(context, follow_up or []),
            "locked_words": why_locked(visit),
            "all_saved": not unsettled.refused,
            "hidden": [*hidden, ("checked", 1)] if show_faults else hidden,
        },
        status=422 if unsettled.refused else 200,
    )


def _files(visit: Visit, group: Group) -> dict[str, str]:
    """The address of each file given, by its name; asked for only where a file is."""
    if all(question.type != "file" for question in forms.questions(group).values()):
        return {}
    return {each.called: visit.path("file", each.name) for each in visit.response.uploads.all()}


def context_fields(context: Mapping[str, Any], keys: Sequence[str]) -> list[dict[str, str]]:
    """Where questions are on the page, and what they are called."""
    shown = {field.key: field for field in forms.fields(context["items"])}
    return [{"id": shown[k].first, "label": shown[k].label} for k in keys if k in shown]


def navigation(visit: Visit, whole: Progress, group: Group, state: State) -> dict[str, Any]:
    """The list of sections beside a page, and where in it this one is."""
    listed = [
        {
            "href": visit.path("section", part.section.name),
            "label": label(visit, part.section, state),
            "current": part.section.name == group.name,
            "done": part.stage == "complete",
        }
        for part in whole.sections
    ]
    number = next(i for i, entry in enumerate(listed, start=1) if entry["current"])
    return {
        "sections": listed,
        "number": number,
        "count": len(listed),
        "overview_url": visit.path(),
    }


@visiting
def file(visit: Visit, name: str) -> HttpResponseBase:
    """A file of this questionnaire, always as a download."""
    upload = Upload.objects.filter(response=visit.response, name=name).first()
    if upload is None:
        raise Http404
    return uploads.download(upload)
