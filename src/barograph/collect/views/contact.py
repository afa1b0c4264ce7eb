"""Who answers for the municipality, and at which address."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase

from barograph.collect import mail
from barograph.collect.access import Visit, visiting
from barograph.collect.contacts import changing
from barograph.collect.views.shown import show, show_outside, words


@visiting
def contact(visit: Visit) -> HttpResponseBase:
    """Name, function and address; whoever leaves the address is told that the new one has the link."""
    if not visit.coordinates or visit.entered_by:
        return HttpResponseRedirect(visit.path())
    if not visit.verified:
        return HttpResponseRedirect(visit.path("code") + "?to=contact")
    if visit.request.method != "POST":
        return _form(visit, "")
    w, post = words()[visit.language], visit.request.POST
    email = mail.address(post.get("email", "")[:254])
    if not email:
        return _form(visit, w["hand_over_no_address"])
    name, function = post.get("name", "").strip(), post.get("function", "").strip()
    done = changing.change(visit, " ".join(name.split()), " ".join(function.split()), email)
    if done is None:
        return _form(visit, w["contact_too_often"])
    if done.pk == visit.invitation.pk:
        return HttpResponseRedirect(visit.path())
    return show_outside(
        visit.request,
        "moved",
        {"lang": visit.language, "email": email, "old": visit.invitation.email},
    )


def _form(visit: Visit, fault: str) -> HttpResponse:
    found, post = changing.contact_of(visit), visit.request.POST
    context = {
        "name": post.get("name", found.name),
        "function": None if changing.by_function(found) else post.get("function", found.function),
        "email": post.get("email", found.email),
        "fault": fault,
    }
    return show(visit, "contact", context, status=400 if fault else 200)
