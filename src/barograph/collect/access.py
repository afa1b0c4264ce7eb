"""Who is here, and what this person may do: one questionnaire, some of its sections.

The link of an invitation opens a session; the session holds the questionnaires whose links were
opened in it and nothing else. Every page of the interview gets a `Visit` or refuses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property, wraps
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from barograph.accounts import doors
from barograph.accounts.models import Account
from barograph.collect.models import Assignment, Invitation, Response, Role, Status, Unit, Wave
from barograph.collect.questionnaire import Questionnaire, questionnaire

OPENED = "opened"  # in the session: questionnaire -> invitation
VERIFIED = "verified"  # in the session: questionnaire -> until when (seconds)
SEEN = "seen"
PROLONG = 5 * 60  # seconds between two writes of the session
VERIFIED_FOR = timedelta(minutes=60)
LANGUAGE = "lang"
P = ParamSpec("P")


@dataclass
class Visit:
    """One person at one questionnaire."""

    request: HttpRequest
    invitation: Invitation
    language: str

    @property
    def response(self) -> Response:
        """The answers of the municipality."""
        return self.invitation.unit.response

    @property
    def unit(self) -> Unit:
        """The municipality."""
        return self.invitation.unit

    @property
    def wave(self) -> Wave:
        """The survey it takes part in."""
        return self.unit.wave

    @cached_property
    def questionnaire(self) -> Questionnaire:
        """The version to which the response is pinned."""
        return questionnaire(self.response.form_id)

    @cached_property
    def answers(self) -> dict[str, str]:
        """Every answer that holds now."""
        return dict(self.response.answers.values_list("key", "value"))

    @cached_property
    def assigned(self) -> dict[str, Assignment]:
        """Sections handed over, by name."""
        found = self.response.assignments.select_related("informant")
        return {assignment.section: assignment for assignment in found}

    @property
    def coordinates(self) -> bool:
        """Whether this person answers for the whole."""
        return self.invitation.role == Role.COORDINATOR

    @property
    def entered_by(self) -> Account | None:
        """Who of staff types in what came on paper or by telephone."""
        return self.invitation.account

    @property
    def open(self) -> bool:
        """Whether answers are taken now."""
        return takes_answers(self.wave, self.response) and self.response.status != Status.SIGNED

    def may_write(self, section: str) -> bool:
        """A coordinator writes everywhere, an informant where asked; nobody once it is signed."""
        if not self.open:
            return False
        mine = self.assigned.get(section)
        return self.coordinates or (mine is not None and mine.informant_id == self.invitation.pk)

    @property
    def verified(self) -> bool:
        """Whether a code from the mailbox of the invitation was typed in this session; staff is known."""
        if self.entered_by is not None:
            return True
        until = self.request.session.get(VERIFIED, {}).get(self.response.public_id, 0)
        return bool(until > timezone.now().timestamp())

    def verify(self) -> None:
        """Remembers that the mailbox is this person's; under a new session key."""
        until = (timezone.now() + VERIFIED_FOR).timestamp()
        session = self.request.session
        session[VERIFIED] = {**session.get(VERIFIED, {}), self.response.public_id: until}
        session.cycle_key()

    @property
    def desk(self) -> str:
        """Where staff goes back to; "" for a respondent."""
        return f"/a/desk/{self.wave.name}/entry/" if self.entered_by else ""

    def path(self, *parts: str) -> str:
        """Address of a page of this questionnaire."""
        return "/".join(("/a", self.response.public_id, *parts, ""))


def takes_answers(wave: Wave, response: Response) -> bool:
    """Whether answers are taken now: a person closes a wave, never a clock.

    While it is closing, whoever has begun may finish.
    """
    if wave.state == Wave.State.CLOSING:
        return response.status != Status.INVITED
    return wave.state in (Wave.State.TESTING, Wave.State.OPEN)


def enter(request: HttpRequest, invitation: Invitation) -> None:
    """Opens the questionnaire of an invitation in this session, under a new key."""
    response = invitation.unit.response
    session = request.session
    session[OPENED] = {**session.get(OPENED, {}), response.public_id: invitation.pk}
    verified = session.get(VERIFIED, {})
    verified.pop(response.public_id, None)
    session[VERIFIED] = verified
    session[SEEN] = int(timezone.now().timestamp())
    session.cycle_key()
    if invitation.opened is None:
        invitation.opened = timezone.now()
        invitation.save(update_fields=["opened"])
    if response.status == Status.INVITED and takes_answers(invitation.unit.wave, response):
        response.status = Status.STARTED
        response.save(update_fields=["status"])


def leave(request: HttpRequest) -> None:
    """Ends the session."""
    request.session.flush()


def visit_of(request: HttpRequest, public_id: str) -> Visit | None:
    """The visit of this session to a questionnaire; None when it did not open it, or no longer may."""
    invitation_id = request.session.get(OPENED, {}).get(public_id)
    if invitation_id is None:
        return None
    invitation = (
        Invitation.objects.select_related("unit__wave", "unit__response", "account")
        .filter(
            pk=invitation_id,
            unit__response__public_id=public_id,
            revoked=None,
            expires__gt=timezone.now(),
        )
        .first()
    )
    if invitation is None or not (invitation.account is None or _enters(request, invitation)):
        return None
    _prolong(request)
    return Visit(request, invitation, language(request, invitation.language, invitation.unit.wave))


def _enters(request: HttpRequest, invitation: Invitation) -> bool:
    """Whether this is the member of staff who enters what came in, still signed in and allowed to."""
    account = doors.present(request)
    return account is not None and account == invitation.account and account.may("entry")


def left_by_staff(request: HttpRequest) -> bool:
    """Whether this session has entered answers as staff: who is signed out signs in again."""
    opened = request.session.get(OPENED, {}).values()
    return Invitation.objects.filter(pk__in=list(opened), account__isnull=False).exists()


def _prolong(request: HttpRequest) -> None:
    """Whoever is at work stays in; the row is written once in a while only."""
    now = int(timezone.now().timestamp())
    if now - request.session.get(SEEN, 0) >= PROLONG:
        request.session[SEEN] = now


def language(request: HttpRequest, default: str = "", wave: Wave | None = None) -> str:
    """The language asked for in the address, else chosen before, else the default; one of the wave's."""
    wanted = (
        request.GET.get(LANGUAGE),
        request.COOKIES.get(LANGUAGE),
        default,
        *request.headers.get("Accept-Language", "")[:100].replace(";", ",").split(","),
    )
    known = [c for c in settings.LANGUAGE_CODES if wave is None or c in wave.title]
    return next((w.strip()[:2] for w in wanted if w and w.strip()[:2] in known), known[0])


def remember_language(response: HttpResponseBase, language: str) -> None:
    """Keeps the language for the next pages, in a cookie that says nothing else."""
    response.set_cookie(
        LANGUAGE,
        language,
        path="/a/",
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


View = Callable[Concatenate[Visit, P], HttpResponseBase]


def visiting(view: View[P]) -> Callable[..., HttpResponseBase]:
    """Makes a page of the interview of a function of a visit. Refuses alike whatever the reason."""

    from barograph.collect.views import landing

    @wraps(view)
    def page(request: HttpRequest, public_id: str, *args: P.args, **kw: P.kwargs) -> Any:
        visit = visit_of(request, public_id)
        if visit is None and landing.by_link(request, public_id):
            visit = visit_of(request, public_id)
        if visit is None:
            return landing.closed_door(request)
        response = view(visit, *args, **kw)
        if request.method == "GET" and request.GET.get(LANGUAGE):  # a form says it by its button
            remember_language(response, visit.language)
        return response

    return page
