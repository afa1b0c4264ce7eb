"""The doors of staff pages: who is signed in, and whether the role opens this page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import login, logout
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import timezone

from barograph.accounts.models import Account
from barograph.accounts.roles import Permission

BACKEND = "django.contrib.auth.backends.ModelBackend"
SINCE, SEEN, BY = "staff_since", "staff_seen", "staff_by"  # in the session
LINK = "link"
IDLE = 60 * 60  # seconds without a page
LONGEST = 10 * 60 * 60  # seconds, whatever is done
PROLONG = 5 * 60  # seconds between two writes of the session
P = ParamSpec("P")


class StaffRequest(HttpRequest):
    """A request of somebody who is signed in and may see the page."""

    account: Account


View = Callable[Concatenate[StaffRequest, P], HttpResponseBase]


def staff_page(permission: Permission) -> Callable[[View[P]], Callable[..., HttpResponseBase]]:
    """Makes a page for whoever is signed in and may; others are asked to sign in, or refused (403)."""

    def made(view: View[P]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def page(request: HttpRequest, *args: P.args, **kw: P.kwargs) -> HttpResponseBase:
            account = present(request)
            if account is None:
                return HttpResponseRedirect(f"/a/staff/?{urlencode({'next': request.path})}")
            if not account.may(permission):
                raise PermissionDenied
            asked = cast(StaffRequest, request)
            asked.account = account
            return view(asked, *args, **kw)

        return page

    return made


def present(request: HttpRequest) -> Account | None:
    """Who is signed in; None without second factor, after an hour's pause, or ten hours in all.

    A one-time link alone counts on a server for this machine, where it stood in the terminal.
    """
    account = request.user
    if not isinstance(account, Account) or not account.is_active:
        return None
    session, now = request.session, int(timezone.now().timestamp())
    seen = session.get(SEEN, 0)
    if session.get(BY, LINK) == LINK and not settings.LOCAL:
        return None
    if now - seen > IDLE or now - session.get(SINCE, 0) > LONGEST:
        return None
    if now - seen >= PROLONG:
        session[SEEN] = now
    return account


def enter(request: HttpRequest, account: Account, by: str) -> None:
    """Signs a member of staff in, under a new session key; `by` says how."""
    login(request, account, backend=BACKEND)
    now = int(timezone.now().timestamp())
    request.session.update({SINCE: now, SEEN: now, BY: by})


def leave(request: HttpRequest) -> None:
    """Ends the session."""
    logout(request)
