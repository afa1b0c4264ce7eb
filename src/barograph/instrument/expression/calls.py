"""Functions that look at nodes, at lists or at the moment."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from barograph.errors import BadInput
from barograph.instrument.expression import values as v
from barograph.instrument.expression.code import (
    Code,
    Context,
    Is,
    chained,
    is_nan,
    number,
    numbers,
    plain,
    several,
    text,
    truth,
)
from barograph.instrument.expression.functions import SIGNATURES, bounded, pattern
from barograph.instrument.expression.paths import Paths
from barograph.instrument.expression.places import Answers, Index, Node, Place, text_of

READS = {"t": text, "n": number, "b": truth, "a": plain}
PLAIN = ("text", "number", "truth")
HERE = ("number", "string", "string-length", "normalize-space")  # without argument: of the answer


class Calls(Paths):
    """The part of the compiler that knows functions; `do_x_y` compiles x-y()."""

    def call(self, name: str, tokens: list[Any], depth: int) -> Code:
        """A function, plain or special."""
        if name not in SIGNATURES:
            special: Callable[[list[Any], int], Code] = getattr(
                self, "do_" + name.replace("-", "_")
            )
            return special(tokens, depth)
        kinds, result, function = SIGNATURES[name]
        codes = [self.compile(t, depth) for t in tokens]
        if not codes and name in HERE:
            codes = [self.itself()]
        if name == "regex" and codes[1].constant is not None:
            pattern(codes[1].constant)  # a bad one is told at once
        runs = [READS[k](code) for k, code in zip(kinds.replace("?", ""), codes, strict=False)]
        if len(runs) == 1:
            only = runs[0]
            return Code(result, lambda a, c: function(only(a, c)))
        if len(runs) == 2:
            one, two = runs
            return Code(result, lambda a, c: function(one(a, c), two(a, c)))
        return Code(result, lambda a, c: function(*(run(a, c) for run in runs)))

    def do_if(self, tokens: list[Any], depth: int) -> Code:
        condition = truth(self.compile(tokens[0], depth))
        yes, no = (self.compile(t, depth) for t in tokens[1:])
        kind: Is = yes.kind if yes.kind == no.kind and yes.kind in PLAIN else "any"
        first, second = plain(yes), plain(no)
        return Code(kind, lambda a, c: first(a, c) if condition(a, c) else second(a, c))

    def do_once(self, tokens: list[Any], depth: int) -> Code:
        run, key = text(self.compile(tokens[0], depth)), self.origin.key
        return Code("text", lambda a, c: a.given.get(key(c.index), "") or run(a, c))

    def do_today(self, tokens: list[Any], depth: int) -> Code:
        return Code("number", lambda a, c: v.Moment(math.floor(a.moment)))

    def do_now(self, tokens: list[Any], depth: int) -> Code:
        return Code("number", lambda a, c: v.Moment(a.moment))

    def do_concat(self, tokens: list[Any], depth: int) -> Code:
        parts = chained(several(self.compile(t, depth)) for t in tokens)
        return Code("text", lambda a, c: bounded("".join(map(v.string, parts(a, c)))))

    def do_join(self, tokens: list[Any], depth: int) -> Code:
        glue, *rest = (self.compile(t, depth) for t in tokens)
        between, parts = text(glue), chained(several(code) for code in rest)
        return Code("text", lambda a, c: bounded(between(a, c).join(map(v.string, parts(a, c)))))

    def do_count(self, tokens: list[Any], depth: int) -> Code:
        nodes = self.nodes(tokens[0], depth)
        return Code("number", lambda a, c: float(len(nodes(a, c))))

    def do_count_non_empty(self, tokens: list[Any], depth: int) -> Code:
        nodes = self.nodes(tokens[0], depth)

        def filled(a: Answers, c: Context) -> float:
            return float(sum(text_of(node, a) != "" for node in nodes(a, c)))

        return Code("number", filled)

    def do_sum(self, tokens: list[Any], depth: int) -> Code:
        return self._over(sum, tokens, depth)

    def do_min(self, tokens: list[Any], depth: int) -> Code:
        return self._over(min, tokens, depth)

    def do_max(self, tokens: list[Any], depth: int) -> Code:
        return self._over(max, tokens, depth)

    def _over(self, of: Callable[[list[float]], float], tokens: list[Any], depth: int) -> Code:
        """Over the numbers of all nodes and values; NaN when there is none or one is none."""
        parts = chained(numbers(self.compile(t, depth)) for t in tokens)

        def run(a: Answers, c: Context) -> float:
            found = [float(x) for x in parts(a, c)]
            return math.nan if not found or any(map(is_nan, found)) else float(of(found))

        return Code("number", run)

    def do_position(self, tokens: list[Any], depth: int) -> Code:
        if not tokens:
            inside = self.inside
            return Code(
                "number", lambda a, c: float(c.position if inside else (c.index or (1,))[-1])
            )
        nodes = self.nodes(tokens[0], depth)

        def run(a: Answers, c: Context) -> float:
            first = next(iter(nodes(a, c)), None)
            if first is None:
                return math.nan
            return (
                float(first.index[-1]) if isinstance(first, Node) and first.place.is_repeat else 1.0
            )

        return Code("number", run)

    def do_last(self, tokens: list[Any], depth: int) -> Code:
        return Code("number", lambda a, c: float(c.size))

    def do_checklist(self, tokens: list[Any], depth: int) -> Code:
        low, high = (number(self.compile(t, depth)) for t in tokens[:2])
        runs = [truth(self.compile(t, depth)) for t in tokens[2:]]

        def run(a: Answers, c: Context) -> bool:
            return _within(sum(bool(holds(a, c)) for holds in runs), low(a, c), high(a, c))

        return Code("truth", run)

    def do_weighted_checklist(self, tokens: list[Any], depth: int) -> Code:
        if len(tokens) % 2:
            raise BadInput("weighted-checklist() takes pairs of condition and weight")
        low, high = (number(self.compile(t, depth)) for t in tokens[:2])
        codes = [self.compile(t, depth) for t in tokens[2:]]
        pairs = [(truth(x), number(y)) for x, y in zip(codes[::2], codes[1::2], strict=True)]

        def run(a: Answers, c: Context) -> bool:
            total = sum(weight(a, c) for holds, weight in pairs if holds(a, c))
            return _within(total, low(a, c), high(a, c))

        return Code("truth", run)

    def do_choice_name(self, tokens: list[Any], depth: int) -> Code:
        named = tokens[1]
        if named.symbol != "(string)":
            raise BadInput("jr:choice-name() takes the question in quotes, such as '${name}'")
        name = str(named.value).strip().removeprefix("${").removesuffix("}").strip()
        question = self.around.place(name).question
        if question is None or not question.choices:
            raise BadInput(f"jr:choice-name(): {name} has no choices")
        labels = {choice.code: choice.label for choice in question.choices}
        code = text(self.compile(tokens[0], depth))
        return Code("text", lambda a, c: labels.get(code(a, c), {}).get(a.language, ""))

    def do_pulldata(self, tokens: list[Any], depth: int) -> Code:
        if any(t.symbol != "(string)" for t in tokens[:3]):
            raise BadInput("pulldata() takes the file and both columns in quotes")
        name, wanted, column = (str(t.value) for t in tokens[:3])
        found: dict[str, str] = {}
        for record in self.around.table(name):
            if missing := next((x for x in (wanted, column) if x not in record), ""):
                raise BadInput(f"pulldata(): {name} has no column {missing!r}")
            found.setdefault(record[column], record[wanted])
        key = text(self.compile(tokens[3], depth))
        return Code("text", lambda a, c: found.get(key(a, c), ""))

    def do_indexed_repeat(self, tokens: list[Any], depth: int) -> Code:
        if len(tokens) % 2 == 0 or any(t.symbol != "$" for t in (tokens[0], *tokens[1::2])):
            raise BadInput("indexed-repeat() takes ${question}, then pairs of ${repeat} and number")
        target, *repeats = (self.around.place(str(t[0].value)) for t in (tokens[0], *tokens[1::2]))
        if sorted(r.name for r in repeats) != sorted(r.name for r in target.chain):
            chain = ", ".join(place.name for place in target.chain) or "no repeat"
            raise BadInput(f"indexed-repeat(): {target.name} stands in {chain}; name just these")
        runs = [number(self.compile(t, depth)) for t in tokens[2::2]]
        order: list[tuple[Place, Any]] = [
            (place, runs[repeats.index(place)]) for place in target.chain
        ]
        for place in target.chain:
            self.need(place)
        self.need(target)

        def nodes(a: Answers, c: Context) -> list[Node]:
            index: Index = ()
            for repeat, run in order:
                n = run(a, c)
                if not 1 <= n <= a.count(repeat, index) or not float(n).is_integer():
                    return []
                index = (*index, int(n))
            return [Node(target, index)]

        return Code("nodes", nodes, target)

    def do_instance(self, tokens: list[Any], depth: int) -> Code:
        return self.instance(tokens[0])

    def do_current(self, tokens: list[Any], depth: int) -> Code:
        return self.current()


def _within(total: float, low: float, high: float) -> bool:
    """From `low` to `high`; a `high` of -1 is no limit."""
    return total >= low and (high == -1 or total <= high)
