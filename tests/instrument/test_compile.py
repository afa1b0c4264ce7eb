"""XLSForms compile to an immutable version, or say by sheet, row and column why not."""

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from questionnaires import as_csv, as_xlsx

from barograph.errors import BadInput
from barograph.instrument import Group, Instrument, Logic, compile, examine
from barograph.instrument.expression.functions import ARITIES
from barograph.instrument.profile import (
    FROM_FILE,
    LISTS,
    METADATA,
    OWN_COLUMNS,
    SETTINGS,
    SURVEY_COLUMNS,
    TYPES,
)
from barograph.instrument.sandbox import run
from barograph.instrument.sheets import SCRIPT

DOCS = Path(__file__).parents[2] / "docs" / "questionnaire.md"
SOURCE = Path(__file__).parents[2] / "src" / "barograph" / "instrument"
CHOICES = """
| list_name | name | label::English (en) | label::Nederlands (nl) |
| yn | yes | Yes | Ja |
| yn | no | No | Nee |
"""
SETTINGS_SHEET = "| form_title |\n| form |"
FORM = """
| type | name | label::English (en) | label::Nederlands (nl) | relevant | appearance | parameters | barograph::dont_know | barograph::owner | repeat_count |
| note | intro | Hello | Dag |
| begin group | sec | Section | Deel | | | | | mayor |
| integer | n | Number | Getal | | | | dk |
| begin_group | table | Rate | Beoordeel | ${n} > 1 | table-list |
| select_one yn | one | One | Een |
| select_one yn | two | Two | Twee |
| end_group |
| begin_group | old | | | | field-list |
| select_one yn | head | Old | Oud | | label |
| select_one yn | three | Three | Drie | | list-nolabel |
| end_group |
| end group |
| begin_repeat | rep | Rep | Herhaling | | | | | | ${n} |
| range | r | Range of ${n} | Bereik van ${n} | | | start=0 end=10 step=5 |
| end_repeat |
| date | day | Day | Dag |
"""


@pytest.fixture(scope="module")
def form(tmp_path_factory):
    path = tmp_path_factory.mktemp("form") / "form.xlsx"
    return compile(as_xlsx(path, survey=FORM, choices=CHOICES, settings=SETTINGS_SHEET))


def test_a_workbook_keeps_its_structure(form):
    assert form.languages == ("en", "nl")
    assert [(s.name, s.kind) for s in form.sections] == [
        ("at_intro", "group"), ("sec", "group"), ("rep", "group"), ("at_day", "group"),
    ]  # fmt: skip
    table, old = (g for g in form.sections[1].children if isinstance(g, Group))
    assert (table.kind, [q.name for q in table.children]) == ("battery", ["one", "two"])
    assert table.label == {"en": "Rate", "nl": "Beoordeel"}
    assert (old.label["nl"], [q.name for q in old.children]) == ("Oud", ["three"])
    assert form.sections[1].own == {"owner": "mayor"}
    assert form.questions["n"].dont_know == "dk"
    assert set(form.variables) == {"n", "one", "two", "three", "day"}
    assert form.variable("one").relevant == ("${n} > 1",)
    assert "<h:html" in form.xform


def test_the_same_sheets_give_the_same_version_whatever_holds_them(form, tmp_path):
    folder = as_csv(tmp_path / "form", survey=FORM, choices=CHOICES, settings=SETTINGS_SHEET)
    assert compile(folder).version == form.version
    assert compile(Path(__file__).with_name("form.xls")).version == form.version
    assert Instrument.from_json(form.to_json()) == form
    with pytest.raises(BadInput, match="no compiled questionnaire"):
        Instrument.from_json('{"languages": 1}')


def test_an_interview(form):
    logic = Logic(form)
    state = logic.evaluate(
        {"n": "2", "r[1]": "5", "r[2]": "3", "day": "2026-02-30", "one": "maybe"}
    )
    assert state.values["rep"] == "2"
    assert {key: fault.kind for key, fault in state.faults.items()} == {
        "r[2]": "constraint", "day": "type", "one": "choice",
    }  # fmt: skip
    label = form.questions["r"].label
    assert state.text(label, "nl", "r[1]") == "Bereik van 2"
    assert logic.evaluate({}).text(label, "nl", "r[1]") == "Bereik van …"
    assert logic.evaluate({}).text({"nl": "Eén: ${one}"}, "nl") == "Eén: …"
    after = logic.evaluate({"n": "dk", "one": "yes", "day": ""}, ["n", "one", "day"], state)
    assert after.faults == {}
    assert not after.relevant["one"]
    assert "r[2]" not in after.values


def test_what_pyxform_says_in_several_lines_stands_in_one():
    twice = [{"list_name": "l", "name": name, "label": "X"} for name in "aabb"]
    asked = [{"type": "select_one l", "name": "q", "label": "Q"}]
    payload = json.dumps({"survey": asked, "choices": twice})
    with pytest.raises(BadInput, match=r"row : 3.*row : 5") as refused:
        run(SCRIPT, ["convert"], payload, Path("survey"))
    assert "\n" not in refused.value.what


def test_a_step_gives_what_a_whole_evaluation_gives(wave):
    import random

    draw = random.Random(7)
    instrument = wave.barometer.instrument
    logic = Logic(instrument)
    given: dict[str, str] = {}
    state = logic.evaluate(given)
    for _ in range(300):
        question = draw.choice(list(instrument.variables.values()))
        codes = [c.code for c in question.choices] or ["3", "501", "x"]
        given = given | {question.name: draw.choice(["", *codes, " ".join(codes[:4])])}
        len(state.faults)  # so that they are followed too
        state = logic.evaluate(given, [question.name], state)
    whole = logic.evaluate(given)
    assert state.relevant == whole.relevant
    assert state.faults == whole.faults
    assert {**state.values, "start_time": ""} == {**whole.values, "start_time": ""}


HEAD = "| type | name | label::English (en) | label::Nederlands (nl) | relevant | calculation | default | parameters | barograph::x |\n"
ERRORS = [
    ("BG101", "| text | a | A | |", 2, "label::Nederlands (nl)"),
    ("BG102", "| text | a | A | A | ${bb} = 1 |", 2, "relevant"),
    ("BG103", "| calculate | a | | | | ${b} |\n| calculate | b | | | | ${a} |", 2, "calculation"),
    ("BG104", "| text | a | A | A |\n| text | a | A | A |", 3, "name"),
    ("BG106", "| select_one zz | a | A | A |", 2, "type"),
    ("BG107", "| text | 1a | A | A |", 2, "name"),
    ("BG107", "| text | meta | A | A |", 2, "name"),
    ("BG108", "| geopoint | a | A | A |", 2, "type"),
    ("BG108", "| txt | a | A | A |", 2, "type"),
    ("BG109", "| select_one yn or_other | a | A | A |", 2, "type"),
    ("BG110", "| begin_group | a | A | A |", 2, "type"),
    ("BG110", "| text | a | A | A |\n| end_repeat |", 3, "type"),
    ("BG111", "| text | a | A | A | (1 |", 2, "relevant"),
    ("BG111", "| text | a | A | A | foo() |", 2, "relevant"),
    ("BG111", "| text | a | A | A | random() > 1 |", 2, "relevant"),
    ("BG111", "| text | a | A | A | /data/a = 1 |", 2, "relevant"),
    ("BG111", "| text | a | A | A | regex(., '(?=a)') |", 2, "relevant"),
    ("BG113", "| text | a | A | A | | | | | y |", 2, "barograph::x"),
    ("BG116", "| text | | A | A |", 2, "name"),
    ("BG116", "| text | a |", 2, "label"),
    ("BG117", "| range | a | A | A | | | | step=0 |", 2, "parameters"),
    ("BG117", "| integer | a | A | A | | | | foo=1 |", 2, "parameters"),
    ("BG117", "| select_one yn | a | A | A | | | | randomize=maybe |", 2, "parameters"),
    ("BG118", "| select_one yn | a | A | A | | | maybe |", 2, "default"),
    ("BG118", "| integer | a | A | A | | | abc |", 2, "default"),
    ("BG118", "| decimal | a | A | A | | | 1,5 |", 2, "default"),
    ("BG118", "| date | a | A | A | | | 31/12/2020 |", 2, "default"),
    ("BG118", "| range | a | A | A | | | 99 | start=0 end=5 |", 2, "default"),
    ("BG119", "| select_one yn | a | A | A | | | | | no |", 2, "barograph::dont_know"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "rows", "row", "column"), ERRORS)
def test_a_fault_is_told_with_its_place(tmp_path, code, rows, row, column):
    folder = as_csv(
        tmp_path / "form",
        survey=(HEAD if code != "BG119" else HEAD.replace("::x", "::dont_know")) + rows,
        choices=CHOICES,
    )
    instrument, findings = examine(folder)
    assert instrument is None
    found = [(f.code, f.row, f.column, Path(f.file).name) for f in findings if f.level == "error"]
    assert (code, row, column, "survey.csv") in found
    with pytest.raises(BadInput, match="BG1"):
        compile(folder)


@pytest.mark.parametrize(
    ("code", "choices"),
    [
        ("BG105", CHOICES + "| yn | no | No | Nee |"),
        ("BG115", CHOICES + "| yn | n o | No | Nee |"),
        ("BG115", CHOICES + "| yn | | No | Nee |"),
        ("BG112", CHOICES.replace("Nederlands (nl)", "Nederlands")),
    ],
)
def test_a_faulty_choice_is_told(tmp_path, code, choices):
    survey = "| type | name | label::English (en) | label::Nederlands (nl) |\n| select_one yn | a | A | A |"
    findings = examine(as_csv(tmp_path / "form", survey=survey, choices=choices))[1]
    assert code in [f.code for f in findings]
    assert all(Path(f.file).name == "choices.csv" for f in findings if f.code == code)


def test_the_title_stands_in_every_language(form, tmp_path):
    titles = "| form_title::English (en) | form_title::Nederlands (nl) |\n| Cities | Steden |"
    folder = as_csv(tmp_path / "f", survey=FORM, choices=CHOICES, settings=titles)
    titled = compile(folder)
    assert titled.title == {"en": "Cities", "nl": "Steden"}
    assert "<h:title>Cities</h:title>" in titled.xform
    findings = examine(as_csv(folder, settings=titles.replace(" Steden ", " ")))[1]
    assert ("BG101", "form_title::Nederlands (nl)") in [(f.code, f.column) for f in findings]
    findings = examine(as_csv(folder, settings=SETTINGS_SHEET))[1]
    assert [(f.code, f.row, f.column) for f in findings] == [("BG220", 2, "form_title")]


def test_what_a_spreadsheet_writes_is_read(form, tmp_path):
    sheets = {"survey": FORM, "choices": CHOICES, "settings": SETTINGS_SHEET}
    folder = as_csv(tmp_path / "form", **sheets)
    for name, encoding in zip(sheets, ("utf-16", "cp1252", "utf-8-sig"), strict=True):
        path = folder / f"{name}.csv"
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        with path.open("w", newline="", encoding=encoding) as file:
            csv.writer(file, delimiter=";").writerows(rows)
    assert compile(folder).version == form.version


@pytest.mark.parametrize("sign", ["\0", "\x07", "\ufffe"])
def test_what_xml_cannot_hold_is_told_with_its_place(tmp_path, sign):
    for survey, row in (
        (HEAD + f"| text | a | A{sign}B | A |", 2),
        (HEAD.replace("x |", f"x{sign} |"), 1),
    ):
        with pytest.raises(BadInput, match=rf"row {row}, .*character U\+00|character U\+FFFE"):
            examine(as_csv(tmp_path / "form", survey=survey))


HABITS = """
| type | name | label::English (en) | relevant | constraint | required | appearance | comment |
| text | roads_and_parks | How are roads? | ${later} = 'yes' | . != '' | yes |
| text | two | How are roads? And parks? | ${roads_and_parks} |
| select_one yn | later | Later |
| text | never | Never | ${later} = 'yes' and ${later} = 'no' |
| text | maybe | Maybe | ${later} = 'maybe' or ${two} = '' |
| begin_group | bat | Battery | | | | field-list |
| select_one yn | b1 | B1 | | | | likert |
| select_one yn2 | b2 | B2 | | | | likert |
| end_group |
| geopoint | where | Where |
"""
WORDS = """
| list_name | name | label::English (en) |
| yn | yes | Yes |
| yn | no | No |
| yn | dk | Don't know |
| yn2 | yes | Yes |
| yn2 | dk | No idea |
| unused | x | X |
"""


@pytest.fixture(scope="module")
def habits(tmp_path_factory):
    folder = as_csv(tmp_path_factory.mktemp("habits"), survey=HABITS, choices=WORDS)
    return examine(folder, skip_unsupported=True)


def test_habits_are_warnings(habits):
    instrument, findings = habits
    assert instrument is not None
    assert "where" not in instrument.questions
    assert "where" not in instrument.xform
    assert {f.code for f in findings} == {
        "BG201", "BG202", "BG203", "BG204", "BG205", "BG206", "BG207", "BG208", "BG209", "BG210",
        "BG211", "BG219",
    }  # fmt: skip
    assert [f.row for f in findings if f.code == "BG201"] == [2, 3]
    assert [f.row for f in findings if f.code == "BG202"] == [5, 6][:1]


def test_a_changed_meaning_is_noticed(habits, tmp_path):
    before = habits[0]
    survey = HABITS.replace("| text | two ", "| integer | two ").replace("Later |", "Much later |")
    survey = survey.replace("| text | never |", "| text | other |").replace(
        "| geopoint | where | Where |", ""
    )
    words = WORDS.replace("| no | No |", "| no | Not at all |").replace(
        "| yn2 | dk | No idea |", ""
    )
    findings = examine(as_csv(tmp_path / "f", survey=survey, choices=words), since=before)[1]
    told = {(f.code, f.what.split("'")[1]) for f in findings if f.code >= "BG215"}
    assert {("BG216", "two"), ("BG216", "later"), ("BG217", "never")} <= told
    assert {("BG215", "no"), ("BG217", "dk")} <= told


def test_the_example_has_no_findings(wave):
    folder = wave.barometer.folder / "questionnaire"
    assert examine(folder, wave.barometer.languages)[1] == ()


def test_the_docs_name_every_construct():
    text = DOCS.read_text()
    names = {*TYPES, *LISTS, *FROM_FILE, *METADATA} - {"string", "int", "select1", "select one"}
    names |= SURVEY_COLUMNS | SETTINGS | {f"barograph::{name}" for name in OWN_COLUMNS}
    names |= {"jr:choice-name" if name == "choice-name" else name for name in ARITIES}
    names -= {"select multiple", "select all that apply"}
    assert [n for n in sorted(names) if not re.search(rf"`{re.escape(n)}[` ]", text)] == []
    codes = {c for p in SOURCE.glob("*.py") for c in re.findall(r'"(BG\d{3})"', p.read_text())}
    assert codes == set(re.findall(r"BG\d{3}", text))


def test_the_command_line_does_without_pyxform():
    code = "import sys; from barograph.cli import app; sys.exit('pyxform' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_command_line_compiles(tmp_path, capsys, monkeypatch):
    from barograph.cli import main

    def ran(*words):
        monkeypatch.setattr(sys, "argv", ["barograph", "compile", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, capsys.readouterr()

    folder = as_csv(tmp_path / "form", survey=FORM, choices=CHOICES, settings=SETTINGS_SHEET)
    code, printed = ran(folder, "--out", tmp_path / "out")
    assert code == 0
    assert "4 sections, in en, nl" in printed.out
    stored = tmp_path / "out" / "questionnaire.json"
    assert Instrument.from_json(stored.read_text()).questions["n"].type == "integer"
    as_csv(folder, choices=CHOICES.replace("| Nee |", "| Niet |"))
    assert "BG215" in ran(folder, "--since", stored)[1].out
    as_csv(folder, survey=FORM.replace("| date |", "| geopoint |"))
    code, printed = ran(folder, "--out", tmp_path / "none")
    assert code == 2
    assert "survey.csv, row 17, column type" in printed.err
    assert not (tmp_path / "none").exists()
    assert ran(folder, "--skip-unsupported")[0] == 0
