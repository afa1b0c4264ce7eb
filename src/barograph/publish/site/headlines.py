"""What a figure found, as its title: the sentence of a claim that stands well alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import NamedTuple

from markupsafe import Markup

from barograph.publish.release import Release

TYPES = frozenset(
    {"majority", "minority", "about", "more", "nodiff", "order", "top", "lowest"}
    | {"rise", "fall", "count", "none"}
)
LONGEST = 160  # characters: more is no title
TAG = re.compile(r"<[^>]*>")


class Headline(NamedTuple):
    """A sentence as plain text, and as HTML with the source of its numbers.

    `claim` is the one that carries it, "" where the sentence stands for a claim that does not hold.
    """

    text: str
    html: Markup
    claim: str


def headlines(release: Release) -> dict[str, Headline]:
    """The first headline of each indicator, in the order of claims.toml.

    A sentence stands alone where the text opens a block or a heading with it; elsewhere it may lean
    on the one before.
    """
    openings = list(_openings(release))
    found: dict[str, Headline] = {}
    for name, verdict in release.verdicts.items():
        indicator, sentence = verdict.claim.indicator, release.sentence(name)
        if verdict.claim.type not in TYPES or not sentence or len(sentence) > LONGEST:
            continue
        if indicator not in found and any(o.startswith(sentence) for o in openings):
            found[indicator] = _headline(release, name)
    return found


def _openings(release: Release) -> Iterator[str]:
    yield from release.findings().values()
    for line in release.markdown().splitlines():
        if line.startswith("#"):
            yield line.lstrip("#").strip()


def _headline(release: Release, claim: str) -> Headline:
    html = release.marks.html(release.printed[claim].removesuffix("."), inline=True)
    carried = claim if release.verdicts[claim].holds else ""
    return Headline(unescape(TAG.sub("", html)), html, carried)
