"""From page to page: which section, what a page says of itself, where a button leads."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import replace

from django.http import Http404, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase

from barograph.collect import forms
from barograph.collect.access import Visit
from barograph.collect.progress import asks
from barograph.collect.saving import Sent
from barograph.collect.views.landing import leave
from barograph.instrument import Group, State

STAY, LEAVE, BACK, NEXT, SKIP = "stay", "leave", "back", "next", "skip"


def label(visit: Visit, section: Group, state: State) -> str:
    """The heading of a section."""
    return (
        state.text(section.label, visit.language, section.name) if section.label else section.name
    )


def group_of(visit: Visit, name: str) -> Group:
    """The section of that name, when it asks something."""
    group = visit.questionnaire.sections.get(name)
    if group is None or not asks(group):
        raise Http404
    return group


def went(visit: Visit, group: Group, go: str) -> HttpResponseBase:
    """Where the button leads."""
    if go == LEAVE:
        return HttpResponseRedirect(desk) if (desk := visit.desk) else leave(visit.request)
    if go == STAY:
        return HttpResponseRedirect(visit.path("section", group.name))
    names = [n for n, s in visit.questionnaire.sections.items() if asks(s)]
    at = names.index(group.name) + {NEXT: 1, SKIP: 1, BACK: -1}.get(go, len(names))
    known = 0 <= at < len(names)
    return HttpResponseRedirect(visit.path("section", names[at]) if known else visit.path())


def sent_by(post: Mapping[str, str]) -> Sent:
    """What the page says of itself; nonsense counts as a page that showed nothing."""

    def number(name: str) -> int:
        text = post.get(name, "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0

    page = "".join(c for c in post.get("page", "") if c.isalnum() or c == "-")[:32]
    moves = post.get("go", "").startswith(("add:", "remove:"))
    return Sent(page or new_page(), number("seen"), number("sequence"), moves)


def as_shown(visit: Visit, group: Group, sent: Sent) -> tuple[QueryDict, Sent]:
    """What was sent, without adding to or removing from a repeat that is no longer as the page showed it.

    Sent twice, "remove 1" would else remove two; after a colleague's, another one than was meant.
    """
    post = visit.request.POST
    name = post.get("go", "").partition(":")[2].split("[")[0]
    repeat = forms.repeats(group).get(name)
    if not sent.moves or repeat is None:
        return post, sent
    names = {*forms.questions(repeat), *forms.repeats(repeat)}
    newer = visit.response.answers.filter(serial__gt=sent.seen).exclude(page=sent.page)
    if not any(key.split("[")[0] in names for key in newer.values_list("key", flat=True)):
        return post, sent
    stays = post.copy()
    stays["go"] = STAY
    return stays, replace(sent, moves=False)


def new_page() -> str:
    """The name of a page as shown now."""
    return f"{int(time.time()):x}-{secrets.token_hex(8)}"


def seconds(page: str) -> int | None:
    """How long ago the page of that name was shown; None when it names no time."""
    try:
        return int(time.time()) - int(page.partition("-")[0], 16)
    except ValueError:
        return None
