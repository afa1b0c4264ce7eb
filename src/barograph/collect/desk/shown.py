"""What the pages of the desk have in common: navigation, language, and the words beside each page."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from barograph.accounts import doors
from barograph.collect import access
from barograph.collect.desk.pages import PAGES
from barograph.collect.desk.warming import warm
from barograph.collect.models import Wave
from barograph.publish import texts

FOLDER = Path(__file__).parent
SHARED = "desk"


@cache
def words(name: str) -> dict[str, dict[str, str]]:
    """Language -> key -> text: desk.toml, and the file of the page where there is one."""
    found = texts.load(FOLDER / f"{SHARED}.toml")
    own = FOLDER / f"{name}.toml"
    if name == SHARED or not own.exists():
        return found
    return {lang: {**found[lang], **more} for lang, more in texts.load(own).items()}


def wave_named(name: str) -> Wave:
    """The wave of an address; 404 when there is none."""
    found = Wave.objects.filter(name=name).first()
    if found is None:
        raise Http404
    return found


def show_desk(
    request: HttpRequest,
    wave: Wave | None,
    template: str,
    context: Mapping[str, Any],
    status: int = 200,
) -> HttpResponse:
    """Page `templates/desk/{template}.html` with words `w` of `{template}.toml`, `lang` and `wave`."""
    lang = access.language(request)
    account = doors.present(request)
    if account is None:
        warm()
    shared = {
        "lang": lang,
        "w": words(template)[lang],
        "languages": settings.LANGUAGE_CODES,
        "wave": wave,
        "account": account,
        "here": request.path,
        "pages": [
            (f"/a/desk/{wave.name}/{page.path}", page.word)
            for page in PAGES
            if wave is not None and account is not None and account.may(page.permission)
        ],
    }
    response = render(request, f"desk/{template}.html", {**shared, **context}, status=status)
    if request.method == "GET" and request.GET.get(access.LANGUAGE):
        access.remember_language(response, lang)
    return response


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Signed in, but the role does not open this page."""
    return show_desk(request, None, "forbidden", {}, 403)
