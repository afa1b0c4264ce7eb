"""Arguments of R calls: matched to their names, and constants among them."""

from __future__ import annotations

from typing import Any

import numpy as np
from r_syntax import Call, Name, Node, Number, OutOfScope, Text

WORDS: dict[str, Any] = {
    "TRUE": True, "FALSE": False, "T": True, "F": False, "NULL": None,
    "Inf": np.inf, "NA": np.nan, "pi": np.pi,
}  # fmt: skip


class Arguments(dict[str, Node]):
    """Arguments by name; one that is missing puts the call out of scope."""

    def __init__(self, found: dict[str, Node], call: str) -> None:
        super().__init__(found)
        self.call = call

    def __missing__(self, name: str) -> Node:
        raise OutOfScope(f"argument {name} of {self.call}() is missing")


def matched(call: Call, formals: str, beyond: bool = False) -> Arguments:
    """Arguments by the names of `formals`: exact, then beginnings of names, then in order.

    With `beyond`, other names are kept (R's "..."); else they are out of scope.
    """
    names, found = formals.split(), dict[str, Node]()
    for name, node in call.args:
        if name:
            whole = [f for f in names if f == name] or [f for f in names if f.startswith(name)]
            if len(whole) != 1 and not beyond:
                raise OutOfScope(f"argument {name} of {call.name}()")
            found[whole[0] if len(whole) == 1 else name] = node
    free = iter([f for f in names if f not in found])
    for node in call.plain:
        try:
            found[next(free)] = node
        except StopIteration:
            raise OutOfScope(f"too many arguments of {call.name}()") from None
    return Arguments(
        {name: node for name, node in found.items() if node != Name("NULL")}, call.name
    )


def refuse(call: str, args: dict[str, Node], *names: str) -> None:
    """OutOfScope where one of these arguments is given."""
    for name in names:
        if name in args and args[name] != Name("FALSE"):
            raise OutOfScope(f"argument {name} of {call}()")


def constant(node: Node) -> Any:
    """Numbers, texts, words; c() as a list or, with names, a dict; list() and data.frame() too."""
    if isinstance(node, Number | Text):
        return node.value
    if isinstance(node, Name):
        if node.name in WORDS:
            return WORDS[node.name]
        raise OutOfScope(f"unknown name {node.name}")
    if node.name in ("c", "list", "data.frame"):
        values = {name: constant(arg) for name, arg in node.args if name}
        return values if values else [constant(arg) for arg in node.plain]
    if node.name == "rep":
        args = matched(node, "x times")
        value = constant(args["x"])
        return (value if isinstance(value, list) else [value]) * int(constant(args["times"]))
    numbers = [constant(arg) for arg in node.plain]
    if node.name in ("-", "+") and len(numbers) == 1:
        return -numbers[0] if node.name == "-" else numbers[0]
    if node.name in ("(", "as.numeric"):
        return numbers[0]
    operations = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "^": np.power}
    if node.name in operations and len(numbers) == 2:
        found = operations[node.name](*(np.asarray(x, dtype=float) for x in numbers))
        return found.tolist()
    if node.name == ":":
        return [float(x) for x in range(int(numbers[0]), int(numbers[1]) + 1)]
    raise OutOfScope(f"{node.name}() as a constant")


def choice(node: Node | None, options: str) -> str:
    """A text argument: the first of the options without one, or the option that begins like it."""
    if node is None:
        return options.split()[0]
    value = constant(node)
    value = value[0] if isinstance(value, list) and value else value
    if not isinstance(value, str):
        raise OutOfScope(f"{value!r} is not a text")
    known = [o for o in options.split() if o == value] or [
        o for o in options.split() if o.startswith(value)
    ]
    return known[0] if len(known) == 1 else value


def flag(node: Node | None) -> bool:
    """A logical argument, FALSE by default."""
    return False if node is None else bool(constant(node))
