"""Earlier answers, shown to ask "still right?"; an answer counts when somebody says so, never before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone

from barograph.collect.access import Visit
from barograph.collect.models import Prefill
from barograph.instrument import Question, State
from barograph.instrument.wording import in_words

CONFIRM, CORRECT, END = "confirm", "correct", "end"
VERDICTS = {
    CONFIRM: Prefill.Verdict.CONFIRMED,
    CORRECT: Prefill.Verdict.CORRECTED,
    END: Prefill.Verdict.ENDED,
}
SHOWN = frozenset({"select_one", "select_multiple", "rank", "integer", "decimal", "range"})


@dataclass(frozen=True)
class Earlier:
    """An earlier answer to a question of this section, in words, that nobody has settled yet."""

    question: Question
    label: str
    words: str


def offered(visit: Visit, section: str, state: State) -> list[Earlier]:
    """What was answered in the earlier wave, still fits the questionnaire and is open now.

    Earlier answers are shown to those only who have proved to read the mailbox of the invitation, and
    not to staff: what they enter has been answered without them.
    """
    if not (visit.unit.before and visit.verified and visit.may_write(section)) or visit.entered_by:
        return []
    settled = set(visit.response.prefills.exclude(verdict="").values_list("key", flat=True))
    form = visit.questionnaire
    return [
        Earlier(question, state.text(question.label, visit.language, name), words)
        for name, value in visit.unit.before.items()
        if (question := form.instrument.questions.get(name)) is not None
        and form.section_of.get(name) == section
        and question.type in SHOWN
        and name not in settled
        and not visit.answers.get(name)
        and state.relevant.get(name, False)
        and _offers(question, value)
        and (words := in_words(question, value, visit.language))
    ]


def _offers(question: Question, value: str) -> bool:
    """Whether the choices still have the codes."""
    return not question.choices or set(value.split()) <= {c.code for c in question.choices}


def note_shown(visit: Visit, earlier: list[Earlier]) -> None:
    """Remembers that these were shown, once."""
    known = set(visit.response.prefills.values_list("key", flat=True))
    now = timezone.now()
    rows = [
        Prefill(response=visit.response, key=e.question.name, shown=now)
        for e in earlier
        if e.question.name not in known
    ]
    if rows:
        Prefill.objects.bulk_create(rows, ignore_conflicts=True)


def settled(earlier: list[Earlier], said: Mapping[str, str]) -> dict[str, str]:
    """What was said to each earlier answer: its name and confirm, correct or end."""
    names = {e.question.name for e in earlier}
    return {name: what for name, what in said.items() if name in names and what in VERDICTS}


def write(visit: Visit, said: Mapping[str, str]) -> None:
    """Keeps the verdicts; the answers themselves are saved like any other."""
    now = timezone.now()
    for name, what in said.items():
        visit.response.prefills.filter(key=name, verdict="").update(verdict=VERDICTS[what], at=now)
