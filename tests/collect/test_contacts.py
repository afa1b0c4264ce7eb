"""Contacts from files as spreadsheets write them, broken ones and hostile ones."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

import barograph as bg
from barograph.cli import contacts as cli
from barograph.collect import mail
from barograph.collect.contacts import importing, table
from barograph.collect.models import Contact
from barograph.errors import BadInput

EXAMPLE = Path(__file__).parents[2] / "examples" / "smart-city-belgium"
LINES = """municipality,name,email,function,phone,languages
Liège,Zoé Œuvrard,zoe@liege.example,coordinator,+32 4 000 00 00,
Geraardsbergen,Jo,jo@gent.example,,,
Bruxelles,N.,n@brussels.example,mayor,,
Kraainem,K.,k@kraainem.example,,,
Eupen,E.,e@eupen.example,,,
Gent,G.,g@gent.example,,,en
"""
LANGUAGES = ["fr", "nl", "fr nl", "nl fr", "de fr", "en"]


@pytest.fixture(scope="module")
def known():
    return importing.Municipalities.of(bg.open(EXAMPLE))


def imported(text, known, until=date(2028, 1, 1)):
    reading = importing.check(text.encode(), known)
    assert not reading.faults, reading.faults
    return importing.save(reading, until, None)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_encoding_and_delimiter_are_found(encoding, delimiter, known):
    data = LINES.replace(",", delimiter).replace("\n", "\r\n").encode(encoding)
    reading = importing.check(data, known)
    assert not reading.faults
    assert [e.languages for e in reading.entries] == LANGUAGES
    assert reading.entries[0].given["name"] == "Zoé Œuvrard"
    assert reading.encoding == encoding
    assert reading.delimiter == table.DELIMITERS[delimiter]


@given(st.lists(st.lists(st.text(max_size=8), max_size=5), max_size=5), st.sampled_from(";,\t|"))
def test_whatever_the_cells_hold_faults_have_a_row_and_words(rows, delimiter):
    known = importing.Municipalities({"1": "nl"}, {"a": ("1",)}, ("nl",))
    text = "\n".join(delimiter.join(cells) for cells in [["code", "email"], *rows])
    reading = importing.check(text.encode("utf-8", "surrogatepass"), known)
    assert reading.faults or reading.entries
    for fault in reading.faults:
        assert fault.row >= 1
        assert all(importing.told(fault, lang) for lang in ("nl", "fr", "de", "en"))


@given(st.binary(max_size=200))
def test_no_bytes_break_it(data):
    known = importing.Municipalities({"1": "nl"}, {}, ("nl",))
    assert importing.check(data, known).faults


FAULTY = """code,email,languages,name
44021,g@gent.example,nl,
1,g@gent.example,nl,
,x@y.example,,
44021,"a@b.example, c@d.example",nl,
44021,a@b.example,tlh,
44021,G@gent.example,nl,
44021,h@gent.example
44021,i@gent.example,nl,{long}
44021,"j@gent.example
Bcc: k@gent.example",nl,
"""


def test_all_faults_are_told_by_row_and_column_and_nothing_is_written(known, db):
    reading = importing.check(FAULTY.format(long="x" * 201).encode(), known)
    found = [(f.row, f.column, f.key) for f in reading.faults]
    assert found == [
        (3, "code", "no_code"), (4, "code", "nowhere"), (5, "email", "no_address"),
        (6, "languages", "no_language"), (7, "email", "twice"), (8, "", "ragged"),
        (9, "name", "too_long"), (10, "email", "control"), (10, "email", "no_address"),
    ]  # fmt: skip
    with pytest.raises(AssertionError):
        importing.save(reading, date(2028, 1, 1), None)
    assert not Contact.objects.exists()


def test_spaces_of_text_processors_are_spaces(known, db):
    imported("code,email,name\n44021,jp@gent.example,Jan\u00a0Piet\u202fDe\u2009Wit\u3000\n", known)
    assert Contact.objects.get().name == "Jan Piet De Wit"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "empty"),
        ("code,email\n", "empty"),
        ("code;name\n1;x\n", "column_missing"),
        ("email\nx@y.example\n", "column_missing"),
        ("code,email,email\n", "column_twice"),
        ('code,email\n44021,"x@y.example\n', "broken"),
        ("municipality,email\nSaint-Nicolas,x@y.example\n", "several"),
        ("municipality,email\nAtlantis,x@y.example\n", "no_name"),
    ],
)
def test_what_a_file_may_lack(text, key, known):
    assert key in {f.key for f in importing.check(text.encode(), known).faults}


def test_an_address_already_there_is_updated_and_an_opt_out_stays(known, db):
    imported(LINES, known)
    Contact.objects.filter(email__startswith="jo@").update(opted_out=timezone.now())
    again = (
        "nis,email,function,other\n44021,JO@gent.example,mayor,x\n41018,jo@gent.example,clerk,x\n"
    )
    done = imported(again, known, date(2029, 1, 1))
    assert done.counts == {"new": 1, "changed": 1, "same": 0, "opted_out": 2}
    changed = Contact.objects.get(code="41018")
    assert (changed.function, changed.name, changed.languages) == ("clerk", "Jo", "nl")
    assert (changed.retain_until, Contact.objects.count()) == (date(2029, 1, 1), 7)
    assert Contact.objects.filter(email__iexact="jo@gent.example", opted_out=None).count() == 0


def test_contacts_are_kept_for_months_after_the_wave(real, tmp_path):
    (tmp_path / "barometer.toml").write_text("[retention]\ncontacts_months = 3\n")
    real.closes = date(2030, 11, 30)
    real.save()
    assert importing.retained_until(tmp_path) == date(2031, 2, 28)
    real.closes = timezone.now().date() - timedelta(days=900)
    real.save()
    assert importing.retained_until(tmp_path) > timezone.now().date() + timedelta(days=80)
    (tmp_path / "barometer.toml").write_text('[retention]\ncontacts_months = "x"\n')
    with pytest.raises(BadInput, match="contacts_months"):
        importing.retained_until(tmp_path)


def test_the_command_tells_every_fault_and_exits(tmp_path, known, db, monkeypatch, capsys):
    from barograph.web import server

    monkeypatch.setattr(server, "prepare", lambda *_: None)
    file = tmp_path / "contacts.csv"
    file.write_text(FAULTY)
    with pytest.raises(BadInput) as told:
        cli.contacts(file, EXAMPLE)
    assert str(told.value).count("\n") == 8
    assert "row 5, column email: a@b.example, c@d.example is no e-mail address" in str(told.value)
    file.write_text(LINES)
    cli.contacts(file, EXAMPLE, dry_run=True)
    assert "6 new" in capsys.readouterr().out
    assert not Contact.objects.exists()
    cli.contacts(file, EXAMPLE, dry_run=False)
    assert Contact.objects.count() == 6


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("a@faß.example", "a@xn--fa-hia.example"),
        ("a@Münster.example", "a@xn--mnster-3ya.example"),
        ("a@نامه\u200cای.example", "a@xn--mgba3gch31f060k.example"),
        ("a@plain.example", "a@plain.example"),
    ],
)
def test_a_domain_beyond_ascii_is_the_one_that_was_typed(typed, sent):
    assert mail.recipient(mail.address(typed)) == sent


def test_a_domain_that_mail_cannot_name_is_no_address():
    assert mail.address("a@i❤.example") == ""
