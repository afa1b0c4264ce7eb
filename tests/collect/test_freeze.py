"""From answers in the database to frozen files, and from these to figures."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from closing import Field, State, complete, folder_of

import barograph as bg
from barograph.collect import states
from barograph.collect.closing.freeze import freeze
from barograph.collect.closing.validation import settle, validate
from barograph.collect.models import Freeze, Response, Status, Transition, Wave
from barograph.errors import BadInput

UNITS = 12


@pytest.fixture
def field(db, tmp_path):
    return Field(folder_of(tmp_path, UNITS)).to(State.TESTING, State.OPEN)


def settle_all(field):
    report = validate(field.wave, field.described)
    for check in {finding.check for finding in report.open}:
        settle(report, ("", check, ""), "keep", "looked at")


def frozen(field):
    settle_all(field)
    return freeze(field.wave, field.described)


def test_what_was_signed_is_what_figures_are_made_from(field):
    for number in range(8):
        field.answer(f"U{number:05}", complete(number), sign=number < 6)
    field.to(State.CLOSING, State.CLOSED)
    made = frozen(field)
    assert (made.number, made.respondents, field.wave.state) == (1, 6, State.FROZEN)
    wave = bg.open(field.folder).wave("2026")
    assert wave.source == field.folder / made.folder / "responses.parquet"
    assert list(wave.responses.units) == [f"U{n:05}" for n in range(6)]
    for name, column in wave.responses.answers.items():
        assert column.tolist() == [complete(n)[name] for n in range(6)]
    assert wave.responses.version == made.sha256[:12]
    assert wave.sample.record.respondents == 6


def test_every_state_is_reached_and_told(field):
    field.answer("U00000", complete(0))
    field.to(State.CLOSING, State.CLOSED)
    frozen(field)
    moved = list(
        Transition.objects.filter(wave=field.wave).order_by("pk").values_list("after", flat=True)
    )
    assert moved == ["testing", "open", "closing", "closed", "frozen"]
    with pytest.raises(BadInput, match="no final edition"):
        states.move(field.wave, State.PUBLISHED, field.described)
    with pytest.raises(BadInput, match="Give a reason"):
        states.move(field.wave, State.CLOSED, field.described)


def test_reopening_makes_a_new_version_and_edits_none(field):
    response = field.answer("U00000", complete(0))
    field.answer("U00001", complete(1))
    field.to(State.CLOSING, State.CLOSED)
    first = frozen(field)
    folder = field.folder / "2026" / "frozen"
    before = {path: path.read_bytes() for path in (folder / "1").iterdir()}
    field.to(State.CLOSED, State.CLOSING, reason="a correction came in")
    Response.objects.filter(pk=response.pk).update(status=Status.REOPENED)
    field.to(State.CLOSED)
    second = frozen(field)
    assert (second.number, second.respondents) == (2, 1)
    assert before == {path: path.read_bytes() for path in (folder / "1").iterdir()}
    assert len(bg.open(field.folder).wave("2026").responses) == 1
    assert first.sha256 != second.sha256


def test_the_same_answers_give_the_same_bytes(field):
    field.answer("U00000", complete(0))
    field.to(State.CLOSING, State.CLOSED)
    frozen(field)
    field.to(State.CLOSED, reason="again")
    frozen(field)
    folder = field.folder / "2026" / "frozen"
    first, second = ({p.name: p.read_bytes() for p in (folder / n).iterdir()} for n in "12")
    assert first.keys() == second.keys()
    differ = {name for name in first if first[name] != second[name]}
    assert differ == {"freeze.json"}
    told = [json.loads(content["freeze.json"]) for content in (first, second)]
    assert {key for key in told[0] if told[0][key] != told[1][key]} <= {"number", "at"}


def test_only_a_closed_wave_with_nothing_undecided_is_frozen(field):
    with pytest.raises(BadInput, match="No step leads"):
        freeze(field.wave, field.described)
    field.to(State.CLOSING, State.CLOSED)
    with pytest.raises(BadInput, match="no signed response"):
        freeze(field.wave, field.described)
    field.to(State.CLOSING, reason="more to come")
    same = complete(3)
    field.answer("U00003", same)
    field.answer("U00004", same)
    field.to(State.CLOSED)
    (field.folder / "2026" / "responses.csv").write_text("nis\nU00001\n")
    with pytest.raises(BadInput, match=r"without a decision: 2\..*responses.csv"):
        freeze(field.wave, field.described)
    assert not Freeze.objects.exists()
    assert not (field.folder / "2026" / "frozen").exists()


def test_a_freeze_that_is_killed_leaves_nothing_half(tmp_path):
    """After each step: no version or a whole one, the wave still closed, and the next try is the first."""
    folder = folder_of(tmp_path)
    places = {"FOLDER": str(folder), "STATE": str(tmp_path / "state"), "DATABASE_URL": ""}
    done = subprocess.run(
        [sys.executable, str(Path(__file__).parents[1] / "support" / "freezing.py")],
        env={**os.environ, **places},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    *killed, last = json.loads(done.stdout)
    for told in killed:
        assert (told["exit"], told["state"], told["rows"]) == (9, "closed", [])
        whole = {"1": True} if told["step"] in ("row", "commit") else {}
        assert told["versions"] == whole
    assert len(killed) == 4
    assert (last["exit"], last["state"], last["rows"]) == (0, "frozen", [[1, 3]])
    assert [p.name for p in (folder / "2026" / "frozen").iterdir()] == ["1"]


def test_a_published_wave_is_not_frozen_again(field):
    field.answer("U00000", complete(0))
    field.to(State.CLOSING, State.CLOSED)
    frozen(field)
    Wave.objects.filter(pk=field.wave.pk).update(state=State.PUBLISHED)
    field.wave.refresh_from_db()
    with pytest.raises(BadInput):
        freeze(field.wave, field.described)
    assert field.wave.freezes.count() == 1
