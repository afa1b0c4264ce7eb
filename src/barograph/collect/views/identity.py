"""To the identity provider and back."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from barograph.collect import access, identity
from barograph.collect.access import Visit, visiting
from barograph.collect.views import landing, signoff


@visiting
def leave_for(visit: Visit) -> HttpResponseBase:
    """Sends to the provider of the settings."""
    if settings.IDENTITY is None:
        raise Http404
    to = signoff.wanted(visit)
    address = identity.send(visit, to)
    return HttpResponseRedirect(address or _code(visit, to, "failed"))


@require_safe
def returned(request: HttpRequest) -> HttpResponseBase:
    """Where the provider sends back to; only this session, once, and within ten minutes."""
    attempt = identity.attempt_of(request) if settings.IDENTITY else None
    visit = access.visit_of(request, attempt.public_id) if attempt else None
    if attempt is None or visit is None:
        return landing.closed_door(request)
    outcome = identity.identify(visit, attempt, request.GET.dict())
    if outcome == "verified":
        return HttpResponseRedirect(signoff.back(visit, attempt.to))
    return HttpResponseRedirect(_code(visit, attempt.to, outcome))


def _code(visit: Visit, to: str, outcome: str) -> str:
    return f"{visit.path('code')}?to={to}&identity={outcome}"
