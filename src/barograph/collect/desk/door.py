"""Signing in and out, and the waves there are."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_POST, require_safe

from barograph.accounts import doors, links, log
from barograph.accounts.doors import StaffRequest, staff_page
from barograph.collect.desk.shown import show_desk
from barograph.collect.models import Wave
from barograph.collect.refusals import refused_too_often


@require_safe
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """Where whoever is not signed in arrives."""
    if doors.present(request):
        return HttpResponseRedirect("/a/desk/")
    return show_desk(request, None, "door", {})


def by_link(request: HttpRequest, token: str) -> HttpResponseBase:
    """GET says what the link is for and changes nothing; POST lets in, once."""
    link = links.find(token)
    if link is None or (request.method == "POST" and not links.use(link)):
        status = 429 if refused_too_often(request) else 404
        return show_desk(request, None, "unknown", {}, status)
    if request.method != "POST":
        return show_desk(request, None, "link", {})
    doors.enter(request, link.account, doors.LINK)
    log.note(link.account, "signed in", by=doors.LINK)
    return HttpResponseRedirect("/a/desk/")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ends the session."""
    doors.leave(request)
    return show_desk(request, None, "left", {})


@require_safe
@staff_page("desk")
def waves(request: StaffRequest) -> HttpResponse:
    """The waves there are, the newest first."""
    return show_desk(request, None, "waves", {"waves": Wave.objects.order_by("-pk")})
