"""What comes back from mail servers marks message and contact, and nothing else does."""

import mailbox

import pytest
from django.utils import timezone

from barograph.collect import invitations, mail
from barograph.collect.models import Contact, Message
from barograph.collect.outbox import bounces
from barograph.collect.rounds.plan import plan
from barograph.collect.rounds.reach import reach
from barograph.errors import BadInput

REPORT = """From: MAILER-DAEMON@mail.example
To: barometer@institute.example
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I could not deliver your message.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example

Final-Recipient: rfc822; clerk@gent.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 <clerk@gent.example>:
 user unknown

--b
{original}
--b--
"""
WHOLE = "Content-Type: message/rfc822\n\nMessage-ID: {id}\nSubject: x\n\nHello\n"
HEADERS = "Content-Type: text/rfc822-headers\n\nMessage-ID: {id}\nSubject: x\n"


@pytest.fixture
def sent(real):
    unit = real.units.get(code="44021")
    contact = Contact.objects.create(
        code="44021", email="clerk@gent.example", languages="nl", retain_until=timezone.now().date()
    )
    invitation = invitations.invite(unit, contact.email, "nl", contact=contact)
    message = mail.post("k", "section_done", invitation, title="T", municipality="M", section="S")
    Message.objects.update(state="sent")
    return message


def report(message, action="failed", status="5.1.1", original=WHOLE):
    return REPORT.format(
        action=action, status=status, original=original.format(id=message.message_id)
    ).encode()


def marked(message):
    message.refresh_from_db()
    return message.state, Contact.objects.get().bounced is not None


@pytest.mark.parametrize("original", [WHOLE, HEADERS])
def test_an_unknown_address_marks_message_and_contact(sent, real, tmp_path, original):
    (tmp_path / "one.eml").write_bytes(report(sent, original=original))
    assert bounces.take_in(tmp_path / "one.eml") == {"hard": 1}
    assert marked(sent) == ("bounced", True)
    assert sent.reply == "5.1.1 550 <clerk@gent.example>: user unknown"
    assert reach(plan(real, "invitation", 1, {}, timezone.now(), 60, None)).left_out["bounced"] == 1


@pytest.mark.parametrize(
    ("action", "status", "expected"),
    [
        ("failed", "5.2.2", ("bounced", False)),
        ("failed", "5.7.1", ("bounced", False)),
        ("failed", "5.6.0", ("bounced", False)),
        ("failed", "5.5.2", ("bounced", False)),
        ("failed", "5.4.7", ("bounced", False)),
        ("failed", "5.1.8", ("bounced", False)),
        ("failed", "5.0.0", ("bounced", False)),
        ("failed", "5.4.4", ("bounced", True)),
        ("failed", "5.1.1 (unknown)", ("bounced", True)),
        ("failed", "4.4.7", ("bounced", False)),
        ("delayed", "4.4.1", ("sent", False)),
        ("delivered", "2.0.0", ("sent", False)),
        ("failed", "5.1.10", ("bounced", True)),
    ],
)
def test_only_an_address_that_does_not_work_marks_the_contact(
    sent, tmp_path, action, status, expected
):
    (tmp_path / "one.eml").write_bytes(report(sent, action, status))
    bounces.take_in(tmp_path / "one.eml")
    assert marked(sent) == expected


@pytest.mark.parametrize("original", ["message/global", "message/global-headers"])
def test_a_report_for_addresses_beyond_ascii_is_read_too(sent, original):
    raw = report(sent).replace(b"message/rfc822", original.encode())
    raw = raw.replace(b"message/delivery-status", b"Message/global-delivery-status; charset=utf-8")
    found = bounces.read(raw.replace(b"user unknown", "größer".encode()))
    assert (found.message_id, found.hard) == (sent.message_id, True)
    assert found.words.encode().startswith(b"550")


def test_maildir_and_mbox_with_strangers_and_rubbish(sent, tmp_path):
    sent.message_id = "<made-up@elsewhere.example>"
    foreign = report(sent)
    sent.refresh_from_db()
    texts = [report(sent), foreign, b"Subject: Out of office\n\nBack on Monday.\n", b"\xff\xfe\x00"]
    for box in (mailbox.Maildir(tmp_path / "dir"), mailbox.mbox(tmp_path / "box")):
        for text in texts:
            box.add(text)
        box.flush()
    expected = {"hard": 1, "unknown": 1, "other": 2}
    assert bounces.take_in(tmp_path / "dir") == expected
    assert bounces.take_in(tmp_path / "box") == expected
    assert marked(sent) == ("bounced", True)


def test_what_is_no_mailbox(tmp_path):
    for path in (tmp_path, tmp_path / "absent"):
        with pytest.raises(BadInput):
            bounces.take_in(path)


@pytest.mark.parametrize("cut", [0, 40, 200, 330, 420, 520])
def test_a_report_cut_short_marks_nothing_wrong(sent, cut):
    raw = report(sent)[:cut]
    found = bounces.read(raw)
    assert found is None or found.message_id != sent.message_id
