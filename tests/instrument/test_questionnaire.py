"""The questionnaire compiles; answers that cannot be are refused with their place."""

import shutil

import pytest
from questionnaires import as_csv

from barograph.errors import BadInput
from barograph.estimate.items import items_of
from barograph.instrument import compile, read_responses
from barograph.publish.data.answers import columns

LANGUAGES = ("nl", "fr", "de", "en")


def test_the_core_questionnaire(wave):
    instrument = wave.barometer.instrument
    assert len(instrument.variables) == 90
    assert [c.code for c in instrument.variable("u_aspect").choices] == [
        "human", "technological", "institutional",
    ]  # fmt: skip
    assert instrument.variable("d_priority").by_code["living"].short("nl") == "Smart Living"
    assert len(instrument.battery("a_inv")) == 19
    assert instrument.variable("s_manager_dept").relevant == ("${s_manager} = 'yes'",)


def test_version_is_the_hash_of_the_content(wave, tmp_path):
    folder = shutil.copytree(wave.barometer.folder / "questionnaire", tmp_path / "questionnaire")
    before = compile(folder, LANGUAGES).version
    assert before == wave.barometer.instrument.version
    sheet = folder / "choices.csv"
    sheet.write_text(sheet.read_text().replace("Indispensable", "Essential"))
    assert compile(folder, LANGUAGES).version != before


def test_a_missing_translation_is_told_with_its_place(wave, tmp_path):
    folder = shutil.copytree(wave.barometer.folder / "questionnaire", tmp_path / "questionnaire")
    sheet = folder / "choices.csv"
    sheet.write_text(sheet.read_text().replace(",Onmisbaar,", ",,"))
    with pytest.raises(BadInput, match=r"choices\.csv, row 12, column label::Nederlands \(nl\)"):
        compile(folder, LANGUAGES)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("nis,zz\n11022,1\n", ["row 1", "column zz", "unknown variable"]),
        ("nis,p_relevance\n11022,9\n", ["row 2", "column p_relevance", "unknown code '9'"]),
        ("nis,d_count_living,d_state\n11022,x,running\n", ["row 2", "'x' is no integer"]),
        ("nis,d_count_living,d_state\n11022,nan,running\n", ["row 2", "'nan' is no integer"]),
        ("nis,s_manager,s_manager_dept\n11022,no,it\n", ["row 2", "s_manager_dept", "not asked"]),
        ("nis,u_aspect\n11022,human human\n", ["row 2", "u_aspect", "stands twice"]),
        ("nis,p_progress\n11022,7\n11023,7.5\n", ["row 3", "'7.5' is no integer", "whole number"]),
        ("nis,p_progress\n11022,1e2\n", ["row 2", "'1e2' is no integer"]),
        ("nis,p_progress\n11022,70\n", ["row 2", "constraint . >= 0 and . <= 10", "from 0 to 10"]),
        ("nis,n_tools\n11022,none guide\n", ["row 2", "n_tools", "'none guide' breaks"]),
        ("nis,p_relevance\n11022,4\n11022,5\n", ["row 3", "column nis", "answered twice"]),
        ("nis,p_relevance\n99999,4\n", ["row 2", "column nis", "not in the frame"]),
        ("nis,p_relevance\n", ["holds no answer"]),
        ("p_relevance\n4\n", ["row 1", "column nis", "missing"]),
        ("", ["is empty"]),
    ],
)
def test_answers_that_cannot_be(wave, tmp_path, lines, words):
    path = tmp_path / "responses.csv"
    path.write_text(lines)
    with pytest.raises(BadInput) as caught:
        read_responses(path, wave.barometer.instrument, wave.frame.row_of)
    for word in ["responses.csv", *words]:
        assert word in str(caught.value)


def test_kinds_of_missing_are_kept_apart(wave):
    dept = wave.responses.was_asked["s_manager_dept"]
    assert dept.sum() == 17
    assert (wave.responses.answers["s_manager_dept"][~dept] == "").all()
    assert (wave.responses.answers["p_relevance"] == "dk").sum() == 1


FORM = """
| type | name | label | parameters | constraint | calculation | barograph::dont_know |
| hidden | token |
| integer | total | T | | | | 99 |
| integer | part | P | | . <= ${all} |
| calculate | all | | | | ${total} + 0 |
| range | scale | S | start=0 end=1 step=0.5 |
| date | day | D | | . > today() |
| text | code | C | | . = ${token} |
"""


@pytest.fixture(scope="module")
def form(tmp_path_factory):
    return compile(as_csv(tmp_path_factory.mktemp("form"), survey=FORM))


def read(form, folder, answers):
    path = folder / "responses.csv"
    path.write_text(f"nis,total,part,scale,day,code\n{answers}\n")
    return read_responses(path, form, {"u1", "u2", "u3"})


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ("u1,5,6,,,", "column part: '6' breaks the constraint . <= ${all}"),
        (
            "u1,,,0.3,,",
            "column scale: '0.3' does not fit the range. Choose a number in steps of 0.5",
        ),
        ("u1,,,x,,", "column scale: 'x' is no decimal"),
        ("u1,,,,31/12/2020,", "column day: '31/12/2020' is no date. Enter a date that exists"),
    ],
)
def test_an_answer_that_the_form_would_refuse(form, tmp_path, answers, words):
    with pytest.raises(BadInput) as caught:
        read(form, tmp_path, answers)
    assert words in str(caught.value)


def test_a_constraint_is_judged_only_by_what_the_table_holds(form, tmp_path):
    """Neither by the day of reading, nor by hidden questions, nor by a total that nobody gave."""
    assert len(read(form, tmp_path, "u1,5,5,0.5,2020-12-31,x\nu2,,6,,,")) == 2


def test_a_number_that_means_dont_know_leaves_the_base(form, tmp_path):
    responses = read(form, tmp_path, "u1,5,,,,\nu2,99,,,,\nu3,,,,,")
    assert responses.answers["total"].tolist() == ["5", "dk", ""]
    (item,) = items_of(form, responses, "total", "mean")
    assert item.value[item.base].tolist() == [5.0]
    words = {"en": {k: k for k in ("dont_know", "no_answer", "not_relevant")}}
    (column,) = columns(responses, [form.variable("total")], words)
    told = {c.value: c.code for c in column.categories}
    assert [told.get(x, x) for x in column.values] == [5.0, "dont_know", "no_answer"]
