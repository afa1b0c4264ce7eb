"""A page that breaks: what was typed stays, the number leads to the log, and neither tells more."""

from __future__ import annotations

import json
import logging
import re
import sqlite3
from html import unescape

import pytest
from django.db import OperationalError
from django.test import Client
from persons import Fields

from barograph.accounts import signin
from barograph.collect.models import Response
from barograph.collect.views import interview
from barograph.web.failing import words
from barograph.web.logs import Line

CANARY = "canary@first.example"
SECTION = "section/sec_strategy/"


@pytest.fixture
def lines():
    """What the log says, line by line."""
    said: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record):
            said.append(Line().format(record))

    handler = Kept()
    requests = logging.getLogger("barograph.request")
    level = requests.level
    requests.setLevel(logging.INFO)  # not by assignment: what a logger lets through is remembered
    logging.getLogger().addHandler(handler)
    yield said
    logging.getLogger().removeHandler(handler)
    requests.setLevel(level)


def _full(*_):
    cause = sqlite3.OperationalError(f"database or disk is full, {CANARY}")
    cause.sqlite_errorcode = 13
    raise OperationalError(str(cause)) from cause


def _broken(*_):
    raise ZeroDivisionError(CANARY)


@pytest.mark.parametrize(("fault", "status"), [(_full, 507), (_broken, 500)])
@pytest.mark.parametrize("lang", ["nl", "fr", "de", "en"])
def test_what_could_not_be_saved_stays(
    fault, status, lang, coordinator, person, monkeypatch, lines
):
    someone = person(coordinator)
    home = someone.path
    someone.get(f"{home}{SECTION}?lang={lang}")
    client = someone.send.__closure__[0].cell_contents
    client.raise_request_exception = False
    with monkeypatch.context() as broken:
        broken.setattr(interview, "save", fault)
        typed = {"s_manager": "yes", "r_comment": f"<b>{CANARY}", "go": "overview"}
        someone.press(typed, form="interview")
    assert someone.status == status
    kept = Fields(someone.page, "").values
    assert kept["r_comment"] == [f"<b>{CANARY}"]
    assert "<b>" not in someone.page
    assert "ZeroDivision" not in someone.page
    assert f'lang="{lang}"' in someone.page
    number = re.search(r"[0-9a-f]{16}", someone.page.partition("</form>")[2])[0]
    told = [json.loads(line) for line in lines]
    errors = [line for line in told if line.get("request") == number and "error" in line]
    assert errors[0]["error"] in ("OperationalError", "ZeroDivisionError")
    assert errors[0]["at"][-1].startswith("test_failing.py")
    someone.press()
    assert Response.objects.get(unit=coordinator.unit).answers.get(key="s_manager").value == "yes"
    assert CANARY not in "".join(lines)
    assert "first.example" not in "".join(lines)


def test_a_page_that_cannot_be_shown(coordinator, person, monkeypatch):
    someone = person(coordinator)
    home = someone.path
    client = someone.send.__closure__[0].cell_contents
    client.raise_request_exception = False
    monkeypatch.setattr(interview, "progress", _broken)
    someone.get(home)
    assert someone.status == 500
    assert CANARY not in someone.page
    assert 'method="get"' in someone.page


@pytest.mark.parametrize("lang", ["nl", "fr", "de", "en"])
@pytest.mark.parametrize(
    "typed", [{"r_comment": "x" * 3_000_000}, {f"x{n}": "1" for n in range(20_001)}]
)
def test_more_than_is_read_is_told_in_the_language_of_the_page(typed, lang, coordinator, person):
    someone = person(coordinator)
    someone.get(f"{someone.path}section/sec_background/?lang={lang}")
    someone.press(typed, form="interview")
    assert someone.status == 413
    assert f'lang="{lang}"' in someone.page
    assert words()[lang]["text_large"] in unescape(someone.page)


def test_a_password_is_not_kept(person, db, monkeypatch, lines):
    someone = person()
    someone.get("/a/staff/")
    client = someone.send.__closure__[0].cell_contents
    client.raise_request_exception = False
    monkeypatch.setattr(signin, "check", _broken)
    someone.press({"email": CANARY, "password": "canary-of-staff", "code": "123456"})
    assert someone.status == 500
    assert "canary" not in someone.page + "".join(lines)


def test_lines_tell_the_pattern_of_a_path_and_nothing_in_it(coordinator, person, lines, client):
    from barograph.collect import invitations

    token = invitations.token(coordinator)
    someone = person(coordinator)
    someone.get(f"/a/?x={CANARY}")
    someone.get(f"/nowhere/{token}/")
    told = [json.loads(line) for line in lines if "barograph.request" in line]
    assert [line["path"] for line in told] == [
        "/a/i/<slug:token>/", "/a/i/<slug:token>/", "/a/<slug:public_id>/", "/a/", "(unknown)",
    ]  # fmt: skip
    assert [line["status"] for line in told] == [200, 302, 200, 200, 404]
    assert all(line["ms"] >= 0 and line["method"] in ("GET", "POST") for line in told)
    public_id = coordinator.unit.response.public_id
    for secret in (token, CANARY, public_id, coordinator.email):
        assert secret not in "".join(lines)


def test_nul_is_refused(staff):
    someone = staff("researcher")
    for path in ("%00/", "2017/units/%00/", "2017/entry/?q=%00", "2017/messages/?state=x&kind=%00"):
        assert someone.get(f"/a/desk/{path}").status == 400, path
    post = Client(headers={"host": "localhost"}).post
    assert post("/a/staff/", {"email": "a\0b@c.example", "password": "x"}).status_code == 400


@pytest.mark.parametrize(
    ("name", "message", "given", "wanted"),
    [
        ("barograph.x", "sent to %s", ("a@b.example",), "sent to (address)"),
        ("barograph.x", "line\r\n{\"level\": \"forged\"} \u2028 x", (), None),
        ("django.request", "%s: %s", ("Not Found", "/a/i/AAAAAAAAAAAAAAAAAAAAAA/"), "an answer of 500 or more"),
        ("django.security.DisallowedHost", "Invalid HTTP_HOST header: 'evil.example'.", (), "refused as DisallowedHost"),
        ("some.library", "Key (email)=(a@b.example) exists", (), "Key (address) exists"),
        ("some.library", "opened /a/i/AAAAAAAAAAAAAAAAAAAAAA/", (), "opened /a/i/(token)/"),
    ],
)  # fmt: skip
def test_one_line_without_names(name, message, given, wanted):
    record = logging.LogRecord(name, logging.WARNING, "x.py", 1, message, given, None)
    line = Line().format(record)
    assert len(line.splitlines()) == 1
    assert line.isascii()
    assert wanted is None or json.loads(line)["message"] == wanted
