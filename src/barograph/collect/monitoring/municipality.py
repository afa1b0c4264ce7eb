"""One municipality of a wave: how far it is, its people, what happened. No answer is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from barograph.barometer import Wave as Described
from barograph.collect.described import described
from barograph.collect.models import (
    Assignment,
    Call,
    Contact,
    Invitation,
    Message,
    Response,
    Signature,
    Unit,
)
from barograph.collect.progress import Progress, progress
from barograph.collect.questionnaire import Questionnaire, questionnaire


@dataclass(frozen=True)
class Happened:
    """Something that happened to a municipality: when, what (a key), and about whom."""

    at: datetime
    what: str
    detail: str = ""


@dataclass(frozen=True)
class History:
    """A municipality as the desk shows it; `assigned` by section."""

    described: Described
    response: Response | None
    form: Questionnaire
    progress: Progress | None
    contacts: Sequence[Contact]
    invitations: Sequence[Invitation]
    assigned: dict[str, Assignment]
    messages: Sequence[Message]
    calls: Sequence[Call]
    happened: Sequence[Happened]


def of_unit(unit: Unit) -> History:
    """All that is known of its response but the answers."""
    response = Response.objects.filter(unit=unit).first()
    form = questionnaire(response.form_id if response else unit.wave.form_id)
    invited = list(unit.invitations.select_related("contact").order_by("pk"))
    signatures = list(Signature.objects.filter(response__unit=unit).order_by("pk"))
    assigned = Assignment.objects.filter(response__unit=unit).select_related("informant")
    far = None
    if response is not None:
        far = progress(
            form, form.logic.evaluate(dict(response.answers.values_list("key", "value")))
        )
    return History(
        described(unit.wave),
        response,
        form,
        far,
        list(Contact.objects.filter(code=unit.code).order_by("pk")),
        invited,
        {each.section: each for each in assigned},
        list(Message.objects.filter(invitation__unit=unit).order_by("-pk")[:50]),
        list(unit.calls.select_related("by").order_by("-at", "-pk")),
        _happened(invited, signatures, list(assigned)),
    )


def _happened(
    invited: Sequence[Invitation], signatures: Sequence[Signature], assigned: Sequence[Assignment]
) -> list[Happened]:
    """In the order of time, the newest first."""
    found = [Happened(i.created, f"invited_{i.role}", i.email) for i in invited]
    found += [Happened(i.opened, "opened", i.email) for i in invited if i.opened]
    found += [Happened(i.revoked, "revoked", i.email) for i in invited if i.revoked]
    found += [Happened(a.at, "handed_over", a.section) for a in assigned]
    found += [Happened(a.done, "section_done", a.section) for a in assigned if a.done]
    found += [Happened(s.at, s.status, s.function) for s in signatures]
    return sorted(found, key=lambda h: h.at, reverse=True)
