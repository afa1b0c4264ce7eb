"""The questionnaire itself: overview, sections, files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase

from barograph.collect import forms, paradata, prefill, uploads
from barograph.collect.access import Visit, remember_language, visiting
from barograph.collect.models import Signature, Status, Upload
from barograph.collect.progress import Progress, SectionProgress, notes, progress
from barograph.collect.saving import Conflict, save
from barograph.collect.signing import signature
from barograph.collect.views.conflict import sentence, show_conflicts
from barograph.collect.views.shown import show, words
from barograph.collect.views.steps import (
    NEXT,
    STAY,
    group_of,
    label,
    new_page,
    seconds,
    sent_by,
    went,
)
from barograph.instrument import Group, State


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
    if visit.request.method == "POST" and visit.may_write(name):
        return _posted(visit, group)
    state = visit.questionnaire.logic.evaluate(visit.answers)
    if visit.unit.before and visit.request.method == "GET":
        earlier = prefill.offered(visit, name, state)
        shown = set(visit.response.prefills.values_list("key", flat=True)) if earlier else set()
        if any(e.question.name not in shown for e in earlier):
            return HttpResponseRedirect(visit.path("section", name, "earlier"))
    wants_faults = "check" in visit.request.GET
    return _page(visit, group, state, show_faults=wants_faults)


def _posted(visit: Visit, group: Group) -> HttpResponseBase:
    request, response, form = visit.request, visit.response, visit.questionnaire
    go = request.POST.get("go", NEXT)
    typed = forms.parse(
        form.instrument, group, cast(Any, request.POST), cast(Any, request.FILES), visit.answers
    )
    refused = _keep_files(visit, typed)
    sent = sent_by(request.POST)
    saved = save(response, visit.invitation, group.name, typed, sent)
    if saved is None:  # signed meanwhile
        return HttpResponseRedirect(visit.path())
    before = visit.answers
    visit.answers = dict(response.answers.values_list("key", "value")) if saved.changed else before
    state = form.logic.evaluate(visit.answers)
    faults = {k: f for k, f in state.faults.items() if form.section_of_key(k) == group.name}
    if go != STAY:
        paradata.note(
            visit,
            paradata.PAGE,
            group.name,
            seconds=seconds(sent.page),
            faults=len(faults),
        )
    if go.startswith("lang-"):
        return _switched(visit, group, go.removeprefix("lang-"))
    if saved.conflicts and go != STAY:
        return show_conflicts(visit, group, state, saved, go)
    if go == STAY or ":" in go:
        told = bool(request.POST.get("checked"))  # faults once told stay until they are mended
        return _page(visit, group, state, conflicts=saved.conflicts, show_faults=told)
    if go == NEXT:
        stays = _before_next(visit, group, state, refused)
        if stays is not None:
            return stays
    return went(visit, group, go)


def _before_next(
    visit: Visit, group: Group, state: State, refused: list[str]
) -> HttpResponse | None:
    """The page again, once, when the answers bring up questions or something on it is wrong."""
    post, form = visit.request.POST, visit.questionnaire
    stood = set(" ".join(post.getlist(forms.SHOWN)).split())
    context = forms.page(form.instrument, group, state, visit.answers, visit.language)
    added = [key for key in context["keys"] if key not in stood]
    if added and stood:
        return _page(visit, group, state, follow_up=added)
    faults = {k: f for k, f in state.faults.items() if form.section_of_key(k) == group.name}
    touched = any(visit.answers.get(key) for key in stood)
    worth = touched or any(fault.kind != "required" for fault in faults.values())
    if refused or (faults and worth):
        return _page(visit, group, state, show_faults=True, files_refused=refused)
    return None


def _switched(visit: Visit, group: Group, lang: str) -> HttpResponseRedirect:
    """The same page in another language."""
    response = HttpResponseRedirect(visit.path("section", group.name))
    if lang in visit.wave.title:
        paradata.note(visit, paradata.LANGUAGE, group.name)
        remember_language(response, lang)
    return response


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


def _page(
    visit: Visit,
    group: Group,
    state: State,
    *,
    conflicts: Mapping[str, Conflict] = {},
    show_faults: bool = False,
    follow_up: list[str] | None = None,
    files_refused: Sequence[str] = (),
) -> HttpResponse:
    form, lang = visit.questionnaire, visit.language
    answers = {**visit.answers, **{key: c.mine for key, c in conflicts.items()}}
    context = forms.page(
        form.instrument,
        group,
        state,
        answers,
        lang,
        locked=not visit.may_write(group.name),
        conflicts={key: sentence(visit, key, c) for key, c in conflicts.items()},
        show_faults=show_faults,
        seed=visit.response.public_id,
    )
    whole = progress(form, state)
    message = words()[lang]["file_refused"]
    refused = [{**f, "message": message} for f in context_fields(context, files_refused)]
    context["faults"] = (*refused, *context["faults"])
    return show(
        visit,
        "section",
        {
            **context,
            **navigation(visit, whole, group, state),
            "follow_up": context_fields(context, follow_up or []),
            "locked_words": _locked(visit),
            "all_saved": not refused,
            "hidden": [
                ("page", new_page()),
                ("seen", visit.response.serial),
                ("sequence", 0),
            ],
        },
    )


def _locked(visit: Visit) -> str:
    """Why nothing can be written; "" while answers are taken."""
    w = words()[visit.language]
    return "" if visit.open else w["fixed" if signature(visit.response) else "not_open"]


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
    return FileResponse(
        uploads.path(upload).open("rb"),
        as_attachment=True,
        filename=upload.called,
        content_type=upload.media_type,
    )
