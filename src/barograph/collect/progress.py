"""How far a municipality is: per section what is asked, answered and still to be mended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from barograph.collect.questionnaire import Questionnaire
from barograph.instrument import Fault, Group, Question, State

Stage = Literal["untouched", "begun", "complete"]
NOT_ANSWERED = frozenset({"note", "calculate", "hidden"})


@dataclass(frozen=True)
class SectionProgress:
    """One section; `faults` by key of the answer, in the order of the questionnaire."""

    section: Group
    asked: int
    answered: int
    faults: Mapping[str, Fault] = field(default_factory=dict)

    @property
    def stage(self) -> Stage:
        """Complete when nothing must be mended and something was answered or nothing is asked."""
        if not self.answered:
            return "untouched" if self.asked else "complete"
        return "begun" if self.faults else "complete"


@dataclass(frozen=True)
class Progress:
    """The whole questionnaire; `asks` are the sections that put a question at all."""

    sections: tuple[SectionProgress, ...]

    @property
    def faults(self) -> dict[str, Fault]:
        """Everything that stands between these answers and a signature."""
        return {key: fault for part in self.sections for key, fault in part.faults.items()}

    @property
    def complete(self) -> int:
        """Number of complete sections."""
        return sum(part.stage == "complete" for part in self.sections)


def progress(form: Questionnaire, state: State) -> Progress:
    """Progress of answers; questions that do not apply are not counted."""
    asked: dict[str, int] = {}
    answered: dict[str, int] = {}
    for key, applies in state.relevant.items():
        question = form.instrument.questions.get(key.split("[")[0])
        if not applies or question is None or question.type in NOT_ANSWERED:
            continue
        section = form.section_of_key(key)
        asked[section] = asked.get(section, 0) + 1
        if state.values.get(key, "") != "":
            answered[section] = answered.get(section, 0) + 1
    faults: dict[str, dict[str, Fault]] = {}
    for key, fault in state.faults.items():
        faults.setdefault(form.section_of_key(key), {})[key] = fault
    return Progress(
        tuple(
            SectionProgress(s, asked.get(n, 0), answered.get(n, 0), faults.get(n, {}))
            for n, s in form.sections.items()
            if asks(s)
        )
    )


def asks(group: Group) -> bool:
    """Whether a group holds a question that somebody answers; notes alone do not make a page."""
    return any(
        asks(child) if isinstance(child, Group) else child.type not in NOT_ANSWERED
        for child in group.children
    )


def notes(form: Questionnaire, state: State, *, after: bool) -> list[Question]:
    """The notes before the first section that asks, or after the last one."""
    sections = list(form.sections.values())
    asking = [i for i, section in enumerate(sections) if asks(section)] or [0]
    chosen = sections[asking[-1] + 1 :] if after else sections[: asking[0]]
    return [
        child
        for section in chosen
        for child in section.children
        if isinstance(child, Question)
        and child.type == "note"
        and state.relevant.get(child.name, True)
    ]


def data(answers: Mapping[str, str], state: State) -> dict[str, str]:
    """The answers that count: given, to questions that apply. The others stay in the log."""
    return {k: v for k, v in answers.items() if v != "" and state.relevant.get(k, False)}
