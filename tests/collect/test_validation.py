"""The validation report: each check finds what was planted and nothing in sound answers."""

import random
import shutil
from datetime import timedelta

import pytest
from closing import Field, State, complete, folder_of
from django.utils import timezone

import barograph as bg
from barograph.collect.closing.checks import expected_alike
from barograph.collect.closing.freeze import freeze
from barograph.collect.closing.validation import settle, validate
from barograph.collect.models import Decision, Invitation, Mode, Paradata, Wave
from barograph.collect.saving import Sent, save
from barograph.errors import BadInput

UNITS = 16
LANGUAGES = ("nl", "fr", "de", "en")


def sound(number):
    """Answers as different people give them, in full."""
    chance = random.Random(number)
    answers = complete(number)
    for name in answers:
        if "_battery_1" in name:
            rows = chance.sample("12345", 5)
        if "_battery_" in name:
            answers[name] = rows[int(name[-1]) - 1]
        elif name.endswith("_grade"):
            answers[name] = chance.choice(("low", "middle", "high"))
        elif name.endswith("_rank"):
            answers[name] = " ".join(chance.sample("vwxyz", 5))
        elif name.endswith("_several"):
            answers[name] = f"{chance.choice('abcd')} other"
        elif name.endswith("_number"):
            answers[name] = str(chance.randint(90, 110))
    return answers


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    return folder_of(tmp_path_factory.mktemp("closing"), UNITS)


@pytest.fixture
def field(db, prepared, tmp_path):
    return Field(shutil.copytree(prepared, tmp_path / "barometer")).to(State.TESTING, State.OPEN)


def answered(field, planted=None, units=12):
    """So many units that answer soundly, but for what is planted: unit number -> other answers."""
    for number in range(units):
        answers = sound(number) | (planted or {}).get(number, {})
        given = {name: value for name, value in answers.items() if value}
        timed(field.answer(f"U{number:05}", given), 600 + 10 * number)
    return validate(field.wave, field.described)


def timed(response, seconds):
    Paradata.objects.create(
        response=response, role="coordinator", section="s1", at=timezone.now(), kind="page",
        seconds=seconds, language="en", device="desktop",
    )  # fmt: skip


def found(report, check):
    return [(f.unit, f.key) for f in report.findings if f.check == check]


def test_nothing_is_found_in_sound_answers(field):
    report = answered(field)
    assert report.findings == ()
    assert report.numbers()["respondents"] == 12


def test_equal_answers_to_a_whole_battery(field):
    same = {f"s2_battery_{row}": "3" for row in range(1, 6)}
    report = answered(field, {4: same, 7: {**same, "s2_battery_5": "4"}})
    assert found(report, "straight") == [("U00004", "s2_battery")]
    told = {lang: report.findings[0].sentence(lang, report.form.instrument) for lang in LANGUAGES}
    assert told["en"].startswith("Question 2.3 – all 5 rows “3”; 1 of 12 answer so, chance")
    assert "1 sur 12" in told["fr"]
    assert len(set(told.values())) == 4


def test_the_share_to_be_expected_is_that_of_rows_answered_apart():
    assert expected_alike([["a", "a"], ["b", "b"], ["a", "b"], ["b", "a"]]) == pytest.approx(0.5)
    assert expected_alike([["a", "b"], ["a", "b"]]) == 0
    assert expected_alike([["a", "a", "a", "a"]]) == 1


def test_two_municipalities_with_nearly_the_same_answers(field):
    twin = sound(2)
    # One closed question of 45 otherwise is 97.8% equal, three are 93.3%.
    other = {f"s{s}_rank": "z y x w v" for s in (1, 2, 3)}
    report = answered(field, {6: twin | {"s5_rank": "z y x w v"}, 9: twin | other})
    assert found(report, "duplicate") == [("U00002", "U00006"), ("U00006", "U00002")]
    assert report.findings[0].values["same"] == "44"
    assert report.findings[0].values["of"] == "45"
    settle(report, ("U00006", "duplicate", "U00002"), "keep", "one office for both")
    left = validate(field.wave, field.described).open
    assert not [finding for finding in left if finding.check == "duplicate"]


def test_what_took_less_than_a_third_of_the_median_time(field):
    answered(field)
    for number, seconds in ((12, 214), (13, 216)):  # the median of 14 is 645
        timed(field.answer(f"U{number:05}", sound(number)), seconds)
    report = validate(field.wave, field.described)
    assert found(report, "speed") == [("U00012", "")]


def test_paper_has_no_speed_and_modes_are_told(field):
    answered(field)
    for number, mode in ((12, Mode.PAPER), (13, Mode.TELEPHONE)):
        timed(field.answer(f"U{number:05}", sound(number), mode=mode), 20)
    report = validate(field.wave, field.described)
    assert found(report, "speed") == []
    assert report.modes == {"web": 12, "paper": 1, "telephone": 1}


def test_a_number_far_from_the_others(field):
    report = answered(
        field, {5: {"s3_number": "1000"}, 6: {"s3_number": "0"}, 7: {"s3_number": "115"}}
    )
    assert found(report, "outlier") == [("U00005", "s3_number"), ("U00006", "s3_number")]


def test_item_nonresponse_counts_who_was_asked(field):
    report = answered(
        field, {1: {"s1_number": ""}, 2: {"s1_number": ""}, 3: {"s1_one": "no", "s1_grade": ""}}
    )
    rows = {row.question: row for row in report.nonresponse}
    number, grade = rows["s1_number"], rows["s1_grade"]
    assert (number.asked, number.answered, number.dont_know, number.missing) == (12, 10, 0, 2)
    assert (grade.asked, grade.answered, grade.missing) == (11, 11, 0)


def test_a_signature_after_the_announced_day_counts_and_is_told(field):
    Wave.objects.filter(pk=field.wave.pk).update(closes=timezone.now().date() - timedelta(days=1))
    field.wave.refresh_from_db()
    report = answered(field, units=1)
    assert found(report, "late") == [("U00000", "")]
    assert report.open == ()
    assert len(report.counted) == 1


def test_unsigned_answers_count_only_when_taken_in(field):
    answered(field)
    given = sound(12) | {"s1_number": "many"}
    field.answer("U00012", given, sign=False)
    report = validate(field.wave, field.described)
    assert found(report, "unsigned") == [("U00012", "")]
    assert (report.open, len(report.counted)) == ((), 12)
    settle(report, ("U00012", "unsigned", ""), "include", "the mayor said so on the telephone")
    report = validate(field.wave, field.described)
    assert [f.about for f in report.open] == [("U00012", "fault", "s1_number")]
    settle(report, ("U00012", "fault", "s1_number"), "blank", "no number")
    report = validate(field.wave, field.described)
    assert (report.open, len(report.counted)) == ((), 13)
    assert report.answers["U00012"].keys() == given.keys() - {"s1_number"}


def test_a_unit_that_left_the_frame_must_be_left_out(field):
    answered(field)
    path = field.folder / "frame" / "municipalities.csv"
    lines = path.read_text().splitlines()
    changed = [line for line in lines if not line.startswith(("U00003,", "U00014,"))]
    changed = [
        line.replace("south", "north") if line.startswith("U00004,") else line for line in changed
    ]
    path.write_text("\n".join([*changed, "U99999,New,north,,"]) + "\n")
    report = validate(field.wave, field.described)
    told = {f.check: f.unit for f in report.findings}
    assert told == {"gone": "U00003", "moved": "U00004", "left": "U00014", "new": "U99999"}
    assert [f.unit for f in report.open] == ["U00003"]
    with pytest.raises(BadInput, match=r"cannot be decided here. Possible: exclude"):
        settle(report, ("U00003", "gone", ""), "keep", "why not")
    settle(report, ("U00003", "gone", ""), "exclude", "merged before the reference date")
    field.to(State.CLOSING, State.CLOSED)
    assert freeze(field.wave, field.described).respondents == 11


def test_decisions_shape_what_is_frozen(field):
    """Blanked answers are out, what was asked because of them too; the newest decision holds."""
    same = {f"s2_battery_{row}": "3" for row in range(1, 6)}
    report = answered(field, {4: same, 5: {"s3_number": "1000"}, 8: same})
    settle(report, ("U00004", "straight", "s2_battery"), "exclude", "in haste")
    settle(report, ("U00004", "straight", "s2_battery"), "blank", "the rest is sound")
    settle(report, ("U00008", "straight", "s2_battery"), "exclude", "made up")
    settle(report, ("U00005", "outlier", "s3_number"), "blank", "thousands meant")
    field.to(State.CLOSING, State.CLOSED)
    assert freeze(field.wave, field.described).respondents == 11
    frozen = bg.open(field.folder).wave("2026").responses
    units = frozen.units.tolist()
    assert "U00008" not in units
    assert frozen.answers["s2_battery_1"][units.index("U00004")] == ""
    assert frozen.answers["s2_number"][units.index("U00004")] == sound(4)["s2_number"]
    assert frozen.answers["s3_number"][units.index("U00005")] == ""
    told = (field.folder / "2026" / "frozen" / "1" / "decisions.csv").read_text().splitlines()
    assert len(told) == 1 + 3  # those that hold
    assert Decision.objects.count() == 4
    with pytest.raises(BadInput, match="is frozen"):
        settle(report, ("U00005", "outlier", "s3_number"), "keep", "after all")


def test_a_condition_that_was_blanked_takes_what_hung_on_it(field):
    answered(field, units=2)
    unit = field.wave.units.get(code="U00001")
    Decision.objects.create(
        unit=unit, check_name="fault", key="s1_one", verdict="blank", reason="x", at=timezone.now()
    )
    report = validate(field.wave, field.described)
    assert "s1_grade" in report.answers["U00000"]
    assert not {"s1_one", "s1_grade"} & report.answers["U00001"].keys()


@pytest.mark.parametrize(
    ("about", "verdict", "reason", "words"),
    [
        (("U00004", "straight", "s2_battery"), "keep", "  ", "needs a reason"),
        (("U00004", "straight", "s2_battery"), "delete", "x", "cannot be decided here"),
        (("U00004", "straight", "s2_battery"), "include", "x", "cannot be decided here"),
        (("U00004", "straight", "s1_battery"), "keep", "x", "no such finding"),
        (("", "straight", ""), "exclude", "x", "Possible: keep"),
        (("", "speed", ""), "keep", "x", "no such finding"),
    ],
)
def test_what_cannot_be_decided_is_refused(field, about, verdict, reason, words):
    report = answered(field, {4: {f"s2_battery_{row}": "3" for row in range(1, 6)}})
    with pytest.raises(BadInput, match=words):
        settle(report, about, verdict, reason)
    assert not Decision.objects.exists()


def test_an_invitation_entered_by_staff_tells_its_mode(field):
    field.answer("U00000", sound(0), mode=Mode.PAPER)
    field.to(State.CLOSING, State.CLOSED)
    freeze(field.wave, field.described)
    import pyarrow.parquet as pq

    table = pq.read_table(bg.open(field.folder).wave("2026").source)
    assert table.column("mode").to_pylist() == ["paper"]
    assert Invitation.objects.get(unit__code="U00000").mode == Mode.PAPER


def test_a_decision_holds_for_the_answers_it_was_about(field):
    answered(field)
    field.answer("U00012", sound(12), sign=False)
    report = validate(field.wave, field.described)
    settle(report, ("U00012", "unsigned", ""), "include", "the mayor said so on the telephone")
    assert len(validate(field.wave, field.described).counted) == 13
    report = validate(field.wave, field.described)
    settle(report, ("U00012", "unsigned", ""), "keep", "the mayor was wrong")
    assert len(validate(field.wave, field.described).counted) == 12
    settle(report, ("U00012", "unsigned", ""), "include", "the mayor was right")
    response = field.wave.units.get(code="U00012").response
    by = response.unit.invitations.get()
    save(response, by, "s1", {"s1_number": "50"}, Sent("later", response.serial))
    assert len(validate(field.wave, field.described).counted) == 12, "it was changed since"
