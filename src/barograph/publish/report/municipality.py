"""Two pages for a municipality: what it is, whom it resembles, the figures of its kind, the findings.

They say what its page on the site says: nothing that a municipality itself answered, nor whether it
did.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from barograph.publish.release import Release
from barograph.publish.report.content import Voice
from barograph.publish.site import places
from barograph.publish.site.drawn import base_text
from barograph.publish.site.register import Register


def contents(
    voice: Voice, release: Release, register: Register
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Code of each unit with what municipality.typ prints of it."""
    shared = _shared(voice, release)
    pictures: dict[int, list[dict[str, str]]] = {}
    for page in places.pages(voice.drawn, register, None):
        if page.template != "municipality":
            continue
        place = page.context
        # Municipalities of one kind share the list of their figures.
        kind = id(place["figures"])
        if kind not in pictures:
            pictures[kind] = [_figure(voice, figure) for figure in place["figures"]]
        yield (
            place["code"],
            {
                **shared,
                "name": place["plain"],
                "others": ", ".join(other.striptags() for other in place["others"]),
                "facts": [[term, text] for term, text, _ in place["facts"]],
                "successor": " ".join(text.striptags() for text in place["history"]),
                "peers": [peer["name"].striptags() for peer in place["peers"]],
                "figures": pictures[kind],
            },
        )


def _shared(voice: Voice, release: Release) -> dict[str, Any]:
    t, words, common = voice.language.t, voice.words, voice.common
    method = voice.language.method()
    sentences = list(release.findings().values())
    return {
        **common,
        "kicker": f"{words['municipality_report']} · {common['running']}",
        "foot": words["municipality_report"],
        "profile": t["structure"],
        "peers-note": t["peers_note"],
        "kind": t["kind"],
        "own": t["own_answers"],
        "findings": {"title": words["findings"], "sentences": sentences},
        "reading": {"title": t["how_to_read_title"], "text": t["how_to_read"]},
        "imprint": [
            [t["method_answers"], t["method_answers_text"].format(**method)],
            *voice.imprint(words["municipality_report"], release),
        ],
    }


def _figure(voice: Voice, figure: dict[str, Any]) -> dict[str, str]:
    base = base_text(voice.language, [e for _, _, e in figure["rows"]])
    return {"title": figure["title"], **voice.picture(figure["chart"], figure["rows"], base)}
