"""Saving: nothing typed is lost, nothing is saved twice, two people see each other."""

import pytest
from django.db import DatabaseError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from barograph.collect import invitations
from barograph.collect.models import Answer, Change, Response, Role, Save, Signature, Status
from barograph.collect.saving import LONGEST, Sent, save

SECTION = "sec_background"


@pytest.fixture
def response(coordinator):
    return Response.objects.get(unit=coordinator.unit)


@pytest.fixture
def colleague(coordinator):
    return invitations.invite(
        coordinator.unit, "other@first.example", "nl", Role.INFORMANT, coordinator
    )


def held(response):
    return dict(response.answers.values_list("key", "value"))


def log(response):
    found = Change.objects.filter(save_of__response=response).order_by("pk")
    return list(found.values_list("key", "old", "new", "kept"))


def test_a_repetition_changes_nothing_and_a_late_message_undoes_nothing(response, coordinator):
    first = save(response, coordinator, SECTION, {"r_comment": "a"}, Sent("p", 0, 1))
    assert (first.serial, first.changed) == (1, ("r_comment",))
    save(response, coordinator, SECTION, {"r_comment": "b"}, Sent("p", 0, 2))
    for late in (1, 2):
        again = save(response, coordinator, SECTION, {"r_comment": "a"}, Sent("p", 0, late))
        assert again.changed == ()
    assert held(response) == {"r_comment": "b"}
    assert log(response) == [("r_comment", "", "a", True), ("r_comment", "a", "b", True)]


def test_what_changes_nothing_still_makes_an_older_message_late(response, coordinator):
    for sequence, text in ((1, "a"), (3, "a"), (2, "b")):
        save(response, coordinator, SECTION, {"r_comment": text}, Sent("p", 0, sequence))
    assert held(response) == {"r_comment": "a"}
    assert response.serial == 1


def test_a_repetition_tells_its_conflict_again(response, coordinator, colleague):
    save(response, colleague, SECTION, {"r_comment": "theirs"}, Sent("q", 0))
    for _ in range(2):
        saved = save(response, coordinator, SECTION, {"r_comment": "mine"}, Sent("p", 0, 1))
        assert saved.conflicts["r_comment"].mine == "mine"
    assert held(response) == {"r_comment": "theirs"}
    assert len(log(response)) == 2


def test_nothing_is_cut(response, coordinator):
    save(response, coordinator, SECTION, {"r_comment": "a"}, Sent("p", 0))
    typed = {"r_comment": "x" * (LONGEST + 1), "r_role": "y" * LONGEST}
    saved = save(response, coordinator, SECTION, typed, Sent("p", 1))
    assert saved.too_long == ("r_comment",)
    assert held(response) == {"r_comment": "a", "r_role": "y" * LONGEST}


def test_the_same_page_sent_again_without_count_is_a_new_save(response, coordinator):
    """Without JavaScript: back, another answer, the button again."""
    for text in ("a", "b", "b"):
        save(response, coordinator, SECTION, {"r_comment": text}, Sent("p", 0))
    assert held(response) == {"r_comment": "b"}
    assert list(response.saves.values_list("sequence", "serial")) == [(1, 1), (2, 2)]


def test_what_a_page_did_not_touch_gives_way_to_the_newer(response, coordinator, colleague):
    save(response, coordinator, SECTION, {"r_comment": "old"}, Sent("p", 0))
    save(response, colleague, SECTION, {"r_comment": "new"}, Sent("q", 1))
    saved = save(
        response, coordinator, SECTION, {"r_comment": "old", "r_role": "mayor"}, Sent("r", 1)
    )
    assert saved.conflicts == {}
    assert held(response) == {"r_comment": "new", "r_role": "mayor"}


def test_both_values_of_a_conflict_are_told_and_kept(response, coordinator, colleague):
    save(response, colleague, SECTION, {"r_comment": "theirs"}, Sent("q", 0))
    typed = {"r_comment": "mine", "r_role": "mayor"}
    saved = save(response, coordinator, SECTION, typed, Sent("p", 0))
    conflict = saved.conflicts["r_comment"]
    assert (conflict.mine, conflict.theirs, conflict.by) == ("mine", "theirs", colleague)
    assert held(response) == {"r_comment": "theirs", "r_role": "mayor"}
    assert ("r_comment", "theirs", "mine", False) in log(response)
    save(response, coordinator, SECTION, {"r_comment": "mine"}, Sent("p2", saved.serial))
    assert held(response)["r_comment"] == "mine"


def test_equal_answers_are_no_conflict(response, coordinator, colleague):
    save(response, colleague, SECTION, {"r_comment": "same"}, Sent("q", 0))
    saved = save(response, coordinator, SECTION, {"r_comment": "same"}, Sent("p", 0))
    assert (saved.conflicts, saved.changed) == ({}, ())


def test_nothing_is_written_once_signed(response, coordinator):
    Response.objects.filter(pk=response.pk).update(status=Status.SIGNED)
    assert save(response, coordinator, SECTION, {"r_comment": "x"}, Sent("p", 0)) is None
    assert held(response) == {}


@pytest.mark.parametrize(
    ("model", "act"),
    [
        (Save, lambda rows: rows.update(section="x")),
        (Change, lambda rows: rows.update(new="x")),
        (Change, lambda rows: rows.delete()),
        (Signature, lambda rows: rows.update(name="x")),
    ],
)
def test_the_database_refuses_to_change_the_log(response, coordinator, model, act):
    save(response, coordinator, SECTION, {"r_comment": "a"}, Sent("p", 0))
    Signature.objects.create(
        response=response, by=coordinator, at=Save.objects.get().at, status="signed", serial=1
    )
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        act(model.objects.all())


acts = st.lists(
    st.tuples(
        st.sampled_from("pqr"),  # pages
        st.integers(0, 4),  # sequence, 0: does not count
        st.dictionaries(st.sampled_from("xyz"), st.sampled_from(["", "1", "2"]), max_size=3),
        st.integers(0, 6),  # serial seen
    ),
    max_size=12,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=acts)
def test_the_log_always_tells_how_the_answers_came_about(response, coordinator, acts):
    with transaction.atomic():
        for page, sequence, typed, seen in acts:
            save(response, coordinator, SECTION, typed, Sent(page, seen, sequence))
        told: dict[str, str] = {}
        for key, old, new, kept in log(response):
            assert told.get(key, "") == old
            if kept:
                told[key] = new
        assert held(response) == told
        changing = Save.objects.filter(response=response, changes__isnull=False).distinct()
        serials = list(changing.order_by("pk").values_list("serial", flat=True))
        assert serials == list(range(1, len(serials) + 1))
        assert Answer.objects.filter(response=response, serial__gt=len(serials)).count() == 0
        transaction.set_rollback(True)
