"""HTML of a label as plain text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from barograph.errors import BadInput
from barograph.instrument.sheets import CELL

_BLOCKS = frozenset(
    "address blockquote br dd div dl dt h1 h2 h3 h4 h5 h6 hr li ol p table td th tr ul".split()
)
_UNSEEN = frozenset("script style template head title noscript iframe object".split())


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.unseen = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if self.unseen:
            return
        if tag in _UNSEEN:
            self.unseen = tag
        elif tag in _BLOCKS:
            self.parts.append("\n• " if tag == "li" else "\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == self.unseen:
            self.unseen = ""
        elif tag in _BLOCKS and not self.unseen:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.parts.append(re.sub(r"\s+", " ", data))


def plain(html: str) -> str:
    """The text that a reader of the HTML sees: no element, no script, a line for each block.

    BadInput when it is longer than a cell of the questionnaire may be.
    """
    if len(html) > CELL:
        raise BadInput(f"a text of over {CELL} characters")
    reader = _Text()
    reader.feed(html)
    reader.close()
    text = "".join(c for c in "".join(reader.parts) if c == "\n" or c.isprintable())
    lines = [re.sub(r" +", " ", line).strip() for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
