"""One accountable person signs the answers of a municipality; opening them again is a new state."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from barograph.collect.access import Visit, takes_answers
from barograph.collect.models import Response, Signature, Status, Wave
from barograph.collect.progress import data


def sign(visit: Visit, name: str, function: str) -> Signature | None:
    """Signs what is there at this moment; None unless it is open, verified and without fault."""
    if not (visit.coordinates and visit.verified and visit.open):
        return None
    with transaction.atomic():
        response = Response.objects.select_for_update().get(pk=visit.response.pk)
        answers = dict(response.answers.values_list("key", "value"))
        state = visit.questionnaire.logic.evaluate(answers)
        if state.faults or response.status == Status.SIGNED or not _taken(response):
            return None
        salt = secrets.token_hex(16)
        return _note(
            visit,
            response,
            Status.SIGNED,
            name=name[:200],
            function=function[:200],
            salt=salt,
            receipt=receipt(salt, response.form_id, data(answers, state)),
        )


def reopen(visit: Visit) -> Signature | None:
    """Takes the signature back so that answers can be changed; the signature stays in the record."""
    with transaction.atomic():
        response = Response.objects.select_for_update().get(pk=visit.response.pk)
        if not (visit.coordinates and visit.verified and response.status == Status.SIGNED):
            return None
        if not _taken(response):
            return None
        return _note(visit, response, Status.REOPENED)


def _taken(response: Response) -> bool:
    """Whether the wave takes answers, read after the lock: whoever froze the answers held it."""
    return takes_answers(Wave.objects.get(units__response=response), response)


def _note(visit: Visit, response: Response, status: Status, **more: str) -> Signature:
    response.status = visit.response.status = status
    response.save(update_fields=["status"])
    return Signature.objects.create(
        response=response,
        by=visit.invitation,
        at=timezone.now(),
        status=status,
        serial=response.serial,
        **more,
    )


def receipt(salt: str, form: str, answers: Mapping[str, str]) -> str:
    """SHA-256 of the salt, the version of the form and the answers that count, in canonical JSON."""
    canonical = json.dumps(
        [salt, form, dict(sorted(answers.items()))], ensure_ascii=False, separators=(",", ":")
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def signature(response: Response) -> Signature | None:
    """The signature that holds now."""
    if response.status != Status.SIGNED:
        return None
    return response.signatures.filter(status=Status.SIGNED).order_by("-pk").first()
