"""What an interview needs to know of answers: what is asked, what follows, what is at fault."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from heapq import heappop, heappush
from typing import TypeVar

from barograph.errors import BadInput
from barograph.instrument.expression.compiling import Expression
from barograph.instrument.expression.grammar import REFERENCE
from barograph.instrument.expression.paths import common
from barograph.instrument.expression.places import Answers, Index, Place, split_key
from barograph.instrument.faults import Fault, form_fault, message
from barograph.instrument.graph import Graph, Task
from barograph.instrument.model import SELECTS, SILENT, Choice, Instrument, Labels, Question
from barograph.instrument.wording import in_words
from barograph.language import spaced

INSTANCES = 100  # of a repeat within one of the repeat around it: more is no page to fill in
IN_ALL = 1_000  # of a repeat
UNANSWERED = "…"  # in the place of an answer that a label quotes
V = TypeVar("V")


@dataclass
class State:
    """Answers evaluated. Keys are as in `Logic.evaluate`; groups have theirs in `relevant` too.

    `values` are the answers with defaults and calculations; what is not relevant is "". `cut` tells
    of a repeat that should have more instances than there can be, by key, how many there can be.
    """

    logic: Logic
    answers: Answers
    relevant: dict[str, bool]
    cut: dict[str, int]
    _faults: dict[str, Fault] | None = field(default=None)
    _spoken: dict[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, str]:
        """Effective answers by key, and each repeat's number of instances."""
        return self.answers.values

    @property
    def faults(self) -> Mapping[str, Fault]:
        """What is wrong, by key; only of questions that are asked. Found when first looked at."""
        if self._faults is None:
            self._faults = {}
            for place in self.logic.graph.places.values():
                if place.question:
                    self.find_faults(place, self._faults)
        return self._faults

    def find_faults(self, place: Place, faults: dict[str, Fault]) -> None:
        """Puts the faults of a question, in every instance, into `faults`."""
        found = {}
        for index in self.answers.instances(place.chain):
            if fault := self._fault(place, index):
                found[place.key(index)] = fault
        _replace(faults, place, found)

    def choices(self, key: str) -> tuple[Choice, ...]:
        """The choices that a question offers now."""
        name, index = split_key(key)
        return self._choices(self.logic.place(name), index)

    def text(self, labels: Labels, lang: str, key: str = "") -> str:
        """A label with the answers it quotes filled in, as plain text: escape it.

        An answer is quoted in words, no answer as "…". `key` tells in which instance of a repeat the label stands.
        """
        index = split_key(key)[1]
        text = spaced(labels.get(lang, ""), lang)
        return REFERENCE.sub(lambda found: self._quoted(found[1], lang, index), text)

    def _choices(self, place: Place, index: Index) -> tuple[Choice, ...]:
        choices = place.question.choices if place.question else ()
        expression = self.logic.graph.expressions.get(("choice_filter", place.name))
        return expression.choices(self.answers, index, choices) if expression else choices

    def _quoted(self, name: str, lang: str, index: Index) -> str:
        place = self.logic.place(name)
        calculated = ("calculation", name) in self.logic.graph.expressions
        values = self._in_language(lang) if calculated else self.values
        value = values.get(place.key(index[: len(place.chain)]), "")
        if place.question:
            value = in_words(place.question, value, lang)
        if place.question and place.question.choices:
            value = value.replace("\n", ", ")
        return value or UNANSWERED

    def _in_language(self, lang: str) -> Mapping[str, str]:
        """The values with labels in calculations (jr:choice-name) in that language.

        For reading only: what is asked does not depend on the language in which one reads it.
        """
        if lang == self.answers.language:
            return self.values
        if lang not in self._spoken:
            spoken = Answers({}, self.answers.given, lang, self.answers.moment)
            self._spoken[lang] = self.logic.whole(spoken).values
        return self._spoken[lang]

    def _fault(self, place: Place, index: Index) -> Fault | None:
        question, key = place.question, place.key(index)
        if question is None or question.type in SILENT or question.type == "note":
            return None
        if not self.relevant[key]:
            return None
        value, expressions = self.values[key], self.logic.graph.expressions
        if not value:
            required = expressions.get(("required", place.name))
            if required and required.holds(self.answers, index):
                return Fault("required", question.required_message or message("required"))
            return None
        choices = self._choices(place, index) if question.type in SELECTS else ()
        if fault := form_fault(question, value, choices):
            return fault
        constraint = expressions.get(("constraint", place.name))
        excepted = value == question.dont_know and question.type not in ("select_multiple", "rank")
        if constraint and not excepted and not constraint.holds(self.answers, index):
            return Fault("constraint", question.constraint_message or message("constraint"))
        most = self._cut(place, index)
        return Fault("constraint", message("instances", most=str(most))) if most else None

    def _cut(self, place: Place, index: Index) -> int:
        """How many instances there can be, when this answer asks for more; else 0."""
        for repeat in self.logic.graph.counting.get(place.name, ()) if self.cut else ():
            shared = index[: common(repeat.chain, place.chain)]
            for key in map(repeat.key, self.answers.instances(repeat.outer, shared)):
                if self.relevant[key] and self.cut.get(key):
                    return self.cut[key]
        return 0


class Logic:
    """The logic of one questionnaire; make it once, it is immutable and safe between threads.

    BadInput when an expression cannot be compiled, or expressions go in a circle.
    """

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self.graph = Graph.of(instrument)
        for problem in self.graph.problems:
            raise BadInput(f"{problem.name}, {problem.field}: {problem.what}")

    def place(self, name: str) -> Place:
        """Where a question or group stands; BadInput when there is none."""
        if name not in self.graph.places:
            raise BadInput(f"no question or group is called {name!r}")
        return self.graph.places[name]

    def evaluate(
        self,
        answers: Mapping[str, str],
        changed: Collection[str] | None = None,
        state: State | None = None,
        *,
        now: datetime | None = None,
    ) -> State:
        """The state of an interview.

        `answers`: key to text. A question's key is its name, in a repeat `name[2]`, nested
        `name[2][1]`; a repeat's own key holds its number of instances, 1 when absent. A key that is
        absent takes the question's default; one that is "" was emptied. Spaces separate codes.
        With the `state` of earlier answers and the keys `changed` since, only what these reach is
        evaluated. `now` is what today() sees. An expression that exceeds its limits says nothing:
        what it decides is asked, offered and not demanded, what it calculates empty, what it
        checks at fault.
        """
        moment = (now or datetime.now(UTC)).timestamp() / 86400
        language = self.instrument.languages[0]
        if state is None or changed is None:
            return self.whole(Answers({}, answers, language, moment))
        held = Answers(dict(state.values), answers, language, moment)
        faults = None if state._faults is None else dict(state._faults)
        after = State(self, held, dict(state.relevant), dict(state.cut), faults)
        self._follow(changed, after)
        return after

    def whole(self, answers: Answers) -> State:
        """The state of answers of which nothing has been evaluated."""
        fresh = State(self, answers, {}, {})
        for task in self.graph.order:
            if task[0] != "fault":
                self._run(task, fresh)
        return fresh

    def _follow(self, changed: Collection[str], state: State) -> None:
        """Evaluates what the changed answers reach, in the order of the graph."""
        graph, faults = self.graph, state._faults
        queue: list[tuple[int, Task]] = []
        queued: set[Task] = set()

        def push(task: Task) -> None:
            if task in graph.rank and task not in queued:
                queued.add(task)
                heappush(queue, (graph.rank[task], task))

        for key in changed:
            name = split_key(key)[0]
            push(("value", name))
            push(("fault", name))
        while queue:
            task = heappop(queue)[1]
            if task[0] == "fault":
                if faults is not None:
                    state.find_faults(graph.places[task[1]], faults)
            elif self._run(task, state):
                for dependent in graph.dependents[task]:
                    push(dependent)

    def _run(self, task: Task, state: State) -> bool:
        """Evaluates one task in every instance; whether anything changed."""
        place = self.graph.places[task[1]]
        if task[0] == "relevant":
            return _replace(state.relevant, place, self._relevance(place, state))
        values = self._counts(place, state) if place.is_repeat else self._values(place, state)
        return _replace(state.values, place, values)

    def _relevance(self, place: Place, state: State) -> dict[str, bool]:
        expression = self.graph.expressions.get(("relevant", place.name))
        parent, answers, found = place.parent, state.answers, {}
        for index in answers.instances(place.outer):
            holds = True
            if parent is not None and parent.name:
                holds = state.relevant[parent.key(index[: len(parent.outer)])]
            if holds and expression:
                # A repeat's condition is asked of the repeat as a whole, at its first instance.
                at = (*index, 1) if place.is_repeat else index
                holds = expression.holds(answers, at, failing=True)
            found[place.key(index)] = holds
        return found

    def _counts(self, repeat: Place, state: State) -> dict[str, str]:
        expression = self.graph.expressions.get(("repeat_count", repeat.name))
        found, cut, room = {}, {}, IN_ALL
        for index in state.answers.instances(repeat.outer):
            key = repeat.key(index)
            if expression:
                wanted = expression.number(state.answers, (*index, 1))
            else:
                given = state.answers.given.get(key, "1")
                wanted = float(given) if given.isdecimal() else 1.0
            wanted = 0 if math.isnan(wanted) else max(wanted, 0)
            number = int(min(wanted, INSTANCES, room))
            if int(min(wanted, IN_ALL + 1)) > number:
                cut[key] = INSTANCES if number == INSTANCES else IN_ALL
            room -= number
            found[key] = str(number)
        _replace(state.cut, repeat, cut)
        return found

    def _values(self, place: Place, state: State) -> dict[str, str]:
        answers, expressions = state.answers, self.graph.expressions
        calculation = expressions.get(("calculation", place.name))
        default = expressions.get(("default", place.name))
        filters = expressions.get(("choice_filter", place.name))
        found = {}
        for index in answers.instances(place.chain):
            key = place.key(index)
            value = answers.given.get(key)
            if not state.relevant[key]:
                value = ""
            elif calculation:
                value = self._calculated(calculation, answers, place, index)
            elif value is None:
                value = default.text(answers, index) if default else ""
            if value and filters and place.question:
                offered = filters.choices(answers, index, place.question.choices)
                value = _offered(value, place.question, offered)
            found[key] = value
        return found

    def _calculated(
        self, calculation: Expression, answers: Answers, place: Place, index: Index
    ) -> str:
        """The calculation's value, for which "." is the answer as given."""
        key = place.key(index)
        before = answers.values.get(key)
        answers.values[key] = answers.given.get(key, "")
        value = calculation.text(answers, index)
        if before is None:
            del answers.values[key]
        else:
            answers.values[key] = before
        return value


def _offered(value: str, question: Question, offered: tuple[Choice, ...]) -> str:
    """An answer without the codes that the filter has taken away since; unknown codes stay."""
    gone = {choice.code for choice in question.choices} - {choice.code for choice in offered}
    return " ".join(code for code in value.split() if code not in gone)


def _replace(held: dict[str, V], place: Place, found: dict[str, V]) -> bool:
    """Puts what was found of one place in the stead of what was held; whether it differs."""
    start = place.name + "["
    keys = [key for key in held if key.startswith(start)] if place.chain else []
    before = {key: held.pop(key) for key in (*keys, place.name) if key in held}
    held.update(found)
    return before != found
