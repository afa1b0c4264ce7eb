"""The number of each question: the same on screen and on paper, whatever is asked of whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from barograph.instrument import Group, Instrument, Question

UNNUMBERED = frozenset({"note", "calculate", "hidden"})


def numbers(instrument: Instrument) -> Mapping[str, str]:
    """Name -> number, counted through the sections; a battery is one question, its rows are 7a, 7b."""
    found: dict[str, str] = {}
    for n, item in enumerate(_counted(instrument.children), start=1):
        found[item.name] = str(n)
        if isinstance(item, Group):
            rows = [c for c in item.children if c.name and not _silent(c)]
            found.update({row.name: f"{n}{letters(i)}" for i, row in enumerate(rows)})
    return found


def _counted(children: tuple[Question | Group, ...]) -> Iterator[Question | Group]:
    for child in children:
        if isinstance(child, Group) and child.kind != "battery":
            yield from _counted(child.children)
        elif not _silent(child):
            yield child


def _silent(item: Question | Group) -> bool:
    return isinstance(item, Question) and item.type in UNNUMBERED


def letters(n: int) -> str:
    """a, b, ... z, aa, ab, ..."""
    return (letters(n // 26 - 1) if n >= 26 else "") + chr(ord("a") + n % 26)
