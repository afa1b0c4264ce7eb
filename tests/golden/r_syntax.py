"""R expressions, as far as calls of `survey` use them: text to a tree and back."""

from __future__ import annotations

import re
from dataclasses import dataclass


class OutOfScope(Exception):
    """A case that we do not interpret; the message is its reason."""


@dataclass(frozen=True)
class Number:
    value: float


@dataclass(frozen=True)
class Text:
    value: str


@dataclass(frozen=True)
class Name:
    name: str


@dataclass(frozen=True)
class Call:
    """A call or an operator; `args` hold the name of an argument or "" and its expression."""

    name: str
    args: tuple[tuple[str, Node], ...]

    @property
    def plain(self) -> tuple[Node, ...]:
        """Arguments without a name."""
        return tuple(node for name, node in self.args if not name)

    @property
    def named(self) -> dict[str, Node]:
        """Arguments with a name."""
        return {name: node for name, node in self.args if name}


Node = Number | Text | Name | Call

TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?L?)
    | (?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
    | (?P<quoted>`[^`]+`)
    | (?P<name>[A-Za-z.][A-Za-z0-9._]*)
    | (?P<operator>%[a-z]*%|<=|>=|==|!=|&&|\|\||::|[-+*/^~!<>&|:(),=$])
    )""",
    re.VERBOSE,
)
# Binary operators from the loosest to the tightest, with the spaces R prints around them.
LEVELS = (
    {"~": " ~ "},
    {"||": " || ", "|": " | "},
    {"&&": " && ", "&": " & "},
    {"==": " == ", "!=": " != ", "<": " < ", ">": " > ", "<=": " <= ", ">=": " >= "},
    {"+": " + ", "-": " - "},
    {"*": " * ", "/": "/"},
    {"%in%": " %in% "},
    {":": ":"},
)
NOT = 3  # "!" binds looser than comparisons, tighter than "&"
SPACES = {op: text for level in LEVELS for op, text in level.items()} | {"^": "^", "$": "$"}


def parse(text: str) -> Node:
    """The tree of one expression. OutOfScope when it is no such expression."""
    reader = _Reader(_tokens(text))
    node = reader.binary(0)
    if reader.tokens:
        raise OutOfScope(f"cannot read R at {reader.tokens[-1][1]!r}")
    return node


def deparse(node: Node) -> str:
    """The text as R writes it."""
    if isinstance(node, Number):
        return f"{node.value:.15g}"
    if isinstance(node, Text):
        return '"' + node.value + '"'
    if isinstance(node, Name):
        return node.name if re.fullmatch(r"[A-Za-z.][\w.]*", node.name) else f"`{node.name}`"
    parts = [deparse(arg) if not name else f"{name} = {deparse(arg)}" for name, arg in node.args]
    if node.name == "(":
        return f"({parts[0]})"
    if node.name in SPACES and len(parts) == 2:
        return SPACES[node.name].join(parts)
    if node.name in ("-", "+", "!", "~") and len(parts) == 1:
        return node.name + parts[0]
    return f"{node.name}({', '.join(parts)})"


def _tokens(text: str) -> list[tuple[str, str]]:
    """Kind and text of each token, the last first."""
    found, at = [], 0
    text = text.strip()
    while at < len(text):
        match = TOKEN.match(text, at)
        if not match or match.lastgroup is None:
            raise OutOfScope(f"cannot read R at {text[at : at + 20]!r}")
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found[::-1]


class _Reader:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = tokens

    def next(self, *operators: str) -> str:
        """Takes the next token if it is one of the operators."""
        if self.tokens and self.tokens[-1][0] == "operator" and self.tokens[-1][1] in operators:
            return self.tokens.pop()[1]
        return ""

    def expect(self, operator: str) -> None:
        if not self.next(operator):
            raise OutOfScope(f"cannot read R: {operator!r} is missing")

    def binary(self, level: int) -> Node:
        if level == len(LEVELS):
            return self.unary()
        if level == 0 and self.next("~"):
            return Call("~", (("", self.binary(1)),))
        if level == NOT and self.next("!"):
            return Call("!", (("", self.binary(NOT)),))
        left = self.binary(level + 1)
        while operator := self.next(*LEVELS[level]):
            left = Call(operator, (("", left), ("", self.binary(level + 1))))
        return left

    def unary(self) -> Node:
        if sign := self.next("-", "+"):
            return Call(sign, (("", self.unary()),))
        base = self.atom()
        if self.next("^"):
            return Call("^", (("", base), ("", self.unary())))
        return base

    def atom(self) -> Node:
        if self.next("("):
            inner = self.binary(0)
            self.expect(")")
            return Call("(", (("", inner),))
        if not self.tokens or self.tokens[-1][0] == "operator":
            raise OutOfScope("cannot read R: an expression is missing")
        kind, text = self.tokens.pop()
        if kind == "number":
            return Number(float(text.rstrip("L")))
        if kind == "text":
            return Text(re.sub(r"\\(.)", r"\1", text[1:-1]))
        node: Node = Name(text.strip("`"))
        while True:
            if self.next("::"):
                node = Name(self.tokens.pop()[1])
            elif self.next("$"):
                node = Call("$", (("", node), ("", Name(self.tokens.pop()[1].strip("`")))))
            elif isinstance(node, Name) and self.next("("):
                node = Call(node.name, self.arguments())
            else:
                return node

    def arguments(self) -> tuple[tuple[str, Node], ...]:
        found: list[tuple[str, Node]] = []
        while not self.next(")"):
            name = ""
            if (
                len(self.tokens) > 1
                and self.tokens[-1][0] in ("name", "quoted", "text")
                and self.tokens[-2] == ("operator", "=")
            ):
                name = self.tokens.pop()[1].strip("`\"'")
                self.tokens.pop()
            found.append((name, self.binary(0)))
            if not self.next(","):
                self.expect(")")
                break
        return tuple(found)
