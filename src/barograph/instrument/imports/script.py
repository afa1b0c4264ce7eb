"""A documented subset of LimeSurvey's ExpressionScript as XPath.

What is read: the code of an earlier question (also as code.NAOK or SGQA), numbers, quoted texts,
comparisons in signs or letters, and, or, not, parentheses, is_empty(). All else is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from barograph.errors import BadInput
from barograph.instrument.source import shown

LENGTH, NESTING = 5_000, 40
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>'[^'\\]*'|"[^"\\]*")|(?P<name>\d+X\d+X\d+\w*(?:\.\w+)?|[A-Za-z]\w*(?:\.\w+)?)"""
    r"""|(?P<number>\d+(?:\.\d+)?)|(?P<sign>&&|\|\||==|!=|<>|<=|>=|[<>!()=]))""",
    re.ASCII,
)
_COMPARED = {
    "==": "=", "=": "=", "eq": "=", "!=": "!=", "<>": "!=", "ne": "!=", "<": "<", "lt": "<",
    ">": ">", "gt": ">", "<=": "<=", "le": "<=", ">=": ">=", "ge": ">=",
}  # fmt: skip
_MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
_TAILORED = re.compile(r"\{(?!\s)([^{}]*)(?<!\s)\}")
_REFERENCE = re.compile(r"\$\{\w+\}", re.ASCII)


@dataclass(frozen=True)
class Answer:
    """What a name of LimeSurvey stands for here: an XPath, and the kind of its value.

    `truth`: the XPath says whether an option is chosen, which LimeSurvey writes as Y or nothing.
    """

    xpath: str
    coded: bool = False
    truth: bool = False


@dataclass(frozen=True)
class _Literal:
    text: str
    is_number: bool


Names = Mapping[str, Answer]
Read = str | Answer | _Literal


def condition(source: str, names: Names) -> str:
    """A condition as XPath, "" for one that always holds; BadInput when it is outside the subset."""
    if source.strip() in ("", "1"):
        return ""
    return _Parser(source, names).all(nothing=False)


def value(source: str, names: Names) -> str:
    """An equation as XPath: a condition, the answer of one question, a number or a text."""
    return _Parser(source.strip(), names).all(nothing=True)


def tailored(text: str, names: Names) -> str:
    """A plain text in which {code} becomes ${code}; BadInput for any other expression in braces."""

    def quote(found: re.Match[str]) -> str:
        name = found[1].removeprefix("INSERTANS:")
        answer = names.get(_bare(name, (".NAOK", ".shown")))
        if answer is None or not _REFERENCE.fullmatch(answer.xpath):
            raise BadInput(f"the text holds '{shown(found[0])}'")
        return f"\0{answer.xpath[2:-1]}\1"

    # A reference of XLSForm that the author did not write must not come to be.
    literal = _TAILORED.sub(quote, text).replace("${", "$ {")
    return literal.replace("\0", "${").replace("\1", "}")


def _bare(name: str, endings: tuple[str, ...]) -> str:
    for ending in endings:
        name = name.removesuffix(ending)
    return name


def quoted(text: str) -> str:
    """A text as XPath; BadInput when it holds both quotation marks."""
    if "'" not in text:
        return f"'{text}'"
    if '"' in text:
        raise BadInput("a text holds both quotation marks")
    return f'"{text}"'


class _Parser:
    """Reads by precedence: or, and, not, comparison."""

    def __init__(self, source: str, names: Names) -> None:
        if len(source) > LENGTH:
            raise BadInput(f"the expression is longer than {LENGTH} characters")
        self.names, self.depth = names, 0
        self.tokens: list[tuple[str, str]] = []
        at, end = 0, len(source.rstrip())
        while at < end:
            found = _TOKEN.match(source, at)
            if not found:
                raise BadInput(f"the expression holds '{shown(source[at:].strip()[:1])}'")
            self.tokens.append((str(found.lastgroup), found[str(found.lastgroup)]))
            at = found.end()
        self.at = 0

    def all(self, nothing: bool) -> str:
        """The whole expression; with `nothing` it need not be a condition."""
        read = self.either()
        if self.at < len(self.tokens):
            raise BadInput(f"the expression cannot be read at '{shown(self.peek())}'")
        if nothing and isinstance(read, Answer):
            return read.xpath
        if nothing and isinstance(read, _Literal):
            return read.text if read.is_number else quoted(read.text)
        return self.truth(read)

    def peek(self) -> str:
        """The next word in small letters, or sign; "" at the end and for a quoted text."""
        if self.at >= len(self.tokens):
            return ""
        kind, text = self.tokens[self.at]
        return "" if kind == "text" else text.lower() if kind == "name" else text

    def take(self, *words: str) -> str:
        word = self.peek()
        if word and word in words:
            self.at += 1
            return word
        return ""

    def either(self) -> Read:
        return self.joined("or", ("or", "||"), self.both)

    def both(self) -> Read:
        return self.joined("and", ("and", "&&"), self.single)

    def joined(self, word: str, signs: tuple[str, ...], part: Callable[[], Read]) -> Read:
        first = part()
        parts = [first]
        while self.take(*signs):
            parts.append(part())
        if len(parts) == 1:
            return first
        return "(" + f" {word} ".join(map(self.truth, parts)) + ")"

    def single(self) -> Read:
        self.depth += 1
        if self.depth > NESTING:
            raise BadInput(f"the expression is nested more than {NESTING} deep")
        if self.take("!", "not"):
            read: Read = f"not({self.truth(self.single())})"
        else:
            read = self.operand()
            if sign := self.take(*_COMPARED):
                read = _compared(read, _COMPARED[sign], self.operand())
        self.depth -= 1
        return read

    def operand(self) -> Read:
        if self.take("("):
            inner = self.either()
            self.close()
            return inner
        if self.take("is_empty"):
            if not self.take("("):
                raise BadInput("is_empty has no parenthesis")
            answer = self.operand()
            self.close()
            return _compared(answer, "=", _Literal("", False))
        if self.at >= len(self.tokens):
            raise BadInput("the expression ends too soon")
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind in ("text", "number"):
            return _Literal(text if kind == "number" else text[1:-1], kind == "number")
        name = _bare(text, (".NAOK", ".code"))
        if kind == "name" and name in self.names:
            return self.names[name]
        if kind == "name" and self.peek() == "(":
            raise BadInput(f"the expression calls {shown(text)}()")
        raise BadInput(f"'{shown(text)}' is no answer of an earlier question that is imported")

    def close(self) -> None:
        if not self.take(")"):
            raise BadInput("a parenthesis is not closed")

    def truth(self, read: Read) -> str:
        """A condition; a number and the choice of an option are conditions too."""
        if isinstance(read, str):
            return read
        if isinstance(read, Answer) and read.truth:
            return read.xpath
        if isinstance(read, _Literal) and read.text in ("0", "1") and read.is_number:
            return "true()" if read.text == "1" else "false()"
        raise BadInput("the expression takes an answer for a condition without comparing it")


def _compared(left: Read, sign: str, right: Read) -> str:
    if isinstance(left, _Literal) and isinstance(right, Answer):
        left, right, sign = right, left, _MIRRORED.get(sign, sign)
    if not isinstance(left, Answer):
        raise BadInput("the expression compares something else than an answer")
    if isinstance(right, Answer):
        if left.truth or right.truth:
            raise BadInput("the expression compares options with each other")
        return f"{left.xpath} {sign} {right.xpath}"
    if not isinstance(right, _Literal):
        raise BadInput("the expression compares an answer with a condition")
    if left.truth:
        return _option(left, sign, right.text)
    if left.coded and sign in ("=", "!="):
        return f"{left.xpath} {sign} {quoted('other' if right.text == '-oth-' else right.text)}"
    return f"{left.xpath} {sign} {right.text if right.is_number else quoted(right.text)}"


def _option(answer: Answer, sign: str, text: str) -> str:
    if sign not in ("=", "!=") or text not in ("Y", ""):
        raise BadInput("an option is compared with something else than Y or nothing")
    return answer.xpath if (sign == "=") == (text == "Y") else f"not({answer.xpath})"
