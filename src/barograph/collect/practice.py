"""A history for a practice wave, so that the desk of an example has something to show at once.

Answers are those of the synthetic wave it practises; contacts are functions at example.org, no persons.
The same wave gets the same history, counted back from the day it is made. Where answers are real, none is
made: contacts outlive waves, and invented ones have no place among real ones.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from django.db import transaction
from django.utils import timezone

from barograph.accounts.models import Account
from barograph.barometer import Wave as Described
from barograph.collect import invitations, paradata, signing
from barograph.collect.models import (
    Answer,
    Assignment,
    Call,
    Change,
    Contact,
    Invitation,
    Mailing,
    Message,
    Paradata,
    Response,
    Role,
    Save,
    Signature,
    Status,
    Unit,
    Wave,
)
from barograph.collect.outbox import queue
from barograph.collect.progress import asks, data
from barograph.collect.questionnaire import Questionnaire, questionnaire
from barograph.collect.rounds.letters import Letters
from barograph.collect.rounds.release import message
from barograph.instrument import Logic

DAYS = 35  # since the invitations went out
ANSWERING, SIGNING, HANDING = 44, 30, 8  # of those that have answers: begin, sign, hand over
KEPT = timedelta(days=365)
FUNCTIONS = {
    "nl": "Algemeen directeur",
    "fr": "Direction générale",
    "de": "Generaldirektion",
}
CALLED = 6
ROUNDS = (0, 14, 28)  # days of the invitation and of two reminders
AFTER_MAIL = (0, 0, 0, 1, 1, 2, 3, 5, 8)  # days from a mailing to an answer


def complete(logic: Logic, given: Mapping[str, str] = {}) -> dict[str, str]:
    """The answers given, and the first that is possible wherever something is missing or wrong."""
    answers = dict(given)
    for _ in range(200):
        state = logic.evaluate(answers)
        if not state.faults:
            return answers
        for key in state.faults:
            codes = [choice.code for choice in state.choices(key)]
            every = logic.instrument.questions[key].type == "rank"
            answers[key] = " ".join(codes if every else codes[:1]) if codes else "1"
    raise AssertionError(f"still at fault: {sorted(state.faults)}")


def furnish(wave: Wave, described: Described, staff: Account) -> None:
    """Contacts, mail, calls and some answers, once; for practice of a synthetic wave only."""
    made = Invitation.objects.filter(unit__wave=wave, contact__isnull=False).exists()
    if made or not (wave.practice and described.synthetic):
        return
    opened = timezone.localdate() - timedelta(days=DAYS)
    with transaction.atomic():
        wave.opens = opened
        wave.save(update_fields=["opens"])
        taken = set(wave.units.filter(invitations__isnull=False).values_list("pk", flat=True))
        units = [unit for unit in wave.units.order_by("code") if unit.pk not in taken]
        invited = _invite(units, described, opened_at(opened))
        answering = sorted((unit for unit in units if unit.before), key=_draw)[:ANSWERING]
        form = questionnaire(wave.form_id)
        signed = _Answers(form, invited, opened_at(opened)).write(answering)
        silent = sorted((unit for unit in units if not unit.before), key=_draw)
        _write_to(wave, units, invited, signed, opened_at(opened), silent[CALLED:][:1])
        _call(silent[:CALLED], staff)


def opened_at(day: date) -> datetime:
    """Nine in the morning of a day."""
    return datetime.combine(day, time(9), timezone.get_current_timezone())


def _draw(unit: Unit) -> str:
    return hashlib.sha256(f"practice:{unit.code}".encode()).hexdigest()


def _invite(units: Sequence[Unit], described: Described, at: datetime) -> dict[int, Invitation]:
    """A contact, an invitation and an empty response for each unit; the invitation by unit."""
    spoken, rows = described.frame.attributes.get("official_language"), described.frame.row_of
    contacts = []
    for unit in units:
        languages = list(described.barometer.languages[:1])
        if spoken is not None:
            own = str(spoken[rows[unit.code]]).split("|")
            languages = [lang for lang in own if lang in unit.wave.title] or languages
        contacts.append(
            Contact(
                code=unit.code,
                email=f"{unit.code}@example.org",
                function=FUNCTIONS.get(languages[0], ""),
                languages=" ".join(languages),
                retain_until=(at + KEPT).date(),
            )
        )
    Contact.objects.bulk_create(contacts)
    made = []
    for unit, contact in zip(units, contacts, strict=True):
        language = contact.languages.split()[0]
        made.append(invitations.unsaved(unit, contact.email, language, contact=contact))
    Invitation.objects.bulk_create(made)
    Invitation.objects.filter(unit__in=units).update(created=at)
    Response.objects.bulk_create(
        Response(unit=unit, form_id=unit.wave.form_id, public_id=secrets.token_hex(8))
        for unit in units
    )
    return {invitation.unit_id: invitation for invitation in made}


@dataclass
class _Visit:
    """One municipality answering: what it will have answered, and when it began."""

    response: Response
    invitation: Invitation
    answers: dict[str, str]
    begun: datetime
    random: Random


class _Answers:
    """Writes the answers of municipalities as the interview would have, days ago."""

    def __init__(
        self, form: Questionnaire, invited: Mapping[int, Invitation], opened: datetime
    ) -> None:
        self.form, self.invited, self.opened = form, invited, opened
        self.sections = [name for name, section in form.sections.items() if asks(section)]
        self.saves: list[Save] = []
        self.changes: list[Change] = []
        self.answers: list[Answer] = []
        self.pages: list[Paradata] = []

    def write(self, units: Sequence[Unit]) -> dict[int, datetime]:
        """The first of them sign, the next have begun; some of both hand a section over.

        When each signed, by unit.
        """
        responses = {r.unit_id: r for r in Response.objects.filter(unit__in=units)}
        visits = []
        for number, unit in enumerate(units):
            random = Random(_draw(unit))
            answers = complete(self.form.logic, unit.before)
            begun = self._moment(random, recent=number % 3 == 0)
            visit = _Visit(responses[unit.pk], self.invited[unit.pk], answers, begun, random)
            visits.append(visit)
            self._visit(visit, number)
        Invitation.objects.bulk_update([v.invitation for v in visits], ["opened"])
        Response.objects.bulk_update([v.response for v in visits], ["status", "serial"])
        Save.objects.bulk_create(self.saves)
        Change.objects.bulk_create(self.changes)
        Answer.objects.bulk_create(self.answers)
        Paradata.objects.bulk_create(self.pages)
        signatures = Signature.objects.bulk_create(self._signatures(visits[:SIGNING]))
        self._hand_over(visits[:: max(len(visits) // HANDING, 1)][:HANDING])
        return {signature.by.unit_id: signature.at for signature in signatures}

    def _moment(self, random: Random, *, recent: bool) -> datetime:
        """Some days after one of the mailings, at office hours."""
        mailing = ROUNDS[-1] if recent else random.choice(ROUNDS)
        day = min(mailing + random.choice(AFTER_MAIL), DAYS - 1)
        return self.opened + timedelta(days=day, minutes=random.randrange(8 * 60))

    def _visit(self, visit: _Visit, number: int) -> None:
        """Section after section; those who do not sign stop somewhere on the way."""
        signs = number < SIGNING
        status = Status.SIGNED if signs else Status.STARTED
        visit.response.status, visit.invitation.opened = status, visit.begun
        last = len(self.sections) if signs else visit.random.randrange(len(self.sections) - 1)
        at = visit.begun
        for section in self.sections[:last]:
            keys = [k for k in visit.answers if self.form.section_of_key(k) == section]
            seconds = int(visit.random.lognormvariate(3.2, 0.6) * (2 + len(keys)) / 2)
            at += timedelta(seconds=seconds + visit.random.randrange(60))
            self._page(visit, section, keys, seconds, at)

    def _page(
        self, visit: _Visit, section: str, keys: Sequence[str], seconds: int, at: datetime
    ) -> None:
        response, page = visit.response, f"practice{visit.response.pk}{section}"[:32]
        response.serial += 1
        save = Save(
            response=response,
            by=visit.invitation,
            at=at,
            section=section,
            page=page,
            sequence=1,
            serial=response.serial,
        )
        self.saves.append(save)
        for key in keys:
            value = visit.answers[key]
            self.changes.append(Change(save_of=save, key=key, old="", new=value))
            self.answers.append(
                Answer(response=response, key=key, value=value, serial=save.serial, page=page)
            )
        self.pages.append(
            Paradata(
                response=response,
                role=Role.COORDINATOR,
                section=section,
                at=at,
                kind=paradata.PAGE,
                seconds=seconds,
                faults=0,
                language=visit.invitation.language,
                device=visit.random.choice(("desktop", "desktop", "desktop", "phone", "tablet")),
            )
        )

    def _signatures(self, visits: Sequence[_Visit]) -> Iterator[Signature]:
        for visit in visits:
            salt = f"{visit.random.getrandbits(128):032x}"
            counts = data(visit.answers, self.form.logic.evaluate(visit.answers))
            yield Signature(
                response=visit.response,
                by=visit.invitation,
                at=visit.begun + timedelta(hours=1 + visit.random.randrange(24)),
                status=Status.SIGNED,
                function=FUNCTIONS.get(visit.invitation.language, ""),
                serial=visit.response.serial,
                salt=salt,
                receipt=signing.receipt(salt, visit.response.form_id, counts),
            )

    def _hand_over(self, visits: Sequence[_Visit]) -> None:
        """A section of each to a colleague; done where the municipality has signed."""
        for visit in visits:
            colleague = invitations.invite(
                visit.invitation.unit,
                f"expert.{visit.invitation.email}",
                visit.invitation.language,
                Role.INFORMANT,
                visit.invitation,
            )
            signed = visit.response.status == Status.SIGNED
            assignment = Assignment.objects.create(
                response=visit.response,
                section=visit.random.choice(self.sections),
                informant=colleague,
                done=visit.begun + timedelta(minutes=50) if signed else None,
            )
            Assignment.objects.filter(pk=assignment.pk).update(at=visit.begun)


def _write_to(
    wave: Wave,
    units: Sequence[Unit],
    invited: Mapping[int, Invitation],
    signed: Mapping[int, datetime],
    opened: datetime,
    moved: Sequence[Unit],
) -> None:
    """The rounds, to all that had not signed by then; the letters to `moved` came back."""
    letters = Letters.of(wave)
    back = Invitation.objects.filter(pk__in=[invited[unit.pk].pk for unit in moved])
    for number, day in enumerate(ROUNDS):
        at = opened + timedelta(days=day)
        kind = Mailing.Kind.REMINDER if number else Mailing.Kind.INVITATION
        mailing = Mailing.objects.create(
            wave=wave,
            kind=kind,
            number=max(number, 1),
            due=at,
            state=Mailing.State.RELEASED,
            released=at,
        )
        asked = [unit for unit in units if unit.pk not in signed or signed[unit.pk] > at]
        asked = [unit for unit in asked if not number or unit not in moved]
        messages = [_letter(mailing, letters, invited[unit.pk]) for unit in asked]
        Message.objects.bulk_create(messages)
        mailing.messages.update(created=at, sent=at)
    Message.objects.filter(invitation__in=back).update(state=Message.State.BOUNCED)
    gone = Contact.objects.filter(invitations__in=back)
    gone.update(bounced=opened + timedelta(minutes=5))


def _letter(mailing: Mailing, letters: Letters, invitation: Invitation) -> Message:
    contact = invitation.contact
    assert contact is not None
    made = message(mailing, letters, invitation, contact)
    made.state, made.due, made.attempts = Message.State.SENT, mailing.due, 1
    made.reply = queue.PRACTICE
    return made


def _call(units: Sequence[Unit], staff: Account) -> None:
    """A few that were telephoned, with every outcome."""
    now = timezone.now()
    outcomes = [*Call.Outcome.values, Call.Outcome.MISSED]
    Call.objects.bulk_create(
        Call(unit=unit, at=now - timedelta(days=1 + number), by=staff, outcome=outcome)
        for number, (unit, outcome) in enumerate(zip(units, outcomes, strict=False))
    )
