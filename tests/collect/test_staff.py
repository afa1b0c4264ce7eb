"""Staff at the door: what lets in, what keeps out, what ends a session."""

from datetime import timedelta

import pytest
from django.utils import timezone

from barograph.accounts import doors, links
from barograph.accounts import staff as accounts
from barograph.accounts.models import Account, StaffLink

DESK = "/a/desk/"


@pytest.fixture
def link(db):
    """A link that nobody has used."""
    return path(links.issue(accounts.add("who@desk.example", "reader")))


def path(address):
    return address.partition("localhost:8000")[2]


def test_a_link_opens_the_desk_once(link, person):
    first = person()
    for _ in range(3):
        assert first.get(link).status == 200
    assert first.send("GET", DESK, None)[0] == 302
    assert first.get(link).press().path == DESK
    second = person()
    assert second.get(link).status == 404


def test_of_two_who_hold_the_link_one_gets_in(link, person):
    first, second = person().get(link), person().get(link)
    first.press()
    assert second.press().status == 404
    assert second.send("GET", DESK, None)[0] == 302


def test_expired_unknown_and_used_links_look_alike(link, person):
    unknown = person().get("/a/staff/link/AAAAAAAAAAAAAAAAAAAAAA/").page
    StaffLink.objects.update(expires=timezone.now() - timedelta(seconds=1))
    assert person().get(link).page == unknown


def test_a_new_link_ends_the_one_before(link, person):
    links.issue(Account.objects.get(email="who@desk.example"))
    assert person().get(link).status == 404


def test_a_copy_of_the_database_lets_nobody_in(link):
    token = link.split("/")[-2]
    assert len(token) == 22  # 128 bits
    assert token not in str(StaffLink.objects.values_list())


def test_signing_in_makes_a_new_session(link, person, coordinator):
    someone = person(coordinator)
    before = someone.cookies["barograph"].value
    someone.get(link).press()
    assert someone.cookies["barograph"].value != before


def test_signing_out_and_deactivation_end_it_at_the_next_page(staff, person):
    one, other = staff("reader"), staff("reader")
    one.press(form="sign-out", to="/a/staff/leave/")
    assert one.send("GET", DESK, None)[0] == 302
    assert other.send("GET", DESK, None)[0] == 200
    Account.objects.update(is_active=False)
    assert other.send("GET", DESK, None)[0] == 302


@pytest.mark.parametrize(
    ("pause", "pages"), [(doors.IDLE + 1, 0), (doors.IDLE - 60, doors.LONGEST // (doors.IDLE - 60))]
)
def test_a_session_of_staff_ends_after_a_pause_and_after_a_day(pause, pages, staff, monkeypatch):
    someone, now = staff("reader"), timezone.now
    for page in range(1, pages + 2):
        later = now() + timedelta(seconds=page * pause)
        monkeypatch.setattr(timezone, "now", lambda later=later: later)
        assert someone.send("GET", DESK, None)[0] == (302 if page > pages else 200)


def test_elsewhere_a_link_alone_opens_no_page(staff, settings):
    someone = staff("researcher")
    settings.LOCAL = False
    assert someone.send("GET", DESK, None)[0] == 302
