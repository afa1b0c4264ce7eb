"""Every kind of question on the page, and back from the page as answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Template

from barograph.collect import forms, markup
from barograph.collect.forms import fields
from barograph.collect.forms.fields import Battery, Field
from barograph.collect.forms.parse import number
from barograph.instrument import Finding, Group, Instrument, Logic, Question, compile

LANGUAGES = ("nl", "fr", "de", "en")
EVERY = Path(__file__).with_name("every_widget")
CORE = Path(__file__).parents[2] / "examples" / "smart-city-belgium" / "questionnaire"


class Post(dict[str, list[str]]):
    """A form as sent: several values under one name."""

    def get(self, key: str, default: str = "") -> str:  # type: ignore[override]
        return self[key][-1] if self.get_all(key) else default

    def get_all(self, key: str) -> list[str]:
        return dict.get(self, key, [])

    getlist = get_all


@pytest.fixture(scope="module")
def every() -> Instrument:
    return compiled(EVERY)


@pytest.fixture(scope="module")
def core() -> Instrument:
    return compiled(CORE)


COMPILED: dict[str, Instrument] = {}


def compiled(folder: Path) -> Instrument:
    made = compile(folder, LANGUAGES)
    return COMPILED.setdefault(made.version, made)


def section(instrument: Instrument, name: str) -> Group:
    return next(s for s in instrument.sections if s.name == name)


def page(
    instrument: Instrument, name: str, answers: Mapping[str, str] = {}, lang: str = "en", **kw: Any
) -> dict[str, Any]:
    state = logic(instrument.version).evaluate(answers)
    return forms.page(instrument, section(instrument, name), state, answers, lang, **kw)


@cache
def template() -> Template:
    made = markup.environment()
    made.globals["static"] = lambda name: f"/static/{name}"
    return made.get_template("collect/section.html")


@cache
def logic(version: str) -> Logic:
    return Logic(COMPILED[version])


def html(context: Mapping[str, Any]) -> str:
    around = {"title": "T", "languages": LANGUAGES, "hidden": (), "csrf_input": "", "sections": ()}
    return template().render(**around, **context)


def shown(context: Mapping[str, Any]) -> dict[str, Field]:
    return {field.key: field for field in fields(context["items"])}


def parse(
    instrument: Instrument, name: str, post: Mapping[str, Any], answers: Mapping[str, str] = {}
) -> dict[str, str]:
    lists = {key: [v] if isinstance(v, str) else list(v) for key, v in post.items()}
    return forms.parse(instrument, section(instrument, name), Post(lists), {}, answers)


CONTROLS = {
    "explained": "note", "project": "text", "aim": "multiline", "inhabitants": "number",
    "staff": "number", "started": "date", "progress": "radios", "budget": "number", "plan": "file",
    "has_plan": "radios", "partner": "radios", "themes": "checkboxes", "province": "select",
    "order": "rank",
}  # fmt: skip


def test_each_type_of_question_has_its_control(every: Instrument) -> None:
    drawn = shown(page(every, "texts")) | shown(page(every, "choices_"))
    assert {key: field.control for key, field in drawn.items()} == CONTROLS


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_control_has_a_name_for_assistive_technology(every: Instrument, lang: str) -> None:
    for part in every.sections:
        text = html(page(every, part.name, {"has_plan": "no", "province": "liege"}, lang))
        ids = re.findall(r'\bid="([^"]+)"', text)
        assert len(ids) == len(set(ids)), "an id stands twice"
        for control in re.findall(r"<(?:input|select|textarea)\b[^>]*>", text):
            if 'type="hidden"' in control:
                continue
            found = re.search(r'\bid="([^"]+)"', control)
            assert found, control
            labelled = f'for="{found[1]}"' in text or "aria-labelledby" in control
            assert labelled or re.search(rf'<label[^>]*>\s*<input[^>]*id="{found[1]}"', text)


def test_rows_of_one_scale_are_a_table_and_others_are_not(every: Instrument) -> None:
    views, phases, counts = page(every, "tables")["items"]
    assert isinstance(views, Battery)
    assert views.scale == ("Disagree", "Neither", "Agree", "Don't know")
    assert {row.control for row in phases.rows} == {"checkboxes"}
    assert counts.scale == ()
    assert [row.optional for row in views.rows] == [False, False, True]


def test_questions_are_numbered_over_the_whole_and_rows_by_letters(core: Instrument) -> None:
    names = [s.name for s in core.sections]
    numbers = {k: f.number for n in names for k, f in shown(page(core, n)).items()}
    assert numbers["p_relevance"] == "1"
    assert numbers["p_view_technology"] == "3a"
    assert numbers["r_comment"] == "43"


def test_what_was_typed_comes_back_as_typed(every: Instrument) -> None:
    answers = {"staff": "2.5", "started": "2026-02-31", "inhabitants": "many", "project": "<b>'\"&"}
    text = html(page(every, "texts", answers, "de", show_faults=True))
    assert 'value="2,5"' in text
    assert 'value="31"' in text
    assert 'value="many"' in text
    assert "&lt;b&gt;" in text
    assert "<b>" not in text
    faults = {f["id"] for f in page(every, "texts", answers, show_faults=True)["faults"]}
    assert faults == {"q-started-1", "q-inhabitants"}


def test_a_fault_is_told_on_top_and_at_the_question(every: Instrument) -> None:
    context = page(every, "choices_", {"themes": "none energy"}, "fr", show_faults=True)
    text = html(context)
    told = {f["id"]: f["message"] for f in context["faults"]}
    assert told["q-themes-1"] == "«\u00a0Aucun\u00a0» reste seul."
    assert 'href="#q-themes-1"' in text
    assert 'id="q-themes-1"' in text
    assert 'aria-describedby="q-themes-hint q-themes-fault"' in text
    assert not page(every, "choices_", {"themes": "none energy"}, "fr")["faults"]


def test_choices_follow_the_answers_and_their_filter(every: Instrument) -> None:
    assert "town" not in shown(page(every, "choices_"))
    towns = shown(page(every, "choices_", {"province": "liege"}))["town"].options
    assert [option.code for option in towns] == ["eupen", "verviers"]


def test_a_random_order_is_one_s_own_and_ends_with_what_stands_alone(every: Instrument) -> None:
    def order(seed: str) -> list[str]:
        return [o.code for o in shown(page(every, "choices_", seed=seed))["themes"].options]

    assert order("a") == order("a")
    assert len({tuple(order(str(n))) for n in range(20)}) > 1
    assert all(order(str(n))[-2:] == ["none", "dk"] for n in range(20))
    alone = {o.code for o in shown(page(every, "choices_"))["themes"].options if o.alone}
    assert alone == {"none", "dk"}


def test_read_only_pages_hold_no_control(every: Instrument) -> None:
    answers = {"has_plan": "yes", "order": "energy mobility housing"}
    text = html(page(every, "choices_", answers, locked=True))
    assert "<form" not in text
    assert "<input" not in text
    assert "1. Energy<br>2. Mobility<br>3. Housing" in text


def test_labels_from_the_workbook_and_answers_piped_in_are_text(every: Instrument) -> None:
    answers = {"measure_name[1]": '<script>alert("x")</script>'}
    text = html(page(every, "again", answers))
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text


SHOWN = "project aim inhabitants staff started progress budget plan"


def test_a_page_is_read_in_the_language_it_was_written_in(every: Instrument) -> None:
    post = {
        "shown": SHOWN, "lang": "nl", "project": "  Slim  licht\x00 ", "aim": "a\r\nb ",
        "inhabitants": "12.500", "staff": "1,5", "started.day": "3", "started.month": "5",
        "started.year": "2026", "progress": "7",
    }  # fmt: skip
    assert parse(every, "texts", post) == {
        "project": "Slim licht", "aim": "a\nb", "inhabitants": "12500", "staff": "1.5",
        "started": "2026-05-03", "progress": "7", "budget": "", "plan": "",
    }  # fmt: skip


def test_only_questions_that_stood_on_the_page_are_read(every: Instrument) -> None:
    post = {"shown": "project has_plan nonsense project[1] double", "project": "x", "staff": "4"}
    assert parse(every, "texts", post) == {"project": "x"}


def test_what_cannot_be_read_is_kept_and_told(every: Instrument) -> None:
    post = {
        "shown": "staff started inhabitants", "staff": "some", "started.day": "soon",
        "inhabitants.dk": "1", "inhabitants": "7", "lang": "en",
    }  # fmt: skip
    read = parse(every, "texts", post)
    assert read == {"staff": "some", "started": "--soon", "inhabitants": "dk"}
    faults = Logic(every).evaluate(read).faults
    assert {"staff", "started"} <= set(faults)
    assert "inhabitants" not in faults


def test_a_ranking_keeps_gaps_and_repetitions_for_the_fault_to_tell(every: Instrument) -> None:
    post = {"shown": "order", "order": ["energy", "", "energy"]}
    read = parse(every, "choices_", post)
    assert read == {"order": "energy - energy"}
    assert "order" in Logic(every).evaluate(read).faults
    parts = shown(page(every, "choices_", read))["order"].parts
    assert [code for _, code in parts] == ["energy", "", "energy"]
    whole = parse(every, "choices_", {"shown": "order", "order": ["energy", "housing", "mobility"]})
    assert "order" not in Logic(every).evaluate(whole).faults


def test_an_answer_chosen_by_radio_can_be_cleared(every: Instrument) -> None:
    post = {"shown": "partner has_plan", "partner": "firm", "has_plan": "yes"}
    assert parse(every, "choices_", {**post, "go": "clear:partner"})["partner"] == ""
    text = html(page(every, "choices_", {"partner": "firm", "has_plan": "yes"}))
    assert 'value="clear:partner"' in text
    assert 'value="clear:has_plan"' not in text  # it demands an answer


MEASURES = {
    "measure": "3", "measure_name[1]": "a", "measure_name[2]": "b", "measure_name[3]": "c",
    "measure_runs[3]": "yes",
}  # fmt: skip


def test_instances_are_added_and_removed_without_script(every: Instrument) -> None:
    assert parse(every, "again", {"go": "add:measure"}, MEASURES)["measure"] == "4"
    assert parse(every, "again", {"go": "add:contact"}, MEASURES) == {}
    post = {"shown": "measure_name[2] measure_name[9]", "measure_name[2]": "B"}
    after = {**MEASURES, **parse(every, "again", {**post, "go": "remove:measure[1]"}, MEASURES)}
    assert {key: value for key, value in after.items() if value} == {
        "measure": "2", "measure_name[1]": "B", "measure_name[2]": "c", "measure_runs[2]": "yes",
    }  # fmt: skip


def test_a_repeat_that_is_no_part_of_a_group_is_a_page_of_its_own() -> None:
    asked = Question("t", "text", {"en": "T"}, required="true()")
    children = (Group("p", "repeat", {"en": "P"}, children=(asked,)),)
    form = Instrument(("en",), {"en": "form"}, children, {}, {}, "")
    COMPILED[form.version] = form
    context = page(form, "p", {"p": "2"}, show_faults=True)
    assert [fault["id"] for fault in context["faults"]] == ["q-t-1", "q-t-2"]
    assert "P 2</legend>" in html(context)
    post = {"shown": "t[1] t[2]", "t[1]": "x", "t[2]": "y", "go": "add:p"}
    assert parse(form, "p", post, {"p": "2"}) == {"p": "3", "t[1]": "x", "t[2]": "y"}


def test_a_file_is_answered_by_its_name_alone(every: Instrument) -> None:
    def sent(name: str, answers: Mapping[str, str], **post: str) -> str:
        files = {"plan": SimpleNamespace(name=name)} if name else {}
        posted = Post({k: [v] for k, v in {"shown": "plan", **post}.items()})
        return forms.parse(every, section(every, "texts"), posted, files, answers)["plan"]

    assert sent("..\\..\\etc/pass\nwd", {}) == "pass wd"
    assert sent("", {"plan": "a.pdf"}) == "a.pdf"
    assert sent("", {"plan": "a.pdf"}, **{"plan.remove": "1"}) == ""


@pytest.mark.parametrize(
    ("typed", "lang", "read"),
    [
        ("1 200", "fr", "1200"),
        ("1\u202f200", "fr", "1200"),
        ("1.200", "nl", "1200"),
        ("1,200", "en", "1200"),
        ("1.200", "en", "1.200"),
        ("2,5", "de", "2.5"),
        ("2.5", "de", "2.5"),
        ("1,200", "nl", "1.200"),
        ("0.125", "nl", "0.125"),
        ("1.234,5", "de", "1234.5"),
        ("1,234,567.5", "en", "1234567.5"),
        ("1.234,5", "en", "1.234,5"),  # told as no number
        ("−3", "en", "-3"),
        ("ten", "en", "ten"),
        ("", "en", ""),
    ],
)
def test_numbers_are_read_as_people_write_them(typed: str, lang: str, read: str) -> None:
    assert number(typed, lang) == read


@settings(max_examples=40, print_blob=False)
@given(st.dictionaries(st.sampled_from(["project", "aim", "staff", "started.day", "x"]), st.text()))
def test_whatever_is_posted_is_answered_by_texts_that_can_be_stored(
    every: Instrument, post: dict[str, str]
) -> None:
    read = parse(every, "texts", {"shown": SHOWN, **post})
    assert set(read) == set(SHOWN.split())
    for value in read.values():
        value.encode()
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", value)
    html(page(every, "texts", read, show_faults=True))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_page_of_the_core_questionnaire_weighs_less_than_60_kb(
    core: Instrument, lang: str
) -> None:
    answers = {"d_state": "running", "s_manager": "yes"}
    weights = {s.name: len(html(page(core, s.name, answers, lang)).encode()) for s in core.sections}
    assert max(weights.values()) < 60_000, weights


def test_the_researcher_reads_names_and_conditions_above_each_question(every: Instrument) -> None:
    found = Finding("BG201", "'plan_why' says two things", "survey.csv", 20)
    notes = forms.notes(every, [found])
    assert notes["plan_why"][:2] == ("plan_why: text", "relevant: ${has_plan} = 'no'")
    assert "BG201" in notes["plan_why"][2]
    text = html(page(every, "choices_", {"has_plan": "no"}, notes=notes))
    assert "relevant: ${has_plan} = &#39;no&#39;" in text
    assert "relevant:" not in html(page(every, "choices_", {"has_plan": "no"}))
