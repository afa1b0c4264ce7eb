"""The outbox of the wave: each message with its state, to be read, stopped or sent again."""

from __future__ import annotations

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from barograph.accounts.doors import StaffRequest, staff_page
from barograph.accounts.log import note
from barograph.collect.desk.mail import show_mail
from barograph.collect.desk.shown import wave_named
from barograph.collect.models import Message, Wave
from barograph.collect.outbox import acts

SHOWN = 50


@require_safe
@staff_page("mail")
def messages(request: StaffRequest, wave: str) -> HttpResponse:
    """The newest messages; whoever reads the addresses is noted."""
    found = wave_named(wave)
    state, kind = request.GET.get("state", ""), request.GET.get("kind", "")[:20]
    note(request.account, "contacts read", found.name)
    listed = acts.messages(found, state, kind)
    context = {
        "messages": listed[:SHOWN],
        "more": max(0, listed.count() - SHOWN),
        "state": state,
        "kind": kind,
        "states": Message.State.values,
        "kinds": sorted(set(acts.messages(found).order_by().values_list("kind", flat=True))),
        "again": acts.AGAIN,
        "failed": acts.failed(found, state, kind).count() if state else 0,
        "local": timezone.localtime,
        "refused": request.GET.get("refused", ""),
    }
    return show_mail(request, found, "messages", context)


@require_safe
@staff_page("mail")
def message(request: StaffRequest, wave: str, number: int) -> HttpResponse:
    """The text of one message; link and code are filled in on sending only."""
    found = wave_named(wave)
    one = _one(found, number)
    note(request.account, "contacts read", found.name, one.invitation.unit.code)
    return show_mail(request, found, "message", {"message": one, "local": timezone.localtime})


@require_POST
@staff_page("mail")
def again(request: StaffRequest, wave: str, number: int) -> HttpResponseBase:
    """Queues it anew."""
    found = wave_named(wave)
    return _back(found, acts.again(_one(found, number), request.account))


@require_POST
@staff_page("mail")
def all_again(request: StaffRequest, wave: str) -> HttpResponseBase:
    """Queues anew whatever failed in one way."""
    found = wave_named(wave)
    failed = acts.failed(found, request.POST.get("state", ""), request.POST.get("kind", ""))
    done = [acts.again(one, request.account) for one in failed]
    return _back(found, any(done))


@require_POST
@staff_page("mail")
def cancel(request: StaffRequest, wave: str, number: int) -> HttpResponseBase:
    """Stops it."""
    found = wave_named(wave)
    return _back(found, acts.cancel(_one(found, number), request.account))


def _one(wave: Wave, number: int) -> Message:
    """The message, found through its wave."""
    found = acts.messages(wave).filter(pk=number).first()
    if found is None:
        raise Http404
    return found


def _back(wave: Wave, done: bool) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"/a/desk/{wave.name}/messages/" + ("" if done else "?refused=1"))
