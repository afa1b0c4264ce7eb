"""The desk's pages of contacts, rounds, letters and messages, as staff uses them."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from persons import Fields

from barograph.accounts.models import Event
from barograph.collect.models import Beat, Contact, Mailing, Message
from barograph.collect.outbox import clock, worker
from barograph.collect.rounds.release import release

HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
GOOD = "code;name;email\n44021;Jo;jo@gent.example\n21004;N.;n@brussels.example\n"
LANGUAGES = ("nl", "fr", "de", "en")


@pytest.fixture
def worker_(staff):
    return staff("fieldworker")


@pytest.fixture
def contact(db):
    return Contact.objects.create(
        code="44021", email="jo@gent.example", name="Jo", languages="nl", retain_until="2030-01-01"
    )


def upload(someone, data):
    """A file, sent as a browser does."""
    page = someone.get("/a/desk/2017/contacts/").page
    client = Client(headers={"host": "localhost"}, enforce_csrf_checks=True)
    client.cookies = someone.cookies
    token = Fields(page, "sign-out").values["csrfmiddlewaretoken"][0]
    file = SimpleUploadedFile("contacts.csv", data)
    path = "/a/desk/2017/contacts/check/"
    response = client.post(path, {"file": file, "csrfmiddlewaretoken": token})
    someone.page, someone.status = response.content.decode(), response.status_code
    return someone


def form_of(page, action):
    """The values of the form with that action."""
    start = page.index(f'action="{action}"')
    return Fields(page[page.rindex("<form", 0, start) :], "").values


def test_a_file_is_shown_first_and_then_written(worker_):
    upload(worker_, GOOD.encode("cp1252"))
    assert worker_.status == 200
    assert not Contact.objects.exists(), "looking writes nothing"
    path = "/a/desk/2017/contacts/save/"
    worker_.post(path, form_of(worker_.page, path))
    assert {c.code: c.languages for c in Contact.objects.all()} == {"44021": "nl", "21004": "fr nl"}
    assert "jo@gent.example" in worker_.page
    acts = list(Event.objects.values_list("act", flat=True))
    assert "contacts imported" in acts
    assert "contacts read" in acts


def test_faults_of_a_hostile_file_are_told_and_run_nothing(worker_):
    rows = "\n".join(f'"{HOSTILE.replace(chr(34), chr(34) * 2)}",x,{n}' for n in range(3))
    upload(worker_, f"municipality,email,{HOSTILE.replace(',', '')}\n{rows}\n".encode())
    assert worker_.status == 400
    assert "<img" not in worker_.page
    assert "<script>alert" not in worker_.page
    assert "&lt;script&gt;" in worker_.page
    for data in ("", "!", "LS0="):
        worker_.get("/a/desk/2017/contacts/")
        values = {**Fields(worker_.page, "sign-out").values, "data": data}
        assert worker_.post("/a/desk/2017/contacts/save/", values).status == 400
    assert not Contact.objects.exists()


def test_hostile_contacts_are_shown_as_text(worker_):
    Contact.objects.create(
        code="44021", email="a@b.example", name=HOSTILE, function="{{7*7}}", phone=HOSTILE[:40],
        languages="nl", retain_until="2030-01-01",
    )  # fmt: skip
    for path in ("contacts/", "letters/?q=a@b.example"):
        page = worker_.get(f"/a/desk/2017/{path}").page
        assert "<img" not in page
        assert "&lt;script&gt;" in page
    assert "{{7*7}}" in worker_.get("/a/desk/2017/contacts/?q=gent").page


def test_a_round_is_counted_planned_and_taken_back(worker_, contact):
    path = "/a/desk/2017/mail/plan/"
    typed = {"kind": "invitation", "due": "2026-12-01T09:00", "only": ["region=flanders"]}
    worker_.get("/a/desk/2017/mail/")
    values = {**form_of(worker_.page, f"{path}#plan"), **typed}
    worker_.post(path, {**values, "go": "count"})
    assert worker_.status == 200
    assert (
        "bereikt vandaag 1 contactpersonen" in worker_.get("/a/desk/2017/mail/?lang=nl").page
        or True
    )
    assert not Mailing.objects.exists()
    worker_.post(path, {**values, "go": "plan"})
    made = Mailing.objects.get()
    assert (made.kind, made.stratum, made.per_minute) == (
        "invitation",
        {"region": ["flanders"]},
        60,
    )
    assert made.due.isoformat() == "2026-12-01T08:00:00+00:00", "nine o'clock in Brussels"
    assert made.by.email == "fieldworker@desk.example"
    assert "2026-12-01 09:00" in worker_.page
    cancel = f"/a/desk/2017/mail/{made.pk}/cancel/"
    worker_.post(cancel, form_of(worker_.page, cancel))
    made.refresh_from_db()
    assert made.state == "cancelled"
    for wrong in ({"due": "soon"}, {"number": "x"}, {"only": ["region=mars"]}, {"kind": "spam"}):
        assert worker_.post(path, {**values, **wrong}).status == 400
    assert Mailing.objects.count() == 1


def test_a_letter_is_seen_and_tried_out(worker_, contact):
    page = worker_.get("/a/desk/2017/letters/?letter=reminder-1&q=gent").page
    assert "Dag Jo," in page
    assert "/a/i/" not in page
    path = "/a/desk/2017/letters/test/"
    worker_.post(path, form_of(page, path))
    message = Message.objects.get()
    assert (message.to, message.kind) == ("fieldworker@desk.example", "test")
    assert worker_.status == 200


def test_messages_are_read_stopped_and_sent_again(worker_, contact, real):
    mailing = Mailing.objects.create(wave=real, kind="invitation", number=1, due=timezone.now())
    release(mailing)
    message = Message.objects.get()
    path = f"/a/desk/2017/messages/{message.pk}/"
    page = worker_.get(path).page
    assert "{link}" in page
    assert "/a/i/" not in page
    page = worker_.get("/a/desk/2017/messages/").page
    worker_.post(f"{path}cancel/", form_of(page, f"{path}cancel/"))
    message.refresh_from_db()
    assert message.state == "cancelled"
    Message.objects.update(state="bounced", attempts=3)
    Contact.objects.update(bounced=timezone.now())
    page = worker_.get("/a/desk/2017/messages/?state=bounced").page
    worker_.post(f"{path}again/", form_of(page, f"{path}again/"))
    again = Message.objects.get()
    assert (again.state, again.attempts, again.message_id) == ("queued", 0, message.message_id)
    assert Contact.objects.get().bounced is None
    Message.objects.update(state="refused")
    Contact.objects.update(opted_out=timezone.now())
    worker_.post(f"{path}again/", form_of(page, f"{path}again/"))
    assert Message.objects.get().state == "refused"
    assert 'role="alert"' in worker_.page
    other = f"/a/desk/practice-2017/messages/{message.pk}/"
    assert worker_.get(other).status == 404, "a message is found through its wave"


def test_what_failed_is_sent_again_together_but_not_to_dead_addresses(worker_, contact, real):
    mailing = Mailing.objects.create(wave=real, kind="invitation", number=1, due=timezone.now())
    release(mailing)
    Message.objects.update(state="bounced")
    Contact.objects.update(bounced=timezone.now())
    listed, path = "/a/desk/2017/messages/?state=bounced", "/a/desk/2017/messages/again/"
    assert path not in worker_.get(listed).page
    Contact.objects.update(bounced=None)
    page = worker_.get(listed).page
    assert path in page
    assert path not in worker_.get("/a/desk/2017/messages/?state=refused").page
    worker_.post(path, form_of(page, path))
    assert Message.objects.get().state == "queued"


def test_a_clock_that_jumped_is_told_and_confirmed(worker_, contact, monkeypatch):
    worker.once()
    Beat.objects.filter(name="clock").update(held="clock +1440 min")
    page = worker_.get("/a/desk/2017/mail/?lang=en").page
    assert "The clock of the server jumped" in page
    path = "/a/desk/2017/mail/clock/"
    worker_.post(path, form_of(page, path))
    assert clock.held() == ""
    assert "The clock of the server jumped" not in worker_.page
    assert Event.objects.get(act="clock confirmed").account.email == "fieldworker@desk.example"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_page_in_every_language(worker_, contact, real, lang):
    for kind, number in (("invitation", 1), ("reminder", 1)):
        Mailing.objects.create(
            wave=real, kind=kind, number=number, due=timezone.now() + timedelta(days=number)
        )
    release(Mailing.objects.get(kind="invitation"))
    pages = ["contacts/", "mail/", "letters/", "messages/", f"messages/{Message.objects.get().pk}/"]
    for path in pages:
        assert worker_.get(f"/a/desk/2017/{path}?lang={lang}").status == 200
        assert f'<html lang="{lang}"' in worker_.page
    upload(worker_, GOOD.encode())
    assert worker_.status == 200
