"""What is kept of persons: told to them whole, erased when asked or when it is time, statistics untouched."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from django.apps import apps
from django.db import DatabaseError, transaction
from django.utils import timezone
from persons import Person

from barograph.accounts.models import StaffLink
from barograph.collect import codes, invitations, mail
from barograph.collect.models import (
    Answer,
    Change,
    Contact,
    Erasure,
    Invitation,
    Message,
    Response,
    Role,
    Save,
    Signature,
    Transition,
    Upload,
    Wave,
)
from barograph.collect.privacy import erasing, periods, person, register, retention
from barograph.collect.privacy.erasing import ERASED
from barograph.collect.privacy.periods import Periods
from barograph.collect.saving import Sent, save
from barograph.collect.uploads import path
from barograph.errors import BadInput

MINE, OTHER = "ann@first.example", "joann@first.example"
NOBODY = "somebody@else.example"
TODAY = timezone.localdate()
KEPT = Periods()


def table_of(model) -> list[tuple]:
    return list(model.objects.order_by("pk").values_list())


@pytest.fixture
def field(real: Wave, settings) -> Wave:
    """A wave with two municipalities: one that answered and signed with a colleague, one that waits."""
    units = list(real.units.order_by("code")[:2])
    for unit, email in zip(units, (MINE, OTHER), strict=True):
        contact = Contact.objects.create(
            code=unit.code, name=f"Name of {email}", email=email, function="clerk", languages="nl",
            phone="02 555", retain_until=TODAY + timedelta(days=700),
        )  # fmt: skip
        invitation = invitations.invite(unit, email, "nl")
        Invitation.objects.filter(pk=invitation.pk).update(contact=contact)
        mail.post(f"{real.name}:code:{unit.code}", "code", invitation, codes.issue(invitation),
                  title="T", municipality=unit.name)  # fmt: skip
    mine = Invitation.objects.get(email=MINE)
    colleague = invitations.invite(units[0], NOBODY, "nl", Role.INFORMANT, mine)
    mail.post(f"{real.name}:hand:{colleague.pk}", "hand_over", colleague, title="T",
              municipality=units[0].name, sections="- x", by=MINE)  # fmt: skip
    typed = {"s_manager": "yes", "r_comment": f"Ask {MINE} or {OTHER}", "r_email": MINE}
    save(units[0].response, mine, "sec_background", typed, Sent("p1", 0))
    save(units[0].response, colleague, "sec_background", {"r_comment": "old words"}, Sent("p2", 9))
    save(units[0].response, mine, "sec_background", {"r_comment": f"By {MINE}"}, Sent("p3", 9))
    save(units[1].response, Invitation.objects.get(email=OTHER), "sec_background",
         {"r_comment": f"I am {OTHER}"}, Sent("p4", 0))  # fmt: skip
    Signature.objects.create(
        response=units[0].response, by=mine, at=timezone.now(), status="signed", name="Ann N.",
        function="clerk", serial=1, salt="s", receipt="r" * 64,
    )  # fmt: skip
    upload = Upload.objects.create(
        response=units[0].response, key="f", name="0" * 32, called="x.pdf", media_type="application/pdf", size=1
    )  # fmt: skip
    path(upload).parent.mkdir(exist_ok=True)
    path(upload).write_bytes(b"x")
    return real


def ended(wave: Wave, state: str, months: int) -> date:
    """The wave came into its state so many months before the day that is given back."""
    for reached in (Wave.State.CLOSED, Wave.State.PUBLISHED):
        Transition.objects.create(
            wave=wave, before="open", after=reached, at=timezone.now(), reason=""
        )
    Wave.objects.filter(pk=wave.pk).update(state=state)
    wave.refresh_from_db()
    return periods.later(TODAY, months)


def statistics(wave: Wave) -> list[object]:
    """What figures and response rates are made of."""
    names = retention.written([wave])
    coded = [
        row for row in Answer.objects.order_by("pk").values_list("response", "key", "value", "serial")
        if row[1].split("[")[0] not in names
    ]  # fmt: skip
    logged = [
        row for row in Change.objects.order_by("pk").values_list("save_of", "key", "old", "new", "kept")
        if row[1].split("[")[0] not in names
    ]  # fmt: skip
    return [
        coded, logged, table_of(Response), table_of(Save),
        list(Signature.objects.order_by("pk").values_list("response", "by", "at", "status", "serial", "salt", "receipt")),
        [(a.response_id, a.key, bool(a.value)) for a in Answer.objects.order_by("pk")],
        Message.objects.filter(code=None).count(), Invitation.objects.count(), wave.units.count(),
    ]  # fmt: skip


def everything() -> str:
    """All that the tables of fieldwork hold."""
    models = (
        *apps.get_app_config("collect").get_models(),
        *apps.get_app_config("accounts").get_models(),
    )
    return "".join(str(table_of(model)) for model in models if not model._meta.proxy)


def test_a_dry_run_counts_what_a_run_erases_and_figures_stay(field):
    day = ended(field, Wave.State.PUBLISHED, 24)
    Contact.objects.update(retain_until=day - timedelta(days=1))
    StaffLink.objects.all().delete()
    before, all_before = statistics(field), everything()
    dry = erasing.counts(retention.due(KEPT, day))
    assert everything() == all_before
    done = erasing.run("retention", lambda: retention.due(KEPT, day))
    assert done == dry
    assert statistics(field) == before
    left = everything()
    for words in (MINE, OTHER, NOBODY, "Ann N.", "old words", "02 555", "clerk"):
        assert words in all_before
        assert words not in left, words
    assert Contact.objects.count() == 0
    assert Answer.objects.filter(value=ERASED).count() == dry["answers in own words"] == 3
    assert Upload.objects.count() == 0
    assert not set(path(Upload(name="0" * 32)).parent.glob("*"))
    opened = Erasure.objects.get()
    assert opened.closed is not None
    assert opened.counts == dry
    assert not any(erasing.run("retention", lambda: retention.due(KEPT, day)).values())
    assert invitations.secret_fits()


@pytest.mark.parametrize(
    ("state", "months", "gone"),
    [
        (Wave.State.OPEN, 120, set()),
        (Wave.State.CLOSED, 1, {"links of invitations"}),
        (Wave.State.CLOSED, 12, {"links of invitations", "messages"}),
        (Wave.State.PUBLISHED, 11, {"links of invitations"}),
        (Wave.State.PUBLISHED, 12, {"links of invitations", "messages", "addresses in invitations",
                                    "names under signatures"}),
        (Wave.State.CLOSED, 24, {"links of invitations", "messages", "answers in own words", "files",
                                 "answers in own words in the log, old",
                                 "answers in own words in the log, new", "addresses in invitations",
                                 "names under signatures"}),  # never published
    ],
)  # fmt: skip
def test_each_kind_goes_when_its_time_has_come(state, months, gone, field):
    day = ended(field, state, months)
    Contact.objects.update(retain_until=date(2199, 1, 1))
    field.units.update(before={})
    counts = erasing.counts(retention.due(KEPT, day))
    counts.pop("codes by mail")
    counts.pop("links of staff")
    assert {what for what, count in counts.items() if count} == gone


def test_a_clock_set_forward_ends_no_session_and_no_code_before_its_time(field):
    """The day is the only clock: doors are held against the lesser of the two."""
    Wave.objects.update(state=Wave.State.OPEN)
    counts = erasing.counts(retention.due(KEPT, TODAY + timedelta(days=3650)))
    assert counts["codes by mail"] == counts["sessions"] == 0


def test_nobody_is_erased_in_the_midst_of_a_wave_that_writes_to_them(field):
    Contact.objects.update(retain_until=TODAY - timedelta(days=1))
    counts = erasing.counts(retention.due(KEPT, TODAY))
    assert counts["contacts"] == counts["addresses of contacts in invitations"] == 0


def test_a_wave_never_published_keeps_no_names_for_ever(field):
    closed = periods.later(TODAY, KEPT.contacts_months)
    Transition.objects.create(wave=field, before="open", after="closed", at=timezone.now())
    Wave.objects.filter(pk=field.pk).update(state=Wave.State.CLOSED)
    assert erasing.counts(retention.due(KEPT, TODAY))["names under signatures"] == 0
    assert erasing.counts(retention.due(KEPT, closed))["names under signatures"] == 1


def test_the_log_opens_for_an_erasure_and_for_nothing_else(field):
    erasing.run("person", lambda: person.erasures(MINE))
    for model, values in (
        (Change, {"new": "x"}),
        (Signature, {"name": "x"}),
        (Save, {"section": "x"}),
    ):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            model.objects.update(**values)


def test_a_run_that_breaks_off_leaves_nothing_open_and_nothing_half(field):
    before = everything()

    def broken():
        found = person.erasures(MINE)
        return [*found, erasing.Erasing("x", Answer, [Answer.objects.first().pk], {"nowhere": 1})]

    with pytest.raises(Exception, match="nowhere"), transaction.atomic():
        erasing.run("person", broken)
    assert everything() == before
    assert not Erasure.objects.exists()


def test_one_person_is_told_whole_and_nobody_else(field):
    told = person.known("Ann@First.example")
    assert json.loads(json.dumps(told)) == told
    numbers = {kind: len(rows) for kind, rows in told.items()}
    assert numbers == {
        "contacts": 1, "invitations": 1, "codes": 1, "messages": 1, "sections": 0, "saves": 2,
        "answers given": 4, "signatures": 1, "answers with the address": 2, "staff": 0,
    }  # fmt: skip
    text = json.dumps(told)
    assert "Name of ann@first.example" in text
    assert "Ann N." in text
    assert "old words" not in text, "what a colleague had typed"
    assert NOBODY not in text
    hers = [row["answer"] for row in told["answers given"]]
    assert text.count(OTHER) == sum(answer.count(OTHER) for answer in hers) == 1
    colleague = person.known(NOBODY)
    assert MINE not in json.dumps(colleague)
    assert [row["answer"] for row in colleague["answers given"]] == ["old words"]


def test_one_person_is_erased_and_nobody_else(field):
    before, kept = statistics(field), person.known(OTHER)
    counts = erasing.run("person", lambda: person.erasures(MINE))
    assert counts["address in the log"] == 4
    assert counts["address in messages to others"] == 1
    left = everything().replace(OTHER, "")
    assert MINE not in left
    assert "Ann N." not in left
    assert person.number(person.known(MINE)) == 0
    assert person.known(OTHER) == kept
    assert Answer.objects.get(key="r_comment", value__startswith="By").value == f"By {ERASED}"
    assert Change.objects.filter(new=f"Ask {ERASED} or {OTHER}").exists()
    after = statistics(field)
    assert after[:5] == before[:5]
    hers = Save.objects.first().by
    assert hers.revoked is not None
    assert invitations.find(invitations.token(hers)) is None
    assert not Message.objects.filter(state="queued", to="").exists()


def test_months_are_those_of_the_folder(tmp_path):
    (tmp_path / "barometer.toml").write_text("[retention]\ntexts_months = 6\n")
    assert periods.read(tmp_path) == Periods(texts_months=6)
    for wrong in (
        "texts_months = 0",
        "texts_months = 999",
        "text_months = 6",
        'texts_months = "6"',
    ):
        (tmp_path / "barometer.toml").write_text(f"[retention]\n{wrong}\n")
        with pytest.raises(BadInput):
            periods.read(tmp_path)
    assert periods.later(date(2026, 12, 31), 2) == date(2027, 2, 28)


def test_every_table_with_personal_data_is_in_the_register():
    """A new table is told in the register, or stands here because it says nothing about a person."""
    impersonal = {"Wave", "Unit", "Form", "Beat", "LogEntry"}
    told = {table for tables in register.CATEGORIES.values() for table in tables}
    models = {
        model.__name__
        for app in ("collect", "accounts", "sessions")
        for model in apps.get_app_config(app).get_models()
    }
    assert models - impersonal == told & models
    assert told <= models | {"Session"}


@pytest.mark.parametrize("lang", ["nl", "fr", "de", "en"])
def test_the_page_tells_what_the_folder_says(lang, person_without: Person, settings, tmp_path):
    folder = settings.BAROMETER
    text = (folder / "barometer.toml").read_text()
    more = """[retention]
contacts_months = 7
[privacy]
officer = "officer@institute.example"
[privacy.recipients]
nl = "R-nl"
fr = "R-fr"
de = "R-de"
en = "R-en"
"""
    (tmp_path / "barometer.toml").write_text(text + more)
    first = person_without.get(f"/a/privacy/?lang={lang}").page
    settings.BAROMETER = tmp_path
    page = person_without.get("/a/privacy/").page
    assert f'lang="{lang}"' in page
    assert f"R-{lang}" in page
    assert "officer@institute.example" in page
    told = register.register(tmp_path, lang)
    assert told["version"] in page
    assert told["version"] not in first
    assert "{" not in json.dumps(told).replace('{"', "").replace(": {", "").replace("[{", "")
    assert any("7" in c["kept"] for c in told["categories"])
    assert "/a/privacy/" in person_without.get("/a/").page


@pytest.fixture
def person_without(person, db) -> Person:
    return person()


def test_nothing_erased_is_left_in_the_file(tmp_path):
    """On a real file: between rows and in the WAL too."""
    import os
    import subprocess
    import sys

    from forty import write

    write(tmp_path / "barometer", 2)
    code = """
import os, sys
from pathlib import Path
from barograph.web.server import configure
folder = Path(sys.argv[1])
configure(folder, None, folder.parent / "state")
import barograph as bg
from barograph.collect import invitations, waves
from barograph.collect.saving import Sent, save
barometer = bg.open(folder)
wave = waves.prepare(barometer.wave(barometer.waves[-1]))
wave.state = "open"
wave.save()
for n, unit in enumerate(wave.units.order_by("code")):
    by = invitations.invite(unit, f"canary{n}@first.example", "en")
    save(unit.response, by, "s1", {"s1_short": f"canary{n}@first.example writes", "s1_one": "yes"}, Sent("p", 0))
"""
    where = {"DATABASE_URL": "", "BAROGRAPH_HOST": ""}
    state, folder = tmp_path / "state", tmp_path / "barometer"

    def run(*command):
        done = subprocess.run(
            [sys.executable, *command], env={**os.environ, **where}, capture_output=True, text=True, check=False
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done

    run("-c", code, str(folder))
    main = "from barograph.cli import main; main()"
    out = tmp_path / "told.json"
    run("-c", main, "person", str(folder), "canary1@first.example", "--erase", "--out", str(out), "--state", str(state))  # fmt: skip
    assert out.stat().st_mode & 0o077 == 0
    assert json.loads(out.read_text())["answers given"][0]["unit"] == "U00001"
    held = b"".join(path.read_bytes() for path in state.glob("barograph.sqlite3*"))
    assert b"canary0@" in held
    assert b"canary1@" not in held
    told = run("-c", main, "retain", str(folder), "--state", str(state)).stdout
    assert "Nothing is changed" in told
    written = run("-c", main, "register", str(folder), "--out", str(out), "--state", str(state))
    assert "nl, fr, de, en" in written.stdout
    assert json.loads(out.read_text())["fr"]["language"] == "fr"
