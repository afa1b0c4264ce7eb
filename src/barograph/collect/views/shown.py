"""What all pages have in common: language, title, banner, and the words of pages.toml."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from barograph.accounts import doors
from barograph.collect.access import Visit, language
from barograph.instrument import State, wording
from barograph.publish import texts

PAGES = Path(__file__).with_name("pages.toml")
NAME = "Barograph"


@cache
def words() -> dict[str, dict[str, str]]:
    """Language -> key -> text of pages.toml."""
    return texts.load(PAGES)


def show(
    visit: Visit, template: str, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """A page of a visit."""
    shared = {
        "lang": visit.language,
        "w": words()[visit.language],
        "title": visit.wave.title[visit.language],
        "languages": [code for code in settings.LANGUAGE_CODES if code in visit.wave.title],
        "municipality": visit.unit.name,
        "practice": visit.wave.practice,
        "timeout_minutes": (doors.IDLE if visit.entered_by else settings.SESSION_COOKIE_AGE) // 60,
        "visit": visit,
    }
    return render(visit.request, f"collect/{template}.html", {**shared, **context}, status=status)


def show_outside(
    request: HttpRequest, template: str, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """A page of nobody in particular, in the language the browser asks for."""
    lang = context.get("lang") or language(request)
    shared = {"lang": lang, "w": words()[lang], "title": NAME, "languages": settings.LANGUAGE_CODES}
    return render(request, f"collect/{template}.html", {**shared, **context}, status=status)


def label_of(visit: Visit, state: State, key: str) -> str:
    """The question that an answer is to."""
    question = visit.questionnaire.instrument.questions[key.split("[")[0]]
    return state.text(question.label, visit.language, key)


def in_words(visit: Visit, key: str, value: str) -> str:
    """An answer as read, not as coded."""
    question = visit.questionnaire.instrument.questions.get(key.split("[")[0])
    said = wording.in_words(question, value, visit.language) if question else value
    said = said.replace("\n", ", ") if question and question.choices else said
    return said or words()[visit.language]["no_answer"]
