"""Somebody who answers without JavaScript: reads a page, fills in its form, presses a button."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Mapping, MutableMapping
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

KEPT = 5  # seconds after which a connection is not trusted: a server may have ended it
Answer = tuple[int, Mapping[str, str], str]
Send = Callable[[str, str, "bytes | None"], Answer]


class Fields(HTMLParser):
    """What the form of a page would send, as a browser reads it."""

    def __init__(self, page: str, form: str) -> None:
        super().__init__()
        self.form, self.inside = form, False
        self.values: dict[str, list[str]] = {}
        self._select: str | None = None
        self._area: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = self.form in ("", a.get("id", "")) and not self.values
        elif self.inside and tag == "input" and a.get("name"):
            kind = a.get("type", "text")
            if kind not in ("radio", "checkbox", "file", "submit") or "checked" in a:
                self.values.setdefault(a["name"], []).append(a.get("value", ""))
        elif self.inside and tag == "select":
            self._select = a.get("name")
            self.values.setdefault(a["name"], []).append("")
        elif tag == "option" and self._select and "selected" in a:
            self.values[self._select][-1] = a.get("value", "")
        elif self.inside and tag == "textarea":
            self._area = a["name"]
            self.values.setdefault(a["name"], []).append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area:
            self.values[self._area][-1] += data.removeprefix("\n")


class Person:
    """Keeps the page in front of it; `send` carries a request, `cookies` are the browser's."""

    def __init__(self, send: Send, cookies: MutableMapping[str, Any]) -> None:
        self.send, self.cookies = send, cookies
        self.status, self.page, self.path = 0, "", "/"
        self.headers: Mapping[str, str] = {}

    def get(self, path: str) -> Person:
        """Opens a page and follows where it leads."""
        return self._arrive("GET", path, None)

    def post(self, path: str, values: Mapping[str, str | list[str]]) -> Person:
        """Sends values as they are."""
        body = urlencode(dict(values), doseq=True).encode()
        return self._arrive("POST", path, body)

    def press(
        self, answers: Mapping[str, str | list[str]] = {}, *, form: str = "", to: str = ""
    ) -> Person:
        """Fills in the form in front and sends it; without an id the first one."""
        values = {**Fields(self.page, form).values, **answers}
        return self.post(to or self.path, values)

    def _arrive(self, method: str, path: str, body: bytes | None) -> Person:
        for _ in range(5):
            self.path = path
            self.status, self.headers, self.page = self.send(method, path, body)
            if self.status not in (301, 302, 303):
                break
            where = urlsplit(urljoin(path, self.headers["location"]))
            path = where.path + (f"?{where.query}" if where.query else "")
            method, body = "GET", None
        return self


class Wire:
    """Carries requests over one connection to a server on this machine."""

    def __init__(self, port: int, timeout: float = 60) -> None:
        self.port, self.timeout = port, timeout
        self.cookies: dict[str, str] = {}
        self.connection: http.client.HTTPConnection | None = None
        self.used = 0.0

    def connect(self) -> http.client.HTTPConnection:
        """A new connection."""
        return http.client.HTTPConnection("localhost", self.port, timeout=self.timeout)

    def headers(self) -> dict[str, str]:
        """What every request says beside its cookies."""
        return {}

    def __call__(self, method: str, path: str, body: bytes | None) -> Answer:
        cookies = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        headers = {**self.headers(), "Cookie": cookies}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if self.connection is None or time.monotonic() - self.used > KEPT:
            self.connection = self.connect()
        self.used = time.monotonic()
        try:
            self.connection.request(method, path.split("#")[0], body, headers)
            response = self.connection.getresponse()
            text = response.read().decode()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            self.connection = None
            raise
        for line in response.headers.get_all("Set-Cookie") or ():
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return response.status, {k.lower(): v for k, v in response.headers.items()}, text
