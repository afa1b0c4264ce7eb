"""The validation report: what is odd about the answers, the decisions on it, the freeze."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_POST, require_safe

from barograph.accounts import log
from barograph.accounts.doors import StaffRequest, staff_page
from barograph.collect import access, jobs, uploads
from barograph.collect.closing import freeze as freezing
from barograph.collect.closing import validation
from barograph.collect.closing.findings import Finding, wording, words
from barograph.collect.closing.validation import Report
from barograph.collect.described import described
from barograph.collect.desk.shown import show_desk, wave_named
from barograph.collect.models import Wave
from barograph.collect.states import Refused
from barograph.errors import BadInput


@require_safe
@staff_page("answers")
def closing(request: StaffRequest, wave: str) -> HttpResponse:
    """The report; looking at it is a reading of answers."""
    return _show(request, wave_named(wave))


@require_POST
@staff_page("decide")
def decide(request: StaffRequest, wave: str) -> HttpResponseBase:
    """Settles one finding, or lets all open ones of a check stand."""
    found, post = wave_named(wave), request.POST
    about = (post.get("unit", ""), post.get("check", ""), post.get("key", ""))
    verdict, reason = post.get("verdict", ""), post.get("reason", "")[:500]
    try:
        report = validation.validate(found, described(found))
        validation.settle(report, about, verdict, reason, request.account)
    except BadInput:
        return _show(request, found, 409, "decision")
    return HttpResponseRedirect(f"/a/desk/{found.name}/closing/#{about[1]}")


@require_POST
@staff_page("wave")
def freeze(request: StaffRequest, wave: str) -> HttpResponseBase:
    """Freezes the answers that count."""
    found = wave_named(wave)
    try:
        with jobs.running("freeze", found, account=request.account):
            freezing.freeze(found, described(found), request.account)
    except Refused:  # the page says why
        return _show(request, found, 409)
    except BadInput as fault:
        return _show(request, found, 409, "freeze", str(fault))
    return HttpResponseRedirect(f"/a/desk/{found.name}/state/")


def _show(
    request: StaffRequest, wave: Wave, status: int = 200, refused: str = "", fault: str = ""
) -> HttpResponse:
    lang, told = access.language(request), described(wave)
    report = validation.validate(wave, told)
    log.note(request.account, "answers read", wave.name, "validation report")
    against = freezing.obstacles(wave, told, report)
    instrument = report.form.instrument
    context: dict[str, Any] = {
        "numbers": report.numbers(),
        "tried": report.tried,
        "files": uploads.held(wave).count(),
        "groups": _groups(report, lang),
        "nonresponse": [
            (row, wording(instrument, row.question, lang)) for row in report.nonresponse
        ],
        "against": [obstacle.sentence(lang) for obstacle in against],
        "refused": refused,
        "fault": fault,
        "may_decide": request.account.may("decide"),
        "may_freeze": request.account.may("wave"),
        "f": words()[lang],
    }
    return show_desk(request, wave, "closing", context, status)


def _groups(report: Report, lang: str) -> list[dict[str, Any]]:
    """The findings of each check, what needs a decision first."""
    undecided = {finding.about for finding in report.open}
    checks: dict[str, list[Finding]] = {}
    for finding in report.findings:
        checks.setdefault(finding.check, []).append(finding)
    groups = [
        {
            "check": check,
            "open": sum(f.about in undecided for f in found),
            "rows": [
                {
                    "finding": f,
                    "sentence": f.sentence(lang, report.form.instrument),
                    "held": report.decided.of.get(f.about),
                    "open": f.about in undecided,
                }
                for f in found
            ],
        }
        for check, found in checks.items()
    ]
    return sorted(groups, key=lambda group: not group["open"])
