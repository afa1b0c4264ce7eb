"""LimeSurvey questionnaires: both layouts of .lss and .txt, what is refused, what is hostile."""

from __future__ import annotations

import csv
from contextlib import suppress
from pathlib import Path

import limesurvey
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from limesurvey import CONDITIONS, EVERY, Groups, Q

from barograph.errors import BadInput
from barograph.instrument import Instrument, Logic, examine
from barograph.instrument.imports import import_questionnaire
from barograph.instrument.imports.mapping import REFUSED, TYPES
from barograph.instrument.imports.plain import plain
from barograph.instrument.imports.script import Answer, condition, tailored

SHEETS = ("survey.csv", "choices.csv", "settings.csv")
NAMES = {
    "a": Answer("${a}", coded=True),
    "n": Answer("${n}"),
    "m_x": Answer("selected(${m}, 'x')", truth=True),
    "7X1X2": Answer("${a}", coded=True),
}


def imported(tmp_path: Path, name: str, text: str, **how: bool) -> tuple[Path, list[str]]:
    source = tmp_path / name
    source.write_text(text, encoding="utf-8")
    folder = tmp_path / f"of {name}"
    return folder, import_questionnaire(source, folder, **how)


def compiled(folder: Path) -> Instrument:
    instrument, findings = examine(folder)
    assert instrument, [str(finding) for finding in findings]
    assert not [f for f in findings if f.code in ("BG203", "BG208")]
    return instrument


def rows(folder: Path) -> dict[str, dict[str, str]]:
    with (folder / "survey.csv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: row for row in csv.DictReader(file) if row["type"] != "end_group"}


def refused(tmp_path: Path, groups: Groups, **more: list[dict[str, str]]) -> str:
    with pytest.raises(BadInput) as caught:
        imported(tmp_path, "bad.lss", limesurvey.lss(groups, **more))
    assert not (tmp_path / "of bad.lss").exists()
    return str(caught.value)


def test_every_type_in_three_files(tmp_path: Path) -> None:
    assert {q.type for questions in EVERY.values() for q in questions} == set(TYPES)
    files = {
        "old.lss": limesurvey.lss(new=False),
        "new.lss": limesurvey.lss(new=True),
        "survey.txt": limesurvey.txt(),
    }
    made = [imported(tmp_path, name, text) for name, text in files.items()]
    for sheet in SHEETS:
        assert len({(folder / sheet).read_bytes() for folder, _ in made}) == 1
    assert all(notes == made[0][1] for _, notes in made)
    instrument = compiled(made[0][0])
    assert instrument.languages == limesurvey.LANGUAGES
    types = {q.name: q.type for q in instrument.questions.values()}
    assert types["role"] == types["drop"] == types["five"] == types["sex"] == "select_one"
    assert types["role_other"] == types["why_comment"] == types["lines_s2"] == "text"
    assert (types["many"], types["order"]) == ("select_multiple", "rank")
    assert (types["count"], types["amount"], types["day"]) == ("integer", "decimal", "date")
    assert (types["text"], types["sum"], types["upload"]) == ("note", "calculate", "file")
    assert [v.name for v in instrument.battery("flex")] == ["flex_s1", "flex_s2"]
    assert instrument.questions["role"].required == "true()"
    assert instrument.questions["role"].hint["de"] == "One answer"
    assert [c.code for c in instrument.questions["many"].choices] == ["a", "b", "none", "other"]
    assert instrument.questions["text"].label["fr"] == "Thank you\n[fr]"


def test_logic_is_that_of_the_survey(tmp_path: Path) -> None:
    logic = Logic(compiled(imported(tmp_path, "s.lss", limesurvey.lss())[0]))

    def asked(**answers: str) -> set[str]:
        state = logic.evaluate(dict.fromkeys(logic.instrument.questions, "") | answers)
        return {name for name, holds in state.relevant.items() if holds}

    assert "drop" in asked(role="A1")
    assert {"drop", "role_other", "why"} <= asked(role="other")
    assert not {"drop", "role_other"} & asked(role="A2")
    assert "why" not in asked()
    assert "sex" in asked(yes="Y", five="2")
    assert "sex" not in asked(yes="N", five="2") | asked(yes="Y", five="1")
    assert "order" in asked(many="b a")
    assert "order" not in asked(many="b")
    assert "long" in asked(many="a", order="r2 r1")
    assert "long" not in asked(many="a", order="r1 r2")
    assert "amount" in asked(count="4")
    assert "amount" not in asked(count="3")
    assert "cols_s1" in asked(flex_s1="2")
    faults = logic.evaluate({"role": "A1", "many": "a none", "short": "A1", "count": "-1"}).faults
    assert {"many", "short", "count"} <= set(faults)
    fine = logic.evaluate({"role": "A1", "many": "none", "short": "Abc", "count": "0"}).faults
    assert not {"many", "short", "count"} & set(fine)


def test_conditions_of_old_files(tmp_path: Path) -> None:
    groups: Groups = {"G": [Q("a", "L", answers=("A1", "A2")), Q("b", "S"), Q("c", "S")]}
    more = [
        *CONDITIONS,
        {"qid": "103", "scenario": "1", "cfieldname": "7X10X101", "method": "==", "value": "A1"},
        {"qid": "103", "scenario": "1", "cfieldname": "7X10X102", "method": "!=", "value": " "},
        {"qid": "103", "scenario": "2", "cfieldname": "7X10X101", "method": "!=", "value": "A1"},
    ]
    text = limesurvey.lss(groups, new=False, conditions=more)
    found = rows(imported(tmp_path, "s.lss", text)[0])
    assert found["b"]["relevant"] == "${a} = 'A2'"
    assert found["c"]["relevant"] == "((${a} = 'A1' and ${b} != '') or ${a} != 'A1')"
    tailored = [{**CONDITIONS[0], "value": "{TOKEN:ATTRIBUTE_1}"}]
    assert "question b in group 'G" in refused(tmp_path, groups, conditions=tailored)


@pytest.mark.parametrize("kind", sorted(REFUSED))
def test_a_type_outside_is_named_and_may_be_left_out(tmp_path: Path, kind: str) -> None:
    groups: Groups = {
        "Group one": [
            Q("bad", kind, rows=("a",), answers=("1",)),
            Q("after", "S", relevance='bad_a == "Y"'),
            Q("good", "S"),
        ]
    }
    message = refused(tmp_path, groups)
    assert "question bad in group 'Group one" in message
    assert "question after" in message
    assert "--skip-unsupported" in message
    folder, notes = imported(tmp_path, "t.lss", limesurvey.lss(groups), skip_unsupported=True)
    assert [n for n in notes if "question bad" in n]
    assert [n for n in notes if "question after" in n]
    assert list(compiled(folder).questions) == ["good"]


def test_what_else_is_refused(tmp_path: Path) -> None:
    quota = [{"id": "1", "name": "Half of them"}]
    assert "quota 'Half of them'" in refused(tmp_path, {"G": [Q("a", "S")]}, quota=quota)
    for question in (
        Q("a", "S", label="Dear {TOKEN:FIRSTNAME}"),
        Q("a", "S", label="{if(1, 2, 3)}"),
        Q("a", "S", relevance="count(a, b) > 1"),
        Q("a", "S", attributes={"hidden": "1"}),
        Q("a", "S", attributes={"array_filter": "b"}),
        Q("a", "S", preg="/(?=x)/"),
        Q("a", "L"),
        Q("a", "M", rows=("1", "1")),
        Q("nis", "S"),
        Q("a b", "S"),
        Q("a", "L", answers=("=1+1",)),
        Q("a", "D", attributes={"date_format": "dd-mm-yyyy HH:MM"}),
    ):
        assert "question a" in (said := refused(tmp_path, {"G": [question]})) or "nis" in said


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    folder, _ = imported(tmp_path, "s.lss", limesurvey.lss())
    before = (folder / "survey.csv").read_bytes()
    with pytest.raises(BadInput, match="is there already"):
        import_questionnaire(tmp_path / "s.lss", folder)
    assert (folder / "survey.csv").read_bytes() == before
    assert {p.name for p in tmp_path.iterdir()} == {"s.lss", "of s.lss"}


@pytest.mark.parametrize(
    ("source", "xpath"),
    [
        ("1", ""),
        ("a.NAOK == 'x'", "${a} = 'x'"),
        ('"x" != a', "${a} != 'x'"),
        ("5 < n", "${n} > 5"),
        ("n le 5 AND not (a eq '1')", "(${n} <= 5 and not(${a} = '1'))"),
        ("a == 1", "${a} = '1'"),
        ("m_x == 'Y' || m_x.NAOK == ''", "(selected(${m}, 'x') or not(selected(${m}, 'x')))"),
        ("!is_empty(7X1X2.NAOK)", "not(${a} = '')"),
        ('a == "it\'s"', '${a} = "it\'s"'),
    ],
)
def test_expression(source: str, xpath: str) -> None:
    assert condition(source, NAMES) == xpath


@pytest.mark.parametrize(
    "source",
    ["a", "b == 1", "a == 'x", "a = = 1", "(a == 1", "a == 1)", "rand() > 1", "a + 1 > 2", "'a' == 'b'",
     "m_x == 'N'", "!" * 100 + "n > 1", "(" * 100 + "n > 1" + ")" * 100, "a == '\\'", "a == 1 or",
     "n > 1" + " or n > 1" * 1000, "not", "is_empty", "is_empty(m)"],
)  # fmt: skip
def test_expression_outside_the_subset(source: str) -> None:
    with pytest.raises(BadInput):
        condition(source, NAMES)


@settings(max_examples=200)
@given(st.text(alphabet="anm_x7X12.'\"()!=<>&| 10orandt{}$", max_size=60))
def test_any_expression_is_read_or_refused(source: str) -> None:
    for read in (condition, tailored):
        with suppress(BadInput):
            assert isinstance(read(source, NAMES), str)


def test_labels_are_text() -> None:
    assert plain("<ul><li>a</li><li>b &lt;i&gt;</li></ul>") == "• a\n\n• b <i>"
    assert plain("<img src=x onerror=alert(1)>x<script>alert(1)</script>") == "x"
    assert plain("a\x1b[31m\u202eb\0") == "a[31mb"
    assert tailored("${x} ${ a }", {"x": Answer("${x}")}) == "$${x} $ { a }"


def test_a_label_that_is_a_formula_is_disarmed(tmp_path: Path) -> None:
    groups: Groups = {"=1+1": [Q("a", "S", label="=HYPERLINK()")]}
    folder, _ = imported(tmp_path, "s.lss", limesurvey.lss(groups))
    for sheet in SHEETS:
        with (folder / sheet).open(encoding="utf-8", newline="") as file:
            assert not [c for row in csv.reader(file) for c in row if c[:1] in tuple("=+-@")]


def bomb() -> str:
    entities = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    return f'<!DOCTYPE d [<!ENTITY l0 "ha">{entities}]><document>&l9;</document>'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (bomb().encode(), "entities"),
        (b'<!DOCTYPE d SYSTEM "http://127.0.0.1/x"><document/>', "entities"),
        (b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><document>&x;</document>', "entities"),
        (bomb().encode("utf-16"), "entities"),
        (b"<document>" + b"<a>" * 100_000, "deep"),
        (b"<document>&undefined;</document>", "XML"),
        (b"\xff\xfe\x00", "XML"),
        (b"", "XML"),
        (b"<?xml version='1.0' encoding='utf-7'?><document/>", "XML"),
        (b"<document/>", "no question"),
        (b"<document><LimeSurveyDocType>Group</LimeSurveyDocType></document>", "part of a survey"),
        (b"x" * (21 << 20), "larger"),
        (b"<document><questions><rows>" + b"<row/>" * 200_001, "records"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_hostile_lss(tmp_path: Path, content: bytes, said: str) -> None:
    source = tmp_path / "s.lss"
    source.write_bytes(content)
    with pytest.raises(BadInput, match=said):
        import_questionnaire(source, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@settings(max_examples=60)
@given(st.data())
def test_a_spoilt_file_is_imported_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(["s.lss", "s.txt"]))
    whole = (limesurvey.txt() if name == "s.txt" else limesurvey.lss()).encode()
    at = data.draw(st.integers(0, len(whole)))
    spoilt = (
        whole[:at] + data.draw(st.binary(max_size=8)) + whole[at + data.draw(st.integers(0, 9)) :]
    )
    folder = tmp_path_factory.mktemp("spoilt")
    (folder / name).write_bytes(spoilt)
    try:
        import_questionnaire(folder / name, folder / "out", skip_unsupported=True)
    except BadInput:
        assert not (folder / "out").exists()
