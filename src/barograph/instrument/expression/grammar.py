"""Text of an expression to elementpath's syntax tree, within limits: XPath 1.0 and ODK's functions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from elementpath import ElementPathError, XPath1Parser
from elementpath.tdop import Parser

from barograph.errors import BadInput
from barograph.instrument.expression.functions import ARITIES

LENGTH = 10_000  # characters
NESTING = 64  # parentheses and brackets within one another
REFERENCE = re.compile(r"\$\{\s*([A-Za-z_][\w.-]*)\s*\}")
_PIECES = re.compile(r"""'[^']*'|"[^"]*"|[^'"]+|['"]""")
_MANY = 200  # arguments, where a function takes any number


class _OdkParser(XPath1Parser):
    """XPath 1.0 with the functions of ODK; a path may start at instance() or current()."""

    PATH_STEP_SYMBOLS = XPath1Parser.PATH_STEP_SYMBOLS | {"instance", "current"}


def _build() -> _OdkParser:
    symbols = dict(XPath1Parser.symbol_table)
    _OdkParser.symbol_table = symbols
    for name, (least, most) in ARITIES.items():
        symbols.pop(name, None)
        limit = _MANY if most is None else most
        _OdkParser.function(name, nargs=least if least == limit else (least, limit))
    _OdkParser.build()
    parser = _OdkParser()
    parser.tokenizer = parser.create_tokenizer(parser.symbol_table)
    return parser


@lru_cache(maxsize=1)
def _parser() -> _OdkParser:
    return _build()


@lru_cache(maxsize=4096)
def parse(source: str) -> Any:
    """The syntax tree of an expression; BadInput when it is too long, too deep or not XPath."""
    if len(source) > LENGTH:
        raise BadInput(f"the expression is longer than {LENGTH} characters")
    pieces = _PIECES.findall(source)
    _check_nesting(pieces)
    text = "".join(p if p[0] in "'\"" else _plain(p) for p in pieces)
    try:
        return Parser.parse(_parser(), text)
    except (ElementPathError, RecursionError, ValueError) as error:
        raise BadInput(f"{_shown(source)} cannot be read: {_reason(error)}") from None


def _plain(piece: str) -> str:
    return re.sub(r"\s+", " ", REFERENCE.sub(r"$\1", piece)).replace(
        "jr:choice-name", "choice-name"
    )


def _check_nesting(pieces: list[str]) -> None:
    depth = 0
    for piece in pieces:
        if piece[0] in "'\"":
            continue
        for sign in piece:
            depth += (sign in "([") - (sign in ")]")
            if depth > NESTING:
                raise BadInput(f"the expression is nested more than {NESTING} deep")


def _shown(source: str) -> str:
    return repr(source if len(source) <= 80 else source[:77] + "...")


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    words = re.sub(r"\[err:\w+\]\s*", "", str(error))
    return re.sub(r" at line 1, column (\d+)", r" at character \1", words)


def references(source: str) -> Mapping[str, None]:
    """The names in `${...}`, in order."""
    return dict.fromkeys(REFERENCE.findall(source))
