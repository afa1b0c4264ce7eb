"""A section as it stands on the page: what is asked, in which control, with which answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from barograph.collect import markup
from barograph.collect.forms import controls
from barograph.collect.forms.fields import Battery, Field, Item, Part, Repeat
from barograph.collect.forms.parse import count
from barograph.instrument import Group, Instrument, Question, State
from barograph.instrument.model import SILENT
from barograph.instrument.wording import in_words
from barograph.language import decimal
from barograph.publish.questionnaire import numbers
from barograph.publish.questionnaire.steps import SHORT, steps


def page(
    instrument: Instrument,
    section: Group,
    state: State,
    answers: Mapping[str, str],
    lang: str,
    *,
    locked: bool = False,
    conflicts: Mapping[str, str] = {},
    files: Mapping[str, str] = {},
    show_faults: bool = False,
    seed: str = "",
    notes: Mapping[str, Sequence[str]] | None = None,
    everything: bool = False,
) -> dict[str, Any]:
    """The context of collect/section.html.

    `conflicts`: key -> a sentence on what a colleague wrote meanwhile, or why it was not kept. `files`:
    name of a file -> its address. `seed` names the respondent, who keeps the same order of choices
    where the author wants one at random. `notes` is for the researcher: name of a question or group ->
    what is said of it above it; with `everything` also what the answers do not call for.
    """
    drawn = Drawn(
        numbers(instrument),
        state,
        answers,
        lang,
        conflicts,
        files,
        show_faults,
        seed,
        notes,
        everything,
    )
    items = tuple(drawn.items(section.children))
    shown = tuple(fields(items))
    return {
        "lang": lang,
        "heading": drawn.text(section.label, section.name),  # "" of loose questions
        "items": items,
        "faults": () if locked else tuple(wrong(shown)),
        "locked": locked,
        "files": tuple(field.key for field in shown if field.control == "file"),
        "keys": tuple(field.key for field in shown if field.control != "note"),
    }


def fields(items: Sequence[Item]) -> Iterator[Field]:
    """Every question among the items, in order."""
    for item in items:
        if isinstance(item, Field):
            yield item
        elif isinstance(item, Battery):
            yield from item.rows
        elif isinstance(item, Part):
            yield from fields(item.items)
        else:
            for instance in item.instances:
                yield from fields(instance)


def wrong(shown: Sequence[Field]) -> Iterator[dict[str, str]]:
    """What the summary on top says of each fault: where it leads, the question, the message."""
    for field in shown:
        if field.fault or field.conflict:
            message = field.conflict or field.fault
            yield {"id": field.first, "label": field.label, "message": message}


@dataclass(frozen=True)
class Drawn:
    """All that decides how a question looks."""

    numbers: Mapping[str, str]
    state: State
    answers: Mapping[str, str]
    lang: str
    conflicts: Mapping[str, str]
    files: Mapping[str, str]
    show_faults: bool
    seed: str
    notes: Mapping[str, Sequence[str]] | None
    everything: bool

    @property
    def words(self) -> Mapping[str, str]:
        """The words of this language."""
        return markup.words()[self.lang]

    def text(self, labels: Mapping[str, str], key: str) -> str:
        """A label with the answers it pipes in."""
        return self.state.text(labels, self.lang, key) if labels else ""

    def items(self, children: Sequence[Question | Group], suffix: str = "") -> Iterator[Item]:
        """What is asked among the children; `suffix` is the instance of the repeats around."""
        for child in children:
            key = child.name + suffix
            if not (self.everything or self.state.relevant.get(key, True)):
                continue
            if isinstance(child, Question):
                if child.type not in SILENT:
                    yield self.field(child, key)
            elif child.kind == "repeat":
                yield self.repeat(child, key, suffix)
            elif child.kind == "battery":
                yield self.battery(child, key, suffix)
            else:
                yield self.part(child, key, suffix)

    def noted(self, name: str) -> Sequence[str]:
        """What is said of a question or group to the researcher."""
        return self.notes.get(name, ()) if self.notes else ()

    def part(self, group: Group, key: str, suffix: str) -> Part:
        """A group inside the section."""
        items = tuple(self.items(group.children, suffix))
        label, hint = self.text(group.label, key), self.text(group.hint, key)
        return Part(key, label, items, hint, self.noted(group.name))

    def repeat(self, group: Group, key: str, suffix: str) -> Repeat:
        """A repeat with as many instances as the answers count."""
        there = count(self.state.values, key)
        shown = tuple(
            tuple(self.items(group.children, f"{suffix}[{n}]")) for n in range(1, there + 1)
        )
        label, hint = self.text(group.label, key), self.text(group.hint, key)
        notes = self.noted(group.name)
        return Repeat(key, label, shown, hint, not group.repeat_count, notes)

    def battery(self, group: Group, key: str, suffix: str) -> Battery | Part:
        """A table when its rows share a scale or take one short answer each; else a group."""
        rows = tuple(item for item in self.items(group.children, suffix) if isinstance(item, Field))
        scales = {tuple((o.code, o.label) for o in row.options) for row in rows}
        drawn_as = {row.control for row in rows}
        label, hint = self.text(group.label, key), self.text(group.hint, key)
        number, notes = self.numbers.get(group.name, ""), self.noted(group.name)
        if drawn_as <= {"text", "number", "select"}:
            return Battery(key, label, rows, (), number, hint, notes)
        if len(drawn_as) == len(scales) == 1 and drawn_as <= {"radios", "checkboxes"}:
            scale = tuple(o.label for o in rows[0].options)
            return Battery(key, label, rows, scale, number, hint, notes)
        return Part(key, label, rows, hint, notes)

    def field(self, question: Question, key: str) -> Field:
        """The question with its control, its answer and what is wrong with it."""
        value = self.answers.get(key, self.state.values.get(key, ""))
        choices = self.state.choices(key) if question.choices else ()
        control = controls.control(question, len(choices))
        ordered = controls.ordered(question, choices, self.seed)
        return Field(
            key,
            control,
            self.text(question.label, key),
            number=self.numbers.get(question.name, ""),
            hint=self.hint(question, key),
            value=controls.shown(question, value, self.lang),
            words=in_words(question, value, self.lang),
            options=controls.options(question, ordered, value, self.lang),
            parts=controls.parts(question, value, len(choices), self.words),
            optional=not question.required and control != "note",
            fault=self.fault(question, key, value),
            conflict=self.conflicts.get(key, ""),
            notes=self.noted(question.name),
            href=self.files.get(value, "") if question.type == "file" else "",
            inputmode=controls.INPUTMODE.get(question.type, "text"),
        )

    def hint(self, question: Question, key: str) -> str:
        """The author's hint; of a range typed as a number its limits."""
        if question.hint or question.type != "range":
            return self.text(question.hint, key)
        values = steps(question)
        if len(values) <= SHORT:
            return ""
        low, high = (decimal(s, self.lang) for s in (values[0], values[-1]))
        return self.words["range_hint"].format(low=low, high=high)

    def fault(self, question: Question, key: str, value: str) -> str:
        """What is wrong with an answer, once it is time to say so."""
        found = self.state.faults.get(key) if self.show_faults else None
        if found and found.kind == "choice" and question.type == "rank":
            return self.words["misplaced"]
        return self.text(found.message, key) if found else ""
