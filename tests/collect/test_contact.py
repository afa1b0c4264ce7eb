"""The coordinator changes name, function and address, once the address is proved."""

import pytest

from barograph.collect import codes, invitations
from barograph.collect.models import Contact, Invitation, Message, Role
from barograph.collect.outbox import queue

NEW = "successor@first.example"


@pytest.fixture
def base(coordinator):
    return f"/a/{coordinator.unit.response.public_id}/"


@pytest.fixture
def answering(coordinator, person, base):
    made = person(coordinator)
    made.get(f"{base}contact/")
    assert made.path == f"{base}code/?to=contact", "the address must be proved first"
    made.press()
    code = Message.objects.filter(kind="code").latest("pk").code
    made.press({"digits": codes.digits(code)})
    assert made.path == f"{base}contact/"
    return made


def test_name_and_function_are_kept_and_the_link_stays(answering, coordinator, base):
    answering.press({"name": "A.  Clerk", "function": "secretary"})
    assert answering.path == base
    contact = Contact.objects.get(code=coordinator.unit.code)
    assert (contact.name, contact.function, contact.email) == (
        "A. Clerk", "secretary", coordinator.email,
    )  # fmt: skip
    assert Invitation.objects.get(contact=contact) == coordinator
    assert 'value="secretary"' in answering.get(f"{base}contact/").page


def test_another_address_gets_the_link_and_this_one_is_told_and_ends(
    answering, coordinator, base, person
):
    colleague = invitations.invite(
        coordinator.unit, "expert@first.example", "nl", Role.INFORMANT, coordinator
    )
    answering.press({"name": "B. Clerk", "email": NEW})
    assert NEW in answering.page
    assert answering.get(base).status == 403
    assert person().get(f"/a/i/{invitations.token(coordinator)}/").status == 404
    new = Invitation.objects.get(email=NEW)
    assert new.contact.email == NEW
    assert person(new).path == base
    colleague.refresh_from_db()
    assert colleague.invited_by == new, "the new one hears when a section is done"
    queue.drop_obsolete()
    waiting = Message.objects.filter(state=Message.State.QUEUED).exclude(kind="code")
    told = {message.kind: message for message in waiting}
    assert {kind: message.to for kind, message in told.items()} == {
        "moved_here": NEW, "moved_away": coordinator.email,
    }  # fmt: skip
    assert "{link}" not in told["moved_away"].body
    assert NEW not in told["moved_away"].body


def test_somebody_invited_at_that_address_gets_no_second_link(answering, coordinator, base):
    there = invitations.invite(coordinator.unit, NEW, "nl")
    answering.press({"email": NEW})
    assert Invitation.objects.get(email=NEW) == there
    assert answering.get(base).status == 403


def test_somebody_known_at_the_address_takes_over(answering, coordinator):
    known = Contact.objects.create(
        code=coordinator.unit.code, email=NEW, languages="fr", retain_until="2099-01-01"
    )
    answering.press(
        {"name": "B. Clerk", "email": NEW.upper().replace("FIRST.EXAMPLE", "first.example")}
    )
    assert Invitation.objects.get(contact=known).email.lower() == NEW
    assert Contact.objects.filter(code=coordinator.unit.code, opted_out=None).count() == 1


@pytest.mark.parametrize(
    "email", ["", "nonsense", "a@b.example, c@d.example", "a@b.example\r\nBcc: x@y.z"]
)
def test_an_address_that_is_none_changes_nothing(email, answering, coordinator):
    answering.press({"name": "X", "email": email})
    assert answering.status == 400
    assert not Contact.objects.exists()


def test_the_function_that_chooses_a_contact_for_the_rounds_is_not_asked(
    answering, coordinator, base
):
    coordinator.contact = Contact.objects.create(
        code=coordinator.unit.code, email=coordinator.email, function="Coordinator",
        languages="nl", retain_until="2099-01-01",
    )  # fmt: skip
    coordinator.save()
    answering.get(f"{base}contact/").press({"name": "A. Clerk", "function": "gardener"})
    assert Contact.objects.get().function == "Coordinator"


def test_addresses_do_not_change_without_end(answering, coordinator, monkeypatch):
    monkeypatch.setattr("barograph.collect.contacts.changing.MOST", 1)
    answering.press({"email": NEW})
    assert answering.status == 400
    assert not Message.objects.filter(kind="moved_here").exists()


def test_a_contact_of_a_round_moves_and_what_was_done_under_the_old_link_stays_its_own(
    answering, coordinator, base
):
    contact = Contact.objects.create(
        code=coordinator.unit.code,
        email=coordinator.email,
        languages="nl",
        retain_until="2030-01-01",
    )
    Invitation.objects.filter(pk=coordinator.pk).update(contact=contact)
    answering.get(f"{base}contact/").press({"name": "B. Clerk", "email": NEW})
    assert answering.status == 200
    assert Invitation.objects.get(contact=contact).email == NEW
    coordinator.refresh_from_db()
    assert coordinator.contact is None
    assert coordinator.revoked is not None


def test_a_code_in_other_digits_is_wrong_and_no_fault(coordinator):
    code = codes.issue(coordinator)
    assert not codes.check(coordinator, "１２３４５６\u200b")
    code.refresh_from_db()
    assert code.tries == 1
