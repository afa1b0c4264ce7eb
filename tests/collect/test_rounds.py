"""Rounds: whom they meet, in which words, and that nobody gets one twice."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from postbox import postbox

from barograph.accounts import staff as accounts
from barograph.collect import codes, invitations, mail, opt_out
from barograph.collect.contacts.importing import Entry, Reading, changes
from barograph.collect.models import FAILED, Call, Contact, Mailing, Message, Response, Wave
from barograph.collect.outbox import queue, smtp, worker
from barograph.collect.rounds import plan as rounds
from barograph.collect.rounds.letters import DEFAULT, Letters, check
from barograph.collect.rounds.reach import reach
from barograph.collect.rounds.release import release, release_due, send_test
from barograph.errors import BadInput
from barograph.publish import texts

GHENT, LIEGE, BRUSSELS, EUPEN = "44021", "62063", "21004", "63023"


@pytest.fixture
def contact(db):
    def made(code, email, languages="nl", **more):
        until = timezone.now().date()
        return Contact.objects.create(
            code=code, email=email, languages=languages, retain_until=until, **more
        )

    return made


@pytest.fixture
def plan(real):
    def planned(kind="invitation", number=1, wave=real, **stratum):
        now = timezone.now()
        return rounds.plan(wave, kind, number, stratum, now, 60, None)

    return planned


def sent():
    Message.objects.update(state="sent", sent=timezone.now())


def test_everybody_who_can_be_written_to_gets_one_link(real, contact, plan):
    contact(GHENT, "first@gent.example")
    contact(GHENT, "second@gent.example")
    contact(LIEGE, "clerk@liege.example", "fr")
    contact(LIEGE, "a@liege.example", "fr", function="Coordinatrice")
    contact(LIEGE, "b@liege.example", "fr", function="coordinator")
    contact(BRUSSELS, "out@brussels.example", opted_out=timezone.now())
    contact(EUPEN, "gone@eupen.example", "de fr", bounced=timezone.now())
    mailing = plan()
    found = reach(mailing)
    assert {c.email for _, c in found.addressees} == {
        "first@gent.example", "a@liege.example", "b@liege.example"
    }  # fmt: skip
    assert found.left_out == {"no_contact": real.units.count() - 4, "opted_out": 1, "bounced": 1}
    assert release(mailing) == 3
    assert release(mailing) == 0
    links = {invitations.link(m.invitation) for m in Message.objects.all()}
    assert len(links) == 3
    assert all(m.body.count("{link}") == 1 for m in Message.objects.all())


def test_overlapping_strata_and_a_second_plan_reach_nobody_twice(contact, plan):
    contact(GHENT, "first@gent.example")
    contact(LIEGE, "clerk@liege.example", "fr")
    release(plan(region=["flanders"]))
    for mailing in (plan(), plan(rurality=["urban"]), plan(region=["flanders", "wallonia"])):
        release(mailing)
    assert sorted(m.to for m in Message.objects.all()) == [
        "clerk@liege.example",
        "first@gent.example",
    ]
    contact(BRUSSELS, "new@brussels.example", "fr nl")
    assert release(plan()) == 1, "a contact that came later is invited by the same round again"


def test_a_job_run_twice_sends_once(contact, plan, settings):
    contact(GHENT, "first@gent.example")
    contact(LIEGE, "clerk@liege.example", "fr")
    with postbox() as box:
        settings.SMTP = smtp.server(box.address, "barometer@institute.example")
        plan(region=["flanders"])
        plan()
        assert worker.once() == {"released": 2, "sent": 2}
        assert not worker.once()
        plan()
        assert not worker.once()
    assert sorted(got.to[0] for got in box.got) == ["clerk@liege.example", "first@gent.example"]


def test_the_database_itself_refuses_a_second_link_or_message(real, contact, plan):
    someone = contact(GHENT, "first@gent.example")
    release(plan())
    message = Message.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        invitations.invite(message.invitation.unit, someone.email, "nl", contact=someone)
    message.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        message.save()


def test_a_reminder_goes_to_who_was_invited_and_has_not_signed(
    real, contact, plan, django_user_model
):
    people = {code: contact(code, f"x@{code}.example") for code in (GHENT, LIEGE, BRUSSELS, EUPEN)}
    release(plan(region=["flanders", "wallonia", "brussels"]))
    assert not reach(plan("reminder")).addressees, "nobody is reminded of what has not gone out"
    sent()
    Response.objects.filter(unit__code=GHENT).update(status="signed")
    people[LIEGE].opted_out = timezone.now()
    people[LIEGE].save()
    caller = django_user_model.objects.create(email="f@desk.example", role="fieldworker")
    Call.objects.create(
        unit=real.units.get(code=EUPEN), at=timezone.now(), by=caller, outcome="refused"
    )
    contact("11001", "late@aartselaar.example")
    found = reach(plan("reminder"))
    assert [c.code for _, c in found.addressees] == [BRUSSELS]
    left = {"answered": 1, "opted_out": 1, "refused": 1, "not_invited": 1}
    assert {why: n for why, n in found.left_out.items() if why in left} == left


@pytest.mark.parametrize("known", [False, True])
def test_who_moves_is_reminded_there_and_invited_no_second_time(real, contact, plan, person, known):
    contact(GHENT, "left@gent.example", function="coordinator")
    contact(GHENT, "other@gent.example", function="coordinator", opted_out=timezone.now())
    release(plan())
    sent()
    if known:
        contact(GHENT, "new@gent.example", function="secretary")
    invitation = Message.objects.get().invitation
    there = person(invitation)
    there.get(f"/a/{invitation.unit.response.public_id}/contact/").press()
    there.press({"digits": codes.digits(Message.objects.get(kind="code").code)})
    there.press({"name": "N. N.", "email": "new@gent.example"})
    assert [c.email for _, c in reach(plan("reminder")).addressees] == ["new@gent.example"]
    assert not reach(plan()).addressees
    assert release(plan("reminder")) == 1
    assert len({m.invitation for m in Message.objects.filter(to="new@gent.example")}) == 1


def test_a_late_coordinator_takes_no_reminder_from_who_was_invited(contact, plan):
    contact(GHENT, "first@gent.example")
    release(plan())
    sent()
    contact(GHENT, "late@gent.example", function="coordinator")
    assert [c.email for _, c in reach(plan("reminder")).addressees] == ["first@gent.example"]


@pytest.mark.parametrize("state", FAILED)
def test_what_failed_without_fault_of_the_address_is_planned_anew(contact, plan, state):
    someone = contact(GHENT, "first@gent.example")
    release(plan())
    Message.objects.update(state=state)
    assert reach(plan("reminder")).left_out["not_invited"] == 1
    Contact.objects.update(bounced=timezone.now())
    assert not reach(plan()).addressees
    Contact.objects.update(bounced=None)
    assert release(plan()) == 1
    assert (Message.objects.get().state, someone.invitations.count()) == ("queued", 1)


def test_who_signs_before_a_reminder_goes_out_does_not_get_it(contact, plan):
    contact(GHENT, "first@gent.example")
    contact(LIEGE, "clerk@liege.example", "fr")
    release(plan())
    sent()
    release(plan("reminder"))
    Response.objects.filter(unit__code=GHENT).update(status="signed")
    Contact.objects.filter(code=LIEGE).update(opted_out=timezone.now())
    worker.once()
    assert {m.reply for m in Message.objects.filter(kind="reminder")} == {"answered", "opted out"}


def test_a_round_waits_for_its_day_and_for_the_wave(real, contact, plan):
    contact(GHENT, "first@gent.example")
    mailing = plan()
    now = timezone.now()
    assert release_due(now - timedelta(minutes=1)) == 0
    for state in Wave.State:
        Wave.objects.filter(pk=real.pk).update(state=state)
        assert release_due(now) == (1 if state == Wave.State.OPEN else 0), state
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.RELEASED


def test_a_cancelled_round_stops_and_may_be_planned_anew(contact, plan):
    contact(GHENT, "first@gent.example")
    mailing = plan()
    release(mailing)
    assert rounds.cancel(mailing, None) == 1
    assert Message.objects.get().state == "cancelled"
    assert release(plan()) == 1
    assert Message.objects.get().state == "queued"


def test_a_message_in_hand_when_its_round_is_cancelled_does_not_come_back(contact, plan):
    contact(GHENT, "clerk@gent.example")
    mailing = plan()
    release(mailing)
    message = queue.claim()
    rounds.cancel(mailing, None)
    queue.put_back(message, "450 later")
    queue.drop_obsolete()
    message.refresh_from_db()
    assert message.state == "cancelled"


def test_who_opted_out_stays_out_when_erased_and_in_a_list_again(contact, plan):
    erased = contact(GHENT, "clerk@gent.example")
    opt_out.opt_out(erased.email)
    erased.delete()
    again = Entry(2, GHENT, "Clerk@gent.example", "nl", {})
    found = changes(Reading("utf-8", "comma", (), (again,), ()), timezone.localdate())
    assert found.counts["opted_out"] == 1
    assert found.new[0].opted_out is not None


def test_a_round_whose_letters_broke_is_held_and_told(contact, plan, settings, tmp_path):
    contact(GHENT, "first@gent.example")
    mailing = plan()
    example, settings.BAROMETER = settings.BAROMETER, tmp_path
    (tmp_path / "2017").mkdir()
    (tmp_path / "2017" / "mail.toml").write_text("minutes = 0")
    (tmp_path / "barometer.toml").write_text("")
    assert not worker.once()
    assert any("mail.toml, column minutes" in line for line in worker.state_told())
    settings.BAROMETER = example
    assert worker.once() == {"released": 1}
    assert not any("mail.toml" in line for line in worker.state_told())
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.RELEASED


def test_a_clock_that_is_not_believed_releases_nothing(contact, plan, monkeypatch):
    contact(GHENT, "first@gent.example")
    worker.once()
    plan()
    monkeypatch.setattr(worker.clock, "check", lambda: "clock +1440 min")
    assert not worker.once()
    assert not Message.objects.exists()


def test_practice_is_planned_and_stays_in_the_mailbox(contact, plan, person, settings):
    contact(GHENT, "first@gent.example")
    plan(wave=Wave.objects.get(practice=True))
    assert worker.once() == {"released": 1, "mailbox": 1}
    assert Message.objects.get().subject in person().get("/a/mailbox/").page


@pytest.mark.parametrize(
    ("kind", "number", "stratum", "per_minute", "told"),
    [
        ("letter", 1, {}, 60, "kind"),
        ("invitation", 2, {}, 60, "number"),
        ("reminder", 0, {}, 60, "number"),
        ("reminder", 1, {"province": ["x"]}, 60, "domain"),
        ("reminder", 1, {"region": ["flandres"]}, 60, "flandres"),
        ("reminder", 1, {}, 0, "minute"),
    ],
)
def test_what_cannot_be_planned(real, kind, number, stratum, per_minute, told):
    with pytest.raises(BadInput, match=told):
        rounds.plan(real, kind, number, stratum, timezone.now(), per_minute, None)


def test_a_wave_without_a_closing_day_or_over_has_no_rounds(real, plan):
    for state, closes, told in (("open", None, "closing day"), ("closed", real.closes, "closed")):
        real.state, real.closes = state, closes
        with pytest.raises(BadInput, match=told):
            plan()


def test_times_are_local_and_strata_are_read():
    assert rounds.moment("2026-12-01T09:00").isoformat() == "2026-12-01T09:00:00+01:00"
    assert rounds.moment("2026-12-01T09:00Z").hour == 9
    assert rounds.stratum_of(["region=flanders,brussels", "rurality=urban"]) == {
        "region": ["flanders", "brussels"], "rurality": ["urban"]
    }  # fmt: skip
    for text in ("tomorrow", ""):
        with pytest.raises(BadInput):
            rounds.moment(text)
    with pytest.raises(BadInput):
        rounds.stratum_of(["region"])


def letter(wave, code, contact, kind="invitation", number=1):
    return Letters.of(wave).letter(kind, number, wave.units.get(code=code), contact)


def test_two_languages_stand_in_one_message_the_official_first(real, contact):
    someone = contact(EUPEN, "e@eupen.example", "de fr", name="Éva {link} Müller")
    found = letter(real, EUPEN, someone)
    german, french = found.body.index("lädt alle"), found.body.index("invite toutes")
    assert german < french
    assert found.body.startswith("Le texte français se trouve ci-dessous.")
    assert found.subject.startswith("Einladung: Barometer der smarten Gemeinden / Invitation")
    assert found.languages == "de fr"
    assert "Éva (link) Müller" in found.body
    assert found.body.count("{link}") == 2
    assert "{link}?lang=fr" in found.body
    assert "Éva" not in found.subject


def test_every_letter_of_the_house_says_what_it_must(real, contact):
    for lang, words in texts.load(DEFAULT).items():
        someone = contact(GHENT, f"{lang}@gent.example", lang, name="N. N.")
        for key in (k for k in words if k.endswith("_body")):
            check(DEFAULT, f"{key}.{lang}", words[key])
            number = int(key.split("_")[1]) if key.startswith("reminder") else 1
            found = letter(real, GHENT, someone, key.split("_")[0], number)
            closing = found.body + found.subject
            for part in ("N. N.", "Gent", "N.N. (research institute)", str(real.closes.year)):
                assert part in closing, (lang, key, part)
            assert re.search(r"\d+ [Mm]inut", found.body.replace("\N{NO-BREAK SPACE}", " ")), (
                lang,
                key,
            )
            assert max(map(len, found.subject.splitlines())) < 120


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        ('[invitation_body]\nnl = "{link} {opt_out} {unit}"', "invitation_body.nl: {unit}"),
        ('[invitation_body]\nnl = "{link.__class__} {opt_out}"', "no slot"),
        ('[invitation_body]\nnl = "{link!r} {opt_out}"', "no slot"),
        ('[invitation_body]\nnl = "{link:>90} {opt_out}"', "no slot"),
        ('[invitation_body]\nnl = "{link}"', "opt_out} is missing"),
        ('[invitation_body]\nnl = "{link} {opt_out} {"', "brace"),
        ('[invitation_subject]\nnl = "For {name}"', "invitation_subject.nl: {name}"),
        ('[invitation_subject]\nfr = "x"', "'nl' is missing"),
        ('[welcome]\nnl = "x"', "welcome"),
        ("minutes = 0", "minutes"),
    ],
)
def test_a_letter_of_the_wave_is_checked(real, settings, tmp_path, toml, told):
    (tmp_path / "2017").mkdir()
    (tmp_path / "barometer.toml").write_text("")
    (tmp_path / "2017" / "mail.toml").write_text(toml)
    settings.BAROMETER = tmp_path
    with pytest.raises(BadInput, match=re.escape(told)) as error:
        Letters.of(real)
    assert "mail.toml" in str(error.value)


def test_a_letter_of_the_wave_takes_the_place_of_the_houses(real, contact, settings, tmp_path):
    (tmp_path / "2017").mkdir()
    (tmp_path / "barometer.toml").write_text('[operator]\nname = "The institute"')
    own = "\n".join(
        f'{lang} = "{{operator}}: {{link}} {{opt_out}} {{{{7*7}}}}"' for lang in real.title
    )
    (tmp_path / "2017" / "mail.toml").write_text(f"minutes = 25\n[reminder_3_body]\n{own}\n")
    settings.BAROMETER = tmp_path
    someone = contact(GHENT, "x@gent.example")
    with pytest.raises(BadInput, match="reminder_3_subject"):
        Letters.of(real)
    heads = "\n".join(f'{lang} = "Third"' for lang in real.title)
    with (tmp_path / "2017" / "mail.toml").open("a") as file:
        file.write(f"[reminder_3_subject]\n{heads}\n")
    found = letter(real, GHENT, someone, "reminder", 4)
    assert found.subject == "Third"
    assert found.body == "The institute: {link} {opt_out} {7*7}\n"
    assert "25 minuten" in letter(real, GHENT, someone).body.replace("\N{NO-BREAK SPACE}", " ")


def test_a_test_goes_to_its_sender_and_opens_nothing(real, contact, person):
    account = accounts.add("fieldworker@desk.example", "fieldworker")
    someone = contact(GHENT, "x@gent.example", name="X")
    unit = real.units.get(code=GHENT)
    message = send_test(real, "reminder", 1, unit, someone, account)
    assert message.to == account.email
    assert message.subject.startswith("[TEST] ")
    text = mail.written(message)
    links = re.findall(r"http://localhost:8000(/a/\S+)", text)
    assert len(links) == 2
    for link in links:
        assert person().get(link).status == 404
    assert "/a/o/" not in text
    assert not Response.objects.filter(unit=unit).exists()
