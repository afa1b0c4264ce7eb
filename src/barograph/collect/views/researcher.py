"""For the researcher: the questionnaire to try out, and the practice mailbox.

Nothing is written: the answers typed in a preview travel with its page.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe
from markupsafe import Markup

from barograph.accounts.doors import staff_page
from barograph.accounts.roles import Permission
from barograph.collect import access, forms, mail
from barograph.collect.models import Message
from barograph.collect.progress import asks
from barograph.collect.questionnaire import Questionnaire
from barograph.collect.views.shown import show_outside
from barograph.errors import BarographError
from barograph.instrument import Finding, Group, Logic, Question, examine

# Fields of the page; no question is called so.
CARRIED, SECTION, JUMP, EVERYTHING = (
    f"preview:{name}" for name in ("answers", "section", "jump", "everything")
)
Previewed = tuple[Questionnaire, tuple[Finding, ...], Mapping[str, str]]
MOST = 200_000  # characters of the answers carried
View = Callable[..., HttpResponseBase]


def here_or(permission: Permission) -> Callable[[View], View]:
    """Shown to everybody by a server for this machine only, elsewhere to staff who may."""

    def made(view: View) -> View:
        guarded = staff_page(permission)(view)

        @wraps(view)
        def page(request: HttpRequest, *args: Any, **kw: Any) -> HttpResponseBase:
            return (view if settings.LOCAL else guarded)(request, *args, **kw)

        return page

    return made


@here_or("desk")
def preview(request: HttpRequest, name: str = "") -> HttpResponse:
    """A section of the questionnaire as it is on disk now, with a list of all questions to jump to."""
    try:
        form, findings, title = _compiled()
    except BarographError as error:
        return show_outside(request, "preview_fault", {"fault": str(error)}, 409)
    sections = {n: s for n, s in form.sections.items() if asks(s)}
    name = request.POST.get(JUMP, name) or next(iter(sections))
    before = request.POST.get(SECTION, name)
    if name not in sections or before not in sections:
        raise Http404
    answers = _carried(request)
    lang = access.language(request)
    lang = lang if lang in form.instrument.languages else form.instrument.languages[0]
    if request.method == "POST":
        answers |= forms.parse(
            form.instrument, sections[before], cast(Any, request.POST), {}, answers
        )
        go = request.POST.get("go", "")
        if go.startswith("lang-") and go[5:] in form.instrument.languages:
            lang = go[5:]
        names = list(sections)
        step = {"next": 1, "back": -1}.get(go, 0) if JUMP not in request.POST else 0
        name = names[max(0, min(names.index(name) + step, len(names) - 1))]
    go = request.POST.get("go", "")
    everything = {"all": "1", "asked": ""}.get(go, request.POST.get(EVERYTHING, ""))
    state = form.logic.evaluate(answers)
    context = forms.page(
        form.instrument,
        sections[name],
        state,
        answers,
        lang,
        show_faults=request.method == "POST",
        notes=forms.notes(form.instrument, findings),
        everything=bool(everything),
    )
    carried = json.dumps(answers, ensure_ascii=False)
    response = show_outside(
        request,
        "preview",
        {
            **context,
            "title": title.get(lang, ""),
            "languages": form.instrument.languages,
            "preview": True,
            "all_saved": False,
            "sections": [],
            "number": list(sections).index(name) + 1,
            "hidden": [(SECTION, name), (CARRIED, carried), (EVERYTHING, everything)],
            "everything": everything,
            "findings": findings,
            "jumps": [
                {
                    "name": n,
                    "label": s.label.get(lang, n),
                    "current": n == name,
                    "questions": [
                        (q.name, q.label.get(lang, q.name), state.relevant.get(q.name, False))
                        for q in _questions(s)
                    ],
                }
                for n, s in sections.items()
            ],
        },
    )
    access.remember_language(response, lang)
    return response


def _compiled() -> Previewed:
    """With what the linter says of it and the barometer's title; anew when a file has changed."""
    assert settings.BAROMETER is not None  # there is no address of this page without
    files = sorted((settings.BAROMETER / "questionnaire").iterdir())
    stamps = tuple((path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in files)
    return _read(settings.BAROMETER, stamps)


@lru_cache(maxsize=1)
def _read(folder: Path, stamps: tuple[tuple[str, int, int], ...]) -> Previewed:
    from barograph.barometer import Barometer  # its libraries load for the researcher only

    barometer = Barometer.open(folder)
    instrument, findings = examine(folder / "questionnaire", barometer.languages)
    for finding in findings:
        if instrument is None and finding.level == "error":
            raise finding.problem
    assert instrument is not None  # an error stops it
    return Questionnaire(instrument, Logic(instrument)), findings, barometer.title


def _questions(group: Group) -> list[Question]:
    found: list[Question] = []
    for child in group.children:
        if isinstance(child, Group):
            found += _questions(child)
        elif child.type not in ("calculate", "hidden"):
            found.append(child)
    return found


def _carried(request: HttpRequest) -> dict[str, str]:
    """The answers that the page brought along; nothing when it brought nonsense."""
    text = request.POST.get(CARRIED, "")
    try:
        found = json.loads(text) if 0 < len(text) <= MOST else {}
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(k): v for k, v in found.items() if isinstance(v, str)}


@here_or("mail")
@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """The messages of practice waves, as they would be sent."""
    messages = (
        Message.objects.filter(invitation__unit__wave__practice=True)
        .select_related("invitation__contact", "code")
        .order_by("-pk")[:50]
    )
    listed = [(message, _linked(mail.written(message))) for message in messages]
    return show_outside(request, "mailbox", {"listed": listed, "practice": True})


def _linked(text: str) -> Markup:
    """Text with its line breaks, its links to this server to be clicked."""
    lines = [
        Markup('<a href="{0}">{0}</a>').format(line) if line.startswith(settings.ADDRESS) else line
        for line in text.splitlines()
    ]
    return Markup("<br>").join(lines)
