"""Which expression needs which answers: the order of evaluation, and what a change reaches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from barograph.errors import BadInput
from barograph.instrument.expression.compiling import Expression, compile
from barograph.instrument.expression.paths import Surroundings
from barograph.instrument.expression.places import Place, plant
from barograph.instrument.model import Instrument

FIELDS = (
    "relevant", "calculation", "default", "repeat_count",
    "required", "constraint", "choice_filter",
)  # fmt: skip
Task = tuple[str, str]  # "relevant", "value" or "fault", and the name of the question or group


@dataclass(frozen=True)
class Problem:
    """An expression that cannot be used: where it stands and why."""

    name: str
    field: str
    what: str
    cycle: bool = False


@dataclass(frozen=True)
class Graph:
    """A questionnaire's compiled expressions, and its tasks in the order that their needs allow."""

    root: Place
    places: Mapping[str, Place]
    expressions: Mapping[Task, Expression]
    order: tuple[Task, ...]
    rank: Mapping[Task, int]
    dependents: Mapping[Task, tuple[Task, ...]]
    counting: Mapping[str, tuple[Place, ...]]  # question -> repeats whose instances it counts
    problems: tuple[Problem, ...]

    @classmethod
    def of(cls, instrument: Instrument) -> Graph:
        """Compiles every expression; what cannot be compiled is in `problems`."""
        root, places = plant(instrument)
        around = Surroundings(instrument, root, places)
        expressions: dict[Task, Expression] = {}
        problems: list[Problem] = []
        for place in places.values():
            for field in FIELDS:
                source = getattr(place.item, field, "")
                if not source:
                    continue
                try:
                    filters = field == "choice_filter"
                    expressions[field, place.name] = compile(source, around, place, filters=filters)
                except BadInput as error:
                    problems.append(Problem(place.name, field, error.what))
        counting = _counting(places, expressions)
        needs = {task: dict.fromkeys(_needs(*task, places, expressions)) for task in _tasks(places)}
        for name, counted in counting.items():
            needs["fault", name] |= {("value", repeat.name): None for repeat in counted}
        order: tuple[Task, ...] = ()
        try:
            order = tuple(TopologicalSorter(needs).static_order())
        except CycleError as error:
            problems.append(_cycle(error.args[1]))
        dependents: dict[Task, list[Task]] = {task: [] for task in needs}
        for task, needed in needs.items():
            for other in needed:
                dependents[other].append(task)
        return cls(
            root,
            places,
            expressions,
            order,
            {task: i for i, task in enumerate(order)},
            {task: tuple(others) for task, others in dependents.items()},
            counting,
            tuple(problems),
        )


def _tasks(places: Mapping[str, Place]) -> Iterator[Task]:
    for name, place in places.items():
        yield "relevant", name
        if place.is_repeat or place.question:
            yield "value", name
        if place.question:
            yield "fault", name


def _counting(
    places: Mapping[str, Place], expressions: Mapping[Task, Expression]
) -> dict[str, tuple[Place, ...]]:
    """The questions that decide how many instances a repeat has, also by way of calculations."""
    found: dict[str, tuple[Place, ...]] = {}
    for repeat in places.values():
        decides = [repeat.name] if ("repeat_count", repeat.name) in expressions else []
        for name in decides:  # grows
            field = "repeat_count" if name == repeat.name else "calculation"
            if expression := expressions.get((field, name)):
                decides += sorted(expression.needs - set(decides))
            if places[name].question:
                found[name] = (*found.get(name, ()), repeat)
    return found


def _needs(
    kind: str, name: str, places: Mapping[str, Place], expressions: Mapping[Task, Expression]
) -> Iterator[Task]:
    place = places[name]
    for repeat in place.outer:
        yield "value", repeat.name
    if kind == "relevant":
        if place.parent and place.parent.name:
            yield "relevant", place.parent.name
    else:
        yield "relevant", name
    if kind == "fault":
        yield "value", name
    for field in USES[kind]:
        if expression := expressions.get((field, name)):
            for needed in sorted(expression.needs):
                if kind != "fault" or needed != name:
                    yield "value", needed


USES = {
    "relevant": ("relevant",),
    "value": ("calculation", "default", "repeat_count", "choice_filter"),
    "fault": ("required", "constraint", "choice_filter"),
}


def _cycle(tasks: list[Task]) -> Problem:
    names = list(dict.fromkeys(name for _, name in tasks))
    loop = " -> ".join([*names, names[0]])
    field = "relevant" if any(kind == "relevant" for kind, _ in tasks) else "calculation"
    return Problem(names[0], field, f"the expressions go in a circle: {loop}", cycle=True)
