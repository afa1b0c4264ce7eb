"""The release as a document: the blocks of its text for typesetter and word processor."""

from __future__ import annotations

from typing import Any

from barograph.publish.release import Release
from barograph.publish.report.content import Voice
from barograph.publish.report.prose import blocks, plain


def content(voice: Voice, release: Release) -> dict[str, Any]:
    """What release.typ and `docx` print."""
    found = blocks(release.markdown())
    headings = [block for block in found if block["kind"] == "heading"]
    title = f"{voice.common['title']} – {voice.common['wave']}"
    return {
        **voice.common,
        "headline": plain(headings[0]["runs"]) if headings else title,
        "kicker": f"{voice.words['release']} · {title}",
        "foot": voice.words["release"],
        "blocks": found,
    }
