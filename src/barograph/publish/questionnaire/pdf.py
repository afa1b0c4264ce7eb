"""The questionnaire as an accessible PDF, the same bytes for the same questionnaire."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path

from barograph.publish.questionnaire.paper import Paper
from barograph.publish.typeset import Typesetter

TEMPLATE = Path(__file__).with_name("questionnaire.typ")
UNDATED = date(2000, 1, 1)  # the questionnaire has a version, no day


def pdfs(papers: Iterable[Paper]) -> Iterator[bytes]:
    """The documents, the first of which warms the typesetter for the next.

    BadInput for a letter that the fonts do not have.
    """
    typesetter = Typesetter(TEMPLATE)
    for paper in papers:
        yield typesetter.pdf(asdict(paper), UNDATED)


def pdf(paper: Paper) -> bytes:
    """One document, as by `pdfs`."""
    return next(pdfs([paper]))
