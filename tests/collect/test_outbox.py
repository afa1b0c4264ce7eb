"""The outbox and a mail server that is down, slow, refuses or hangs up: nothing lost, state told."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from postbox import postbox

from barograph.cli import operate
from barograph.collect import codes, invitations, mail, opt_out, waves
from barograph.collect.models import Beat, Contact, Mailing, Message, Wave
from barograph.collect.outbox import clock, queue, smtp, worker
from barograph.collect.outbox.envelope import envelope
from barograph.errors import BadInput
from barograph.web import server as web_server

EXAMPLE = Path(__file__).parents[2] / "examples" / "smart-city-belgium"
SENDER = "Barometer <barometer@institute.example>"


@pytest.fixture
def box(settings, monkeypatch):
    with postbox() as box:
        settings.SMTP = smtp.server(box.address, SENDER)
        monkeypatch.setattr(smtp, "TIMEOUT", 0.5)
        yield box


@pytest.fixture
def mailing(real):
    return Mailing.objects.create(
        wave=real,
        kind="invitation",
        number=1,
        due=timezone.now(),
        per_minute=1000,
        state="released",
    )


@pytest.fixture
def posted(real, mailing):
    """Puts an invitation for each address in the outbox."""

    def post(*addresses):
        made = []
        for unit, email in zip(real.units.order_by("code"), addresses, strict=False):
            contact = Contact.objects.create(
                code=unit.code, email=email, languages="nl", retain_until=timezone.now().date()
            )
            invitation = invitations.invite(unit, email, "nl")
            invitation.contact = contact
            invitation.save()
            message = mail.post(
                f"k:{email}", "section_done", invitation, title="T", municipality="M", section="S"
            )
            message.mailing, message.kind = mailing, "invitation"
            message.save()
            made.append(message)
        return made

    return post


def states():
    return {m.to: m.state for m in Message.objects.all()}


def later(message, attempts=1):
    """Whether it waits for its next try, after so many."""
    message.refresh_from_db()
    delay = queue.DELAYS[attempts - 1]
    wait = message.due - timezone.now()
    return (message.state, message.attempts) == ("queued", attempts) and (
        delay - timedelta(minutes=1) < wait <= delay
    )


def test_a_message_goes_to_one_recipient_with_its_headers(box, posted):
    message = posted("clerk@one.example")[0]
    assert worker.once() == {"sent": 1}
    (got,) = box.got
    contact = Contact.objects.get()
    assert got.to == ["clerk@one.example"]
    assert got.message["To"] == "clerk@one.example"
    assert got.message["Message-ID"] == message.message_id
    assert got.message["List-Unsubscribe"] == f"<{opt_out.link(contact)}>"
    assert got.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert got.message["Auto-Submitted"] == "auto-generated"
    assert got.message["Content-Language"] == "nl"
    assert not {"Cc", "Bcc"} & set(got.message.keys())
    text = got.message.get_content()
    assert invitations.link(message.invitation) in text
    assert invitations.token(message.invitation) not in Message.objects.get().body


def test_a_server_that_is_down_costs_no_attempt_and_is_told(settings, posted):
    settings.SMTP = smtp.server("smtp://127.0.0.1:9?tls=none", SENDER)
    message = posted("clerk@one.example")[0]
    assert not worker.once()
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("queued", 0)
    assert any("refused" in line for line in worker.state_told())
    with postbox() as box:
        settings.SMTP = smtp.server(box.address, SENDER)
        assert not worker.step(), "the line rests for a minute"
        Beat.objects.filter(name="mail").update(at=timezone.now() - timedelta(minutes=2))
        assert worker.step() == {"sent": 1}
        assert box.ids == [message.message_id]
    assert not any("held" in line for line in worker.state_told())


def test_no_now_waits_and_no_for_ever_does_not(box, posted):
    busy, gone, _ = posted("a@busy.example", "b@gone.example", "c@fine.example")
    box.rcpt = lambda to: {"a": "451 later", "b": "550 no such user"}.get(to[0], "250 OK")
    assert worker.once() == {"queued": 1, "refused": 1, "sent": 1}
    assert later(busy)
    gone.refresh_from_db()
    assert gone.reply == "550 no such user"
    assert box.connections == 1, "one connection for the batch"
    for attempts in range(2, 7):
        Message.objects.filter(pk=busy.pk).update(due=timezone.now())
        worker.once()
        assert attempts == 6 or later(busy, attempts)
    assert states() == {
        "a@busy.example": "given_up", "b@gone.example": "refused", "c@fine.example": "sent"
    }  # fmt: skip
    assert len(box.got) == 1


def test_a_slow_server_before_the_message_is_later_and_after_it_uncertain(box, posted):
    before, after = posted("a@one.example", "b@two.example")
    box.data = lambda to: {"b": "slow"}.get(to[0], "451 full")
    assert worker.once() == {"queued": 2}
    assert later(before)
    assert later(after)
    assert (before.uncertain, after.uncertain) == (False, True)


def test_cut_after_the_message_it_is_sent_again_under_the_same_id(box, posted):
    message = posted("a@one.example")[0]
    box.data = lambda to: "cut"
    assert worker.once() == {"queued": 1}
    assert later(message)
    assert message.uncertain
    box.data = lambda to: "250 OK"
    Message.objects.update(due=timezone.now())
    assert worker.once() == {"sent": 1}
    assert box.ids == [message.message_id] * 2
    bodies = {got.message.get_content() for got in box.got}
    assert len(bodies) == 1, "both copies hold the same link"
    message.refresh_from_db()
    assert message.uncertain


def test_a_server_that_keeps_hanging_up_is_left_alone(box, posted):
    posted(*(f"a@m{n}.example" for n in range(8)))
    box.data = lambda to: "cut"
    worker.once()
    assert len(box.got) == worker.FAILURES
    assert Beat.objects.get(name="mail").held


def test_a_domain_that_keeps_saying_no_rests_while_others_go_on(box, posted):
    posted(*(f"a{n}@busy.example" for n in range(6)), "a@fine.example")
    asked = []
    box.rcpt = lambda to: asked.append(to) or ("451 x" if "busy" in to else "250 OK")
    assert worker.once() == {"queued": worker.FAILURES, "sent": 1}
    assert len(asked) == worker.FAILURES + 1
    resting = Message.objects.filter(state="queued", attempts=0)
    assert resting.count() == 3
    assert all(m.due > timezone.now() + timedelta(minutes=14) for m in resting)


def test_a_sender_that_is_refused_is_the_servers_fault(box, posted, monkeypatch):
    posted("a@one.example")

    async def no(*_):
        return "530 authentication required"

    monkeypatch.setattr(type(box), "handle_MAIL", no, raising=False)
    assert not worker.once()
    assert states() == {"a@one.example": "queued"}
    assert Message.objects.get().attempts == 0
    assert Beat.objects.get(name="mail").held.startswith("530")


def test_a_round_keeps_to_its_rate(box, posted, mailing):
    mailing.per_minute = 3
    mailing.save()
    posted(*(f"a@m{n}.example" for n in range(5)))
    assert worker.once() == {"sent": 3}
    assert not worker.once()
    Message.objects.filter(state="sent").update(claimed=timezone.now() - timedelta(minutes=2))
    assert worker.once() == {"sent": 2}


def test_codes_go_first_and_not_when_they_have_expired(box, posted, coordinator):
    posted("a@one.example", "b@two.example")
    for issued in (codes.issue(coordinator), codes.issue(coordinator)):
        mail.post(f"c:{issued.pk}", "code", coordinator, issued, title="T", municipality="M")
    worker.once()
    assert [got.to[0][0] for got in box.got] == ["c", "a", "b"]
    first, second = Message.objects.filter(kind="code").order_by("pk")
    assert (first.state, first.reply, second.state) == ("cancelled", "expired", "sent")


def test_what_a_worker_left_in_hand_goes_out_again_under_the_same_id(box, posted):
    message = posted("a@one.example")[0]
    queue.claim()
    assert not worker.once(), "another worker may have it in hand"
    Message.objects.update(claimed=timezone.now() - queue.STALE - timedelta(seconds=1))
    assert worker.once() == {"sent": 1}
    message.refresh_from_db()
    assert message.uncertain
    assert box.ids == [message.message_id]


def test_practice_never_reaches_the_mail_server(box, db):
    wave = Wave.objects.get(practice=True)
    invitation = wave.units.first().invitations.first() or waves.invitations.invite(
        wave.units.first(), "p@practice.example", "nl"
    )
    mail.post("p", "section_done", invitation, title="T", municipality="M", section="S")
    assert worker.once() == {"mailbox": 1}
    assert (Message.objects.get().state, box.connections) == ("sent", 0)


def test_without_a_mail_server_messages_wait_and_it_is_told(settings, posted):
    settings.SMTP = None
    posted("a@one.example")
    assert not worker.once()
    assert states() == {"a@one.example": "queued"}
    assert any("BAROGRAPH_SMTP" in line for line in worker.state_told())


def test_links_lead_to_the_configured_server_whatever_host_is_asked(posted, settings):
    assert Client(headers={"host": "evil.example"}).get("/a/").status_code == 400
    settings.ADDRESS = "https://barometer.institute.example"
    message = posted("a@one.example")[0]
    _, data = envelope(message, SENDER)
    found = set(re.findall(rb"https?://[^/\s]+", data.replace(b"=\r\n", b"")))
    assert found == {b"https://barometer.institute.example"}


@pytest.mark.parametrize(
    "address",
    ["mail.example", "http://mail.example", "smtp://u:p@mail.example?tls=none", "smtp://?tls=x"],
)
def test_an_address_that_is_no_mail_server(address):
    with pytest.raises(BadInput):
        smtp.server(address, SENDER)


def test_a_mail_server_by_its_address():
    found = smtp.server("smtp://user:p%40ss@mail.example", SENDER)
    assert found[:5] == ("mail.example", 587, "starttls", "user", "p@ss")
    assert smtp.server("smtps://mail.example", SENDER)[:3] == ("mail.example", 465, "implicit")
    assert smtp.server("", "") is None
    with pytest.raises(BadInput, match="MAIL_FROM"):
        smtp.server("smtp://mail.example", "")


class Clock:
    """The clock on the wall and the seconds since the start, each to be moved."""

    def __init__(self, monkeypatch):
        self.wall, self.since, self.run = timezone.now(), 1000.0, "one"
        monkeypatch.setattr(timezone, "now", lambda: self.wall)
        monkeypatch.setattr(clock, "ticks", lambda: self.since)
        monkeypatch.setattr(clock, "boot", lambda: self.run)

    def passes(self, **time):
        by = timedelta(**time)
        self.wall, self.since = self.wall + by, self.since + by.total_seconds()

    def jumps(self, **time):
        self.wall += timedelta(**time)


@pytest.fixture
def moved(monkeypatch, db):
    return Clock(monkeypatch)


def test_a_clock_that_runs_is_believed(moved):
    assert clock.check() == ""
    moved.passes(hours=9)
    assert clock.check() == ""
    moved.jumps(minutes=4)
    assert clock.check() == ""


@pytest.mark.parametrize("days", [1, -1])
def test_a_clock_that_jumped_is_not_believed_until_it_is_back(moved, days):
    clock.check()
    moved.passes(seconds=10)
    moved.jumps(days=days)
    assert clock.check() == f"clock {1440 * days:+d} min"
    moved.passes(hours=1)
    assert clock.held() == clock.check() != ""
    moved.jumps(days=-days)
    assert clock.check() == ""
    assert clock.held() == ""


def test_a_person_may_confirm_the_clock(moved):
    clock.check()
    moved.jumps(days=1)
    assert clock.check()
    clock.confirm(None)
    assert clock.check() == ""


def test_after_a_start_of_the_machine_the_clock_is_not_behind(moved):
    clock.check()
    moved.run, moved.since = "two", 3.0
    moved.jumps(days=-1)
    assert clock.check() == "clock -1440 min"
    moved.jumps(days=1, minutes=1)
    assert clock.check() == ""


def test_a_round_that_fell_due_while_the_machine_was_off_waits_for_a_person(moved, real):
    clock.check()
    moved.run, moved.since = "two", 3.0
    moved.jumps(days=3)
    assert clock.check() == ""
    due = moved.wall + timedelta(hours=1)
    Mailing.objects.create(wave=real, kind="invitation", number=1, due=due)
    moved.run = "three"
    moved.jumps(days=1)
    assert clock.check().startswith("gap ")
    clock.confirm(None)
    assert clock.check() == ""


def test_nothing_expires_by_a_wrong_clock(settings, moved, posted, coordinator):
    settings.SMTP = None
    worker.once()
    posted("a@one.example")
    queue.claim()
    issued = codes.issue(coordinator)
    mail.post("code", "code", coordinator, issued, title="T", municipality="M")
    moved.jumps(days=1)
    worker.once()
    assert {m.kind: m.state for m in Message.objects.all()} == {
        "invitation": "claimed", "code": "queued"
    }  # fmt: skip
    assert "held: clock +1440 min (clock)" in worker.state_told()
    moved.jumps(days=-1)
    moved.passes(minutes=11)
    worker.once()
    worker.once()
    assert {m.kind: m.state for m in Message.objects.all()} == {
        "invitation": "queued", "code": "cancelled"
    }  # fmt: skip


def test_nothing_is_erased_by_a_wrong_clock(moved, monkeypatch):
    monkeypatch.setattr(web_server, "configure", lambda *_: None)
    worker.once()
    moved.jumps(days=800)
    with pytest.raises(BadInput, match="clock"):
        operate.retain(EXAMPLE, run=True)


def test_opting_out_needs_one_press_and_no_session(posted, person):
    first, second = posted("a@one.example", "b@two.example")
    path = opt_out.link(first.invitation.contact).removeprefix("http://localhost:8000")
    someone = person()
    for lang, word in {"nl": "niet meer", "fr": "plus", "de": "nicht mehr", "en": "again"}.items():
        assert word in someone.get(f"{path}?lang={lang}").page
    assert not Contact.objects.exclude(opted_out=None).exists(), "GET changes nothing"
    assert person().post(path, {"List-Unsubscribe": "One-Click"}).status == 200
    assert states() == {"a@one.example": "cancelled", "b@two.example": "queued"}
    assert [c.email for c in Contact.objects.exclude(opted_out=None)] == ["a@one.example"]
    forged = path.replace(f"/{first.invitation.contact_id}-", f"/{second.invitation.contact_id}-")
    assert person().post(forged, {}).status == 404
    assert Contact.objects.exclude(opted_out=None).count() == 1


def test_an_old_letter_opts_its_own_address_out_not_that_of_the_successor(posted, person):
    contact = posted("left@one.example")[0].invitation.contact
    old = opt_out.link(contact).removeprefix("http://localhost:8000")
    Contact.objects.update(email="successor@one.example")
    assert person().post(old, {}).status == 200
    assert not Contact.objects.exclude(opted_out=None).exists()
    assert opt_out.said(["Left@one.example"])
    assert not opt_out.said(["successor@one.example"])
