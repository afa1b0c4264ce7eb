"""The desk counts what is there, tells no answer, shows names only to those who may see them."""

import hashlib
import io
import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

import barograph as bg
from barograph.accounts import staff as accounts
from barograph.accounts.models import Event
from barograph.collect import invitations, jobs, waves
from barograph.collect.desk import answering
from barograph.collect.models import (
    Answer,
    Call,
    Change,
    Invitation,
    Job,
    Message,
    Paradata,
    Response,
    Save,
    Signature,
    Status,
    Wave,
)
from barograph.collect.monitoring import curve, effort
from barograph.collect.monitoring.calling import next_ones
from barograph.collect.monitoring.precision import precision
from barograph.collect.monitoring.standing import standing
from barograph.collect.practice import furnish
from barograph.collect.questionnaire import questionnaire
from barograph.starter import create

PAGES = ("", "evenness/", "calling/", "answering/")
MOST_QUERIES = 25
SECRET = "an-answer-nobody-may-see"


def respond(wave, count, status=Status.SIGNED, days=0, step=1):
    """Each `step`th of the open units, `count` in all, answer, one section each; signed or not, so many days ago."""
    at = timezone.now() - timedelta(days=days)
    taken = wave.units.filter(response__status__in=(Status.SIGNED, Status.STARTED))
    units = list(wave.units.exclude(pk__in=taken).order_by("code"))[::step][:count]
    for unit in units:
        invitation = invitations.invite(unit, f"{unit.code}@example.org", "nl")
        Invitation.objects.filter(pk=invitation.pk).update(opened=at)
        response = Response.objects.get(unit=unit)
        response.status, response.serial = status, 1
        response.save()
        save = Save.objects.create(
            response=response,
            by=invitation,
            at=at,
            section="sec_strategy",
            page="p",
            sequence=1,
            serial=1,
        )
        for key in ("s_form", "s_manager"):
            Change.objects.create(save_of=save, key=key, old="", new=SECRET)
            Answer.objects.create(response=response, key=key, value=SECRET, serial=1, page="p")
        Paradata.objects.create(
            response=response,
            role="coordinator",
            section="sec_strategy",
            at=at,
            kind="page",
            seconds=60,
            faults=0,
            language="nl",
            device="desktop",
        )
        if status == Status.SIGNED:
            Signature.objects.create(
                response=response, by=invitation, at=at, status=status, serial=1
            )
    return units


@pytest.fixture
def furnished(db, wave):
    """The practice wave with its history."""
    practice = Wave.objects.get(practice=True)
    furnish(practice, wave, accounts.practising())
    return practice


def test_the_counts_are_those_of_the_database(real):
    signed = respond(real, 7)
    respond(real, 2, Status.STARTED)
    stand = standing(real)
    assert (stand.total.units, stand.total.signed, stand.total.begun) == (589, 7, 2)
    for name in ("region", "rurality", "size"):
        groups = [g for g in stand.groups if g.domain == name]
        assert sum(g.units for g in groups) == 589
        assert sum(g.signed for g in groups) == 7
    flanders = next(g for g in stand.groups if g.value == "flanders")
    assert flanders.signed == sum(u.domains["region"] == "flanders" for u in signed)
    whole, parts = stand.fieldwork.evenness
    assert whole.rate == pytest.approx(7 / 589)
    assert set(parts) == {"region", "rurality"}


def test_the_curve_counts_days_since_the_opening(real):
    real.opens = timezone.localdate() - timedelta(days=10)
    real.save()
    for days in (9, 9, 4, 0):
        respond(real, 1, days=days)
    found = curve.of_standing(standing(real))
    assert found.signed == (0, 2, 2, 2, 2, 2, 3, 3, 3, 3, 4)
    assert found.rates[-1] == pytest.approx(4 / 589)


def test_earlier_waves_come_from_the_database_or_as_they_were_frozen(
    real, wave, tmp_path, settings
):
    example = wave.barometer.folder
    folder = tmp_path / "barometer"
    folder.mkdir()
    for each in example.iterdir():
        if each.name != "2017":
            (folder / each.name).symlink_to(each)
    for name in ("2015", "2016", "2017"):
        (folder / name).mkdir()
        text = (example / "2017" / "wave.toml").read_text("utf-8")
        (folder / name / "wave.toml").write_text(text, "utf-8")
    frozen = folder / "2015" / "frozen" / "1"
    frozen.mkdir(parents=True)
    days = b"day,signed\n2016-05-01,2\n2016-05-04,5\n"
    (frozen / "days.csv").write_bytes(days)
    hashes = {"days.csv": hashlib.sha256(days).hexdigest()}
    hashes |= {"responses.parquet": "", "questionnaire.json": ""}
    (frozen / "freeze.json").write_text(json.dumps({"files": hashes}))
    settings.BAROMETER = folder
    database = Wave.objects.create(
        name="2016", form=real.form, title=real.title, reference_date=real.reference_date
    )
    database.opens = timezone.localdate() - timedelta(days=3)
    database.save()
    for unit in real.units.order_by("code")[:3]:
        unit.pk, unit.wave = None, database
        unit.save()
    respond(database, 1, days=1)
    older, newer = curve.earlier(standing(real))
    assert (older.name, older.signed, older.units) == ("2015", (2, 2, 2, 7), 589)
    assert (newer.name, newer.signed, newer.units) == ("2016", (0, 0, 1), 3)
    (frozen / "days.csv").write_bytes(days + b"2016-05-05,9\n")
    assert [each.name for each in curve.earlier(standing(real))] == ["2016"], "it was changed since"


def test_precision_reads_no_answer_of_the_wave(real):
    respond(real, 100, step=5)
    with CaptureQueriesContext(connection) as queries:
        found = precision(standing(real))
    assert not found.fault
    assert not [q for q in queries if "collect_answer" in q["sql"] or "collect_change" in q["sql"]]
    assert 0.05 < found.half[0] < 0.12
    assert all(row.half_widths[0] > 0 for row in found.rows)
    assert {row.since for row in found.rows} == {""}  # 2017 is this wave; there is none before


def test_without_weights_it_says_so(real, staff):
    respond(real, 1)
    assert precision(standing(real)).fault
    page = staff("reader").get(f"/a/desk/{real.name}/evenness/?lang=en").page
    assert "No weights are possible yet" in page


def test_break_offs_and_times(real):
    respond(real, 3, Status.STARTED, days=8)
    respond(real, 1, Status.STARTED, days=2)
    respond(real, 2, Status.SIGNED, days=9)
    respond(real, 1, Status.STARTED, days=8)
    found = effort.break_offs(real)
    assert [(b.section, b.question, b.responses) for b in found] == [
        ("sec_strategy", "s_manager", 4)
    ]
    (time,) = effort.times(real)
    assert (time.section, time.responses, time.quartiles) == ("sec_strategy", 7, (60, 60, 60))


def test_a_row_of_a_battery_is_told_with_the_sentence_above_it(real):
    instrument = questionnaire(real.form_id).instrument
    row = next(v for v in instrument.variables.values() if v.battery)
    told = answering._asked(instrument, row.name, "nl")
    assert told == f"{instrument.groups[row.battery]['nl']} – {row.label['nl']}"
    assert answering._asked(instrument, "s_manager", "nl") == instrument.wording("s_manager")["nl"]


def test_opened_and_left_without_an_answer(real):
    unit = real.units.order_by("code").first()
    invitation = invitations.invite(unit, "x@example.org", "nl")
    Invitation.objects.filter(pk=invitation.pk).update(opened=timezone.now() - timedelta(days=9))
    Response.objects.filter(unit=unit).update(status=Status.STARTED)
    assert [(b.question, b.responses) for b in effort.break_offs(real)] == [("", 1)]


def test_who_refused_or_promised_rests(real, db):
    account = accounts.add("caller@desk.example", "fieldworker")
    respond(real, 3)
    before = next_ones(standing(real))
    assert len(before) == 586
    now = timezone.now()
    outcomes = [("refused", 30), ("promised", 3), ("promised", 9), ("missed", 1), ("missed", 4)]
    for each, (outcome, days) in zip(before, outcomes, strict=False):
        Call.objects.create(
            unit_id=each.unit.pk, at=now - timedelta(days=days), by=account, outcome=outcome
        )
    left = {n.unit.code for n in next_ones(standing(real))}
    rests = [each.unit.code not in left for each in before[:5]]
    assert rests == [True, True, False, True, False]


def test_the_order_counts_mail_rounds_and_calls(furnished):
    stand = standing(furnished)
    mail = Message.objects.filter(mailing__isnull=False, state="sent")
    assert all(u.contacts == u.rounds + len(u.calls) for u in stand.units)
    assert sum(u.rounds for u in stand.units) == (
        mail.values("invitation__unit", "mailing").distinct().count()
    )


@pytest.mark.parametrize("page", PAGES)
def test_a_page_needs_few_queries(page, real, staff):
    respond(real, 150, step=3)
    someone = staff("researcher")
    path = f"/a/desk/{real.name}/{page}"
    someone.get(path)  # what a process keeps is read
    with CaptureQueriesContext(connection) as queries:
        assert someone.get(path).status == 200
    assert len(queries) <= MOST_QUERIES, len(queries)


@pytest.mark.parametrize("lang", ["nl", "fr", "de", "en"])
def test_no_page_tells_an_answer_and_none_is_without_words(lang, furnished, staff):
    someone = staff("researcher")
    Answer.objects.update(value=SECRET)
    unit = furnished.units.filter(response__status=Status.SIGNED).first()
    for page in (*PAGES, f"units/{unit.code}/"):
        found = someone.get(f"/a/desk/{furnished.name}/{page}?lang={lang}")
        assert found.status == 200
        assert SECRET not in found.page


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_a_barometer_of_one_language_without_sizes_and_map(lang, db, tmp_path, settings, staff):
    create(tmp_path / "mine")
    settings.BAROMETER = tmp_path / "mine"
    described = waves.latest(bg.open(settings.BAROMETER))
    practice = waves.prepare(described, practice=True)
    furnish(practice, described, accounts.practising())
    someone = staff("researcher")
    unit = practice.units.first()
    for page in (*PAGES, f"units/{unit.code}/", "tables/response.csv"):
        assert someone.get(f"/a/desk/{practice.name}/{page}?lang={lang}").status == 200


def test_a_reader_sees_no_name_and_no_address(furnished, staff):
    someone = staff("reader")
    names = list(furnished.units.values_list("name", flat=True))
    for page in ("", "evenness/", "answering/"):
        text = someone.get(f"/a/desk/{furnished.name}/{page}?lang=en").page
        assert "@example.org" not in text
        assert not [n for n in names if f">{n}<" in text]
    assert someone.get(f"/a/desk/{furnished.name}/calling/").status == 403
    assert someone.get(f"/a/desk/{furnished.name}/tables/next.csv").status == 403
    assert someone.get(f"/a/desk/{furnished.name}/units/11001/").status == 403


@pytest.mark.parametrize(
    "name",
    ["response", "days", "evenness", "stop", "precision", "next", "break_offs", "times", "mail"],
)
def test_every_table_can_be_taken(name, furnished, staff, client):
    unit = furnished.units.first()
    unit.name = "=cmd|' /C calc'!A0"
    unit.save()
    someone = staff("researcher")
    path = f"/a/desk/{furnished.name}/tables/{name}"
    text = someone.get(f"{path}.csv").page
    header, *rows = text.splitlines()
    assert "," in header
    assert rows or name == "mail"
    assert ",=cmd" not in text
    client.cookies = someone.cookies
    client.defaults["HTTP_HOST"] = "localhost"
    book = load_workbook(io.BytesIO(client.get(f"{path}.xlsx").content))
    assert book.sheetnames == ["about", "columns", name]
    assert book[name].max_row == len(rows) + 1
    assert "f" not in {c.data_type for row in book[name].iter_rows() for c in row}
    assert someone.get(f"{path}.pdf").status == 404
    assert Event.objects.filter(act="table taken", subject=f"{name}.csv").count() == 1


def test_a_call_is_noted_and_reading_contacts_is_logged(furnished, staff):
    someone = staff("fieldworker")
    unit = furnished.units.filter(response__status=Status.INVITED).first()
    page = f"/a/desk/{furnished.name}/units/{unit.code}/?lang=en"
    someone.get(page)
    assert f"{unit.code}@example.org" in someone.page
    someone.press({"outcome": "promised"}, form="call")
    assert "The call has been noted" in someone.page
    call = Call.objects.filter(unit=unit).latest("pk")
    assert (call.outcome, call.by.email) == ("promised", "fieldworker@desk.example")
    assert Event.objects.filter(act="contacts read", subject=unit.code).exists()
    assert Event.objects.filter(act="call noted", subject=unit.code).count() == 1
    someone.get(page).press({"outcome": "invented"}, form="call")
    assert someone.status == 404
    assert Call.objects.filter(unit=unit).count() == 1


def test_a_running_job_is_asked_for_again_until_it_ends(real, staff):
    someone, path = staff("reader"), f"/a/desk/{real.name}/"
    assert "hx-get" not in someone.get(path).page
    assert "<br>N = 589</th>" in someone.page
    with jobs.running("send", real, 589) as job:
        job.advance(120, "to the mail server")
        assert 'hx-trigger="every 2s"' in someone.get(path).page
        part = someone.get(f"{path}jobs/?lang=en").page
        assert 'value="120" max="589"' in part
        assert "120 of 589" in part
        assert "<html" not in part
        Job.objects.update(heartbeat=timezone.now() - timedelta(minutes=6))
        part = someone.get(f"{path}jobs/?lang=en").page
        assert "gone silent" in part
        assert "hx-trigger" not in part
    assert "hx-trigger" not in someone.get(f"{path}jobs/").page


def test_nobody_has_answered_yet(real, staff):
    someone = staff("researcher")
    for page in PAGES:
        assert someone.get(f"/a/desk/{real.name}/{page}?lang=en").status == 200
