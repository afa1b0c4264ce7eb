"""Who may do what: every address of the interview, for everybody; the table is the specification."""

import hashlib
import re
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver
from persons import Fields

from barograph.accounts import roles
from barograph.collect import invitations
from barograph.collect.models import Assignment, Response, Role

SECTION, OTHER = "sec_strategy", "sec_background"
# address -> status of GET for nobody, a stranger, the coordinator, an informant of SECTION.
# 302: nothing to see there now, back to the overview.
GETS = {
    "": (200, 200, 200, 200),
    "i/<slug:token>/": (404, 404, 404, 404),
    "o/<slug:signed>/": (404, 404, 404, 404),
    "leave/": (405, 405, 405, 405),
    "privacy/": (200, 200, 200, 200),
    "preview/": (200, 200, 200, 200),
    "preview/<str:name>/": (200, 200, 200, 200),
    "mailbox/": (200, 200, 200, 200),
    "identified/": (403, 403, 403, 403),
    "staff/": (200, 200, 200, 200),
    "staff/link/<str:token>/": (404, 404, 404, 404),
    "staff/enrol/": (302, 302, 302, 302),
    "staff/leave/": (405, 405, 405, 405),
    "<slug:public_id>/": (403, 403, 200, 200),
    "<slug:public_id>/section/<str:name>/": (403, 403, 200, 200),
    "<slug:public_id>/section/<str:name>/conflict/": (403, 403, 302, 302),
    "<slug:public_id>/section/<str:name>/earlier/": (403, 403, 302, 302),
    "<slug:public_id>/section/<str:name>/done/": (403, 403, 302, 302),
    "<slug:public_id>/section/<str:name>/take-back/": (403, 403, 302, 302),
    "<slug:public_id>/hand-over/": (403, 403, 200, 302),
    "<slug:public_id>/code/": (403, 403, 200, 200),
    "<slug:public_id>/identity/": (403, 403, 404, 404),
    "<slug:public_id>/contact/": (403, 403, 302, 302),
    "<slug:public_id>/sign/": (403, 403, 200, 302),
    "<slug:public_id>/thanks/": (403, 403, 302, 302),
    "<slug:public_id>/reopen/": (403, 403, 302, 302),
    "<slug:public_id>/print/": (403, 403, 200, 200),
    "<slug:public_id>/print/pdf/": (403, 403, 200, 200),
    "<slug:public_id>/file/<slug:name>/": (403, 403, 404, 404),
}


# address -> permission, status of GET for a role that has it. All others: 403; without staff
# session: to the door. What only takes a form answers 405 to everybody.
DESK = {
    "staff/renew/": ("desk", 200),
    "staff/colleagues/": ("staff", 200),
    "desk/": ("desk", 200),
    "desk/<str:wave>/": ("desk", 200),
    "desk/<str:wave>/contacts/": ("contacts", 200),
    "desk/<str:wave>/contacts/check/": ("contacts", 405),
    "desk/<str:wave>/contacts/save/": ("contacts", 405),
    "desk/<str:wave>/mail/": ("mail", 200),
    "desk/<str:wave>/mail/plan/": ("mail", 405),
    "desk/<str:wave>/mail/clock/": ("mail", 405),
    "desk/<str:wave>/mail/<int:number>/cancel/": ("mail", 405),
    "desk/<str:wave>/letters/": ("mail", 200),
    "desk/<str:wave>/letters/test/": ("mail", 405),
    "desk/<str:wave>/messages/": ("mail", 200),
    "desk/<str:wave>/messages/again/": ("mail", 405),
    "desk/<str:wave>/messages/<int:number>/": ("mail", 404),
    "desk/<str:wave>/messages/<int:number>/again/": ("mail", 405),
    "desk/<str:wave>/messages/<int:number>/cancel/": ("mail", 405),
    "desk/<str:wave>/entry/": ("entry", 200),
    "desk/<str:wave>/jobs/": ("desk", 200),
    "desk/<str:wave>/evenness/": ("desk", 200),
    "desk/<str:wave>/calling/": ("contacts", 200),
    "desk/<str:wave>/answering/": ("desk", 200),
    "desk/<str:wave>/units/<str:code>/": ("contacts", 404),
    "desk/<str:wave>/tables/<str:name>": ("desk", 404),
    "desk/<str:wave>/files/": ("answers", 200),
    "desk/<str:wave>/files/<slug:name>/": ("answers", 404),
    "desk/<str:wave>/closing/": ("answers", 200),
    "desk/<str:wave>/closing/decide/": ("decide", 405),
    "desk/<str:wave>/closing/freeze/": ("wave", 405),
    "desk/<str:wave>/state/": ("desk", 200),
    "desk/<str:wave>/state/move/": ("wave", 405),
    "desk/<str:wave>/state/published/": ("publish", 405),
}
# What each role may: barograph.accounts.roles says the same.
MAY = {
    "researcher": {
        "desk", "contacts", "mail", "entry", "answers", "decide", "wave", "staff",
    },
    "fieldworker": {"desk", "contacts", "mail", "entry"},
    "analyst": {"desk", "answers", "decide"},
    "publisher": {"desk", "publish"},
    "reader": {"desk"},
}  # fmt: skip


def addresses(patterns=None, before=""):
    """Every address below /a/, as the project has them."""
    if patterns is None:
        (room,) = [p for p in get_resolver().url_patterns if str(p.pattern) == "a/"]
        patterns = room.url_patterns
    for pattern in patterns:
        address = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from addresses(pattern.url_patterns, address)
        else:
            yield address


def filled(address, public_id):
    name = "0" * 32 if "file" in address else SECTION
    values = {"<slug:token>": "A" * 22, "<slug:public_id>": public_id, "<str:name>": name}
    values |= {"<slug:name>": name, "<str:wave>": "2017", "<str:token>": "A" * 22}
    values["<str:code>"] = "00000"
    values |= {"<slug:signed>": "1-A", "<int:number>": "999999"}
    return "/a/" + re.sub(r"<[^>]+>", lambda found: values[found[0]], address)


@pytest.fixture
def informant(coordinator):
    found = invitations.invite(
        coordinator.unit, "expert@first.example", "nl", Role.INFORMANT, coordinator
    )
    response = Response.objects.get(unit=coordinator.unit)
    Assignment.objects.create(response=response, section=SECTION, informant=found)
    return found


def content():
    """A hash of all answers and people, not of sessions."""
    with connection.cursor() as cursor:
        text = ""
        for table in sorted(connection.introspection.table_names()):
            kept = table.startswith(("collect_", "accounts_"))
            if kept and table not in ("accounts_failure", "accounts_event"):
                cursor.execute(f"SELECT * FROM {table}")
                text += f"{table}{sorted(map(repr, cursor.fetchall()))}"
    return hashlib.sha256(text.encode()).hexdigest()


def test_every_address_is_in_the_table():
    assert sorted(addresses()) == sorted([*GETS, *DESK])


@pytest.mark.parametrize("address", GETS)
def test_reading(address, coordinator, stranger, informant, person):
    public_id = Response.objects.get(unit=coordinator.unit).public_id
    people = [person(who) for who in (None, stranger, coordinator, informant)]
    before = content()
    found = []
    for someone in people:
        status, _, page = someone.send("GET", filled(address, public_id), None)
        found.append(status)
        if status == 200 and "<" in address and "public_id" not in address:
            assert coordinator.unit.name not in page
    assert tuple(found) == GETS[address]
    assert content() == before, "reading changed something"


@pytest.mark.parametrize("address", GETS)
def test_no_form_is_taken_without_its_token(address, coordinator, informant, person):
    public_id = Response.objects.get(unit=coordinator.unit).public_id
    for who in (coordinator, informant):
        someone = person(who)
        before = content()
        # Opting out alone takes a form without token (RFC 8058); its address is sealed.
        refused = 404 if address.startswith("o/") else 403
        assert someone.send("POST", filled(address, public_id), b"x=1")[0] == refused
        assert content() == before


@pytest.mark.parametrize("address", [a for a in GETS if "public_id" in a])
def test_a_stranger_changes_nothing(address, coordinator, stranger, person):
    public_id = Response.objects.get(unit=coordinator.unit).public_id
    someone = person(stranger)
    token = Fields(someone.page, "").values["csrfmiddlewaretoken"]
    before = content()
    values = {"csrfmiddlewaretoken": token, "r_comment": "x", "shown": "r_comment", "to": "sign"}
    assert someone.post(filled(address, public_id), values).status == 403
    assert content() == before


@pytest.mark.parametrize(
    "act", ["hand-over", "sign", "reopen", f"section/{OTHER}", f"section/{OTHER}/done",
            f"section/{SECTION}/take-back", f"section/{OTHER}/conflict"]
)  # fmt: skip
def test_an_informant_changes_own_sections_only(act, coordinator, informant, person):
    public_id = Response.objects.get(unit=coordinator.unit).public_id
    someone = person(informant)
    token = Fields(someone.page, "").values["csrfmiddlewaretoken"]
    before = content()
    values = {
        "csrfmiddlewaretoken": token,
        "r_comment": "x",
        "shown": "r_comment",
        "keys": "r_comment",
        "keep:r_comment": "mine",
        "mine:r_comment": "x",
        "section": OTHER,
        "email": "x@y.example",
        "name": "N",
        "function": "F",
        "accountable": "1",
    }
    someone.post(f"/a/{public_id}/{act}/", values)
    assert content() == before


def test_an_informant_answers_the_own_section_and_reads_the_others(coordinator, informant, person):
    response = Response.objects.get(unit=coordinator.unit)
    someone = person(informant)
    someone.get(f"/a/{response.public_id}/section/{SECTION}/")
    someone.press({"s_manager": "yes", "go": "overview"}, form="interview")
    assert response.answers.get(key="s_manager").value == "yes"
    page = someone.get(f"/a/{response.public_id}/section/{OTHER}/").page
    assert 'id="interview"' not in page


def test_extra_fields_change_nothing_else(coordinator, person):
    response = Response.objects.get(unit=coordinator.unit)
    someone = person(coordinator)
    someone.get(f"/a/{response.public_id}/section/{OTHER}/").press(
        {"status": "signed", "role": "x", "serial": "99", "wave": "1", "practice": "1",
         "go": "overview"}, form="interview"
    )  # fmt: skip
    response.refresh_from_db()
    assert response.status == "started"
    assert response.serial < 2


def test_roles_may_what_the_table_says():
    assert {str(role): set(may) for role, may in roles.MAY.items()} == MAY


def test_the_manual_says_the_same():
    manual = Path(__file__).parents[2] / "docs" / "fieldwork.md"
    lines = [line.split("|")[1:-1] for line in manual.read_text().splitlines() if "|" in line]
    names = [cell.strip() for cell in lines[0]][2:]
    told = {role: set() for role in names}
    for permission, _, *cells in (line for line in lines if len(line) == len(names) + 2):
        for role, cell in zip(names, cells, strict=True):
            if cell.strip() == "yes":
                told[role].add(permission.strip(" `"))
    assert told == MAY


@pytest.mark.parametrize("address", DESK)
def test_the_desk_opens_to_its_roles_only(address, coordinator, informant, staff, person):
    permission, status = DESK[address]
    path = filled(address, "")
    people = {role: staff(role) for role in MAY}
    others = [person(who) for who in (None, coordinator, informant)]
    before = content()
    if status != 405:
        assert [o.send("GET", path, None)[0] for o in others] == [302] * 3
        assert others[0].send("GET", path, None)[1]["location"].startswith("/a/staff/")
    found = {role: someone.send("GET", path, None)[0] for role, someone in people.items()}
    forbidden = 405 if status == 405 else 403
    assert found == {role: status if permission in MAY[role] else forbidden for role in MAY}
    for someone in (*others, *people.values()):
        assert someone.send("POST", path, b"x=1")[0] in (403, 405), "taken without its token"
    assert content() == before, "reading changed something"


@pytest.mark.parametrize("address", DESK)
def test_a_role_that_may_not_changes_nothing(address, staff):
    permission, _ = DESK[address]
    for role in (role for role in MAY if permission not in MAY[role]):
        someone = staff(role)
        token = Fields(someone.page, "sign-out").values["csrfmiddlewaretoken"]
        before = content()
        someone.post(filled(address, ""), {"csrfmiddlewaretoken": token})
        assert someone.status in (403, 405)
        assert content() == before


def test_elsewhere_preview_and_mailbox_are_for_staff(person, settings, db):
    settings.LOCAL = False
    for path in ("preview/", f"preview/{SECTION}/", "mailbox/"):
        status, headers, _ = person().send("GET", f"/a/{path}", None)
        assert (status, headers["location"][:9]) == (302, "/a/staff/")


def test_a_preview_writes_nowhere(person, db):
    visitor = person()
    visitor.get("/a/preview/sec_background/?lang=en")
    with CaptureQueriesContext(connection) as queries:
        for go in ("stay", "all", "lang-fr", "back", "next"):
            visitor.press({"r_comment": "tried out", "go": go}, form="interview")
            assert visitor.status == 200
    assert "tried out" in visitor.page
    assert not [q for q in queries if not q["sql"].startswith("SELECT")]
