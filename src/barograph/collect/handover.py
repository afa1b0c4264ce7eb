"""A section is handed over to a colleague: an invitation of its own, limited to that section."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from barograph.collect import invitations, mail
from barograph.collect.access import Visit
from barograph.collect.models import Assignment, Invitation, Response, Role

MOST = 20  # colleagues of one municipality


def hand_over(visit: Visit, sections: Sequence[str], email: str, language: str) -> bool:
    """Assigns sections to whoever reads that mailbox and writes to them; False when there are too many.

    A section that another colleague had goes over to the new one.
    """
    with transaction.atomic():
        Response.objects.select_for_update().get(pk=visit.response.pk)
        informant = _informant(visit, email, language)
        if informant is None:
            return False
        for section in sections:
            Assignment.objects.update_or_create(
                response=visit.response,
                section=section,
                defaults={"informant": informant, "done": None, "at": timezone.now()},
            )
        stamp = f"{timezone.now():%Y%m%d%H%M%S}"
        mail.post(
            f"{visit.wave.name}:hand_over:{informant.pk}:{stamp}",
            "hand_over",
            informant,
            title=visit.wave.title[language],
            municipality=visit.unit.name,
            sections="\n".join(
                f"- {visit.questionnaire.sections[s].label.get(language, s)}" for s in sections
            ),
            by=visit.invitation.email,
        )
    visit.__dict__.pop("assigned", None)
    return True


def _informant(visit: Visit, email: str, language: str) -> Invitation | None:
    """The colleague's invitation: the one that is already there, or a new one."""
    colleagues = Invitation.objects.filter(unit=visit.unit, role=Role.INFORMANT, revoked=None)
    known = colleagues.filter(email__iexact=email, expires__gt=timezone.now()).first()
    if known is not None:
        return known
    if colleagues.count() >= MOST:
        return None
    return invitations.invite(visit.unit, email, language, Role.INFORMANT, visit.invitation)


def take_back(visit: Visit, section: str) -> None:
    """The section is the coordinator's again; a colleague left without a section is no longer let in."""
    with transaction.atomic():
        found = visit.assigned.get(section)
        if found is None:
            return
        found.delete()
        if not found.informant.assignments.exists():
            invitations.revoke(found.informant)
    visit.__dict__.pop("assigned", None)


def declare_done(visit: Visit, section: str) -> None:
    """The colleague says the section is finished; the coordinator sees it and gets a message."""
    mine = visit.assigned.get(section)
    if mine is None or mine.informant_id != visit.invitation.pk or mine.done:
        return
    with transaction.atomic():
        mine.done = timezone.now()
        mine.save(update_fields=["done"])
        coordinator = visit.invitation.invited_by
        if coordinator is not None and coordinator.revoked is None:
            mail.post(
                f"{visit.wave.name}:section_done:{mine.pk}:{visit.response.serial}",
                "section_done",
                coordinator,
                title=visit.wave.title[coordinator.language],
                municipality=visit.unit.name,
                section=visit.questionnaire.sections[section].label.get(
                    coordinator.language, section
                ),
            )
