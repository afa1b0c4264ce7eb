"""Where answering stops, and how long its pages take; from the log and the paradata, not from answers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from django.db.models import Max, OuterRef, Subquery, Sum
from django.utils import timezone

from barograph.collect import paradata
from barograph.collect.models import Change, Paradata, Response, Save, Status, Wave
from barograph.collect.progress import NOT_ANSWERED, asks
from barograph.collect.questionnaire import Questionnaire, questionnaire

QUIET = timedelta(days=7)
QUARTERS = (0.25, 0.5, 0.75)


@dataclass(frozen=True)
class BreakOff:
    """The question after which so many responses have been quiet for a week."""

    section: str
    question: str
    responses: int


@dataclass(frozen=True)
class Time:
    """Seconds that municipalities spent on a section in all: how many, quartiles (25, 50, 75 %)."""

    section: str
    responses: int
    quartiles: tuple[float, float, float]


def break_offs(wave: Wave) -> list[BreakOff]:
    """In the order of the questionnaire; those that were opened and hold no answer come first, as ""."""
    form = questionnaire(wave.form_id)
    last = Save.objects.filter(response=OuterRef("pk")).order_by("-serial", "pk")
    begun = Response.objects.filter(
        unit__wave=wave, status__in=(Status.STARTED, Status.REOPENED)
    ).annotate(
        last=Subquery(last.values("pk")[:1]),
        at=Max("saves__at"),
        opened=Max("unit__invitations__opened"),
        reopened=Max("signatures__at"),
    )
    before = timezone.now() - QUIET
    quiet = [
        save for save, *acts in begun.values_list("last", "at", "opened", "reopened")
        if any(acts) and max(filter(None, acts)) < before
    ]  # fmt: skip
    place = {name: i for i, name in enumerate(questions(form))}
    reached: dict[int, str] = {}
    kept = Change.objects.filter(save_of__in=[save for save in quiet if save]).exclude(new="")
    for save, key in kept.values_list("save_of", "key"):
        name = key.split("[")[0]
        if place.get(name, -1) > place.get(reached.get(save, ""), -1):
            reached[save] = name
    counted = Counter(reached.get(save, "") for save in quiet)
    return [
        BreakOff(form.section_of.get(name, ""), name, counted[name])
        for name in sorted(counted, key=lambda name: place.get(name, -1))
    ]


def questions(form: Questionnaire) -> list[str]:
    """Names of what is answered, in order."""
    found = form.instrument.questions.values()
    return [question.name for question in found if question.type not in NOT_ANSWERED]


def times(wave: Wave) -> list[Time]:
    """Of each section that asks, in order; what one municipality's people spent on it is added up."""
    form = questionnaire(wave.form_id)
    rows = (
        Paradata.objects.filter(
            response__unit__wave=wave, kind=paradata.PAGE, seconds__isnull=False
        )
        .values_list("section", "response")
        .annotate(Sum("seconds"))
        .order_by()
    )
    spent: dict[str, list[int]] = {}
    for section, _, seconds in rows:
        spent.setdefault(section, []).append(seconds)
    return [
        Time(name, len(found), _quartiles(found))
        for name, section in form.sections.items()
        if asks(section) and (found := spent.get(name))
    ]


def _quartiles(seconds: list[int]) -> tuple[float, float, float]:
    low, middle, high = np.quantile(seconds, QUARTERS)
    return float(low), float(middle), float(high)
