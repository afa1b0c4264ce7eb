"""Marks in a text: elements around numbers and claims in HTML, nothing in Markdown.

A mark opens with OPEN, its number in private digits and MIDDLE, and ends with CLOSE, all of
Unicode's private use. No author, label or name may hold such characters, so none can forge a mark.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markupsafe import Markup, escape

OPEN, MIDDLE, CLOSE = "\ue000", "\ue001", "\ue002"
DIGITS = {ord(str(k)): chr(0xE010 + k) for k in range(10)}
PLACES = {chr(0xE010 + k): str(k) for k in range(10)}
OPENING = re.compile(f"{OPEN}([\ue010-\ue019]+){MIDDLE}")
ANY = re.compile(f"{OPENING.pattern}|({CLOSE})")
MARKUP = re.compile(r"([\\`*_\[\]<>#&|~])")


@dataclass(frozen=True)
class Mark:
    """An element of HTML: `tail` is markup of ours that stands at its end.

    `tried` names the claims that led to what it holds: all but the last failed.
    """

    tag: str
    attributes: Mapping[str, str]
    tail: str = ""
    tried: tuple[str, ...] = ()


@dataclass(frozen=True)
class Marks:
    """The marks of one text, by number."""

    known: list[Mark] = field(default_factory=list)

    def around(self, mark: Mark, text: str) -> str:
        """The text between the signs of a mark."""
        self.known.append(mark)
        return f"{OPEN}{str(len(self.known) - 1).translate(DIGITS)}{MIDDLE}{text}{CLOSE}"

    def html(self, markdown: str, inline: bool = False) -> Markup:
        """Marked Markdown as HTML; raw HTML in it is shown, not obeyed. Ids stand once."""
        parser = MarkdownIt("commonmark", {"html": False})
        rendered = parser.renderInline(markdown) if inline else parser.render(markdown)
        tails: list[tuple[str, str]] = []
        ids: set[str] = set()

        def element(found: re.Match[str]) -> str:
            if found[2]:
                tag, tail = tails.pop()
                return f"{tail}</{tag}>"
            mark = self.known[_number(found[1])]
            tails.append((mark.tag, mark.tail))
            kept = {k: v for k, v in mark.attributes.items() if k != "id" or v not in ids}
            ids.update(v for k, v in kept.items() if k == "id")
            attributes = "".join(f' {k}="{escape(v)}"' for k, v in kept.items())
            return f"<{mark.tag}{attributes}>"

        return Markup(ANY.sub(element, rendered))

    def pieces(self, markdown: str) -> Iterator[tuple[str, Sequence[Mark]]]:
        """The text cut at its marks, each piece with the marks around it, outermost first."""
        around: list[Mark] = []
        at = 0
        for found in ANY.finditer(markdown):
            yield markdown[at : found.start()], tuple(around)
            at = found.end()
            if found[2]:
                around.pop()
            else:
                around.append(self.known[_number(found[1])])
        yield markdown[at:], tuple(around)


def plain(markdown: str) -> str:
    """The text without its marks."""
    return ANY.sub("", markdown)


def literal(text: str) -> str:
    """A label or name as Markdown that shows just this."""
    return MARKUP.sub(r"\\\1", "".join(c for c in text if not hidden(c)))


def hidden(character: str) -> bool:
    """Whether a character is private, or formats without being seen."""
    return unicodedata.category(character) in ("Co", "Cf", "Cn", "Cs")


def _number(digits: str) -> int:
    return int("".join(PLACES[d] for d in digits))
