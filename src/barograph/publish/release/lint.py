"""What an author may write: words, slots, claims, quotations, blocks; and which words need a claim.

A template is data: no other tag, expression or filter of Jinja2 gets through. No sign or word that
counts stands outside a slot, and a word of the lexicon only under a claim whose test carries it.
Quotations say what they like; they are marked as such.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import nodes

from barograph.errors import UnsupportedText
from barograph.files import read_toml
from barograph.publish.claims import Claim
from barograph.publish.claims.kinds import carried, carriers
from barograph.publish.release.marks import hidden
from barograph.publish.release.tags import called

LEXICON = Path(__file__).with_name("lexicon.toml")
FREE = "free"  # words that assert nothing
# Roman numbers from ii to mmmcmxcix in capitals, but for CC, CV, MC and the like.
ROMAN = re.compile(
    r"\b(?=[IVXL]{2}\b|(?=\w*[IVX])[IVXLCDM]{3,}\b)"
    r"M{0,3}(?:C[MD]|D?C{0,3})(?:X[CL]|L?X{0,3})(?:I[XV]|V?I{0,3})(?!\w)"
)


@dataclass(frozen=True)
class Written:
    """Words of the author with the claims they stand under."""

    words: str
    line: int
    claims: tuple[str, ...]


@dataclass(frozen=True)
class Slot:
    """A slot as written, with its constant arguments: share('relevance', region='flanders').

    Without `called`, it is a fact of the wave: n.invited.
    """

    name: str
    line: int
    called: bool
    positional: tuple[Any, ...] = ()
    named: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        arguments = [repr(a) for a in self.positional]
        arguments += [f"{k}={v!r}" for k, v in sorted(self.named.items())]
        return f"{self.name}({', '.join(arguments)})" if self.called else f"n.{self.name}"


@dataclass(frozen=True)
class Reading:
    """A template read: the author's words outside quotations, slots, and all that it asserts."""

    written: tuple[Written, ...]
    slots: tuple[Slot, ...]
    asserted: frozenset[str]


def read(template: nodes.Template, slots: Collection[str], path: Path) -> Reading:
    """What a template says and prints; UnsupportedText for anything that is no text of ours.

    `slots` names the functions; `n` has the facts.
    """
    written: list[Written] = []
    found: list[Slot] = []
    asserted: set[str] = set()

    def refuse(node: nodes.Node, what: str) -> UnsupportedText:
        todo = "A release knows slots, {% claim %}, {% quote %} and {% block %}"
        return UnsupportedText(what, file=path, row=node.lineno, todo=todo)

    def expression(node: nodes.Node) -> None:
        if called(node)[0] == "_refuse":
            return
        slot = _slot(node, slots)
        if isinstance(slot, str):
            raise refuse(node, slot)
        found.append(slot)
        asserted.add(str(slot))

    def statements(body: Collection[nodes.Node], claims: tuple[str, ...], quoted: bool) -> None:
        for node in body:
            if isinstance(node, nodes.Output):
                for part in node.nodes:
                    if not isinstance(part, nodes.TemplateData):
                        expression(part)
                    elif "![" in part.data:
                        raise refuse(part, "a picture is no part of a release")
                    elif not quoted:
                        written.append(Written(part.data, part.lineno, claims))
            elif isinstance(node, nodes.Block):
                statements(node.body, claims, quoted)
            elif isinstance(node, nodes.If) and called(node.test)[0] == "_holds":
                (name,) = called(node.test)[1]
                asserted.add(f"claim({name!r})")
                statements(node.body, (*claims, str(name)), quoted)
                statements(node.else_, claims, quoted)
            elif isinstance(node, nodes.CallBlock) and called(node.call)[0] in (
                "_span",
                "_instead",
            ):
                statements(node.body, claims, quoted)
            elif isinstance(node, nodes.CallBlock) and called(node.call)[0] == "_quoted":
                asserted.add(f"quote({called(node.call)[1][0]!r})")
                statements(node.body, claims, True)
            else:
                raise refuse(node, f"{type(node).__name__.lower()!r} is no part of a release")

    statements(template.body, (), False)
    return Reading(tuple(written), tuple(found), frozenset(asserted))


def _slot(node: nodes.Node, slots: Collection[str]) -> Slot | str:
    """The slot that an expression is, or why it is none."""
    if isinstance(node, nodes.Name):
        known = {**dict.fromkeys(slots, "needs brackets"), "n": "needs a name: n.invited"}
        return f"{node.name} {known.get(node.name, 'is no slot')}"
    if isinstance(node, nodes.Getattr) and node.node == nodes.Name("n", "load"):
        return Slot(node.attr, node.lineno, called=False)
    if not isinstance(node, nodes.Call) or not isinstance(node.node, nodes.Name):
        return "an expression is no slot"
    constants = tuple(a.value for a in node.args if isinstance(a, nodes.Const))
    named = {k.key: k.value.value for k in node.kwargs if isinstance(k.value, nodes.Const)}
    whole = len(constants) == len(node.args) and len(named) == len(node.kwargs)
    if not whole or node.dyn_args or node.dyn_kwargs:
        return "an expression is no slot"
    if node.node.name not in slots:
        return f"{node.node.name}() is no slot"
    return Slot(node.node.name, node.lineno, True, constants, named)


def check(reading: Reading, lang: str, claims: Mapping[str, Claim], path: Path) -> None:
    """UnsupportedText for a number outside a slot or a word that no claim around it carries."""
    for written in reading.written:
        words = html.unescape(written.words)
        if any(map(hidden, words)):
            raise UnsupportedText("a hidden character", file=path, row=written.line)
        if mixed := next((w for w in re.findall(r"\w+", words) if len(_scripts(w)) > 1), ""):
            raise UnsupportedText(
                f"{mixed!r} mixes {' and '.join(sorted(_scripts(mixed)))} letters",
                file=path,
                row=written.line,
            )
        if number := next(filter(_counts, words.split()), ""):
            raise UnsupportedText(
                f"{number!r} stands outside a slot",
                file=path,
                row=written.line,
                todo="Numbers come through slots",
            )
        under = [claims[name] for name in written.claims if name in claims]
        allowed = {FREE}.union(*map(carried, under))
        for word, categories in asserting(words, lang):
            if not categories & allowed:
                raise _unlicensed(word, categories, written, path)


def _scripts(word: str) -> set[str]:
    """The scripts of its letters, as their names begin: LATIN, CYRILLIC."""
    return {unicodedata.name(c, "").split(" ")[0] for c in word if c.isalpha()}


def _counts(word: str) -> bool:
    numeric = any(unicodedata.numeric(c, None) is not None for c in word)
    return numeric or bool(ROMAN.search(word))


def _unlicensed(
    word: str, categories: frozenset[str], written: Written, path: Path
) -> UnsupportedText:
    kinds = carriers(categories)
    under = f" under claim {', '.join(written.claims)}" if written.claims else " without a claim"
    todo = (
        f"It needs {{% claim %}} of type {' or '.join(kinds)}, or say what does hold"
        if kinds
        else "No test carries this word: give the figure instead"
    )
    return UnsupportedText(
        f"{word!r} asserts ({', '.join(sorted(categories))}){under}",
        file=path,
        row=written.line,
        todo=todo,
    )


def asserting(words: str, lang: str) -> Iterator[tuple[str, frozenset[str]]]:
    """The lexicon's words in a text with their categories; longer ones hide those within them."""
    text = re.sub(r"[*_`]", "", unicodedata.normalize("NFKC", words))
    found: dict[tuple[int, int], set[str]] = {}
    for category, pattern in lexicon(lang).items():
        for match in pattern.finditer(text):
            found.setdefault(match.span(), set()).add(category)
    for (start, end), categories in sorted(found.items()):
        within = any(a <= start and end <= b and (a, b) != (start, end) for a, b in found)
        if not within:
            yield text[start:end], frozenset(categories)


@cache
def lexicon(lang: str) -> dict[str, re.Pattern[str]]:
    """Category -> its words, one pattern; a word ending in * may go on, … is any one word."""
    return {
        category: re.compile(
            # Longer phrases first: they hide the shorter ones.
            rf"(?<!\w)(?:{'|'.join(map(_pattern, sorted(words, key=len, reverse=True)))})(?!\w)",
            re.IGNORECASE,
        )
        for category, words in read_toml(LEXICON)[lang].items()
    }


def _pattern(word: str) -> str:
    parts = (r"\w+" if part == "…" else re.escape(part) for part in word.removesuffix("*").split())
    spaced = r"\s+".join(parts)
    # Dutch writes Eén at the beginning of a sentence.
    spaced = spaced.replace("'", "['’]").replace("één", "[eé]én")
    return spaced + (r"\w*" if word.endswith("*") else "")
