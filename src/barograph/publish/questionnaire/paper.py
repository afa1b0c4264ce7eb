"""The questionnaire as it stands on paper, as plain data: entries in order, each with its skip rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from barograph.instrument import Group, Instrument, Question
from barograph.instrument.expression.grammar import REFERENCE
from barograph.instrument.faults import message
from barograph.instrument.model import SILENT, Labels
from barograph.language import decimal, spaced
from barograph.publish.questionnaire.conditions import Wording, listed, rule
from barograph.publish.questionnaire.numbers import numbers
from barograph.publish.questionnaire.steps import SHORT, steps

Kind = Literal[
    "note", "one", "scale", "many", "rank", "line", "lines", "number", "date", "file",
    "grid", "entries", "part", "repeat",
]  # fmt: skip
SINGLE = frozenset({"line", "number"})


@dataclass(frozen=True)
class Entry:
    """A question, battery or group. `choices` are labels to tick, of a grid its columns."""

    kind: Kind
    label: str
    number: str = ""
    hint: str = ""
    rule: str = ""
    optional: bool = False
    choices: tuple[str, ...] = ()
    items: tuple[Entry, ...] = ()  # rows of a battery, content of a group
    several: bool = False  # a grid whose rows take more than one tick


@dataclass(frozen=True)
class Section:
    """A page of the interview; `title` is "" for questions outside of any group."""

    title: str
    rule: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Paper:
    """The whole questionnaire in one language."""

    lang: str
    title: str
    words: Mapping[str, str]
    sections: tuple[Section, ...]


def paper(instrument: Instrument, lang: str, title: Labels) -> Paper:
    """What is printed in that language, under the title of the barometer."""
    print_ = Printer.of(instrument, lang)
    sections = tuple(
        Section(
            print_.text(section.label),
            rule(section.relevant, print_.wording),
            tuple(print_.entries(section)),
        )
        for section in instrument.sections
    )
    return Paper(lang, title[lang], print_.wording.words, sections)


@dataclass(frozen=True)
class Printer:
    """Makes the entries of one language."""

    wording: Wording

    @classmethod
    def of(cls, instrument: Instrument, lang: str) -> Printer:
        """Numbers the questions."""
        return cls(Wording(instrument, numbers(instrument), lang))

    def text(self, labels: Labels) -> str:
        """A label; where it quotes an answer, which one."""

        def quoted(name: str) -> str:
            number = self.wording.numbers.get(name)
            words = self.wording.words
            return words["piped"].format(n=number) if number else words["computed"]

        lang = self.wording.lang
        return REFERENCE.sub(lambda found: quoted(found[1]), spaced(labels.get(lang, ""), lang))

    def entries(self, group: Group) -> Iterator[Entry]:
        """What is printed of a group's children."""
        for child in group.children:
            if isinstance(child, Group):
                yield self.group(child)
            elif child.type not in SILENT:
                yield self.question(child)

    def group(self, group: Group) -> Entry:
        """A battery as a table where its rows share a scale or take one short answer; else a block."""
        items = tuple(self.entries(group))
        label, hint = self.text(group.label), self.text(group.hint)
        condition = rule(group.relevant, self.wording)
        number = self.wording.numbers.get(group.name, "")
        if group.kind == "repeat":
            hint = " ".join(filter(None, (hint, self.wording.words["each"])))
            return Entry("repeat", label, hint=hint, rule=condition, items=items)
        kinds = {item.kind for item in items}
        if group.kind == "battery" and items:
            if kinds <= SINGLE:
                return Entry("entries", label, number, hint, condition, items=items)
            if kinds in ({"one"}, {"many"}) and len({item.choices for item in items}) == 1:
                many = kinds == {"many"}
                tick = hint or self.wording.words["row_many" if many else "row_one"]
                choices = items[0].choices
                return Entry(
                    "grid", label, number, tick, condition, False, choices, items, several=many
                )
        return Entry("part", label, number, hint, condition, items=items)

    def question(self, question: Question) -> Entry:
        """One question."""
        kind = self.kind(question)
        return Entry(
            kind,
            self.text(question.label),
            self.wording.numbers.get(question.name, ""),
            " ".join(filter(None, (self.text(question.hint), *self.told(question, kind)))),
            rule(question.relevant, self.wording),
            not question.required and kind != "note",
            tuple(self.choices(question)),
        )

    def kind(self, question: Question) -> Kind:
        """How the answer is given on paper."""
        match question.type:
            case "select_one":
                return "one"
            case "select_multiple":
                return "many"
            case "range":
                return "scale" if len(steps(question)) <= SHORT else "number"
            case "integer" | "decimal":
                return "number"
            case "text":
                return "lines" if "multiline" in question.appearance else "line"
            case "rank" | "date" | "file" | "note":
                return question.type
            case _:
                raise AssertionError(question.type)

    def choices(self, question: Question) -> Iterator[str]:
        """What can be ticked or ranked; beside a number or text its author's "don't know"."""
        lang = self.wording.lang
        if self.kind(question) == "scale":
            yield from (decimal(s, lang) for s in steps(question))
        for choice in question.choices:
            yield self.text(choice.label) or choice.code
        if question.dont_know and not question.choices:
            yield message("dont_know")[lang]

    def told(self, question: Question, kind: Kind) -> Iterator[str]:
        """What the form would see to by itself."""
        words = self.wording.words
        if not question.hint and kind in ("one", "many"):
            yield words["tick_one" if kind == "one" else "tick_many"]
        if kind in ("rank", "file"):
            yield words[kind]
        if kind == "date":
            fewer = {"month-year": "month", "year": "year"}
            yield words[next((fewer[a] for a in question.appearance if a in fewer), "date")]
        if question.type == "integer" and not question.hint:
            yield words["whole"]
        if question.type == "range" and kind == "number":
            lang, values = self.wording.lang, steps(question)
            yield words["between"].format(
                low=decimal(values[0], lang), high=decimal(values[-1], lang)
            )
        if question.choice_filter:
            known = self.wording.numbers
            names = dict.fromkeys(REFERENCE.findall(question.choice_filter))
            asked = [words["question"].format(n=known[name]) for name in names if name in known]
            if asked:
                yield words["filtered"].format(questions=listed(asked, words["and_list"]))
