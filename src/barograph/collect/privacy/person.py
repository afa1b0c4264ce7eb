"""All that is known of one person, by mail address: to hand over (Art. 15 GDPR), or to erase (Art. 17)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from barograph.accounts.models import Account
from barograph.collect.models import (
    Answer,
    Assignment,
    Change,
    Code,
    Contact,
    Invitation,
    Message,
    Save,
    Signature,
)
from barograph.collect.privacy import erasing
from barograph.collect.privacy.erasing import ERASED, NO_LINK, NO_MESSAGE, Erasing

UNIT = {"wave": "unit__wave__name", "unit": "unit__code", "municipality": "unit__name"}
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
OTHER = "(another address)"
Told = dict[str, list[dict[str, Any]]]


def known(email: str) -> Told:
    """What is kept of the person, by kind; of nobody else, not even what a colleague had typed before.

    Answers are the municipality's; told are those that this person gave, and those that hold the address.
    """
    contacts, invitations = _people(email)
    of = Q(save_of__by__in=invitations)
    return {
        "contacts": _rows(
            contacts, "code", "name", "email", "function", "phone", "languages", "created",
            "bounced", "opted_out", "retain_until",
        ),
        "invitations": _rows(
            invitations, "email", "role", "language", "mode", "created", "opened", "expires", "revoked", **UNIT
        ),
        "codes": _rows(Code.objects.filter(invitation__in=invitations), "created", "expires", "used"),
        "messages": [
            {name: _mine(value, email) for name, value in row.items()}
            for row in _rows(
                Message.objects.filter(Q(invitation__in=invitations) | Q(to__iexact=email)),
                "kind", "to", "language", "subject", "body", "created", "state", "sent", "reply",
            )
        ],
        "sections": _rows(
            Assignment.objects.filter(informant__in=invitations), "section", "at", "done",
            unit="response__unit__code",
        ),
        "saves": _rows(
            Save.objects.filter(by__in=invitations), "at", "section",
            wave="response__unit__wave__name", unit="response__unit__code",
        ),
        "answers given": _rows(
            Change.objects.filter(of), "key", answer="new", at="save_of__at",
            unit="save_of__response__unit__code",
        ),
        "signatures": _rows(
            Signature.objects.filter(by__in=invitations), "at", "status", "name", "function", "receipt",
            wave="response__unit__wave__name", unit="response__unit__code",
        ),
        "answers with the address": _rows(
            Answer.objects.filter(pk__in=_mentioning(Answer.objects.all(), email, "value")), "key", wave="response__unit__wave__name",
            unit="response__unit__code",
        ),
        "staff": _rows(Account.objects.filter(email__iexact=email), "email", "role", "created"),
    }  # fmt: skip


def _people(email: str) -> tuple[QuerySet[Contact], QuerySet[Invitation]]:
    contacts = Contact.objects.filter(email__iexact=email)
    return contacts, Invitation.objects.filter(Q(email__iexact=email) | Q(contact__in=contacts))


def _rows(rows: QuerySet[Any], *columns: str, **others: str) -> list[dict[str, Any]]:
    """Columns of rows, in the order in which they came; moments as text."""
    names = {**{column: column for column in columns}, **others}
    found = rows.order_by("pk").values_list(*names.values())
    return [dict(zip(names, map(_plain, row), strict=True)) for row in found]


def _mine(value: Any, email: str) -> Any:
    """A text in which every address but the person's own is taken out."""
    if not isinstance(value, str):
        return value
    return ADDRESS.sub(
        lambda found: found[0] if found[0].lower() == email.lower() else OTHER, value
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def erasures(email: str) -> list[Erasing]:
    """Names, addresses, links and messages; coded answers stay, for they are the municipality's."""
    contacts, invitations = _people(email)
    mine = Message.objects.filter(Q(invitation__in=invitations) | Q(to__iexact=email))
    waiting = (Message.State.QUEUED, Message.State.CLAIMED)
    signed = Signature.objects.filter(by__in=invitations).exclude(name="", function="")
    return [
        erasing.of("messages not sent", mine.filter(state__in=waiting), {"state": Message.State.CANCELLED}),
        erasing.of("messages", mine.exclude(to="", body=""), NO_MESSAGE),
        erasing.of("codes", Code.objects.filter(invitation__in=invitations)),
        erasing.of("names under signatures", signed, {"name": "", "function": ""}),
        *_mentions(email, mine),
        erasing.of("invitations", invitations, {"email": "", "contact": None, "revoked": timezone.now(), **NO_LINK}),
        erasing.of("contacts", contacts),
    ]  # fmt: skip


def _mentions(email: str, mine: QuerySet[Message]) -> Iterator[Erasing]:
    """The address where others wrote it: in their answers, in messages to them."""
    pattern = _pattern(email)

    def without(*columns: str) -> Callable[[Any], None]:
        def act(row: Any) -> None:
            for column in columns:
                setattr(row, column, pattern.sub(ERASED, getattr(row, column)))
            row.save(update_fields=list(columns))

        return act

    others = Message.objects.exclude(pk__in=mine.values("pk"))
    for what, rows, columns in (
        ("address in messages to others", others, ("body",)),
        ("address in answers", Answer.objects.all(), ("value",)),
        ("address in the log", Change.objects.all(), ("old", "new")),
    ):
        yield Erasing(what, rows.model, _mentioning(rows, email, *columns), without(*columns))


def _mentioning(rows: QuerySet[Any], email: str, *columns: str) -> list[int]:
    """The rows that hold the address as a whole: ann@x.example is not in joann@x.example."""
    pattern, held = _pattern(email), Q()
    for column in columns:
        held |= Q(**{f"{column}__icontains": email})
    found = rows.filter(held).values_list("pk", *columns)
    return [pk for pk, *texts in found if any(map(pattern.search, texts))]


def _pattern(email: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.+-]){re.escape(email)}(?![\w-]|\.\w)", re.IGNORECASE)


def number(told: Mapping[str, list[Any]]) -> int:
    """How many rows are told."""
    return sum(map(len, told.values()))
