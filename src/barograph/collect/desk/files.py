"""The files that municipalities have given as answers."""

from __future__ import annotations

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from barograph.accounts import log
from barograph.accounts.doors import StaffRequest, staff_page
from barograph.collect import access, uploads
from barograph.collect.desk.shown import show_desk, wave_named
from barograph.collect.questionnaire import questionnaire


@require_safe
@staff_page("answers")
def files(request: StaffRequest, wave: str) -> HttpResponse:
    """All that hold now, by municipality; looking at the list is a reading of answers."""
    from barograph.publish.formats import Formats

    found, lang = wave_named(wave), access.language(request)
    questions = questionnaire(found.form_id).instrument.questions
    log.note(request.account, "answers read", found.name, "files")
    rows = []
    for upload in uploads.held(found):
        name = upload.key.split("[")[0]
        asked = questions[name].label.get(lang, name) if name in questions else name
        rows.append((upload, upload.response.unit, asked, timezone.localtime(upload.at)))
    return show_desk(request, found, "files", {"rows": rows, "fmt": Formats(lang)})


@require_safe
@staff_page("answers")
def taken(request: StaffRequest, wave: str, name: str) -> HttpResponseBase:
    """One of them, with the code of the municipality before its name."""
    found = wave_named(wave)
    upload = get_object_or_404(uploads.held(found), name=name)
    code = upload.response.unit.code
    log.note(request.account, "answers read", found.name, code, file=name)
    return uploads.download(upload, f"{code}-{upload.called}")
