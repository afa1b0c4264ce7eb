"""The questionnaire compiles; answers that cannot be are refused with their place."""

import shutil

import pytest

from barograph.errors import BadInput
from barograph.instrument import compile, read_responses

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
        ("nis,d_count_living,d_state\n11022,x,running\n", ["row 2", "'x' is no number"]),
        ("nis,d_count_living,d_state\n11022,nan,running\n", ["row 2", "'nan' is no number"]),
        ("nis,s_manager,s_manager_dept\n11022,no,it\n", ["row 2", "s_manager_dept", "not asked"]),
        ("nis,u_aspect\n11022,human human\n", ["row 2", "u_aspect", "stands twice"]),
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
