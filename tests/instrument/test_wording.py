"""Answers in words, as labels quote them; and what expressions make of a don't know."""

import pytest
from questionnaires import as_csv

from barograph.instrument import Logic, compile
from barograph.instrument.wording import in_words

SURVEY = """
| type | name | label::Nederlands (nl) | label::Français (fr) | calculation | constraint | parameters | barograph::dont_know |
| select_one yn | a | A | A |
| decimal | x | X | X | | | | 99 |
| date | d | D | D |
| rank yn | r | R | R |
| range | g | G | G | | | start=0 end=1 step=0.1 |
| calculate | c | | | jr:choice-name(${a}, '${a}') |
| calculate | third | | | ${x} div 3 |
| calculate | tiny | | | ${x} div 3000 |
| calculate | above | | | if(${x} > 50 or max(${x}, 1) > 50, 'many', 'few') |
| calculate | code | | | if(${x} = 99 and ${x} = '99' and not(${x} != 99), 'unknown', 'known') |
| note | n | ${c}, ${a}, ${x}, ${d}, ${r}, ${third}, ${tiny}: wat? | Que font ${c}, ${a}, ${x}, ${d}, ${r}, ${third}, ${tiny} ? |
"""
CHOICES = """
| list_name | name | label::Nederlands (nl) | label::Français (fr) |
| yn | yes | Ja | Oui |
| yn | no | Nee | Non |
"""


@pytest.fixture(scope="module")
def logic(tmp_path_factory):
    path = as_csv(tmp_path_factory.mktemp("form"), survey=SURVEY, choices=CHOICES)
    return Logic(compile(path, ["nl", "fr"]))


def test_labels_quote_answers_in_the_words_of_their_language(logic):
    state = logic.evaluate({"a": "yes", "x": "2.5", "d": "2026-03-01", "r": "no yes"})
    label = logic.instrument.questions["n"].label
    assert state.text(label, "nl") == (
        "Ja, Ja, 2,5, 1 maart 2026, 1. Nee, 2. Ja, 0,833, 0,000833: wat?"
    )
    assert state.text(label, "fr") == (
        "Que font Oui, Oui, 2,5, 1er mars 2026, 1. Non, 2. Oui, 0,833, 0,000833\u00a0?"
    )
    assert state.values["c"] == "Ja"  # what follows from answers follows in one language


def test_a_dont_know_that_looks_like_a_number_is_none(logic):
    known, unknown = (logic.evaluate({"x": x}).values for x in ("98", "99"))
    names = ("third", "above", "code")
    assert [known[name] for name in names] == ["32.666666666666664", "many", "known"]
    assert [unknown[name] for name in names] == ["", "few", "unknown"]
    assert in_words(logic.instrument.questions["x"], "99", "fr") == "Ne sait pas"


def test_a_message_writes_numbers_as_its_language_does(logic):
    message = logic.evaluate({"g": "0.35"}).faults["g"].message
    assert "stappen van 0,1," in message["nl"]
    assert "steps of 0.1," in message["en"]
