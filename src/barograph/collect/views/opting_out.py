"""No more messages: one page, one button. A mail program presses it without ever seeing the page."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from barograph.accounts import limits
from barograph.collect import access, opt_out
from barograph.collect.views.shown import show_outside
from barograph.publish import texts


@cache
def _words() -> dict[str, dict[str, str]]:
    return texts.load(Path(__file__).with_suffix(".toml"))


# The one form without a token against forged forms: RFC 8058 has the mail program post it. What the
# token would prove, the seal of the address proves.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, signed: str) -> HttpResponse:
    """GET says what the button does; POST does it."""
    found = opt_out.find(signed)
    if found is None:
        return show_outside(request, "unknown", {}, 429 if limits.wrong_link(request) else 404)
    contact, email = found
    if request.method == "POST":
        opt_out.opt_out(email)
    lang = access.language(request, contact.languages.split()[0])
    context = {"lang": lang, "o": _words()[lang], "out": opt_out.said([email])}
    return show_outside(request, "opt_out", context)
