"""Answers from LimeSurvey, ODK, SPSS and our own export: the same responses.csv from each."""

from __future__ import annotations

import csv
import io
import random
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import limesurvey as limesurvey_files
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from barograph.barometer import Barometer, Wave
from barograph.cli import app
from barograph.errors import BadInput, BarographError
from barograph.instrument import Instrument, Logic, compile, read_responses
from barograph.instrument.imports import Wishes, answers, import_answers, import_questionnaire
from barograph.publish.export import answers as exported

Rows = list[dict[str, str]]
TEXTS = ("", 'Größe; 3 €, "x"', "two\nlines", "12", "don't", "= no", "-3")
SEEDS = settings(max_examples=4, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def logic(wave: Wave) -> Logic:
    return Logic(wave.barometer.instrument)


def answered(logic: Logic, units: Sequence[str], seed: int) -> Rows:
    """Random answers to the whole questionnaire, with only what skip logic asks."""
    chance = random.Random(seed)
    numbers = {
        name: ["", "0", "7", *(["2.5"] if question.type == "decimal" else [])]
        for name, question in logic.instrument.questions.items()
    }
    rows = []
    for unit in units:
        row = {}
        for name, variable in logic.instrument.variables.items():
            codes = [c.code for c in variable.choices if c.code != "dk"]
            dont_know = len(codes) < len(variable.choices) and chance.random() < 0.1
            some = chance.sample(codes, chance.randint(0, len(codes)))
            row[name] = {
                "one": lambda codes=codes: chance.choice(["", *codes]),
                "multiple": lambda codes=codes, some=some: " ".join(c for c in codes if c in some),
                "rank": lambda some=some: " ".join(some),
                "number": lambda name=name: chance.choice(numbers[name]),
                "text": lambda: chance.choice(TEXTS[:-2]),
            }[variable.kind]()
            row[name] = "dk" if dont_know else row[name]
        empty = dict.fromkeys(logic.instrument.questions, "")
        state = logic.evaluate(empty | row)
        while wrong := [n for n, f in state.faults.items() if f.kind != "required"]:
            row |= dict.fromkeys(wrong, "")
            state = logic.evaluate(empty | row)
        relevant = state.relevant
        rows.append({"nis": unit} | {n: v if relevant[n] else "" for n, v in row.items()})
    return rows


def as_csv(rows: Rows, delimiter: str = ",") -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def limesurvey(instrument: Instrument, row: dict[str, str]) -> dict[str, str]:
    made = {"id": "1", "submitdate": "2016-05-01 10:00:00", "lastpage": "8", "startlanguage": "nl",
            "token": row["nis"]}  # fmt: skip
    for name, variable in instrument.variables.items():
        value, codes = row[name], row[name].split()
        head = (
            f"{variable.battery}[{name[len(variable.battery) + 1 :]}]" if variable.battery else name
        )
        if variable.kind == "multiple":
            made |= {f"{name}[{c.code}]": "Y" if c.code in codes else "" for c in variable.choices}
        elif variable.kind == "rank":
            padded = codes + [""] * len(variable.choices)
            made |= {f"{name}[{i}]": padded[i - 1] for i in range(1, len(variable.choices) + 1)}
        elif variable.kind == "number" and value:
            made[head] = f"{float(value):.10f}"
        else:
            made[head] = "-oth-" if value == "other" and variable.kind == "one" else value
    return made


def odk(
    split: bool, whole: bool, sign: str
) -> Callable[[Instrument, dict[str, str]], dict[str, str]]:
    def made(instrument: Instrument, row: dict[str, str]) -> dict[str, str]:
        cells = {"start": "x", "intro": "", "nis_code": row["nis"]}
        for item, groups in instrument.walk():
            variable = instrument.variables.get(item.name)
            if variable is None:
                continue
            head = sign.join([*(g.name for g in groups), item.name])
            if whole or variable.kind != "multiple":
                cells[head] = row[item.name]
            if split and variable.kind == "multiple":
                chosen = row[item.name].split()
                for choice in variable.choices:
                    cells[f"{head}/{choice.code}"] = "1" if choice.code in chosen else "0"
        return cells | {"_id": "1", "_submission_time": "2016", "meta/instanceID": "uuid:1"}

    return made


FORMS = {
    "limesurvey": limesurvey,
    "kobo": odk(split=True, whole=True, sign="/"),
    "kobo split": odk(split=True, whole=False, sign="/"),
    "central": odk(split=False, whole=True, sign="-"),
    "dots": odk(split=True, whole=True, sign="."),
}


def brought(source: Path, wave: Wave, **wishes: object) -> tuple[Rows, list[str]]:
    target = source.parent / "responses.csv"
    target.unlink(missing_ok=True)
    instrument = wave.barometer.instrument
    told = import_answers(source, target, instrument, wave.frame.row_of, Wishes(**wishes))
    read_responses(target, instrument, wave.frame.row_of)
    with target.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file)), told


@pytest.mark.parametrize("form", FORMS)
@SEEDS
@given(seed=st.integers(0, 10**6), delimiter=st.sampled_from(",;"),
       encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]))  # fmt: skip
def test_each_software_gives_the_same_answers(
    form: str, wave: Wave, logic: Logic, tmp_path: Path, seed: int, delimiter: str, encoding: str
) -> None:
    rows = answered(logic, list(wave.frame.row_of)[:6], seed)
    made = [FORMS[form](logic.instrument, row) for row in rows]
    source = tmp_path / "export.csv"
    source.write_bytes(as_csv(made, delimiter).encode(encoding))
    found, told = brought(source, wave)
    assert found == rows
    assert told[0].endswith(f"read as {form if form == 'limesurvey' else 'odk'}")


@SEEDS
@given(seed=st.integers(0, 10**6))
def test_our_own_export_comes_back(wave: Wave, logic: Logic, tmp_path: Path, seed: int) -> None:
    folder = tmp_path / str(seed)
    if folder.exists():
        return
    shutil.copytree(wave.barometer.folder, folder / "barometer")
    target = folder / "barometer" / "2017" / "responses.csv"
    with target.open(encoding="utf-8", newline="") as file:
        units = [row["nis"] for row in csv.DictReader(file)]
    rows = [row | {"synthetic": "1"} for row in answered(logic, units, seed)]
    target.write_text(as_csv(rows), encoding="utf-8")
    opened = Barometer.open(folder / "barometer").wave("2017")
    before = target.read_bytes()
    for form, name in (("csv", "answers.csv"), ("sav", "answers.de.sav")):
        for file, content in exported.files(opened, form, identifiers=True).items():
            (folder / file).write_bytes(content)
        wishes = Wishes(replace=True, synthetic=True)
        import_answers(folder / name, target, logic.instrument, opened.frame.row_of, wishes)
        assert target.read_bytes() == before


def test_the_example_comes_back_from_spss(wave: Wave, tmp_path: Path) -> None:
    for form, name in (("sav", "answers.nl.sav"), ("csv", "answers.csv")):
        for file, content in exported.files(wave, form).items():
            (tmp_path / file).write_bytes(content)
        found, _ = brought(tmp_path / name, wave, synthetic=True)
        with (wave.folder / "responses.csv").open(encoding="utf-8", newline="") as file:
            before = list(csv.DictReader(file))
        for name, variable in wave.barometer.instrument.variables.items():
            if variable.kind == "multiple" and name in before[0]:  # their order means nothing
                for row in before:
                    row[name] = " ".join(c for c in variable.by_code if c in row[name].split())
        assert found == before


def test_a_foreign_sav(wave: Wave, tmp_path: Path) -> None:
    import pandas
    import pyreadstat

    source = tmp_path / "foreign.sav"
    frame = pandas.DataFrame(
        {"nis": [11022.0, 11023.0], "p_relevance": [5.0, None], "p_progress": [7.0, 2.0],
         "a_initiator": ["citizens", ""], "n_target_citizens": [1.0, 0.0]}
    )  # fmt: skip
    labels = {"p_relevance": {5.0: "Very"}}
    pyreadstat.write_sav(frame, source, variable_value_labels=labels)
    found, told = brought(source, wave)
    assert told[0] == "2 units, 4 questions, read as sav"
    assert [list(row.values()) for row in found] == [
        ["11022", "5", "7", "citizens", "citizens"], ["11023", "", "2", "", ""],
    ]  # fmt: skip


PLAIN = "nis,p_relevance,p_progress,u_aspect,n_tools,r_comment\n"


def refused(tmp_path: Path, wave: Wave, content: str | bytes, **wishes: object) -> str:
    source = tmp_path / "in.csv"
    source.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(BadInput) as caught:
        brought(source, wave, **wishes)
    assert {p.name for p in tmp_path.iterdir()} == {"in.csv"}
    return str(caught.value)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("11022,5,,,,\n\n11022,4,,,,\n", "row 4, column nis: 11022 answered twice, first in row 2"),
        ("99999,5,,,,\n", "row 2, column nis: '99999' is not in the frame"),
        ("11022,5,,,,\n,5,,,,\n", "row 3, column nis: '' is not in the frame"),
        ("11022,9,,,,\n11023,8,,,,\n", "row 2, column p_relevance: unknown code '9'"),
        ("11022,9,,,,\n11023,8,,,,\n", "and 1 more like it"),
        ("11022,,many,,,\n", "row 2, column p_progress: 'many' is no integer"),
        ("11022,,-9,,,\n", "row 2, column p_progress: '-9' breaks the constraint . >= 0"),
        ('11022,,"7,5",,,\n', "row 2, column p_progress: '7,5' is no integer"),
        ("11022,,,human human,,\n", "row 2, column u_aspect: a code stands twice"),
        ("11022,,,,guide what,\n", "row 2, column n_tools: unknown code 'what'"),
        ("11022,5,,,\n", "row 2: 5 cells where the head has 6"),
        ("11022,5,,,,,extra\n", "row 2: 7 cells where the head has 6"),
        ('11022,"5,,,,\n', "row 2: is no readable CSV"),
        ("", "holds no answer"),
        ("11022,\x1b[31m,,,,\n", r"unknown code '\x1b[31m'"),
    ],
)
def test_faults_stand_where_the_source_has_them(
    wave: Wave, tmp_path: Path, rows: str, said: str
) -> None:
    assert said in refused(tmp_path, wave, PLAIN + rows)


def test_faults_of_columns(wave: Wave, tmp_path: Path) -> None:
    said = refused(tmp_path, wave, "nis,p_relevance,<script>,=cmd()\n11022,5,x,y\n")
    assert "row 1: columns that answer no question: '<script>', '=cmd()'" in said
    assert "column stands twice" in refused(tmp_path, wave, "nis,p_relevance,p_relevance\n1,2,3\n")
    heads = "nis_code,sec_perception/p_relevance,p_relevance,_id\n11022,5,5,1\n"
    assert "answers the same as column sec_perception/p_relevance" in refused(tmp_path, wave, heads)
    assert "--unit" in refused(tmp_path, wave, "who,p_relevance\n11022,5\n")
    assert "no such column" in refused(tmp_path, wave, "nis,p_relevance\n11022,5\n", unit="who")
    assert "no column answers" in refused(tmp_path, wave, "nis\n11022\n")
    split = "nis,_id,n_tools,n_tools/guide,n_tools/event\n11022,1,guide,1,1\n"
    assert "row 2, column n_tools/event: one column says 'guide'" in refused(tmp_path, wave, split)
    assert "neither" in refused(tmp_path, wave, "nis,_id,n_tools/guide\n11022,1,perhaps\n")
    ranked = "nis,submitdate,u_aspect[1],u_aspect[2]\n11022,x,,human\n"
    assert "leave a gap" in refused(tmp_path, wave, ranked)


NO_TABLES = [b"", b"\xff\xfe\x00\xd8", b"nis,p_relevance\n11022,\x81\n", b"nis,\0\n", b"\xef\xbb\xbf", b"\n\n",
     b"nis," + b"x" * (21 << 20), b'nis,"' + b"x" * 200_000 + b'"\n', b"," * 30_000]  # fmt: skip


@pytest.mark.parametrize(
    "number",
    range(len(NO_TABLES)),
)
def test_files_that_are_no_table(wave: Wave, tmp_path: Path, number: int) -> None:
    refused(tmp_path, wave, NO_TABLES[number])


def test_what_spss_declares_missing_is_no_answer(wave: Wave, tmp_path: Path) -> None:
    import pandas
    import pyreadstat

    source = tmp_path / "foreign.sav"
    frame = pandas.DataFrame(
        {"nis": [11022.0, 11023.0, 11024.0], "p_progress": [7.0, -99.0, -1.0],
         "p_relevance": [5.0, 99.0, 4.0], "s_manager_fte": [None, None, None]}
    )  # fmt: skip
    ranges = {"p_progress": [{"lo": -99, "hi": -1}], "p_relevance": [99]}
    pyreadstat.write_sav(frame, source, missing_ranges=ranges)
    found, _ = brought(source, wave)
    assert [(r["p_progress"], r["p_relevance"]) for r in found] == [("7", "5"), ("", ""), ("", "4")]
    pyreadstat.write_sav(frame, source)
    with pytest.raises(BadInput, match="row 3, column p_relevance: unknown code '99'"):
        brought(source, wave)


def test_a_broken_sav(wave: Wave, tmp_path: Path) -> None:
    for content in (b"", b"$FL2" + b"\xff" * 5_000, b"no sav"):
        (tmp_path / "in.sav").write_bytes(content)
        with pytest.raises(BadInput):
            brought(tmp_path / "in.sav", wave)
        assert {p.name for p in tmp_path.iterdir()} == {"in.sav"}


def test_a_sav_without_pyreadstat(
    wave: Wave, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "find_spec", lambda name: None)
    with pytest.raises(BarographError, match=r"pip install .barograph\[sav\]"):
        brought(tmp_path / "in.sav", wave)


def test_choices_with_texts_of_limesurvey(tmp_path: Path) -> None:
    """The survey that comes in as .lss takes its answers as LimeSurvey exports them."""
    (tmp_path / "s.lss").write_text(limesurvey_files.lss(), encoding="utf-8")
    import_questionnaire(tmp_path / "s.lss", tmp_path / "form")
    instrument = compile(tmp_path / "form")
    source, target = tmp_path / "in.csv", tmp_path / "responses.csv"
    row = {"id": "1", "submitdate": "", "token": "u1", "role": "-oth-", "role[other]": "=clerk",
           "why": "A2", "why[comment]": "so", "yes": "Y", "many[a]": "Y", "many[b]": "",
           "many[none]": "", "many[other]": "tea", "order[1]": "r3", "order[2]": "r1",
           "order[3]": "", "count": "4.0000000000", "day": "2016-05-01 00:00:00",
           "flex[s1]": "2", "flex[s2]": "1", "cols_s1": "1", "groupTime10": "3"}  # fmt: skip
    source.write_text(as_csv([row]), encoding="utf-8")
    told = import_answers(source, target, instrument, {"u1"}, Wishes())
    assert "1 units did not submit; their answers are taken as they are" in told
    with target.open(encoding="utf-8", newline="") as file:
        (found,) = csv.DictReader(file)
    assert found == {
        "nis": "u1", "role": "other", "role_other": "'=clerk", "why": "A2", "why_comment": "so",
        "yes": "Y", "many": "a other", "many_other": "tea", "order": "r3 r1", "count": "4",
        "day": "2016-05-01", "flex_s1": "2", "flex_s2": "1", "cols_s1": "1",
    }  # fmt: skip


def test_wishes(wave: Wave, tmp_path: Path) -> None:
    source, target = tmp_path / "in.csv", tmp_path / "responses.csv"
    source.write_text("code,x,p_relevance,p_relevance_why\n11022,1,5,=1+1\n11023,2,2,=2+2\n")
    units, instrument = wave.frame.row_of, wave.barometer.instrument

    def bring(**wishes: object) -> list[str]:
        return import_answers(source, target, instrument, units, Wishes(unit="code", **wishes))

    with pytest.raises(BadInput, match="'x'"):
        bring()
    with pytest.raises(BadInput, match=r"row 2, column p_relevance_why: .*1' answers a question"):
        bring(skip_unknown=True)
    told = bring(skip_unknown=True, drop_unasked=True, dry_run=True)
    assert not target.exists()
    assert "left out columns that answer no question: 'x'" in told
    assert "1 answers to questions not asked left out: row 2 column p_relevance_why" in told
    bring(skip_unknown=True, drop_unasked=True)
    assert target.read_text() == "nis,p_relevance,p_relevance_why\n11022,5,\n11023,2,'=2+2\n"
    with pytest.raises(BadInput, match="--replace"):
        bring(skip_unknown=True, drop_unasked=True)
    source.write_text("code,p_relevance\n11022,9\n")
    with pytest.raises(BadInput, match="unknown code"):
        bring(replace=True)
    assert "'=2+2" in target.read_text()
    source.write_text("code,p_relevance\n11022,1\n")
    bring(replace=True)
    assert target.read_text() == "nis,p_relevance\n11022,1\n"


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_spoilt_export_is_imported_or_refused(
    wave: Wave, logic: Logic, tmp_path: Path, data: st.DataObject
) -> None:
    rows = answered(logic, list(wave.frame.row_of)[:2], 1)
    form = data.draw(st.sampled_from(sorted(FORMS)))
    whole = as_csv([FORMS[form](logic.instrument, row) for row in rows]).encode()
    at = data.draw(st.integers(0, len(whole)))
    spoilt = (
        whole[:at] + data.draw(st.binary(max_size=8)) + whole[at + data.draw(st.integers(0, 9)) :]
    )
    (tmp_path / "in.csv").write_bytes(spoilt)
    (tmp_path / "responses.csv").unlink(missing_ok=True)
    try:
        brought(tmp_path / "in.csv", wave)
    except BadInput:
        assert not (tmp_path / "responses.csv").exists()


def test_the_command_line(wave: Wave, tmp_path: Path) -> None:
    folder = shutil.copytree(wave.barometer.folder, tmp_path / "barometer")
    source, survey = tmp_path / "in.csv", tmp_path / "survey.lss"
    source.write_text("token,submitdate,p_relevance\n11022,2016-05-01,5\n")
    survey.write_text(limesurvey_files.lss(), encoding="utf-8")
    call = ("import", str(source), str(folder), "2017")
    run = CliRunner().invoke
    assert isinstance(run(app, call).exception, BadInput)
    dry = run(app, [*call, "--dry-run"]).output
    assert "Nothing is written" in dry
    assert "it takes --replace" in dry
    done = run(app, [*call, "--replace", "--from", "limesurvey"])
    assert (done.exit_code, done.exception) == (0, None)
    written = (folder / "2017" / "responses.csv").read_text()
    assert written == "nis,p_relevance,synthetic\n11022,5,1\n"
    done = run(app, ["compile", str(survey), "--out", str(tmp_path / "form")])
    assert (done.exit_code, done.exception) == (0, None)
    assert "question upload takes one file" in done.output
    made = {p.name for p in (tmp_path / "form").iterdir()}
    assert made == {"survey.csv", "choices.csv", "settings.csv", "questionnaire.json",
                    "questionnaire.xml"}  # fmt: skip
