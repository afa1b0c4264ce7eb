"""Letting colleagues in and out at the desk."""

import re

import pytest

from barograph.accounts import staff as accounts
from barograph.accounts.models import Account, Event

PAGE = "/a/staff/colleagues/"


@pytest.fixture
def researcher(staff):
    return staff("researcher").get(PAGE)


def test_a_colleague_is_let_in_by_a_link_shown_once(researcher, person):
    researcher.press({"email": "Ana@desk.example", "role": "analyst", "act": "add"}, form="add")
    link = re.search(
        r"<code>http://localhost:8000(/a/staff/link/[\w-]{22}/)</code>", researcher.page
    )
    assert link[1] not in researcher.get(PAGE).page
    colleague = person().get(link[1]).press()
    assert colleague.path == "/a/desk/"
    assert colleague.get(PAGE).status == 403
    events = Event.objects.filter(act__startswith="staff").values_list("act", "account__role")
    assert list(events)[-2:] == [("staff added", "researcher"), ("staff link made", "researcher")]


def test_a_colleague_is_let_out_at_the_next_page(researcher, staff):
    reader = staff("reader")
    researcher.get(PAGE).press({"email": "reader@desk.example", "act": "remove"}, form="add")
    assert reader.send("GET", "/a/desk/", None)[0] == 302


@pytest.mark.parametrize(
    "typed",
    [
        {"email": "nonsense", "role": "reader", "act": "add"},
        {"email": "new@desk.example", "role": "king", "act": "add"},
        {"email": "reader@desk.example", "role": "researcher", "act": "add"},
        {"email": "nobody@desk.example", "act": "link"},
        {"email": "researcher@desk.example", "act": "remove"},
        {"email": "reader@desk.example", "act": "crown"},
    ],
)
def test_nonsense_changes_nothing(typed, researcher):
    accounts.add("reader@desk.example", "reader")
    before = list(Account.objects.values_list("email", "role", "is_active"))
    researcher.press(typed, form="add")
    assert researcher.status == 400
    assert list(Account.objects.values_list("email", "role", "is_active")) == before
