"""A text in Markdown as blocks of runs: what typesetter and word processor need of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, TypedDict

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

Kind = Literal["heading", "paragraph", "bullet", "number", "quote", "table"]


class Run(TypedDict):
    """Characters of one look; `link` is an address or empty."""

    text: str
    bold: bool
    italic: bool
    link: str


class Block(TypedDict):
    """A heading (of `level` 1 and more), a paragraph, an item of a list, a quotation or a table.

    A table has `rows` of cells, its head first; all others have `runs`.
    """

    kind: Kind
    level: int
    runs: list[Run]
    rows: list[list[list[Run]]]


def blocks(markdown: str) -> list[Block]:
    """The blocks of a text in order; raw HTML is text, and no heading skips a level."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    found, level = [], 0
    for block in _blocks(SyntaxTreeNode(parser.parse(markdown)), "paragraph"):
        if block["kind"] == "heading":
            block["level"] = level = min(block["level"], level + 1)
        found.append(block)
    return found


def plain(runs: Sequence[Run]) -> str:
    """The characters alone."""
    return "".join(run["text"] for run in runs)


def _blocks(node: SyntaxTreeNode, kind: Kind) -> Iterator[Block]:
    """`kind` is what a paragraph is here."""
    for child in node.children:
        if child.type == "heading":
            yield _block("heading", int(child.tag[1]), _inline(child))
        elif child.type == "paragraph":
            yield _block(kind, 0, _inline(child))
        elif child.type in ("fence", "code_block"):
            yield _block(kind, 0, [_run(child.content.rstrip("\n"))])
        elif child.type == "table":
            rows = [row for part in child.children for row in part.children]
            block = _block("table", 0, [])
            block["rows"] = [[_inline(cell) for cell in row.children] for row in rows]
            yield block
        else:
            kinds: dict[str, Kind] = {
                "bullet_list": "bullet",
                "ordered_list": "number",
                "blockquote": "quote",
            }
            yield from _blocks(child, kinds.get(child.type, kind))


def _block(kind: Kind, level: int, runs: list[Run]) -> Block:
    return Block(kind=kind, level=level, runs=runs, rows=[])


def _inline(node: SyntaxTreeNode) -> list[Run]:
    return [run for child in node.children for run in _runs(child, _run(""))]


def _runs(node: SyntaxTreeNode, around: Run) -> Iterator[Run]:
    """The runs of a node that stands within `around`."""
    if node.type in ("softbreak", "hardbreak"):
        yield {**around, "text": " "}
    elif node.children:
        within = around.copy()
        within["bold"] |= node.type == "strong"
        within["italic"] |= node.type == "em"
        within["link"] = str(node.attrs.get("href", "")) or around["link"]
        for child in node.children:
            yield from _runs(child, within)
    elif node.content:
        yield {**around, "text": node.content}


def _run(text: str) -> Run:
    return Run(text=text, bold=False, italic=False, link="")
