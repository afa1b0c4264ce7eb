"""The link of an invitation: what it opens, what it gives away, what it resists."""

import re
import string
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from barograph.accounts import limits
from barograph.collect import codes, invitations
from barograph.collect.models import Response, Status, Wave


def link(invitation):
    return f"/a/i/{invitations.token(invitation)}/"


def everything():
    """All that the database holds, as text."""
    with connection.cursor() as cursor:
        rows = []
        for table in sorted(connection.introspection.table_names()):
            if table.startswith(("collect_", "django_session")):
                cursor.execute(f"SELECT * FROM {table}")
                rows += [f"{table}: {row}" for row in cursor.fetchall()]
    return "\n".join(rows)


def test_reading_the_link_changes_nothing_and_opens_nothing(coordinator, person):
    before = everything()
    visitor = person()
    for _ in range(5):
        assert visitor.get(link(coordinator)).status == 200
    assert visitor.send("HEAD", link(coordinator), None)[0] == 200
    assert everything() == before
    assert visitor.get(f"/a/{coordinator.unit.response.public_id}/").status == 403


def test_the_button_opens_it_and_the_link_leaves_the_address(coordinator, person):
    answering = person(coordinator)
    assert answering.path == f"/a/{coordinator.unit.response.public_id}/"
    assert coordinator.unit.name in answering.page
    assert invitations.token(coordinator) not in answering.page
    response = Response.objects.get(unit=coordinator.unit)
    assert response.status == Status.STARTED


def test_unknown_expired_revoked_and_not_yet_open_look_alike(coordinator, stranger, person):
    def seen(path):
        visitor = person()
        visitor.get(path)
        return visitor.status, visitor.page

    unknown = seen("/a/i/AAAAAAAAAAAAAAAAAAAAAA/")
    assert unknown[0] == 404
    coordinator.expires = timezone.now() - timedelta(seconds=1)
    coordinator.save()
    assert seen(link(coordinator)) == unknown
    invitations.revoke(stranger)
    assert seen(link(stranger)) == unknown
    coordinator.expires = timezone.now() + timedelta(days=1)
    coordinator.save()
    Wave.objects.filter(pk=coordinator.unit.wave_id).update(state=Wave.State.DRAFT)
    assert seen(link(coordinator)) == unknown


def test_no_near_link_opens_anything(coordinator):
    token = invitations.token(coordinator)
    assert re.fullmatch(r"[\w-]{22}", token)  # 128 bits
    edits = {
        token[:i] + letter + token[i + 1 :]
        for i in range(len(token))
        for letter in string.ascii_letters[:20]
        # The last sign of 22 carries two bits: others in its place are other texts all the same.
    } - {token}
    assert not [edit for edit in edits if invitations.find(edit)]
    assert invitations.find(token) == coordinator


def test_a_copy_of_the_database_opens_nothing(coordinator, person):
    answering = person(coordinator)
    answering.get(answering.path + "code/?to=sign").press()
    copied = everything()
    code = coordinator.codes.get()
    assert invitations.token(coordinator) not in copied
    assert codes.digits(code) not in re.sub(r"[0-9a-f]{32,}", "", copied)
    session = answering.cookies["barograph"].value
    assert session not in copied


def test_wrong_links_are_slowed_down_and_a_right_one_never(coordinator, person):
    visitor = person()
    for _ in range(limits.LINKS):
        assert visitor.get("/a/i/AAAAAAAAAAAAAAAAAAAAAA/").status == 404
    assert visitor.get("/a/i/AAAAAAAAAAAAAAAAAAAAAA/").status == 429
    assert visitor.get(link(coordinator)).status == 200


def test_a_revoked_invitation_ends_its_open_session(coordinator, person):
    answering = person(coordinator)
    invitations.revoke(coordinator)
    assert answering.get(answering.path).status == 403


def test_each_opening_has_a_new_session(coordinator, person):
    answering = person(coordinator)
    cookies = answering.cookies
    first = cookies["barograph"].value
    assert cookies["barograph"]["httponly"]
    assert cookies["barograph"]["samesite"] == "Lax"
    answering.get(link(coordinator)).press()
    assert cookies["barograph"].value != first


def test_what_was_typed_survives_the_end_of_the_session(coordinator, person):
    answering = person(coordinator)
    start = answering.path
    answering.get(f"{start}section/sec_background/")
    answering.cookies.pop("barograph")
    answering.press({"r_comment": "Nog te bespreken", "go": "overview"}, form="interview")
    assert answering.status == 403
    assert "Nog te bespreken" in answering.page
    answering.press({"invitation_link": f"http://localhost{link(coordinator)}"})
    assert answering.path == start
    assert coordinator.unit.response.answers.get(key="r_comment").value == "Nog te bespreken"
