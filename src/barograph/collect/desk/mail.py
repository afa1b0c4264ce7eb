"""The send plan of the wave: its rounds, what became of them, and what holds them up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.db.models import Count
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

import barograph as bg
from barograph.accounts.doors import StaffRequest, staff_page
from barograph.collect import access
from barograph.collect.desk.shown import show_desk, wave_named, words
from barograph.collect.models import Beat, Mailing, Message, Wave
from barograph.collect.outbox import clock
from barograph.collect.rounds import plan as rounds
from barograph.collect.rounds.reach import Reach, reach
from barograph.errors import BadInput

FAST = 60  # messages a minute, unless asked otherwise


@require_safe
@staff_page("mail")
def mail(request: StaffRequest, wave: str) -> HttpResponse:
    """The rounds, and the form of the next one."""
    return _page(request, wave_named(wave), {"per_minute": str(FAST), "number": "1"})


@require_POST
@staff_page("mail")
def plan(request: StaffRequest, wave: str) -> HttpResponseBase:
    """Counts whom a round would reach, or notes it in the plan."""
    found, post = wave_named(wave), request.POST
    values = {name: post.get(name, "") for name in ("kind", "number", "due", "per_minute")}
    stratum: dict[str, list[str]] = {}
    try:
        stratum = _stratum(post)
        number, speed = _number(values["number"]), _number(values["per_minute"])
        due = rounds.moment(values["due"])
        asked = (found, values["kind"], number, stratum, due, speed)
        if post.get("go") != "count":
            rounds.plan(*asked, request.account)
            return HttpResponseRedirect(f"/a/desk/{found.name}/mail/#rounds")
        reached = reach(rounds.checked(*asked))
    except BadInput as error:
        return _page(request, found, {**values, "stratum": stratum, "fault": str(error)}, 400)
    return _page(request, found, {**values, "stratum": stratum, "reached": reached})


@require_POST
@staff_page("mail")
def cancel(request: StaffRequest, wave: str, number: int) -> HttpResponseBase:
    """Takes a round back."""
    found = wave_named(wave)
    mailing = found.mailings.filter(pk=number).first()
    if mailing is None:
        raise Http404
    rounds.cancel(mailing, request.account)
    return HttpResponseRedirect(f"/a/desk/{found.name}/mail/#rounds")


@require_POST
@staff_page("mail")
def clock_is_right(request: StaffRequest, wave: str) -> HttpResponseBase:
    """Somebody has looked at the clock."""
    clock.confirm(request.account)
    return HttpResponseRedirect(f"/a/desk/{wave_named(wave).name}/mail/")


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else 0  # which plan refuses


def _stratum(post: QueryDict) -> dict[str, list[str]]:
    """What was ticked, as "domain=value"; nothing is everybody."""
    return rounds.stratum_of([text for text in post.getlist("only")[:100] if text])


def _page(
    request: StaffRequest, wave: Wave, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    shown: dict[str, Any] = {
        "rounds": [_round(each) for each in wave.mailings.order_by("due", "pk")],
        "counts": Counter(
            dict(
                Message.objects.filter(invitation__unit__wave=wave)
                .values_list("state")
                .annotate(Count("pk"))
            )
        ),
        "held": Beat.objects.exclude(held="").order_by("name"),
        "domains": rounds.domains(wave),
        "zone": timezone.get_default_timezone_name(),
        "labels": _labels(access.language(request)),
        **dict.fromkeys(("kind", "due", "fault", "reached"), ""),
        "stratum": {},
        "over": wave.state in rounds.OVER,
    }
    return show_mail(request, wave, "mail", {**shown, **context}, status)


def show_mail(
    request: StaffRequest, wave: Wave, template: str, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """A page of the mail, in the words of mail.toml."""
    own = {"w": words("mail")[access.language(request)]}
    return show_desk(request, wave, template, {**own, **context}, status)


def _labels(lang: str) -> Callable[..., str]:
    """Names of domains and their values."""
    assert settings.BAROMETER is not None  # without a barometer there is no desk
    domains = bg.open(settings.BAROMETER).domains

    def label(name: str, value: str = "") -> str:
        domain = domains.get(name)
        if domain is None:
            return value or name
        return domain.labels.get(value, {}).get(lang, value) if value else domain.label[lang]

    return label


def _round(mailing: Mailing) -> tuple[Mailing, Any, Counter[str], Reach | None]:
    """A round, its local time, its messages by state; whom it would reach while it is planned."""
    counts = Counter(dict(mailing.messages.values_list("state").annotate(Count("pk"))))
    planned = mailing.state == Mailing.State.PLANNED
    return mailing, timezone.localtime(mailing.due), counts, reach(mailing) if planned else None
