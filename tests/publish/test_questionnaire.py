"""The questionnaire on paper: numbers, skip rules in words, one page of HTML, one PDF per language."""

from __future__ import annotations

from pathlib import Path

import pytest

from barograph.barometer import Barometer
from barograph.instrument import Instrument, compile
from barograph.publish import publish
from barograph.publish.questionnaire import html, numbers, paper, pdf
from barograph.publish.questionnaire.conditions import Wording, rule
from barograph.publish.questionnaire.paper import Entry
from barograph.starter import create

LANGUAGES = ("nl", "fr", "de", "en")
TITLE = {lang: f"Title in {lang}" for lang in LANGUAGES}
TESTS = Path(__file__).parents[1]
EVERY = TESTS / "collect" / "every_widget"
CORE = TESTS.parent / "examples" / "smart-city-belgium" / "questionnaire"


@pytest.fixture(scope="module")
def core() -> Instrument:
    return compile(CORE, LANGUAGES)


@pytest.fixture(scope="module")
def every() -> Instrument:
    return compile(EVERY, LANGUAGES)


def said(instrument: Instrument, condition: str, lang: str = "en") -> str:
    return rule(condition, Wording(instrument, numbers(instrument), lang))


SENTENCES = {
    "${s_manager} = 'yes'": {
        "nl": "Alleen als het antwoord op vraag 21 ‘Ja’ is.",
        "fr": "Seulement si la réponse à la question 21 est «\u00a0Oui\u00a0».",
        "de": "Nur wenn die Antwort auf Frage 21 „Ja“ ist.",
        "en": "Only if the answer to question 21 is “Yes”.",
    },
    "${s_manager} = 'yes' or ${s_manager} = 'no'": {
        "nl": "Alleen als het antwoord op vraag 21 ‘Ja’ of ‘Nee’ is.",
        "fr": "Seulement si la réponse à la question 21 est «\u00a0Oui\u00a0» ou «\u00a0Non\u00a0».",
        "de": "Nur wenn die Antwort auf Frage 21 „Ja“ oder „Nein“ ist.",
        "en": "Only if the answer to question 21 is “Yes” or “No”.",
    },
    "not(selected(${n_tools}, 'none') or selected(${n_tools}, 'dk'))": {
        "nl": "Alleen als bij vraag 30 noch ‘Geen’ noch ‘Weet niet / geen mening’ is aangekruist.",
        "fr": "Seulement si ni «\u00a0Aucun\u00a0» ni «\u00a0Ne sait pas / sans avis\u00a0» n'est coché à la question 30.",
        "de": "Nur wenn bei Frage 30 weder „Keine“ noch „Weiß nicht / keine Angabe“ angekreuzt ist.",
        "en": "Only if neither “None” nor “Don't know / no opinion” is ticked in question 30.",
    },
    "3 <= ${p_progress} and (${s_manager} = 'yes' or ${p_relevance} = '1')": {
        "nl": "Alleen als het antwoord op vraag 4 ten minste 3 is; en ook als het antwoord op vraag 21 ‘Ja’ is of het antwoord op vraag 1 ‘Helemaal niet van toepassing’ is.",
        "fr": "Seulement si la réponse à la question 4 est d'au moins 3\u00a0; et aussi si la réponse à la question 21 est «\u00a0Oui\u00a0» ou si la réponse à la question 1 est «\u00a0Pas du tout approprié\u00a0».",
        "de": "Nur wenn die Antwort auf Frage 4 mindestens 3 ist; und außerdem wenn die Antwort auf Frage 21 „Ja“ ist oder die Antwort auf Frage 1 „Überhaupt nicht passend“ ist.",
        "en": "Only if the answer to question 4 is at least 3; and also if the answer to question 21 is “Yes” or the answer to question 1 is “Not appropriate at all”.",
    },
    "count-selected(${d_topics}) > 2 and ${p_progress} != ''": {
        "nl": "Alleen als bij vraag 14 meer dan 2 antwoorden zijn aangekruist en vraag 4 beantwoord is.",
        "fr": "Seulement si plus de 2 réponses sont cochées à la question 14 et si une réponse est donnée à la question 4.",
        "de": "Nur wenn bei Frage 14 mehr als 2 Antworten angekreuzt sind und Frage 4 beantwortet ist.",
        "en": "Only if more than 2 answers are ticked in question 14 and question 4 is answered.",
    },
    "${d_count_living} + 1 > 3": {
        "nl": "Alleen onder een voorwaarde die het formulier berekent: ${d_count_living} + 1 > 3",
        "fr": "Seulement sous une condition que le formulaire calcule\u00a0: ${d_count_living} + 1 > 3",
        "de": "Nur unter einer Bedingung, die das Formular berechnet: ${d_count_living} + 1 > 3",
        "en": "Only under a condition that the form computes: ${d_count_living} + 1 > 3",
    },
}  # fmt: skip


@pytest.mark.parametrize("condition", SENTENCES)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_skip_rule_is_a_sentence(core: Instrument, condition: str, lang: str) -> None:
    assert said(core, condition, lang) == SENTENCES[condition][lang]


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        ("not(not(${s_manager} = 'yes'))", "Only if the answer to question 21 is “Yes”."),
        ("not(${p_progress} > 5)", "Only if the answer to question 4 is not more than 5."),
        ("${p_progress} = -1", "Only if the answer to question 4 is -1."),
        ("'2' > ${p_progress}", "Only if the answer to question 4 is less than 2."),
        (
            "not(${s_manager} = 'yes' and ${p_progress} = 1)",
            "Only if the answer to question 21 is not “Yes” or the answer to question 4 is not 1.",
        ),
        ("${wave} = '2017'", "Only under a condition that the form computes: ${wave} = '2017'"),
        (
            "${s_manager} = 'perhaps'",
            "Only under a condition that the form computes: ${s_manager} = 'perhaps'",
        ),
    ],
)
def test_not_is_carried_to_the_answers_and_the_unsayable_told(
    core: Instrument, condition: str, sentence: str
) -> None:
    assert said(core, condition) == sentence


def test_every_condition_of_the_core_questionnaire_can_be_said(core: Instrument) -> None:
    conditions = [item.relevant for item, _ in core.walk() if item.relevant]
    assert conditions
    for lang in LANGUAGES:
        assert not [c for c in conditions if "${" in said(core, c, lang)]


def flat(entries: tuple[Entry, ...]) -> list[Entry]:
    return [e for entry in entries for e in (entry, *flat(entry.items))]


def test_every_question_is_on_paper_once_under_its_number(core: Instrument) -> None:
    printed = [
        e.number for s in paper(core, "fr", TITLE).sections for e in flat(s.entries) if e.number
    ]
    assert sorted(printed) == sorted(numbers(core).values())
    assert len(set(printed)) == len(printed)
    assert "43" in printed
    assert "44" not in printed


def test_every_widget_has_its_room_on_paper(every: Instrument) -> None:
    entries = {
        e.number or e.label: e for s in paper(every, "en", TITLE).sections for e in flat(s.entries)
    }
    kinds = {e.kind for e in entries.values()}
    assert kinds == {
        "note", "one", "scale", "many", "rank", "line", "lines", "number", "date", "file",
        "grid", "entries", "part", "repeat",
    }  # fmt: skip
    assert entries["2"].label == "What is the aim of “[answer to question 1]”?"
    assert entries["3"].choices == ("Don't know",)
    assert entries["7"].hint == "A number from 0 to 100."
    assert "depends on question 14" in entries["15"].hint


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_and_the_document_say_the_same_in_each_language(
    every: Instrument, lang: str
) -> None:
    printed = paper(every, lang, TITLE)
    page = html(printed)
    assert page.count(f">{TITLE[lang]}<") == 2  # as title and heading
    assert f'<html lang="{lang}">' in page
    for section in printed.sections:
        assert section.title in page
    document = pdf(printed)
    assert document == pdf(printed)
    assert document.startswith(b"%PDF")
    assert b"pdfuaid" in document


def test_labels_are_text_on_paper_too(every: Instrument) -> None:
    printed = paper(every, "en", TITLE)
    hostile = Entry("line", "<script>x</script> #panic() *b* $x$", "1")
    section = type(printed.sections[0])("", "", (hostile,))
    changed = type(printed)("en", "T", printed.words, (section,))
    assert "<script>" not in html(changed)
    assert pdf(changed)


def test_the_command_writes_a_page_and_a_document_for_each_language(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from barograph.cli import app

    done = CliRunner().invoke(app, ["questionnaire", str(CORE.parent), "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert len(list(tmp_path.glob("questionnaire.*.pdf"))) == len(LANGUAGES)
    page = (tmp_path / "questionnaire.nl.html").read_text(encoding="utf-8")
    assert "Alleen als het antwoord op vraag 1" in page
    assert "@import" not in page  # it stands alone


def test_an_edition_carries_it(tmp_path: Path) -> None:
    create(tmp_path / "new")
    barometer = Barometer.open(tmp_path / "new")
    edition = publish(barometer.wave("2026"), tmp_path / "edition")
    printed = paper(barometer.instrument, "en", barometer.title)
    assert (edition / "questionnaire.en.pdf").read_bytes() == pdf(printed)
