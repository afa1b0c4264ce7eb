"""An edition can be checked, made again, and asked where a number comes from."""

import json
import re
import shutil
import sys

import pytest

from barograph.cli import main
from barograph.errors import BadInput
from barograph.publish.explained import explain
from barograph.publish.traced import recompute, verify


@pytest.fixture
def copy(edition, tmp_path):
    return shutil.copytree(edition, tmp_path / "edition")


def test_an_edition_as_published_is_in_order(edition):
    assert verify(edition) == sum(p.is_file() for p in edition.rglob("*")) - 1


def changed(edition):
    path = edition / "data" / "estimates.csv"
    path.write_text(path.read_text().replace("0.677", "0.777"))


def removed(edition):
    (edition / "en" / "release.html").unlink()


def added(edition):
    (edition / "en" / "extra.html").write_text("more")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (changed, "data/estimates.csv was changed"),
        (removed, "en/release.html is missing"),
        (added, "en/extra.html does not belong to it"),
    ],
)
def test_what_differs_is_named(copy, damage, words):
    damage(copy)
    with pytest.raises(BadInput, match=words):
        verify(copy)


def test_the_answers_give_the_same_edition_again(edition, wave):
    assert recompute(edition, wave.barometer.folder) == verify(edition)


def test_other_answers_give_another_edition_and_say_why(edition, wave, tmp_path):
    folder = shutil.copytree(wave.barometer.folder, tmp_path / "barometer")
    answers = folder / "2017" / "responses.csv"
    head, first, *rest = answers.read_text().splitlines()
    answers.write_text("\n".join([head, *rest]) + "\n")
    with pytest.raises(BadInput, match=r"responses: .*'units': 113\} then, .*'units': 112\} now"):
        recompute(edition, folder)
    assert first


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"outputs": {"a": 1}}'])
def test_a_damaged_manifest_is_told(copy, text):
    (copy / "manifest.json").write_text(text)
    with pytest.raises(BadInput, match="no sound manifest"):
        verify(copy)


def test_every_estimate_is_explained(edition):
    told = dict(explain(edition, "2017.relevance.p_relevance.share.region=brussels"))
    assert told["respondents"] == "7 counted of a base of 8 base<10"
    assert told["question"] == (
        "p_relevance: How appropriate is the smart city concept for your municipality?"
    )
    assert told["counted"] == "4: Appropriate; 5: Indispensable"
    assert told["base"].startswith("of 113 respondents, those the question was put to")
    assert "don't know" in told["base"]
    assert told["estimator"] == "weighted share of the base, linearised variance"
    assert told["95% interval"].endswith(": Wilson with shrunk variance")
    assert told["disclosure"].startswith("exempt: base below 10; published before")
    assert told["method"].endswith(":shrunk-wilson")
    assert "no municipality gave these answers" in told["note"]
    manifest = json.loads((edition / "manifest.json").read_text())
    answers = manifest["inputs"]["2017/responses.csv"]
    assert told["answers"] == f"SHA-256 {answers}, 113 units"
    with pytest.raises(BadInput, match="there is no estimate 'x'"):
        explain(edition, "x")


@pytest.mark.parametrize(
    ("name", "term", "words"),
    [
        ("view.p_view_technology.mean.all", "question", "p_view: To your .* is ... a technolog"),
        ("view.p_view_technology.mean.all", "counted", "1: Strongly disagree; .*; 5: Strongly"),
        ("view.p_view_technology.mean.all", "95% interval", ": t interval$"),
        ("view_answers.p_view_trend=1.share.all", "counted", "^1: Strongly disagree$"),
        ("priority.environment.share.all", "counted", r"^environment: .* \(Rank 1\)$"),
        ("priority.environment.rank.all", "95% interval", "all pairs at once$"),
        ("involvement.a_inv_mayor.mean.all", "base", "those it was not put to as not having"),
        ("manager_department.s_manager_dept.share.all", "put to", "s_manager} = 'yes'"),
        (
            "relevance.p_relevance.share.region=flanders|region=brussels",
            "estimator",
            "^difference of two domains, each: weighted share",
        ),
    ],
)
def test_an_explanation_says_what_was_asked_and_counted(edition, name, term, words):
    assert re.search(words, dict(explain(edition, f"2017.{name}"))[term])


def test_from_the_command_line(edition, monkeypatch, capsys):
    for words in (
        ["verify", str(edition)],
        ["explain", "2017.unit.s_unit.share.all", str(edition)],
    ):
        monkeypatch.setattr(sys, "argv", ["barograph", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        assert not ended.value.code
    said = capsys.readouterr().out
    assert "files, all as published" in said
    assert "effective n 109.1" in said
