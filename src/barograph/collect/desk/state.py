"""Where the wave stands, and the buttons that take it on or back."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_POST, require_safe

from barograph.accounts.doors import StaffRequest, staff_page
from barograph.barometer import Wave as Described
from barograph.collect import access, states, waves
from barograph.collect.described import afresh, described
from barograph.collect.desk.shown import show_desk, wave_named
from barograph.collect.models import Wave
from barograph.collect.states import State


@require_safe
@staff_page("desk")
def state(request: StaffRequest, wave: str) -> HttpResponse:
    """State, days, counts, history, frozen versions."""
    return _show(request, wave_named(wave), ())


@require_POST
@staff_page("wave")
def move(request: StaffRequest, wave: str) -> HttpResponseBase:
    """Takes the wave to the state of the button; publishing has a door of its own."""
    if (to := request.POST.get("to", "")) == State.PUBLISHED:
        raise PermissionDenied
    return _move(request, wave_named(wave), to)


@require_POST
@staff_page("publish")
def published(request: StaffRequest, wave: str) -> HttpResponseBase:
    """Says that the final edition is public."""
    return _move(request, wave_named(wave), State.PUBLISHED)


def _move(request: StaffRequest, wave: Wave, to: str) -> HttpResponseBase:
    try:
        reason = request.POST.get("reason", "")[:500]
        states.move(wave, to, _described(wave), request.account, reason)
    except states.Refused as refused:
        return _show(request, wave, refused.obstacles, 409)
    return HttpResponseRedirect(f"/a/desk/{wave.name}/state/")


def _described(wave: Wave) -> Described:
    """Before it opens, a wave takes in what the folder says by now, and is compared with it."""
    return afresh(wave) if wave.state in (State.DRAFT, State.TESTING) else described(wave)


def _show(
    request: StaffRequest, wave: Wave, refused: tuple[states.Obstacle, ...], status: int = 200
) -> HttpResponse:
    lang, told = access.language(request), _described(wave)
    steps = []
    for to in states.moves(wave):
        against = states.obstacles(wave, to, told)
        back = to == states.BACK.get(wave.state)
        steps.append(
            {
                "to": to,
                "back": back,
                "reason": back or bool(against),
                "against": [obstacle.sentence(lang) for obstacle in against],
                "possible": all(obstacle.overruled for obstacle in against),
                "path": "published" if to == State.PUBLISHED else "move",
                "may": request.account.may("publish" if to == State.PUBLISHED else "wave"),
            }
        )
    context: dict[str, Any] = {
        "steps": steps,
        "order": State.values,
        "refused": [obstacle.sentence(lang) for obstacle in refused],
        "counts": states.counts(wave),
        "history": wave.transitions.select_related("by").order_by("-pk"),
        "freezes": wave.freezes.select_related("by").order_by("-number"),
        "moved": waves.moved(wave, told),
    }
    return show_desk(request, wave, "state", context, status)
