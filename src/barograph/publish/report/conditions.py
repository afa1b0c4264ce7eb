"""When a question is asked, in words: the XPath of the form read as a sentence about other answers.

Understood are answers compared with a code by = and !=, selected(), not(), and, or. Anything else
is shown as it stands in the form.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from barograph.errors import BadInput
from barograph.instrument import Instrument
from barograph.instrument.expression.grammar import parse

Words = Mapping[str, str]
Term = tuple[str, bool, str]  # question, whether it is (or is not) so answered, code


class Unread(Exception):
    """A condition beyond the grammar of this file."""


def in_words(
    condition: str, instrument: Instrument, lang: str, words: Words, number_of: Mapping[str, int]
) -> str:
    """The condition as a clause; `number_of` gives the number under which a question is printed."""
    try:
        return _clause(parse(condition), instrument, lang, words, number_of)
    except (BadInput, Unread, KeyError):
        return condition


def _clause(
    token: Any, instrument: Instrument, lang: str, words: Words, number_of: Mapping[str, int]
) -> str:
    """Alternatives about one question are taken together: question 3: "a" or "b"."""
    parts: list[str] = []
    if token.symbol == "and":
        for part in _flat(token, "and"):
            clause = _clause(part, instrument, lang, words, number_of)
            parts.append(f"({clause})" if len(list(_flat(part, "or"))) > 1 else clause)
        return f" {words['and']} ".join(parts)
    terms = [_term(t, True) for t in _flat(token, "or")]
    alternatives: dict[Term, list[str]] = {}
    for question, positive, code in terms:
        label = instrument.variable(question).by_code[code].label[lang]
        # "Not a or not b" is not "neither a nor b".
        alternatives.setdefault((question, positive, "" if positive else code), []).append(label)
    for (question, positive, _), labels in alternatives.items():
        quoted = f" {words['or']} ".join(words["quoted"].format(text=label) for label in labels)
        pattern = words["answered" if positive else "not_answered"]
        parts.append(pattern.format(number=number_of[question], answers=quoted))
    return f" {words['or']} ".join(parts)


def _flat(token: Any, symbol: str) -> Iterator[Any]:
    """The operands of a chain of one operator."""
    if token.symbol == "(" and len(token) == 1:
        yield from _flat(token[0], symbol)
    elif token.symbol == symbol:
        for part in token:
            yield from _flat(part, symbol)
    else:
        yield token


def _term(token: Any, positive: bool) -> Term:
    if token.symbol == "(" and len(token) == 1:
        return _term(token[0], positive)
    if token.symbol == "not":
        return _term(token[0], not positive)
    if token.symbol in ("=", "!="):
        positive = positive == (token.symbol == "=")
    elif token.symbol != "selected":
        raise Unread
    variable, code = token[0], token[1]
    if variable.symbol != "$" or code.symbol not in ("(string)", "(integer)"):
        raise Unread
    return str(variable[0].value), positive, str(code.value)
