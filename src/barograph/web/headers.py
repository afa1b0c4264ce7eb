"""Security headers on every answer, also on files."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

POLICY = "; ".join(
    (
        "default-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "img-src 'self' data:",
        "object-src 'none'",
    )
)
# The drawings of an edition carry style attributes, as its pages say themselves.
DRAWN = f"{POLICY}; style-src-attr 'unsafe-inline'"
HEADERS = {
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    # The address, which may hold a link, goes nowhere. "no-referrer" would make browsers send forms
    # with the origin "null", which the check against forged forms refuses.
    "Referrer-Policy": "strict-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
Answer = Callable[[HttpRequest], HttpResponseBase]


def headers(answer: Answer) -> Answer:
    """Middleware that adds the headers; an answer of the interview is never kept in a cache."""

    def answered(request: HttpRequest) -> HttpResponseBase:
        response = answer(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        interview = request.path.startswith("/a/")
        response.headers.setdefault("Content-Security-Policy", POLICY if interview else DRAWN)
        if interview and not request.path.startswith("/a/static/"):
            response.headers["Cache-Control"] = "no-store"
        return response

    return answered
