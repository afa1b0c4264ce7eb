"""What the municipalities of a wave have given, as report and freeze read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum

from barograph.collect.models import (
    Answer,
    Mode,
    Paradata,
    Response,
    Save,
    Signature,
    Status,
    Unit,
    Wave,
)
from barograph.collect.paradata import PAGE
from barograph.collect.questionnaire import Questionnaire
from barograph.errors import BarographError
from barograph.instrument import State


@dataclass(frozen=True, eq=False)
class Given:
    """The response of a unit somebody began. `signed` is the moment of the signature that holds.

    `answers` are those held by key, `seconds` the time spent on pages of the web.
    """

    unit: Unit
    answers: Mapping[str, str]
    mode: str
    signed: datetime | None
    last: datetime | None
    seconds: int

    @property
    def code(self) -> str:
        """That of the municipality."""
        return self.unit.code


def given(wave: Wave) -> list[Given]:
    """Every response begun, in the order of the codes."""
    of_wave = {"response__unit__wave": wave}
    found = Response.objects.filter(unit__wave=wave, serial__gt=0).select_related("unit")
    answers: dict[int, dict[str, str]] = {}
    for pk, key, value in Answer.objects.filter(**of_wave).values_list("response", "key", "value"):
        answers.setdefault(pk, {})[key] = value
    signatures = Signature.objects.filter(**of_wave, status=Status.SIGNED).order_by("pk")
    signed = {s.response_id: s for s in signatures.select_related("by")}
    saves = Save.objects.filter(**of_wave).order_by("serial", "-pk")  # those without change first
    last = {pk: (mode, at) for pk, mode, at in saves.values_list("response", "by__mode", "at")}
    times = Paradata.objects.filter(**of_wave, kind=PAGE).values_list("response")
    seconds = dict(times.annotate(total=Sum("seconds")).order_by())
    rows = []
    for response in found.order_by("unit__code"):
        if response.form_id != wave.form_id:
            raise BarographError(
                f"{response.unit.code} answered another version of the questionnaire"
            )
        signature = signed.get(response.pk) if response.status == Status.SIGNED else None
        mode, at = last.get(response.pk, (Mode.WEB, None))
        rows.append(
            Given(
                response.unit,
                answers.get(response.pk, {}),
                signature.by.mode if signature else mode,
                signature.at if signature else None,
                at,
                seconds.get(response.pk) or 0,
            )
        )
    return rows


def evaluated(form: Questionnaire, answers: Mapping[str, str]) -> State:
    """Answers as a reader of the frozen file sees them: no default speaks for a respondent."""
    return form.logic.evaluate({**dict.fromkeys(form.instrument.questions, ""), **answers})
