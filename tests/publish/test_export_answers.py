"""The answers of a wave in other formats: the same numbers in each, and nothing lost on the way."""

import csv
import io
import json
import shutil
from collections import Counter

import pytest

from barograph.barometer import Barometer
from barograph.errors import BadInput, BarographError
from barograph.publish.data.answers import BELOW_NUMBERS
from barograph.publish.export import answers, export

LONG = ("Lang verhaal, Größe 3 €. " * 400).strip()
WHY = {"11022": "=1+1", "11023": "-3", "92138": LONG}
COUNTS = {"11022": "10", "11023": "0"}


@pytest.fixture(scope="module")
def told(wave, tmp_path_factory):
    """The wave of 2017 with texts, numbers and an e-mail address."""
    folder = shutil.copytree(wave.barometer.folder, tmp_path_factory.mktemp("told") / "barometer")
    path = folder / "2017" / "responses.csv"
    head, *rows = csv.reader(io.StringIO(path.read_text(), newline=""))
    relevance, running = head.index("p_relevance"), head.index("d_priority")
    for row in rows:
        row[relevance] = "1" if row[0] in WHY else row[relevance]
        row += [WHY.get(row[0], ""), COUNTS.get(row[0], ""), f"a@{row[0]}.example"]
        assert row[running]
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*head, "p_relevance_why", "p_progress", "r_email"])
        writer.writerows(rows)
    return Barometer.open(folder).wave("2017")


@pytest.fixture(scope="module")
def made(told):
    """Every format, as files."""
    return {form: answers.files(told, form) for form in answers.FORMATS}


def records(content):
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def as_numbers(columns):
    """Texts of numbers as numbers, so that formats compare."""

    def number(value):
        try:
            return round(float(value), 9)
        except ValueError:
            return value

    return {name: [number(v) for v in values] for name, values in columns.items()}


def test_every_format_holds_the_same_answers(told, made):
    from openpyxl import load_workbook
    from pyarrow import parquet
    from pyreadstat import read_sav

    parquet_file = io.BytesIO(made["parquet"]["answers.parquet"])
    first = as_numbers(parquet.read_table(parquet_file).to_pydict())
    assert len(first["nis"]) == len(told.responses) == 113
    for lang in ("nl", "fr", "de", "en"):
        frame, meta = read_sav(io.BytesIO(made["sav"][f"answers.{lang}.sav"]), user_missing=True)
        assert as_numbers({name: list(frame[name]) for name in frame}) == first
        labels = told.barometer.instrument.variables["p_relevance"].label
        assert meta.column_names_to_labels["p_relevance"] == labels[lang]
    rows = json.loads(made["json"]["answers.json"])["answers"]
    assert as_numbers({name: [row[name] for row in rows] for name in rows[0]}) == first
    head, *cells = load_workbook(io.BytesIO(made["xlsx"]["answers.xlsx"]))["answers"].values
    assert as_numbers(dict(zip(head, zip(*cells, strict=True), strict=True))) == {
        name: pytest.approx(values) if name == "weight" else values
        for name, values in first.items()
    }


def test_a_spreadsheet_runs_nothing_and_the_csv_holds_every_text(made):
    given = {row["nis"]: row["p_relevance_why"] for row in records(made["csv"]["answers.csv"])}
    assert [given[unit] for unit in WHY] == ["'=1+1", "'-3", LONG]


def test_the_kinds_of_missing_are_kept_apart(told, made):
    rows = {row["nis"]: row for row in records(made["csv"]["answers.csv"])}
    responses = told.responses
    skipped = [str(u) for u in responses.units[~responses.was_asked["p_relevance_why"]]]
    assert {rows[unit]["p_relevance_why"] for unit in skipped} == {"-2"}
    assert {row["d_count_environment"] for row in rows.values()} == {str(BELOW_NUMBERS - 5)}
    assert {row["u_mean_ict"] for row in rows.values()} == {"-5"}
    progress = Counter(row["p_progress"] for row in rows.values())
    assert progress == {"10": 1, "0": 1, str(BELOW_NUMBERS - 3): 111}
    plan = Counter(rows[str(u)]["s_plan_intent"] for u in responses.units)
    assert plan["-2"] == int((~responses.was_asked["s_plan_intent"]).sum())


def test_the_codebook_names_every_number(told, made):
    meant = {(row["column"], row["value"]): row for row in records(made["csv"]["codebook.csv"])}
    for row in records(made["csv"]["answers.csv"]):
        for column, value in row.items():
            scale = column in ("nis", "weight", "p_relevance_why", "p_progress")
            assert scale or (column, value) in meant
    assert meant["a_initiator", "1"]["code"] == "local_gov"
    assert meant["p_relevance_why", "-2"]["missing"] == "1"
    assert all(row[f"label_{lang}"] for row in meant.values() for lang in ("nl", "fr", "de", "en"))


def test_what_names_a_person_goes_out_on_request_only(told, made):
    assert not any(b"@11022.example" in c for files in made.values() for c in files.values())
    asked = answers.files(told, "csv", identifiers=True)
    assert b"a@11022.example" in asked["answers.csv"]


def test_spss_holds_texts_up_to_its_limit_and_refuses_longer_ones():
    from datetime import date

    import numpy as np
    from pyreadstat import read_sav

    from barograph.publish.data.answers import Column
    from barograph.publish.data.sav import TEXT, sav_bytes

    for length in (1, 8, 9, 252, 253, 255, 256, 504, 505, 1000, TEXT):
        text = "é" * (length // 2) + "e" * (length % 2)
        columns = [
            Column("text", {"en": "Text"}, np.array([text, "x"])),
            Column("after", {"en": "After"}, np.array([1.5, 2.5]), measure="scale"),
        ]
        content = sav_bytes(columns, "en", "Title", [], date(2017, 2, 1))
        frame, _ = read_sav(io.BytesIO(content))
        assert list(frame["text"]) == [text, "x"]
        assert list(frame["after"]) == [1.5, 2.5]
    with pytest.raises(BadInput, match="SPSS"):
        sav_bytes([Column("text", {"en": "T"}, np.array(["e" * 40000]))], "en", "T", [], date.min)


def test_twice_gives_the_same_bytes(told, made):
    assert {form: answers.files(told, form) for form in answers.FORMATS} == made


def test_an_export_replaces_its_like_and_nothing_else(told, tmp_path):
    out = tmp_path / "out"
    export(told, "csv", out)
    export(told, "json", out)
    assert sorted(p.name for p in out.iterdir()) == ["README.md", "answers.json", "codebook.csv"]
    (other := tmp_path / "other").mkdir()
    (other / "thesis.txt").write_text("mine")
    with pytest.raises(BadInput, match="is not empty and no export"):
        export(told, "csv", other)
    with pytest.raises(BarographError, match="unknown format 'doc'"):
        export(told, "doc", tmp_path / "new")
    assert not (tmp_path / "new").exists()
