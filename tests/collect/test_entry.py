"""Answers that came on paper or by telephone, typed in by staff under their own name and mode."""

import completing
import pytest

from barograph.accounts import doors
from barograph.accounts.models import Account, Event
from barograph.collect import invitations, saving
from barograph.collect.models import (
    Invitation,
    Message,
    Paradata,
    Response,
    Save,
    Signature,
    Status,
    Wave,
)
from barograph.collect.questionnaire import questionnaire

SECTION = "sec_background"


@pytest.fixture
def unit(real):
    return real.units.order_by("code")[2]


def entering(someone, unit, mode="paper"):
    """Searches a municipality and opens its questionnaire."""
    someone.get(f"/a/desk/{unit.wave.name}/entry/?q={unit.code}")
    assert unit.name in someone.page
    path = f"/a/desk/{unit.wave.name}/entry/"
    return someone.press({"unit": unit.code, "mode": mode}, form="sign-out", to=path)


@pytest.fixture
def fieldworker(staff, unit):
    return entering(staff("fieldworker"), unit)


def base(unit):
    return f"/a/{unit.response.public_id}/"


def test_what_is_entered_is_marked_by_mode_and_by_whom(fieldworker, unit):
    assert fieldworker.path == base(unit)
    fieldworker.get(f"{base(unit)}section/{SECTION}/?lang=en")
    assert "A paper questionnaire, entered by fieldworker@desk.example" in fieldworker.page
    fieldworker.press({"r_comment": "As on paper", "go": "overview"}, form="interview")
    save = Save.objects.get(response=unit.response)
    assert (save.by.mode, save.by.account.email) == ("paper", "fieldworker@desk.example")
    assert not Message.objects.exists()
    assert not Paradata.objects.exists()
    unit.response.refresh_from_db()
    assert unit.response.status == Status.STARTED


def test_each_opening_is_logged_and_makes_no_second_invitation(fieldworker, unit):
    entering(fieldworker, unit)
    entering(fieldworker, unit, "telephone")
    assert Invitation.objects.filter(unit=unit).count() == 2
    read = Event.objects.filter(act="answers read").values_list("subject", "detail", "wave")
    assert list(read) == [(unit.code, {"mode": mode}, unit.wave.name)
                          for mode in ("paper", "paper", "telephone")]  # fmt: skip
    assert Event.objects.filter(act="answers read").last().account.role == "fieldworker"


def test_it_holds_while_signed_in_and_allowed_only(fieldworker, unit, staff, person):
    other = staff("researcher")
    assert other.get(base(unit)).status == 403
    account = Account.objects.get(role="fieldworker")
    account.role = "analyst"
    account.save()
    assert fieldworker.get(base(unit)).status == 403
    account.role = "fieldworker"
    account.save()
    assert fieldworker.get(base(unit)).status == 200
    fieldworker.get("/a/desk/").press(form="sign-out", to="/a/staff/leave/")
    assert fieldworker.get(base(unit)).status == 403


def test_its_link_opens_nothing(fieldworker, unit, person):
    token = invitations.token(Invitation.objects.get(unit=unit))
    assert person().get(f"/a/i/{token}/").status == 404


def test_what_was_typed_survives_the_end_of_the_session(fieldworker, unit, monkeypatch):
    fieldworker.get(f"{base(unit)}section/{SECTION}/")
    idle = doors.IDLE
    monkeypatch.setattr(doors, "IDLE", -1)
    fieldworker.press({"r_comment": "As on paper", "go": "overview"}, form="interview")
    assert fieldworker.status == 403
    assert "As on paper" in fieldworker.page
    assert "invitation_link" not in fieldworker.page
    monkeypatch.setattr(doors, "IDLE", idle)  # signed in again in another window
    fieldworker.press()
    assert fieldworker.path == base(unit)
    assert unit.response.answers.get(key="r_comment").value == "As on paper"


def test_the_signatory_on_paper_is_named(fieldworker, unit):
    response = Response.objects.get(unit=unit)
    answers = completing.complete(questionnaire(response.form_id).logic)
    by = Invitation.objects.get(unit=unit)
    saving.save(response, by, SECTION, answers, saving.Sent("test", 0))
    fieldworker.get(f"{base(unit)}sign/?lang=en")
    assert "Name of the signatory" in fieldworker.page
    fieldworker.press({"name": "On Paper", "function": "mayor", "accountable": "1"})
    assert fieldworker.path == f"{base(unit)}thanks/"
    signed = Signature.objects.get()
    assert (signed.name, signed.by.mode, signed.by.account.role) == (
        "On Paper", "paper", "fieldworker",
    )  # fmt: skip


def test_nothing_is_handed_over_and_nothing_of_before_is_offered(fieldworker, unit):
    assert "hand-over" not in fieldworker.get(base(unit)).page
    assert fieldworker.get(f"{base(unit)}hand-over/").path == base(unit)
    unit.before = {"s_manager": "yes"}
    unit.save()
    fieldworker.get(f"{base(unit)}section/sec_strategy/")
    assert "earlier" not in fieldworker.path


@pytest.mark.parametrize(
    ("state", "taken"), [("draft", False), ("closing", True), ("closed", False), ("frozen", False)]
)
def test_paper_that_comes_while_a_wave_closes_is_taken(state, taken, staff, unit):
    Wave.objects.filter(pk=unit.wave_id).update(state=state)
    someone = staff("fieldworker")
    someone.get(f"/a/desk/{unit.wave.name}/entry/?q={unit.code}")
    if taken:
        entering(someone, unit).get(f"{base(unit)}section/{SECTION}/")
        assert 'id="interview"' in someone.page
    else:
        someone.press({"mode": "paper", "unit": unit.code}, form="sign-out", to=someone.path)
        assert someone.status == 400
        assert not Invitation.objects.filter(account__isnull=False).exists()


@pytest.mark.parametrize("typed", [{"mode": "web"}, {"mode": ""}, {"unit": "00000"}])
def test_nonsense_is_refused(typed, staff, unit):
    someone = staff("fieldworker")
    someone.get(f"/a/desk/{unit.wave.name}/entry/")
    someone.press({"unit": unit.code, "mode": "paper", **typed}, form="sign-out", to=someone.path)
    assert someone.status in (400, 404)
    assert not Invitation.objects.filter(account__isnull=False).exists()


def test_a_respondent_in_the_same_browser_stays_a_respondent(coordinator, staff, person):
    someone = staff("fieldworker")
    someone.get(f"/a/i/{invitations.token(coordinator)}/").press({}, form="")
    visit = someone.get(f"/a/{coordinator.unit.response.public_id}/")
    assert visit.status == 200
    assert "entered by" not in visit.page
