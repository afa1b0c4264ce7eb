"""The questionnaire to print: the version that this municipality answers, in the language of the visit."""

from __future__ import annotations

from functools import lru_cache

from django.http import HttpResponse
from django.templatetags.static import static

from barograph.collect.access import Visit, visiting
from barograph.collect.questionnaire import questionnaire
from barograph.publish.questionnaire import html, paper, pdf


@visiting
def page(visit: Visit) -> HttpResponse:
    """One page of HTML."""
    printed = paper(visit.questionnaire.instrument, visit.language, visit.wave.title)
    return HttpResponse(html(printed, static("questionnaire.css")))


@visiting
def document(visit: Visit) -> HttpResponse:
    """One PDF."""
    version, lang = visit.questionnaire.instrument.version, visit.language
    named = {"Content-Disposition": f'inline; filename="questionnaire.{lang}.pdf"'}
    return HttpResponse(
        _pdf(version, lang, visit.wave.title[lang]), content_type="application/pdf", headers=named
    )


@lru_cache(maxsize=16)
def _pdf(version: str, lang: str, title: str) -> bytes:
    """Made once per process: it takes a second."""
    return pdf(paper(questionnaire(version).instrument, lang, {lang: title}))
