"""The door: the link of an invitation, and what is said when it opens nothing."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_POST, require_safe

from barograph.accounts import limits
from barograph.collect import access, forms, invitations
from barograph.collect.desk.shown import show_desk
from barograph.collect.views.shown import show_outside

# What the page of a session that ended carries on; the link is asked anew.
LINK = "invitation_link"
NOT_KEPT = frozenset({LINK, "csrfmiddlewaretoken"})


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Tells that one comes in by the link of an invitation."""
    return show_outside(request, "home", {})


def landing(request: HttpRequest, token: str) -> HttpResponseBase:
    """GET says whose questionnaire it is and changes nothing; POST opens it and drops the link."""
    invitation = invitations.find(token)
    if invitation is None:
        return _unknown(request)
    wave = invitation.unit.wave
    lang = access.language(request, invitation.language, wave)
    if request.method == "POST":
        access.enter(request, invitation)
        opened = HttpResponseRedirect(f"/a/{invitation.unit.response.public_id}/")
        access.remember_language(opened, lang)
        return opened
    context = {
        "lang": lang,
        "title": wave.title[lang],
        "languages": [code for code in settings.LANGUAGE_CODES if code in wave.title],
        "municipality": invitation.unit.name,
        "practice": wave.practice,
        "open": access.takes_answers(wave, invitation.unit.response),
        "role": invitation.role,
    }
    response = show_outside(request, "landing", context)
    if request.GET.get(access.LANGUAGE):
        access.remember_language(response, lang)
    return response


def _unknown(request: HttpRequest) -> HttpResponse:
    """The same words for unknown, expired and revoked."""
    status = 429 if limits.wrong_link(request) else 404
    return show_outside(request, "unknown", {}, status)


def closed_door(request: HttpRequest) -> HttpResponse:
    """Not, or no longer, in this session. What was typed stays on the page, to be sent with the link."""
    asked = " ".join(request.POST.getlist(forms.SHOWN)).split()
    kept = carried(request)
    context = {
        "kept": kept,
        # To be copied, should the link be dead: what has several words is no code of a choice.
        "texts": [text for name, text in kept if name in asked and len(text.split()) > 1],
        "link_field": LINK,
        "staff": access.left_by_staff(request),
    }
    return show_outside(request, "closed", context, 403)


def carried(request: HttpRequest) -> list[tuple[str, str]]:
    """What a form sent, to stand in a form again."""
    return [
        (name, value)
        for name, values in request.POST.lists()
        if name not in NOT_KEPT
        for value in values
    ]


def by_link(request: HttpRequest, public_id: str) -> bool:
    """Whether the form brings the link of an invitation to this questionnaire; then it is open."""
    text = request.POST.get(LINK, "").strip().rstrip("/")
    if not text:
        return False
    invitation = invitations.find(text.rpartition("/")[2])
    if invitation is None or invitation.unit.response.public_id != public_id:
        limits.wrong_link(request)
        return False
    access.enter(request, invitation)
    return True


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Ends the session; the link opens it again."""
    access.leave(request)
    return show_outside(request, "left", {})


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """No such page."""
    return show_outside(request, "unknown_page", {}, 404)


def refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that no page of ours has sent, or that was shown too long ago."""
    if request.path.startswith(("/a/desk/", "/a/staff/")):
        return show_desk(request, None, "expired", {}, 403)
    return closed_door(request)
