"""Staff at the door: what lets in, what keeps out, what ends a session."""

import os
import re
import subprocess
import time
from base64 import b32decode
from collections import Counter
from datetime import timedelta
from types import SimpleNamespace

import pytest
from authenticator import STEP, digits, key_on
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection
from django.utils import timezone
from forty import BIN

from barograph.accounts import doors, limits, links, signin
from barograph.accounts import staff as accounts
from barograph.accounts.models import Account, Authenticator, StaffLink

DESK = "/a/desk/"
PASSWORD = "gazelle-anvil-tundra-ochre"


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch):
    """Passwords are hashed as ever, with fewer rounds."""
    monkeypatch.setattr(PBKDF2PasswordHasher, "iterations", 1000)


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


def test_elsewhere_a_link_alone_opens_no_page(staff, link, person, settings):
    someone = staff("researcher")
    settings.LOCAL = False
    assert someone.send("GET", DESK, None)[0] == 302
    invited = person().get(link).press()
    assert invited.path == "/a/staff/enrol/"
    assert invited.send("GET", DESK, None)[0] == 302


@pytest.fixture
def clock(monkeypatch):
    """The time by which digits are judged; `tick` makes the telephone show new ones."""
    clock = SimpleNamespace(now=time.time())
    clock.tick = lambda: setattr(clock, "now", clock.now + STEP)
    watch = SimpleNamespace(time=lambda: clock.now)
    monkeypatch.setattr("django_otp.plugins.otp_totp.models.time", watch)
    return clock


@pytest.fixture
def member(link, person, settings, clock):
    """Somebody enrolled through a link on a public server: browser, key and recovery codes."""
    settings.LOCAL = False
    browser = person().get(link).press()
    key = key_on(browser.page)
    typed = {"password": PASSWORD, "again": PASSWORD, "code": digits(key, clock.now)}
    browser.press(typed)
    codes = re.findall(r"<code>([a-z2-7-]{19})</code>", browser.page)
    assert len(codes) == 8
    clock.tick()
    return SimpleNamespace(browser=browser, key=key, codes=codes)


def sign_in(browser, code, password=PASSWORD, email="who@desk.example", **more):
    browser.get("/a/staff/")
    Authenticator.objects.update(throttling_failure_count=0)  # tests do not wait
    return browser.press({"email": email, "password": password, "code": code, **more})


def signed_in(browser):
    return browser.send("GET", DESK, None)[0] == 200


def test_enrolled_one_signs_in_with_all_three(member, person, clock):
    assert signed_in(member.browser)
    assert sign_in(person(), digits(member.key, clock.now), email="WHO@desk.example").path == DESK


@pytest.mark.parametrize(
    "typed",
    [
        {"password": "another-password-entirely"},
        {"code": "000000"},
        {"code": ""},
        {"code": "aaaa-aaaa-aaaa-aaaa"},
        {"email": "nobody@desk.example"},
        {"email": ""},
    ],
)
def test_whatever_is_wrong_the_answer_is_the_same(typed, member, person, clock):
    first, second = person(), person()
    right = digits(member.key, clock.now)
    sign_in(first, **{"code": right, **typed})
    sign_in(second, right, password="wrong-all-the-same")
    assert first.status == 400
    assert not signed_in(first)

    def without(browser, email):
        return re.sub(r'value="[^"]*"', "", browser.page)

    assert without(first, typed.get("email")) == without(second, None)


def test_a_password_is_hashed_for_nobody_too(member, person, monkeypatch):
    hashed = Counter()
    encode = PBKDF2PasswordHasher.encode
    who = SimpleNamespace(now="")

    def counting(self, *args, **kw):
        hashed[who.now] += 1
        return encode(self, *args, **kw)

    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", counting)
    accounts.add("new@desk.example", "reader")  # has no password yet
    for who.now in ("who@desk.example", "new@desk.example", "nobody@desk.example"):
        sign_in(person(), "000000", password="wrong-all-the-same", email=who.now)
    assert set(hashed.values()) == {1}
    assert len(hashed) == 3


def test_digits_and_recovery_codes_hold_once(member, person, clock):
    right = digits(member.key, clock.now)
    assert signed_in(sign_in(person(), right))
    assert not signed_in(sign_in(person(), right))
    assert signed_in(sign_in(person(), member.codes[0].upper()))
    assert not signed_in(sign_in(person(), member.codes[0]))


def test_digits_are_not_tried_in_a_row(member, person, clock):
    browser = sign_in(person(), "000000")
    right = digits(member.key, clock.now)
    browser.press({"email": "who@desk.example", "password": PASSWORD, "code": right})
    assert not signed_in(browser), "a second must pass first"


@pytest.mark.parametrize("forged", [False, True])
def test_too_many_failures_close_the_account_to_this_caller(forged, member, client, clock):
    def tried(password, address):
        headers = {"host": "localhost", "x-forwarded-for": address}
        typed = {"email": "who@desk.example", "password": password, "code": code}
        return client.post("/a/staff/", typed, headers=headers).status_code

    code = "000000"
    for i in range(signin.PER_ACCOUNT):
        # The proxy adds what it saw; what a caller wrote before it counts for nothing.
        address = f"10.0.0.{i}, 198.51.100.7" if forged else "198.51.100.7"
        assert tried("wrong-all-the-same", address) == 400
    code = digits(member.key, clock.now)
    assert tried(PASSWORD, "198.51.100.7") == 400
    assert tried(PASSWORD, "203.0.113.9") == 302


def test_a_caller_who_names_many_accounts_is_stopped(member, person, clock, monkeypatch):
    monkeypatch.setattr(signin, "PER_CALLER", 3)
    for i in range(3):
        sign_in(person(), "000000", email=f"w{i}@desk.example")
    assert not signed_in(sign_in(person(), digits(member.key, clock.now)))
    later = limits.time.time() + limits.WINDOW
    monkeypatch.setattr(limits, "time", SimpleNamespace(time=lambda: later))
    clock.tick()
    assert signed_in(sign_in(person(), digits(member.key, clock.now)))


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"password": "short-one", "again": "short-one"}, "too short"),
        ({"password": "q1w2e3r4t5y6", "again": "q1w2e3r4t5y6"}, "common"),
        ({"password": "who@desk.example", "again": "who@desk.example"}, "too much like"),
        ({"again": "gazelle-anvil-tundra"}, "differ"),
        ({"code": "000000"}, "not right"),
    ],
)
def test_enrolment_says_what_is_wrong_and_goes_on(typed, words, link, person, settings, clock):
    settings.LOCAL = False
    browser = person().get(link).press().get("/a/staff/enrol/?lang=en")
    right = {
        "password": PASSWORD,
        "again": PASSWORD,
        "code": digits(key_on(browser.page), clock.now),
    }
    browser.press({**right, **typed})
    assert browser.status == 400
    assert words in browser.page
    assert not signed_in(browser)
    Authenticator.objects.update(throttling_failure_count=0)
    assert signed_in(browser.press(right))


def test_another_password_or_telephone_ends_all_other_sessions(member, person, clock):
    other = sign_in(person(), digits(member.key, clock.now))
    assert signed_in(other)
    clock.tick()
    mine = member.browser.get("/a/staff/renew/")
    mine.press({"password": PASSWORD, "code": digits(member.key, clock.now)})
    assert mine.path == "/a/staff/enrol/"
    key = key_on(mine.page)
    mine.press({"password": PASSWORD, "again": PASSWORD, "code": digits(key, clock.now)})
    assert signed_in(mine)
    assert not signed_in(other)
    clock.tick()
    assert not signed_in(sign_in(person(), digits(member.key, clock.now))), "the old telephone"
    assert not signed_in(sign_in(person(), member.codes[1])), "the old recovery codes"
    assert signed_in(sign_in(person(), digits(key, clock.now)))


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example/", "//evil.example/a/desk/", "/\\evil.example", "/a/desk/\\evil",
     "javascript:alert(1)", "/a/desk/@evil.example", "/a/desk/?next=//evil", "/a/i/x/", "/a/desk/\r\nX: y",
     "http:/a/desk/", "/a/desk", " /a/desk/", "/a/%64esk/", "\t//evil.example", "///evil.example"],
)  # fmt: skip
def test_signing_in_leads_to_our_own_pages_only(wanted, member, client, clock):
    headers = {"host": "localhost"}
    right = {"email": "who@desk.example", "password": PASSWORD, "next": wanted}
    sent = client.post(
        "/a/staff/", {**right, "code": digits(member.key, clock.now)}, headers=headers
    )
    assert (sent.status_code, sent["location"]) == (302, DESK)


def test_signing_in_leads_where_one_wanted_to_go(member, person, clock):
    browser = person().get("/a/desk/2017/")
    assert browser.path.startswith("/a/staff/?next=")
    Authenticator.objects.update(throttling_failure_count=0)
    browser.press({"email": "who@desk.example", "password": PASSWORD,
                   "code": digits(member.key, clock.now)})  # fmt: skip
    assert browser.path == "/a/desk/2017/"


def test_a_copy_of_the_database_yields_no_factor(member, clock):
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM otp_totp_totpdevice")
        devices = str(cursor.fetchall())
        cursor.execute("SELECT * FROM otp_static_statictoken")
        tokens = str(cursor.fetchall())
    assert b32decode(member.key).hex() not in devices
    assert not [code for code in member.codes if code.replace("-", "") in tokens]


def test_a_form_without_its_token_is_refused_in_words(member):
    status, _, page = member.browser.send("POST", "/a/staff/renew/", b"x=1")
    assert status == 403
    assert "Paste the link" not in page


def test_colleagues_are_let_in_and_out_on_the_command_line(tmp_path):
    def barograph(*arguments):
        command = [str(BIN / "barograph"), "staff", *arguments]
        state = ["--state", str(tmp_path)]
        environment = {**os.environ, "BAROGRAPH_HOST": "field.example.org"}
        done = subprocess.run(
            [*command, *state], capture_output=True, text=True, check=False, env=environment
        )
        return done.returncode, done.stdout + done.stderr

    folder = os.environ["BAROGRAPH_FOLDER"]
    status, told = barograph("add", folder, "Ana@desk.example", "--role", "analyst")
    assert status == 0
    assert re.search(r"https://field\.example\.org/a/staff/link/[\w-]{22}/", told)
    assert barograph("list", folder) == (0, "ana@desk.example  analyst  never came\n")
    assert barograph("add", folder, "ana@desk.example", "--role", "reader")[0] == 2
    assert barograph("add", folder, "no-address", "--role", "reader")[0] == 2
    assert barograph("add", folder, "ben@desk.example", "--role", "king")[0] == 2
    assert barograph("remove", folder, "ana@desk.example")[0] == 0
    assert barograph("link", folder, "ana@desk.example")[0] == 2
    assert barograph("list", folder) == (0, "")


def test_who_was_let_out_stays_out_until_let_in_anew(member, person, clock):
    account = Account.objects.get(email="who@desk.example")
    address = path(accounts.link(account))
    accounts.remove(account)
    assert not signed_in(member.browser)
    assert person().get(address).status == 404
    assert not signed_in(sign_in(person(), digits(member.key, clock.now)))
    accounts.add("who@desk.example", "analyst")
    assert not signed_in(sign_in(person(), digits(member.key, clock.now)))
