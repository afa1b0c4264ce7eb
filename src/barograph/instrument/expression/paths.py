"""Paths: from `${name}`, `.`, `..`, `../name`, `instance('list')/root/item[...]` to nodes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any

from barograph.errors import BadInput
from barograph.instrument.expression.code import Code, Context, Run, chained, truth
from barograph.instrument.expression.places import Answers, Element, Index, Node, Place
from barograph.instrument.model import Choice, Instrument

AXES = {"parent": "..", "self": "."}


class Surroundings:
    """The questionnaire that expressions speak of."""

    def __init__(self, instrument: Instrument, root: Place, places: dict[str, Place]) -> None:
        self.instrument, self.root, self.places = instrument, root, places

    def place(self, name: str) -> Place:
        """The group or question of that name."""
        if name not in self.places:
            near = get_close_matches(name, self.places, n=2)
            hint = f"; did you mean {' or '.join(near)}?" if near else ""
            raise BadInput(f"${{{name}}} is no question or group{hint}")
        return self.places[name]

    def table(self, name: str) -> tuple[dict[str, str], ...]:
        """The records of a CSV file or choice list."""
        name = name.removesuffix(".csv")
        if name in self.instrument.tables:
            return tuple(dict(record) for record in self.instrument.tables[name])
        if name in self.instrument.lists:
            return tuple(record(choice) for choice in self.instrument.lists[name])
        known = ", ".join([*self.instrument.lists, *self.instrument.tables]) or "none"
        raise BadInput(f"there is no list or table {name!r}; there are: {known}")


def record(choice: Choice) -> dict[str, str]:
    """A choice as the record that filters and instance() see."""
    return {"name": choice.code, "label": next(iter(choice.label.values()), ""), **choice.extra}


class Paths:
    """The part of the compiler that knows nodes; `needs` gathers the names an expression reads."""

    def __init__(self, around: Surroundings, origin: Place, *, filters: bool) -> None:
        self.around, self.origin = around, origin
        self.needs: set[str] = set()
        # What "." and plain names mean: the question itself, or a predicate's node (None: of a table).
        self.inside, self.here = filters, None if filters else origin

    def compile(self, token: Any, depth: int) -> Code:
        """Any part of an expression."""
        raise NotImplementedError

    def path(self, token: Any, depth: int) -> Code:
        """A path, or a step that begins one."""
        symbol = token.symbol
        if symbol == "$":
            return self._reference(self.around.place(str(token[0].value)))
        if symbol == ".":
            return self.itself()
        if symbol == "|":
            both = chained(self.nodes(t, depth) for t in token)
            return Code("nodes", lambda a, c: list(dict.fromkeys(both(a, c))))
        if symbol == "/" and len(token) < 2:
            raise BadInput("a path from the root is not part of the profile; write ${name}")
        if symbol == "/":
            return self._step(self._several(token[0], depth), token[1], depth)
        if symbol == "[" and token[0].symbol != "(name)":
            return self._predicate(self._several(token[0], depth), token[1], depth)
        return self._step(self._start(), token, depth)

    def nodes(self, token: Any, depth: int) -> Run:
        """What must be nodes, as a list of them."""
        return self._several(token, depth).run

    def itself(self) -> Code:
        """`.`: the question's own answer, or the node that a predicate looks at."""
        return self._start() if self.inside else _single(self.origin, len(self.origin.chain))

    def current(self) -> Code:
        """`current()`: the question, also within a predicate."""
        origin = self.origin
        return Code("nodes", lambda a, c: [Node(origin, c.index)], origin)

    def instance(self, token: Any) -> Code:
        """`instance('name')`: a choice list or CSV file."""
        if token.symbol != "(string)":
            raise BadInput("instance() takes the name of a list or CSV file in quotes")
        element = Element(self.around.table(str(token.value)))
        return Code("nodes", lambda a, c: [element])

    def need(self, place: Place) -> None:
        """Notes that the expression reads this place."""
        if place.question or place.is_repeat:
            self.needs.add(place.name)

    def _several(self, token: Any, depth: int) -> Code:
        code = self.compile(token, depth + 1)
        if code.kind == "node" and code.nodes is not None:
            return Code("nodes", code.nodes, code.at)
        if code.kind != "nodes":
            raise BadInput("a question, group, repeat or list is expected where a value stands")
        return code

    def _start(self) -> Code:
        if self.inside:
            return Code("nodes", lambda a, c: [c.node] if c.node is not None else [], self.here)
        return self.current()

    def _reference(self, place: Place) -> Code:
        """`${name}`: of the same instances as the question, else all below the common repeat."""
        chain = place.outer if place.is_repeat else place.chain
        shared = common(chain, self.origin.chain)
        self.need(place)
        self.needs |= {repeat.name for repeat in chain[shared:]}
        if shared == len(chain) and not place.is_repeat:
            return _single(place, shared)
        wanted = place.chain

        def all_below(a: Answers, c: Context) -> list[Node]:
            found = a.instances(wanted, c.index[:shared])
            a.spend(len(found))
            return [Node(place, i) for i in found]

        return Code("nodes", all_below, place)

    def _step(self, before: Code, token: Any, depth: int) -> Code:
        symbol = token.symbol
        if symbol == "child":
            return self._step(before, token[0], depth)
        symbol = AXES.get(symbol, symbol)
        if symbol == "[":
            return self._predicate(self._step(before, token[0], depth), token[1], depth)
        if symbol == ".":
            return before
        if symbol == "..":
            return _up(before)
        if symbol in ("(name)", "*"):
            return self._down(before, str(token.value) if symbol == "(name)" else "")
        raise BadInput(f"the path step {str(token.value or symbol)!r} is not part of the profile")

    def _down(self, before: Code, name: str) -> Code:
        run, at = before.run, None
        if before.at is not None:
            steps = before.at.children
            if name and name not in steps:
                raise BadInput(
                    f"{before.at.name or 'the questionnaire'} holds no {name!r}; "
                    f"it holds {', '.join(steps) or 'nothing'}"
                )
            at = steps[name] if name else None
            for place in [at] if at else steps.values():
                self.need(place)

        def children(a: Answers, c: Context) -> list[Node | Element]:
            found = [child for node in run(a, c) for child in _children(node, name, a)]
            a.spend(len(found))
            return found

        return Code("nodes", children, at)

    def _predicate(self, before: Code, token: Any, depth: int) -> Code:
        outer = self.inside, self.here
        self.inside, self.here = True, before.at
        condition = self.compile(token, depth)
        self.inside, self.here = outer
        run, numeric = before.run, condition.kind == "number"
        test = condition.run if numeric else truth(condition)

        def chosen(a: Answers, c: Context) -> list[Node | Element]:
            nodes, kept = run(a, c), []
            a.spend(len(nodes))
            for i, node in enumerate(nodes, start=1):
                found = test(a, Context(c.index, node, i, len(nodes)))
                if found == i if numeric else found:
                    kept.append(node)
            return kept

        return Code("nodes", chosen, before.at)


def common(chain: tuple[Place, ...], other: tuple[Place, ...]) -> int:
    """How many repeats two places share."""
    count = 0
    for one, two in zip(chain, other, strict=False):
        if one is not two:
            break
        count += 1
    return count


def _single(place: Place, depth: int) -> Code:
    if not place.question:
        return Code("nodes", lambda a, c: [Node(place, c.index[:depth])], place)
    key, name = place.key, place.name
    nodes: Run = lambda a, c: [Node(place, c.index[:depth])]  # noqa: E731
    if not depth:
        return Code("node", lambda a, c: a.values.get(name, ""), place, nodes)
    return Code("node", lambda a, c: a.values.get(key(c.index[:depth]), ""), place, nodes)


def _up(before: Code) -> Code:
    run = before.run
    if before.at is None:
        raise BadInput("'..' leads from a question, not from a list")
    if before.at.parent is None:
        raise BadInput("'..' leads above the questionnaire")
    return Code(
        "nodes",
        lambda a, c: list(dict.fromkeys(_parents(run(a, c)))),
        before.at.parent,
    )


def _parents(nodes: Iterable[Node]) -> Iterator[Node]:
    for node in nodes:
        if node.place.parent is not None:
            shorter: Index = node.index[:-1] if node.place.is_repeat else node.index
            yield Node(node.place.parent, shorter)


def _children(node: Node | Element, name: str, answers: Answers) -> Iterator[Node | Element]:
    if isinstance(node, Element):
        yield from node.children(name)
        return
    for place in node.place.children.values():
        if name in ("", place.name):
            if place.is_repeat:
                for i in range(1, answers.count(place, node.index) + 1):
                    yield Node(place, (*node.index, i))
            else:
                yield Node(place, node.index)
