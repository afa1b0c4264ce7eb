"""The questionnaire as the tree that paths walk, and the answers that fill it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from barograph.errors import BadInput
from barograph.instrument.model import Group, Instrument, Item, Question

STEPS = 500_000  # nodes that one evaluation may look at
Index = tuple[int, ...]
Record = Mapping[str, str]


class Place:
    """A group or question: one node, or in a repeat one for each instance.

    `chain` holds the repeats around it, outermost first; a repeat's own instances are counted in
    its chain's last position, so an instance has `depth` numbers and the repeat as a whole one less.
    """

    def __init__(self, item: Item | None, parent: Place | None) -> None:
        self.item = item
        self.name = item.name if item else ""
        self.parent = parent
        self.is_repeat = isinstance(item, Group) and item.kind == "repeat"
        above = parent.chain if parent else ()
        self.outer = above
        self.chain: tuple[Place, ...] = (*above, self) if self.is_repeat else above
        self.children: dict[str, Place] = {}
        self._keys: dict[Index, str] = {(): self.name}

    @property
    def question(self) -> Question | None:
        """The question here; None of a group."""
        return self.item if isinstance(self.item, Question) else None

    def key(self, index: Index) -> str:
        """Where the answers hold it: `name`, in repeats `name[2]` or `name[2][1]`."""
        if index not in self._keys:
            self._keys[index] = self.name + "".join(f"[{i}]" for i in index)
        return self._keys[index]


def plant(instrument: Instrument) -> tuple[Place, dict[str, Place]]:
    """The root, and every place by name."""
    root = Place(None, None)
    by_name: dict[str, Place] = {}
    nodes: dict[str, Place] = {}
    for item, groups in instrument.walk():
        parent = nodes[groups[-1].name] if groups else root
        place = Place(item, parent)
        parent.children[item.name] = place
        by_name[item.name] = place
        nodes[item.name] = place
    return root, by_name


_INDEX = re.compile(r"\[(\d+)\]")


def split_key(key: str) -> tuple[str, Index]:
    """`name[2][1]` to name and numbers."""
    name, bracket, _ = key.partition("[")
    return name, tuple(int(i) for i in _INDEX.findall(key)) if bracket else ()


@dataclass(slots=True)
class Answers:
    """What expressions see: effective values by key, and the answers as given."""

    values: dict[str, str]
    given: Mapping[str, str]
    language: str
    moment: float
    steps: int = field(default=STEPS)

    def spend(self, steps: int) -> None:
        """Counts nodes looked at; BadInput when an evaluation goes on for too long."""
        self.steps -= steps
        if self.steps < 0:
            raise BadInput(f"an expression looks at more than {STEPS} nodes")

    def count(self, repeat: Place, index: Index) -> int:
        """Instances of a repeat within the instances around it."""
        return int(self.values.get(repeat.key(index)) or 0)

    def instances(self, chain: tuple[Place, ...], within: Index = ()) -> list[Index]:
        """The numbers of every instance of the innermost repeat of a chain that begin so."""
        found = [within]
        for repeat in chain[len(within) :]:
            found = [(*i, n) for i in found for n in range(1, self.count(repeat, i) + 1)]
        return found


@dataclass(slots=True, frozen=True)
class Node:
    """One node of the questionnaire as answered."""

    place: Place
    index: Index


@dataclass(slots=True, frozen=True)
class Element:
    """A node of a list or CSV file: the whole, with `root` its records as `item`; a record; a cell."""

    table: tuple[Record, ...] = ()
    record: Record | None = None
    cell: str | None = None

    def children(self, name: str) -> Iterator[Element]:
        """The nodes below of that name; of any when it is empty."""
        if self.record is not None:
            for column in (name,) if name else self.record:
                if column in self.record:
                    yield Element(cell=self.record[column])
        elif name == "root":
            yield self
        elif name in ("", "item"):
            for record in self.table:
                yield Element(record=record)

    def __hash__(self) -> int:
        return id(self)


def text_of(node: Node | Element, answers: Answers) -> str:
    """The text of a node: the value of a question or cell; a group has none."""
    if isinstance(node, Element):
        return node.cell or ""
    return answers.values.get(node.place.key(node.index), "") if node.place.question else ""
