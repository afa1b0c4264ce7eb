"""Frozen answers read back: the same as a table, with the questionnaire that was answered, or refused."""

import csv
import json
import shutil
from hashlib import sha256
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import barograph as bg
from barograph.errors import BadInput
from barograph.starter import create


@pytest.fixture
def folder(tmp_path):
    create(tmp_path / "b")
    return tmp_path / "b"


def rows(folder):
    with (folder / "2026" / "responses.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def freeze(folder, records, number=1):
    """What the freeze of a wave leaves, made by hand from records."""
    place = folder / "2026" / "frozen" / str(number)
    place.mkdir(parents=True)
    columns = {name: [r[name] for r in records] for name in records[0]}
    pq.write_table(pa.table(columns), place / "responses.parquet")
    (place / "questionnaire.json").write_text(bg.open(folder).instrument.to_json())
    record(place)
    return place


def record(place):
    names = ("responses.parquet", "questionnaire.json")
    files = {name: sha256((place / name).read_bytes()).hexdigest() for name in names}
    (place / "freeze.json").write_text(json.dumps({"files": files}))


@pytest.fixture
def frozen(folder):
    given = rows(folder)
    place = freeze(folder, given)
    (folder / "2026" / "responses.csv").rename(folder / "kept.csv")
    return folder, place


def test_parquet_gives_what_the_table_gave(folder):
    before = bg.open(folder).wave("2026")
    told = before.share("relevance", by="region")
    place = freeze(folder, rows(folder))
    (folder / "2026" / "responses.csv").unlink()
    after = bg.open(folder).wave("2026")
    assert after.source == place / "responses.parquet"
    assert (after.responses.units == before.responses.units).all()
    for name, column in before.responses.answers.items():
        assert (after.responses.answers[name] == column).all()
        assert (after.responses.was_asked[name] == before.responses.was_asked[name]).all()
    again = after.share("relevance", by="region")
    assert [e.value for e in again] == [e.value for e in told]


def test_the_newest_version_holds(frozen):
    folder, _ = frozen
    given = bg.open(folder).wave("2026").responses
    with (folder / "kept.csv").open(encoding="utf-8", newline="") as file:
        first = list(csv.DictReader(file))[:10]
    for number in (2, 10):
        freeze(folder, first[: 12 - number], number)
    (folder / "2026" / "frozen" / ".11-abc").mkdir()  # what a freeze that was killed leaves
    assert len(given) == 12
    assert len(bg.open(folder).wave("2026").responses) == 2


def test_two_sources_of_answers_are_one_too_many(folder):
    freeze(folder, rows(folder))
    with pytest.raises(BadInput, match=r"responses.csv: stands beside .* remove this file"):
        _ = bg.open(folder).wave("2026").responses


@pytest.mark.parametrize("name", ["responses.parquet", "questionnaire.json"])
def test_a_changed_file_is_refused(frozen, name):
    folder, place = frozen
    content = (place / name).read_bytes()
    (place / name).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(BadInput, match=f"{name}: was changed since it was frozen"):
        _ = bg.open(folder).wave("2026").responses


@pytest.mark.parametrize("text", ["", "[]", '{"files": {}}', '{"files": {"responses.parquet": 1}}'])
def test_a_record_that_is_none_is_refused(frozen, text):
    folder, place = frozen
    (place / "freeze.json").write_text(text)
    with pytest.raises(BadInput, match="is no record of frozen answers"):
        _ = bg.open(folder).wave("2026").responses


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda t: None, "is not a readable Parquet file"),
        (lambda t: t.drop_columns(["nis"]), "column nis: column is missing"),
        (lambda t: t.rename_columns({"relevance": "importance"}), "unknown variable"),
        (lambda t: t.set_column(1, "relevance", pa.array(range(12))), "something else than texts"),
        (lambda t: t.set_column(1, "relevance", pa.array(["1"] * 11 + [None])), "something else"),
        (lambda t: t.set_column(1, "relevance", pa.array(["1"] * 11 + ["7"])), "row 13.*code '7'"),
        (lambda t: t.set_column(0, "nis", pa.array(["U01"] * 12)), "row 3.*answered twice"),
        (lambda t: t.slice(0, 0), "holds no answer"),
    ],
)
def test_a_parquet_file_is_checked_like_a_table(frozen, spoil, words):
    folder, place = frozen
    path = place / "responses.parquet"
    table = spoil(pq.read_table(path))
    path.write_bytes(b"PAR1 is not enough") if table is None else pq.write_table(table, path)
    record(place)
    with pytest.raises(BadInput, match=words):
        _ = bg.open(folder).wave("2026").responses


def test_a_wave_keeps_the_questionnaire_that_was_answered(frozen):
    """A later questionnaire without the question, its code and its words changes nothing."""
    folder, _ = frozen
    old = bg.open(folder).wave("2026")
    figures = [e.value for e in old.share("relevance")]
    later = folder / "2027"
    shutil.copytree(folder / "2026", later, ignore=shutil.ignore_patterns("frozen"))
    choices = folder / "questionnaire" / "choices.csv"
    choices.write_text(choices.read_text().replace("relevance5,1,Not appropriate at all\n", ""))
    answers = [
        r | {"relevance": max("2", r["relevance"])}
        for r in csv.DictReader((folder / "kept.csv").open())
    ]
    with (later / "responses.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(answers[0]))
        writer.writeheader()
        writer.writerows(answers)
    barometer = bg.open(folder)
    earlier, newest = barometer.wave("2026"), barometer.wave("2027")
    assert earlier.instrument.version != barometer.instrument.version == newest.instrument.version
    assert [e.value for e in earlier.share("relevance")] == figures
    assert len(figures) == 5
    assert len(list(newest.share("relevance"))) == 4
    change = newest.change("relevance", "4", "5", since="2026")[0]
    assert np.isclose(change.difference, 0.0, atol=1e-12)


def test_check_compares_with_the_newest_frozen_questionnaire(frozen, capsys):
    from typer.testing import CliRunner

    from barograph.cli import app

    folder, _ = frozen
    choices = Path(folder / "questionnaire" / "choices.csv")
    choices.write_text(choices.read_text().replace("Indispensable", "Necessary"))
    done = CliRunner().invoke(app, ["check", str(folder)])
    assert done.exit_code == 0, done.output
    assert "code '5' meant 'Indispensable' in the last wave" in done.output
