"""The desk's pages of state and closing: moved, decided and frozen by buttons, each act and look noted."""

import re

import pytest
from closing import Field, State, folder_of

from barograph.accounts.models import Event
from barograph.collect.models import Answer, Decision, Freeze, Job, Transition

HOME = "/a/desk/2026"


@pytest.fixture
def field(db, tmp_path, settings):
    settings.BAROMETER = folder_of(tmp_path)
    return Field(settings.BAROMETER)


def pressed(person, address, **values):
    """The form of the page in front whose address ends so, with these values."""
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', person.page)[1]
    return person.post(f"{HOME}/{address}", {"csrfmiddlewaretoken": token, **values})


def test_a_wave_goes_all_the_way_by_buttons(field, staff):
    boss = staff("researcher")
    boss.get(f"{HOME}/state/?lang=en")
    for to in (State.TESTING, State.OPEN):
        pressed(boss, "state/move/", to=to)
        assert boss.status == 200, boss.page
    field.wave.refresh_from_db()
    for number in range(1, 5):
        field.answer(f"U{number:02}", {"relevance": "4"})
    for to in (State.CLOSING, State.CLOSED):
        pressed(boss, "state/move/", to=to)
    boss.get(f"{HOME}/closing/")
    assert "The answers of 4 municipalities" in boss.page
    pressed(boss, "closing/freeze/")
    assert (boss.status, boss.path) == (200, f"{HOME}/state/")
    (made,) = Freeze.objects.all()
    assert made.by.email == "researcher@desk.example"
    assert made.sha256[:16] in boss.page
    who = set(Transition.objects.values_list("by__email", flat=True))
    assert who == {"researcher@desk.example"}
    assert Job.objects.get(kind="freeze").state == Job.State.DONE


def test_what_cannot_be_done_is_told_and_changes_nothing(field, staff):
    boss = staff("researcher")
    boss.get(f"{HOME}/state/?lang=fr")
    pressed(boss, "state/move/", to=State.CLOSED)
    assert boss.status == 409
    assert "Ce n'est pas possible" in boss.page.replace("&#39;", "'")
    pressed(boss, "state/move/", to="nowhere")
    assert boss.status == 409
    boss.get(f"{HOME}/closing/")
    pressed(boss, "closing/freeze/")
    assert boss.status == 409
    pressed(boss, "closing/decide/", check="speed", unit="U01", verdict="keep", reason="x")
    assert boss.status == 409
    assert [m.objects.count() for m in (Transition, Freeze, Decision)] == [0, 0, 0]


def test_a_decision_by_the_page_takes_an_unsigned_response_in(field, staff):
    field.to(State.TESTING, State.OPEN)
    field.answer("U01", {"relevance": "4"}, sign=False)
    analyst = staff("analyst")
    analyst.get(f"{HOME}/closing/?lang=nl")
    assert "Begonnen, niet ondertekend" in analyst.page
    pressed(analyst, "closing/decide/", check="unsigned", unit="U01", verdict="include",
            reason="<b>telefoon</b>")  # fmt: skip
    assert analyst.status == 200
    assert "&lt;b&gt;telefoon" in analyst.page
    assert Decision.objects.get().by.email == "analyst@desk.example"
    pressed(analyst, "closing/freeze/")
    assert analyst.status == 403


def test_every_look_at_the_report_is_noted(field, staff):
    analyst, reader = staff("analyst"), staff("reader")
    for _ in range(2):
        analyst.get(f"{HOME}/closing/")
    assert reader.get(f"{HOME}/closing/").status == 403
    looks = Event.objects.filter(act="answers read", wave="2026")
    assert list(looks.values_list("account__email", flat=True)) == ["analyst@desk.example"] * 2


def test_publishing_is_the_publishers_once_there_is_a_final_edition(field, staff):
    from barograph.collect.closing.freeze import freeze
    from barograph.publish.edition import record

    field.to(State.TESTING, State.OPEN)
    for number in range(1, 21):
        field.answer(f"U{number:02}", {"relevance": str(1 + number % 5)})
    field.to(State.CLOSING, State.CLOSED)
    freeze(field.wave, field.described)
    publisher = staff("publisher")
    publisher.get(f"{HOME}/state/?lang=en")
    assert "There is no final edition of the answers frozen last" in publisher.page
    record(field.described)
    field.to(State.CLOSED, reason="a correction came in")
    Answer.objects.filter(response__unit__code="U01", key="relevance").update(value="5")
    freeze(field.wave, field.described)
    publisher.get(f"{HOME}/state/?lang=en")
    assert "There is no final edition of the answers frozen last" in publisher.page
    record(field.described)
    publisher.get(f"{HOME}/state/")
    pressed(publisher, "state/published/")
    field.wave.refresh_from_db()
    assert field.wave.state == State.PUBLISHED
    pressed(publisher, "state/move/", to=State.FROZEN, reason="x")
    assert publisher.status == 403


def test_the_button_of_publishing_is_not_the_researchers(field, staff):
    boss = staff("researcher")
    boss.get(f"{HOME}/state/?lang=en")
    pressed(boss, "state/move/", to=State.PUBLISHED)
    assert boss.status == 403


def test_the_desk_tells_that_the_questionnaire_of_the_folder_has_changed(field, staff):
    boss = staff("researcher")
    boss.get(f"{HOME}/state/?lang=en")
    survey, was = field.folder / "questionnaire" / "survey.csv", field.wave.form_id
    survey.write_text(survey.read_text().replace("How appropriate", "How fitting"))
    pressed(boss, "state/move/", to=State.TESTING)
    field.wave.refresh_from_db()
    assert field.wave.form_id != was, "what was edited goes out"
    survey.write_text(survey.read_text().replace("How fitting", "How apt"))
    boss.get(f"{HOME}/state/")
    pressed(boss, "state/move/", to=State.OPEN)
    assert boss.status == 409
    field.wave.refresh_from_db()
    assert field.wave.state == State.TESTING
