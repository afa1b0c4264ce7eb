"""What has been kept long enough: found by the periods of the barometer, erased on request."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from django.contrib.sessions.models import Session
from django.db.models import Q
from django.utils import timezone

from barograph.accounts.limits import WINDOW
from barograph.accounts.models import Failure, StaffLink
from barograph.collect.invitations import AFTER_CLOSING
from barograph.collect.models import (
    Answer,
    Change,
    Code,
    Contact,
    Invitation,
    Message,
    Response,
    Signature,
    Unit,
    Upload,
    Wave,
)
from barograph.collect.privacy import erasing, periods
from barograph.collect.privacy.erasing import ERASED, NO_LINK, NO_MESSAGE, Erasing
from barograph.collect.privacy.periods import Periods
from barograph.collect.questionnaire import questionnaire

A_DAY = timedelta(days=1)
WRITTEN = frozenset({"text", "file"})  # types that are no code, number or date
Closed, Published = Wave.State.CLOSED, Wave.State.PUBLISHED
IN_FIELD = (Wave.State.DRAFT, Wave.State.TESTING, Wave.State.OPEN, Wave.State.CLOSING)


def due(kept: Periods, today: date) -> list[Erasing]:
    """All that is past its period on a day, by kind; every kind is told, also where nothing is."""
    return [
        *_contacts(today),
        *_doors(today),
        *_messages(kept, today),
        *_texts(kept, today),
        *_key(kept, today),
    ]


def _contacts(today: date) -> Iterator[Erasing]:
    asked = Invitation.objects.filter(
        revoked=None, unit__wave__practice=False, unit__wave__state__in=IN_FIELD
    )
    past = Contact.objects.filter(retain_until__lt=today).exclude(invitations__in=asked)
    yield erasing.of("contacts", past)
    theirs = Invitation.objects.filter(contact__in=past)
    yield erasing.of("addresses of contacts in invitations", theirs, {"email": "", "contact": None})
    sent = Message.objects.filter(invitation__in=theirs).exclude(to="", body="")
    waiting = sent.filter(state__in=(Message.State.QUEUED, Message.State.CLAIMED))
    yield erasing.of("messages not sent", waiting, {"state": Message.State.CANCELLED})
    yield erasing.of("messages to contacts", sent, NO_MESSAGE)


def _doors(today: date) -> Iterator[Erasing]:
    """Links, codes, sessions: what opened something and no longer does."""
    now = min(timezone.now(), periods.midnight(today) + A_DAY)
    closed = [
        wave
        for wave in periods.past(Closed, 0, today)
        if (periods.entered(wave, Closed) or today) + AFTER_CLOSING <= today
    ]
    links = Invitation.objects.filter(unit__wave__in=closed).exclude(nonce="")
    # Revoked, so that a wave opened again makes links that open something.
    yield erasing.of("links of invitations", links, {**NO_LINK, "revoked": timezone.now()})
    yield erasing.of("codes by mail", Code.objects.filter(expires__lt=now - A_DAY))
    yield erasing.of("links of staff", StaffLink.objects.filter(expires__lt=now - A_DAY))
    yield erasing.of("sessions", Session.objects.filter(expire_date__lt=now))
    window = int(now.timestamp()) // WINDOW
    yield erasing.of("failed attempts", Failure.objects.filter(window__lt=window))


def _messages(kept: Periods, today: date) -> Iterator[Erasing]:
    waves = periods.past(Closed, kept.messages_months, today)
    sent = Message.objects.filter(invitation__unit__wave__in=waves).exclude(to="", body="")
    yield erasing.of("messages", sent, NO_MESSAGE)


def _texts(kept: Periods, today: date) -> Iterator[Erasing]:
    """Answers in own words and files; their rows stay, so that it still counts who answered."""
    waves = periods.past(Closed, kept.texts_months, today)
    names = written(waves)
    gone = ("", ERASED)
    answers = Answer.objects.filter(response__unit__wave__in=waves).exclude(value__in=gone)
    yield erasing.of(
        "answers in own words", answers.filter(key__in=_keys(answers, names)), {"value": ERASED}
    )
    changes = Change.objects.filter(save_of__response__unit__wave__in=waves)
    logged = changes.filter(key__in=_keys(changes, names))
    for column in ("old", "new"):
        held = logged.exclude(**{f"{column}__in": gone})
        yield erasing.of(f"answers in own words in the log, {column}", held, {column: ERASED})

    def forget(unit: Unit) -> None:
        unit.before = {k: v for k, v in unit.before.items() if k not in names}
        unit.save(update_fields=["before"])

    shown = [u.pk for u in Unit.objects.filter(wave__in=waves) if names & set(u.before)]
    yield Erasing("answers in own words shown again", Unit, shown, forget)  # type: ignore[arg-type]
    yield erasing.of("files", Upload.objects.filter(response__unit__wave__in=waves))


def written(waves: list[Wave]) -> set[str]:
    """The questions of these waves that are answered in own words or by a file."""
    forms = Response.objects.filter(unit__wave__in=waves).values_list("form", flat=True).distinct()
    return {
        name
        for form in forms
        for name, question in questionnaire(form).instrument.questions.items()
        if question.type in WRITTEN
    }


def _keys(rows: object, names: set[str]) -> list[str]:
    """The keys of these questions, also within repeats: name[2]."""
    keys = rows.values_list("key", flat=True).distinct()  # type: ignore[attr-defined]
    return [key for key in keys if key.split("[")[0] in names]


def _key(kept: Periods, today: date) -> Iterator[Erasing]:
    """What tells which person answered: addresses, contacts, names under signatures."""
    waves = periods.past(Published, kept.key_months, today)
    waves += [  # a wave that nobody ever publishes keeps no names for ever
        wave
        for wave in periods.past(Closed, kept.contacts_months, today)
        if periods.entered(wave, Published) is None
    ]
    people = Invitation.objects.filter(unit__wave__in=waves)
    named = people.filter(~Q(email="") | ~Q(contact=None))
    yield erasing.of("addresses in invitations", named, {"email": "", "contact": None})
    signed = Signature.objects.filter(response__unit__wave__in=waves)
    signed = signed.exclude(name="", function="")
    yield erasing.of("names under signatures", signed, {"name": "", "function": ""})
