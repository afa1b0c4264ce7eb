"""The sign NUL in a request: nobody types it, and PostgreSQL keeps no text that holds it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase

Answer = Callable[[HttpRequest], HttpResponseBase]


class NoNul:
    """Middleware that refuses it (400) in path, query and form; out of answers `saving` takes it."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer, when `process_view` has let the request through."""
        return self.answer(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: Mapping[str, Any]
    ) -> None:
        """Once the address is resolved: the pages of a section take answers."""
        said = [request.path, *_words(request.GET)]
        if not {"public_id", "name"} <= kwargs.keys():
            said += _words(request.POST)
        if any("\0" in word for word in said):
            raise BadRequest


def _words(form: QueryDict) -> Iterator[str]:
    for name, values in form.lists():
        yield name
        yield from map(str, values)
