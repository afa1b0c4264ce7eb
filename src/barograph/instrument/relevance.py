"""Whether a question was asked, given the other answers (XPath as ODK writes it)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree

from elementpath import ElementPathError, XPath2Parser, XPathContext

from barograph.errors import BadInput

REFERENCE = re.compile(r"\$\{([A-Za-z_][\w.-]*)\}")
_ROOT = ElementTree.Element("answers")


@lru_cache(maxsize=1)
def _parser() -> XPath2Parser:
    parser = XPath2Parser(compatibility_mode=True)
    functions: dict[str, Callable[..., Any]] = {
        "selected": lambda answer, code: code in str(answer).split(),
        "count-selected": lambda answer: len(str(answer).split()),
    }
    for name, function in functions.items():
        parser.external_function(function, name=name)
    return parser


@lru_cache(maxsize=1024)
def _parse(expression: str) -> Any:
    try:
        return _parser().parse(REFERENCE.sub(r"$\1", expression))
    except ElementPathError as error:
        raise BadInput(f"the condition {expression!r} cannot be read: {error}") from None


def asked(conditions: Sequence[str], answers: Mapping[str, str]) -> bool:
    """True when every condition holds on the answers; an unanswered reference is empty text."""
    return all(_holds(condition, answers) for condition in conditions)


def _holds(condition: str, answers: Mapping[str, str]) -> bool:
    known = {name: answers.get(name, "") for name in REFERENCE.findall(condition)}
    try:
        return bool(_parse(condition).evaluate(XPathContext(_ROOT, variables=dict(known))))
    except ElementPathError:
        return False  # a number compared with an empty or textual answer: not a number, so false
