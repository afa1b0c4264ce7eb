"""An edition can be checked, made again, and asked where a number comes from."""

import json
import shutil
import sys

import pytest

from barograph.cli import main
from barograph.errors import BadInput
from barograph.publish.traced import explain, recompute, verify


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
    assert told["question"] == "p_relevance, share of p_relevance"
    assert told["disclosure"].startswith("exempt: base below 10; published before")
    assert told["method"].endswith(":shrunk-wilson")
    assert "no municipality gave these answers" in told["note"]
    manifest = json.loads((edition / "manifest.json").read_text())
    assert told["answers"].startswith(f"SHA-256 {manifest['responses']['version']}")
    with pytest.raises(BadInput, match="there is no estimate 'x'"):
        explain(edition, "x")


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
