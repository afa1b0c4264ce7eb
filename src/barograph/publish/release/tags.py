"""What authors write beyond slots: {% claim %} and {% quote %}.

    {% claim "a" %}Sentence.{% orclaim "b" %}Another.{% fallback %}What holds anyway.{% endclaim %}
    {% quote person="...", function="...", consent="2017-02-01" %}Words.{% endquote %}

The first sentence whose claim holds is printed. Without a fallback, a text none of whose claims
hold stops the build.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser

CLAIM, QUOTE = "claim", "quote"
ABOUT_QUOTES = ("person", "function", "consent")


class Tags(Extension):
    """Parses both tags; the environment's `asserting` (a `Release`) decides what they print."""

    tags = {CLAIM, QUOTE}  # noqa: RUF012 - the base class declares it so

    def parse(self, parser: Parser) -> nodes.Node:
        """One tag, from its name to its end."""
        token = next(parser.stream)
        read = self._claim if token.value == CLAIM else self._quote
        return read(parser, token.lineno)

    def _claim(self, parser: Parser, line: int, tried: tuple[str, ...] = ()) -> nodes.If:
        name = parser.stream.expect("string")
        tried = (*tried, str(name.value))
        body = parser.parse_statements(("name:orclaim", "name:fallback", "name:endclaim"))
        following = next(parser.stream).value
        if following == "orclaim":
            otherwise: list[nodes.Node] = [self._claim(parser, line, tried)]
        elif following == "fallback":
            other = parser.parse_statements(("name:endclaim",), drop_needle=True)
            otherwise = [self._block("_instead", [nodes.Const(tried)], other, line)]
        else:
            refuse = self.call_method("_refuse", [nodes.Const(tried)], lineno=line)
            otherwise = [nodes.Output([refuse], lineno=line)]
        span = self._block("_span", [nodes.Const(tried)], body, line)
        holds = self.call_method("_holds", [nodes.Const(name.value)], lineno=line)
        return nodes.If(holds, [span], [], otherwise, lineno=line)

    def _quote(self, parser: Parser, line: int) -> nodes.CallBlock:
        given: dict[str, str] = {}
        while parser.stream.current.type != "block_end":
            parser.stream.skip_if("comma")
            key = parser.stream.expect("name").value
            parser.stream.expect("assign")
            given[key] = parser.stream.expect("string").value
        if missing := [key for key in ABOUT_QUOTES if not given.get(key, "").strip()]:
            parser.fail(f"a quotation needs its {missing[0]}", line)
        if unknown := [key for key in given if key not in ABOUT_QUOTES]:
            parser.fail(f"a quotation has no {unknown[0]}", line)
        if fault := _unconsented(given["consent"]):
            parser.fail(fault, line)
        body = parser.parse_statements(("name:endquote",), drop_needle=True)
        return self._block("_quoted", [nodes.Const(given[k]) for k in ABOUT_QUOTES], body, line)

    def _block(
        self, method: str, arguments: list[nodes.Expr], body: list[nodes.Node], line: int
    ) -> nodes.CallBlock:
        call = self.call_method(method, arguments, lineno=line)
        return nodes.CallBlock(call, [], [], body, lineno=line)

    def _holds(self, name: str) -> bool:
        return bool(self.environment.asserting.holds(name))  # type: ignore[attr-defined]

    def _refuse(self, tried: tuple[str, ...]) -> str:
        return str(self.environment.asserting.refuse(tried))  # type: ignore[attr-defined]

    def _span(self, tried: tuple[str, ...], caller: Callable[[], str]) -> str:
        return str(self.environment.asserting.span(tried, caller()))  # type: ignore[attr-defined]

    def _instead(self, tried: tuple[str, ...], caller: Callable[[], str]) -> str:
        return str(self.environment.asserting.instead(tried, caller()))  # type: ignore[attr-defined]

    def _quoted(self, person: str, function: str, consent: str, caller: Callable[[], str]) -> str:
        quoted = self.environment.asserting.quoted  # type: ignore[attr-defined]
        return str(quoted(person, function, consent, caller()))


def _unconsented(consent: str) -> str:
    """What is wrong with the day of a consent."""
    try:
        day = date.fromisoformat(consent)
    except ValueError:
        return f"consent {consent!r} is no day such as 2017-02-01"
    return f"consent of {consent} is of the future" if day > date.today() else ""


def called(node: nodes.Node) -> tuple[str, tuple[object, ...]]:
    """Name and constant arguments of a call that a tag made; an empty name for anything else."""
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.ExtensionAttribute):
        return node.node.name, tuple(a.value for a in node.args if isinstance(a, nodes.Const))
    return "", ()
