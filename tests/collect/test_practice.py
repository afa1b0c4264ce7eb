"""The history of a practice wave: the same each time, made once, plausible, with no person in it."""

from dataclasses import replace

import pytest

from barograph.accounts import staff as accounts
from barograph.collect import signing
from barograph.collect.models import (
    Answer,
    Assignment,
    Contact,
    Invitation,
    Message,
    Paradata,
    Response,
    Signature,
    Status,
    Wave,
)
from barograph.collect.practice import SIGNING, furnish
from barograph.collect.progress import data
from barograph.collect.questionnaire import questionnaire


@pytest.fixture
def furnished(db, wave):
    practice = Wave.objects.get(practice=True)
    furnish(practice, wave, accounts.practising())
    return practice


def test_what_there_is(furnished):
    invited = Invitation.objects.filter(unit__wave=furnished, contact__isnull=False)
    assert invited.count() == 588  # one is free for whoever practises
    assert {c.email.partition("@")[2] for c in Contact.objects.all()} == {"example.org"}
    assert set(Contact.objects.values_list("name", flat=True)) == {""}
    responses = Response.objects.filter(unit__wave=furnished)
    assert responses.filter(status=Status.SIGNED).count() == SIGNING
    assert responses.filter(status=Status.STARTED).count() > 5
    assert Assignment.objects.filter(done=None).exists()
    assert Assignment.objects.exclude(done=None).exists()
    assert Paradata.objects.filter(seconds__gt=0).count() > 200


def test_what_is_signed_is_without_fault_and_its_receipts_fit(furnished):
    form = questionnaire(furnished.form_id)
    for signature in Signature.objects.select_related("response"):
        answers = dict(signature.response.answers.values_list("key", "value"))
        state = form.logic.evaluate(answers)
        assert not state.faults
        version = signature.response.form_id
        fits = signing.receipt(signature.salt, version, data(answers, state))
        assert signature.receipt == fits


def test_nobody_who_had_signed_was_reminded(furnished):
    rounds = furnished.mailings.order_by("due")
    assert [(m.kind, m.number) for m in rounds] == [
        ("invitation", 1),
        ("reminder", 1),
        ("reminder", 2),
    ]
    assert rounds[0].messages.count() == 588
    for mailing in rounds:
        signed = Signature.objects.filter(at__lte=mailing.due).values("response__unit")
        assert not mailing.messages.filter(invitation__unit__in=signed).exists()
        assert mailing.messages.exclude(state="bounced").exclude(state="sent").count() == 0
    assert Message.objects.filter(state="bounced").count() == 1
    assert Contact.objects.exclude(bounced=None).count() == 1


def test_it_is_made_once(furnished, wave):
    before = Answer.objects.count()
    furnish(furnished, wave, accounts.practising())
    assert Answer.objects.count() == before


def test_never_where_answers_are_real(real, wave):
    furnish(real, wave, accounts.practising())
    furnish(Wave.objects.get(practice=True), replace(wave, synthetic={}), accounts.practising())
    assert not Contact.objects.exists()
