"""Handing over, conflicts, codes, the signature, what comes back, earlier answers, practice."""

import re
from datetime import timedelta
from pathlib import Path

import completing
import pytest
from django.core import mail as django_mail
from django.db import DatabaseError, transaction
from django.utils import timezone

import barograph as bg
from barograph.collect import codes, handover, invitations, mail, signing, waves
from barograph.collect.access import takes_answers
from barograph.collect.models import (
    Assignment,
    Invitation,
    Message,
    Prefill,
    Response,
    Signature,
    Status,
    Unit,
    Wave,
)
from barograph.collect.progress import data
from barograph.collect.questionnaire import questionnaire
from barograph.collect.saving import Sent, save

SECTION = "sec_background"
EXAMPLE = Path(__file__).parents[2] / "examples" / "smart-city-belgium"


@pytest.fixture
def response(coordinator):
    return Response.objects.get(unit=coordinator.unit)


@pytest.fixture
def answering(coordinator, person):
    return person(coordinator)


def base(response, *parts):
    return "/".join(("/a", response.public_id, *parts, ""))


def give(answering, response, email, *sections):
    answering.get(base(response, "hand-over"))
    answering.press({"section": list(sections), "email": email, "mail_language": "fr"})


def test_a_section_goes_to_a_colleague_who_gets_a_link_for_it(answering, response, person):
    give(answering, response, "expert@first.example", SECTION)
    assert "expert@first.example" in answering.page
    message = Message.objects.get(kind="hand_over")
    assert (message.to, message.language) == ("expert@first.example", "fr")
    assert "8." in message.body
    assert response.unit.name not in message.subject
    path = re.search(r"http://localhost:8000(/a/i/[\w-]{22}/)", mail.written(message))[1]
    colleague = person()
    colleague.get(path).press()
    assert colleague.path == base(response)
    colleague.get(base(response, "section", SECTION))
    colleague.press({"r_comment": "fini", "go": "overview"}, form="interview")
    assert response.answers.get(key="r_comment").value == "fini"
    colleague.press(to=base(response, "section", SECTION, "done"))
    assert Assignment.objects.get().done
    assert Message.objects.filter(kind="section_done", to="clerk@first.example").count() == 1
    answering.press(to=base(response, "section", SECTION, "take-back"))
    assert colleague.get(base(response)).status == 403


@pytest.mark.parametrize(
    "email", ["", "x", "a@b.example, c@d.example", "a@b.example\nBcc: c@d.example", "<a@b.example>"]
)
def test_one_address_and_nothing_else(answering, response, email):
    give(answering, response, email, SECTION)
    assert answering.status == 400
    assert not Message.objects.exists()


def test_a_municipality_cannot_write_to_the_world(answering, response, monkeypatch):
    monkeypatch.setattr(handover, "MOST", 2)
    for n in range(3):
        give(answering, response, f"a{n}@first.example", SECTION)
    assert answering.status == 400
    assert Message.objects.count() == 2


def test_what_a_message_quotes_cannot_fill_its_slots(coordinator):
    message = mail.post(
        "k", "hand_over", coordinator, title="T", municipality="{link}", sections="{code}", by="x"
    )
    text = mail.written(message)
    assert text.count("/a/i/") == 1
    assert "(link)" in text
    assert not django_mail.outbox


def test_two_people_at_one_answer_choose(answering, response, person, coordinator):
    give(answering, response, "expert@first.example", SECTION)
    colleague = person(Invitation.objects.get(email="expert@first.example"))
    path = base(response, "section", SECTION)
    answering.get(path)
    colleague.get(path).press({"r_comment": "theirs", "go": "overview"}, form="interview")
    answering.press({"r_comment": "mine", "r_role": "mayor", "go": "overview"}, form="interview")
    assert answering.status == 409
    assert "mine" in answering.page
    assert "theirs" in answering.page
    assert response.answers.get(key="r_role").value == "mayor"
    chosen = answering.page
    answering.press({"keep:r_comment": "theirs"}, to=path + "conflict/")
    assert response.answers.get(key="r_comment").value == "theirs"
    assert answering.path == base(response)
    answering.page = chosen
    answering.press({"keep:r_comment": "mine"}, to=path + "conflict/")
    assert response.answers.get(key="r_comment").value == "mine"


def test_a_conflict_outlives_a_change_of_language(answering, response, person, coordinator):
    path = base(response, "section", SECTION)
    other = person(coordinator)
    answering.get(path)
    other.get(path).press({"r_comment": "theirs", "go": "overview"}, form="interview")
    answering.press({"r_comment": "mine", "go": "lang-fr"}, form="interview")
    assert answering.status == 409
    assert '<html lang="fr">' in answering.page
    answering.press({"keep:r_comment": "mine"}, to=path + "conflict/")
    assert response.answers.get(key="r_comment").value == "mine"
    assert answering.path == path
    assert '<html lang="fr">' in answering.page


def test_words_typed_while_the_section_is_taken_back_stay_in_sight(answering, response, person):
    give(answering, response, "expert@first.example", SECTION, "sec_strategy")
    colleague = person(Invitation.objects.get(email="expert@first.example"))
    colleague.get(base(response, "section", SECTION))
    answering.press(to=base(response, "section", SECTION, "take-back"))
    colleague.press({"r_comment": "in vain", "r_role": "mayor", "go": "next"}, form="interview")
    assert colleague.status == 409
    assert '<p class="answer">in vain</p>' in colleague.page
    assert not response.answers.exists()
    give(answering, response, "expert@first.example", SECTION)
    colleague.press()
    assert response.answers.get(key="r_comment").value == "in vain"
    # With the last section the link goes too.
    colleague.get(base(response, "section", SECTION))
    for section in (SECTION, "sec_strategy"):
        answering.press(to=base(response, "section", section, "take-back"))
    colleague.press({"r_comment": "again in vain", "go": "next"}, form="interview")
    assert colleague.status == 403
    assert '<p class="answer">again in vain</p>' in colleague.page


@pytest.mark.parametrize("go", ["next", "stay", "lang-fr"])
def test_words_typed_while_a_colleague_signs_stay_in_sight(answering, response, go):
    path = base(response, "section", SECTION)
    answering.get(path)
    shown = Response.objects.filter(pk=response.pk)
    shown.update(status=Status.SIGNED)
    answering.press({"r_comment": "in vain", "go": go}, form="interview")
    assert answering.status == 409
    assert '<p class="answer">in vain</p>' in answering.page
    shown.update(status=Status.REOPENED)
    answering.press()
    assert response.answers.get(key="r_comment").value == "in vain"


def test_a_choice_between_two_answers_is_not_lost_either(answering, response, coordinator, person):
    path = base(response, "section", SECTION)
    other = person(coordinator)
    answering.get(path)
    other.get(path).press({"r_comment": "theirs", "go": "overview"}, form="interview")
    answering.press({"r_comment": "mine", "go": "next"}, form="interview")
    Response.objects.filter(pk=response.pk).update(status=Status.SIGNED)
    answering.press({"keep:r_comment": "mine"}, to=path + "conflict/")
    assert answering.status == 409
    assert '<p class="answer">mine</p>' in answering.page


def test_a_code_has_five_tries_ten_minutes_and_one_use(coordinator, monkeypatch):
    first = codes.issue(coordinator)
    assert re.fullmatch(r"\d{6}", codes.digits(first))
    wrong = f"{(int(codes.digits(first)) + 1) % 10**6:06d}"
    for _ in range(codes.TRIES):
        assert not codes.check(coordinator, wrong)
    assert not codes.check(coordinator, codes.digits(first))
    second = codes.issue(coordinator)
    assert not codes.check(coordinator, codes.digits(first))
    spaced = f" {codes.digits(second)[:3]} {codes.digits(second)[3:]}"
    assert codes.check(coordinator, spaced)
    assert not codes.check(coordinator, codes.digits(second))
    third = codes.issue(coordinator)
    third.expires = timezone.now()
    third.save()
    assert not codes.check(coordinator, codes.digits(third))
    for _ in range(codes.AN_HOUR - 3):
        assert codes.issue(coordinator)
    assert codes.issue(coordinator) is None


def test_a_code_from_the_future_is_not_believed(coordinator):
    code = codes.issue(coordinator)
    code.created = timezone.now() + timedelta(hours=2)
    code.expires = code.created + codes.VALID
    code.save()
    assert not codes.check(coordinator, codes.digits(code))


def complete(response, by):
    """Answers until nothing is at fault, as the questionnaire goes along."""
    given = dict(response.answers.values_list("key", "value"))
    answers = completing.complete(questionnaire(response.form_id).logic, given)
    save(response, by, SECTION, answers, Sent("robot", response.serial))


def verified(answering, response, to="sign"):
    answering.get(base(response, "code") + f"?to={to}").press()
    code = Message.objects.filter(kind="code").latest("pk").code
    answering.press({"digits": codes.digits(code)})
    return answering


def sign(answering, response):
    answering.get(base(response, "sign"))
    answering.press({"name": "A. Clerk", "function": "secretary", "accountable": "1"})
    return answering


def test_signing_demands_validity_a_code_and_a_person(answering, response, coordinator):
    answering.get(base(response, "sign"))
    links = re.findall(r'href="(/a/[^"]+)\?check=1#([^"]+)"', answering.page)
    form = questionnaire(response.form_id)
    assert len(links) == len(form.logic.evaluate({}).faults)
    path, anchor = links[0]
    assert f'id="{anchor}"' in answering.get(f"{path}?check=1").page
    complete(response, coordinator)
    answering.get(base(response, "sign"))
    assert 'name="accountable"' not in answering.page
    verified(answering, response)
    answering.get(base(response, "sign")).press({"name": "A. Clerk", "function": ""})
    assert answering.status == 400
    sign(answering, response)
    assert answering.path == base(response, "thanks")
    response.refresh_from_db()
    assert response.status == Status.SIGNED
    signed = Signature.objects.get()
    answers = dict(response.answers.values_list("key", "value"))
    counted = data(answers, form.logic.evaluate(answers))
    assert signed.receipt == signing.receipt(signed.salt, response.form_id, counted)
    assert signed.receipt[:16] in answering.page
    answering.get(base(response, "section", SECTION))
    assert 'id="interview"' not in answering.page


def test_opening_again_is_a_new_state_and_keeps_the_signature(answering, response, coordinator):
    complete(response, coordinator)
    sign(verified(answering, response), response)
    answering.press(to=base(response, "reopen"))
    states = list(Signature.objects.order_by("pk").values_list("status", flat=True))
    assert states == [Status.SIGNED, Status.REOPENED]
    response.refresh_from_db()
    assert response.status == Status.REOPENED
    answering.get(base(response, "section", SECTION))
    answering.press({"r_comment": "later", "go": "overview"}, form="interview")
    sign(answering, response)
    assert Signature.objects.filter(status=Status.SIGNED).count() == 2


def test_thanks_shows_own_answers_beside_the_edition_and_says_what_is_synthetic(
    answering, response, coordinator, edition, settings, wave
):
    settings.EDITION = edition
    complete(response, coordinator)
    sign(verified(answering, response), response)
    answering.get(base(response, "thanks") + "?lang=en")
    assert "Synthetic reference set" in answering.page
    region = response.unit.domains["region"]
    figure = next(
        e for e in wave.share("p_relevance", top=2, by="region") if e.domain == f"region={region}"
    )
    from barograph.publish.formats import interval_text, value_text

    assert value_text(figure, "en") in answering.page
    assert interval_text(figure, "en") in answering.page


def test_withheld_figures_stay_withheld(edition, tmp_path):
    import csv
    import shutil

    from barograph.collect.summary import summary

    copy = shutil.copytree(edition, tmp_path / "edition")
    path = copy / "data" / "estimates.csv"
    rows = list(csv.DictReader(path.open()))
    for row in rows:
        if row["indicator"] == "relevance" and row["domain"] == "region=flanders":
            row["suppressed"] = "1"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    instrument = bg.open(EXAMPLE).instrument
    own = {"p_relevance": "5"}
    domains = {"region": "flanders"}
    shown = summary(copy, instrument, own, domains, "en").blocks[0].rows[0].figures
    assert shown[0][0].endswith("%")
    assert shown[1] == ("–", "")


def test_earlier_answers_are_shown_after_a_code_and_count_when_confirmed(person, db):
    wave = Wave.objects.get(practice=True)
    unit = Unit.objects.filter(wave=wave).exclude(before={}).order_by("code").first()
    invitation = Invitation.objects.get(unit=unit)
    response = unit.response
    answering = person(invitation)
    path = base(response, "section", "sec_strategy")
    assert "earlier" not in answering.get(path).path
    verified(answering, response, "overview")
    answering.get(path)
    assert answering.path.endswith("/earlier/")
    assert response.answers.count() == 0
    shown = set(response.prefills.values_list("key", flat=True))
    assert shown
    assert shown <= set(unit.before)
    confirmed, corrected = sorted(shown)[:2]
    answering.press({confirmed: "confirm", corrected: "correct"})
    assert answering.path == path
    assert dict(response.answers.values_list("key", "value")) == {confirmed: unit.before[confirmed]}
    verdicts = dict(response.prefills.exclude(verdict="").values_list("key", "verdict"))
    assert verdicts == {
        confirmed: Prefill.Verdict.CONFIRMED,
        corrected: Prefill.Verdict.CORRECTED,
    }


def test_the_share_shown_earlier_answers_is_drawn_by_name():
    wave = Wave(name="2018", prefill_share=0.4)
    codes_ = [str(n) for n in range(2000)]
    first = [code for code in codes_ if waves.drawn(wave, code)]
    assert first == [code for code in codes_ if waves.drawn(wave, code)]
    assert 700 < len(first) < 900
    other = Wave(name="2019", prefill_share=0.4)
    assert first != [code for code in codes_ if waves.drawn(other, code)]


def test_practice_is_said_on_every_page_and_cannot_be_undone(person, db):
    wave = Wave.objects.get(practice=True)
    answering = person()
    invitation = Invitation.objects.get(unit__wave=wave)
    path = f"/a/i/{invitations.token(invitation)}/"
    notices = {
        "nl": "nooit gepubliceerd",
        "fr": "jamais publiées",
        "de": "nie veröffentlicht",
        "en": "never published",
    }
    for lang, notice in notices.items():
        assert notice in answering.get(f"{path}?lang={lang}").page
    answering.get(path).press()
    home = answering.path
    for part in ("", "section/sec_strategy/", "hand-over/", "code/", "sign/"):
        for lang, notice in notices.items():
            assert notice in answering.get(f"{home}{part}?lang={lang}").page
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Wave.objects.filter(pk=wave.pk).update(practice=False)


def test_a_person_closes_a_wave_and_whoever_began_may_finish(real, response):
    real.closes = timezone.now().date() - timedelta(days=2)
    states = {state: [] for state in Wave.State}
    for state in states:
        for status in (Status.INVITED, Status.STARTED):
            real.state, response.status = state, status
            states[state].append(takes_answers(real, response))
    taking = {"testing": [True, True], "open": [True, True], "closing": [False, True]}
    assert states == {state: taking.get(state, [False, False]) for state in Wave.State}


def test_after_closing_everything_can_be_read_and_nothing_written(answering, response):
    Wave.objects.filter(pk=response.unit.wave_id).update(state=Wave.State.CLOSED)
    page = answering.get(base(response, "section", SECTION)).page
    assert 'id="interview"' not in page
    assert "sign/" not in answering.get(base(response)).page
