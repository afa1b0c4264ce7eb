"""Signing in and out, choosing password and authenticator, and the waves there are."""

from __future__ import annotations

import re

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_POST, require_safe

from barograph.accounts import doors, enrolment, limits, links, log, signin
from barograph.accounts.doors import StaffRequest, staff_page
from barograph.accounts.models import Account, Authenticator
from barograph.collect.desk.shown import show_desk
from barograph.collect.models import Wave

DESK, ENROL = "/a/desk/", "/a/staff/enrol/"
OURS = re.compile(r"/a/(desk|preview|mailbox)/[\w./-]*")


def sign_in(request: HttpRequest) -> HttpResponseBase:
    """Address, password and second factor at once; whatever is wrong, the answer is the same."""
    if request.method != "POST":
        return HttpResponseRedirect(DESK) if doors.present(request) else _door(request)
    found = _checked(request, request.POST.get("email", ""))
    if found is None:
        return _door(request, 400)
    wanted = request.POST.get("next", "")
    return HttpResponseRedirect(wanted if OURS.fullmatch(wanted) else DESK)


def _checked(request: HttpRequest, email: str) -> Account | None:
    post = request.POST
    found = signin.check(request, email, post.get("password", ""), post.get("code", ""))
    if found is None:
        return None
    account, by = found
    doors.enter(request, account, by)
    log.note(account, "signed in", by=by)
    return account


def _door(request: HttpRequest, status: int = 200) -> HttpResponse:
    sent = request.POST if request.method == "POST" else request.GET
    context = {
        "wanted": sent.get("next", ""),
        "email": sent.get("email", ""),
        "wrong": status != 200,
        "local": settings.LOCAL,
    }
    return show_desk(request, None, "door", context, status)


def by_link(request: HttpRequest, token: str) -> HttpResponseBase:
    """GET says what the link is for and changes nothing; POST uses it up.

    On a server for this machine it opens the desk, elsewhere the choice of password and authenticator.
    """
    link = links.find(token)
    if link is None or (request.method == "POST" and not links.use(link)):
        return show_desk(request, None, "unknown", {}, 429 if limits.wrong_link(request) else 404)
    if request.method != "POST":
        return show_desk(request, None, "link", {})
    if not settings.LOCAL:
        doors.leave(request)
        enrolment.begin(request, link.account)
        return HttpResponseRedirect(ENROL)
    doors.enter(request, link.account, doors.LINK)
    log.note(link.account, "signed in", by=doors.LINK)
    return HttpResponseRedirect(DESK)


def enrol(request: HttpRequest) -> HttpResponseBase:
    """A new password and a new authenticator; then recovery codes, shown once."""
    device = enrolment.device_of(request)
    if device is None:
        return HttpResponseRedirect("/a/staff/")
    if request.method != "POST":
        return _enrolling(request, device)
    post = request.POST
    done = enrolment.finish(
        device, post.get("password", ""), post.get("again", ""), post.get("code", "")
    )
    if isinstance(done, str):
        return _enrolling(request, device, done)
    account = Account.objects.get(pk=device.user_id)
    doors.leave(request)
    doors.enter(request, account, "code")
    return show_desk(request, None, "recovery", {"codes": done})


def _enrolling(request: HttpRequest, device: Authenticator, fault: str = "") -> HttpResponse:
    address = device.config_url
    key = re.search("secret=(\\w+)", address)
    assert key is not None
    context = {
        "picture": segno.make(address, error="m").svg_data_uri(scale=5, border=4, light="white"),
        "key": re.findall(".{1,4}", key[1]),
        "email": device.user.email,
        "fault": fault,
    }
    return show_desk(request, None, "enrol", context, 400 if fault else 200)


@staff_page("desk")
def renew(request: StaffRequest) -> HttpResponseBase:
    """Whoever is signed in proves it anew and chooses another password and authenticator."""
    if request.method != "POST":
        return show_desk(request, None, "renew", {"wrong": False})
    account = _checked(request, request.account.email)
    if account is None:
        return show_desk(request, None, "renew", {"wrong": True}, 400)
    enrolment.begin(request, account)
    return HttpResponseRedirect(ENROL)


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
