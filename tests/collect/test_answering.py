"""The way through the questionnaire, without JavaScript."""

from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from persons import Fields

from barograph.accounts.models import Event
from barograph.collect import uploads
from barograph.collect.models import Change, Paradata, Response
from barograph.collect.progress import data
from barograph.collect.questionnaire import questionnaire, store
from barograph.collect.saving import Sent, save
from barograph.instrument import compile
from barograph.instrument.profile import RESERVED

STRATEGY = "sec_strategy"


@pytest.fixture
def answering(coordinator, person):
    return person(coordinator)


@pytest.fixture
def response(coordinator):
    return Response.objects.get(unit=coordinator.unit)


def at(answering, section):
    base = "/".join(answering.path.split("/")[:3])
    return answering.get(f"{base}/section/{section}/")


def held(response):
    return dict(response.answers.values_list("key", "value"))


def test_what_is_wrong_is_saved_told_once_and_in_nobodys_way(answering, response):
    at(answering, STRATEGY).press({"s_manager": "yes", "go": "next"}, form="interview")
    assert "s_manager_fte" in answering.page  # a question that has come up
    answering.press({"s_manager_fte": "many", "go": "next"}, form="interview")
    assert held(response)["s_manager_fte"] == "many"
    assert answering.page.count('class="fault"') > 1
    assert answering.path.endswith(f"{STRATEGY}/")
    answering.press({"s_manager_fte": "more", "go": "stay"}, form="interview")
    assert answering.page.count('class="fault"') > 1, "what was told stays until it is mended"
    answering.press({"go": "skip"}, form="interview")
    assert not answering.path.endswith(f"{STRATEGY}/")
    assert held(response)["s_manager_fte"] == "more"


def test_an_untouched_section_is_passed_without_reproach(answering):
    at(answering, STRATEGY).press({"go": "next"}, form="interview")
    assert not answering.path.endswith(f"{STRATEGY}/")


def test_the_language_changes_anywhere_and_keeps_what_was_typed(answering, response):
    at(answering, STRATEGY).press({"s_manager": "yes", "go": "lang-fr"}, form="interview")
    assert '<html lang="fr">' in answering.page
    assert held(response)["s_manager"] == "yes"
    assert "Stratégie" in at(answering, STRATEGY).page
    assert '<html lang="de">' in answering.get(f"{answering.path}?lang=de").page
    assert Paradata.objects.filter(kind="language").count() == 1


def test_an_answer_that_no_longer_applies_stays_in_the_log_and_leaves_the_data(answering, response):
    at(answering, STRATEGY).press({"s_manager": "yes", "go": "overview"}, form="interview")
    at(answering, STRATEGY).press({"s_manager_dept": "it", "go": "overview"}, form="interview")
    at(answering, STRATEGY).press({"s_manager": "no", "go": "overview"}, form="interview")
    form = questionnaire(response.form_id)
    counted = data(held(response), form.logic.evaluate(held(response)))
    assert counted["s_manager"] == "no"
    assert "s_manager_dept" not in counted
    assert Change.objects.filter(key="s_manager_dept", new="it").exists()


def test_it_goes_on_where_it_was_left_on_another_device(answering, coordinator, person, response):
    at(answering, STRATEGY).press({"s_manager": "yes", "go": "leave"}, form="interview")
    assert answering.status == 200
    base = f"/a/{response.public_id}/"
    assert answering.get(base).status == 403
    elsewhere = person(coordinator)
    page = at(elsewhere, STRATEGY).page
    assert 'value="yes" checked' in page


def test_autosave_keeps_and_answers_with_the_page(answering, response):
    at(answering, STRATEGY).press(
        {"s_manager": "yes", "go": "stay", "sequence": "1"}, form="interview"
    )
    assert answering.status == 200
    assert "s_manager_fte" in answering.page
    assert 'class="fault"' not in answering.page
    assert held(response)["s_manager"] == "yes"


def test_questions_that_are_none_of_this_section_are_not_written(answering, response):
    at(answering, STRATEGY).press(
        {"p_relevance": "5", "shown": "s_manager p_relevance nonsense", "go": "overview"},
        form="interview",
    )
    assert set(held(response)) == {"s_manager"} or held(response) == {}


def test_hostile_text_is_shown_as_text(answering, response):
    hostile = "<script>alert(1)</script>{{7*7}}{% include 'x' %}"
    at(answering, "sec_background").press({"r_comment": hostile, "go": "stay"}, form="interview")
    assert held(response)["r_comment"] == hostile
    assert "<script>alert" not in answering.page
    assert "{{7*7}}" in answering.page


@pytest.mark.parametrize("typed", ["a\x00b", "\ud800", "‮evil", "é" * 20_000])
def test_no_text_breaks_it(answering, response, typed):
    text = typed.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    at(answering, "sec_background").press({"r_comment": text, "go": "stay"}, form="interview")
    assert answering.status == 200
    assert "\x00" not in held(response)["r_comment"]


@pytest.mark.parametrize("go", ["stay", "next", "overview", "lang-fr"])
def test_a_text_too_long_stays_on_the_page_and_is_told(answering, response, go):
    typed = "words " * 4_000
    answers = {"r_comment": typed, "r_role": "mayor", "go": go}
    at(answering, "sec_background").press(answers, form="interview")
    assert answering.status == 422
    assert held(response) == {"r_role": "mayor"}
    assert typed.strip() in answering.page
    said = "23.999" if go != "lang-fr" else "23\u202f999"
    assert answering.page.count(said) == 2  # at the question, and on top
    assert f'<html lang="{"fr" if go == "lang-fr" else "nl"}">' in answering.page


def test_names_of_the_page_are_no_names_of_questions(answering, response):
    at(answering, "sec_background")
    names = set(Fields(answering.page, "interview").values)
    own = names - set(questionnaire(response.form_id).instrument.questions)
    assert {"page", "seen", "shown", "lang"} <= own <= RESERVED


@pytest.fixture
def every(response):
    """The municipality answers a questionnaire with repeats and files."""
    form = store(compile(Path(__file__).with_name("every_widget"), ("nl", "fr", "de", "en")))
    Response.objects.filter(pk=response.pk).update(form=form)


def names_of(answers):
    return {
        key: value for key, value in answers.items() if key.startswith("measure_name") and value
    }


def test_removing_twice_from_one_page_removes_one(answering, response, every):
    for n in (1, 2):
        at(answering, "again")
        answering.press({f"measure_name[{n}]": f"v{n}", "go": "add:measure"}, form="interview")
    shown, path = Fields(answering.page, "interview").values, answering.path
    first = {**shown, "measure_name[3]": "v3", "go": "remove:measure[1]"}
    for again in (first, first, {**first, "go": "next"}):
        answering.post(path, again)
        assert names_of(held(response)) == {"measure_name[1]": "v2", "measure_name[2]": "v3"}
        assert held(response)["measure"] == "2"
    # Whoever goes back to that page and types there is asked, since the place is another's now.
    answering.post(path, {**first, "measure_name[1]": "v1 mended", "go": "next"})
    assert answering.status == 409
    assert "v1 mended" in answering.page
    assert names_of(held(response))["measure_name[1]"] == "v2"


def test_what_a_colleague_removed_leaves_the_others_in_their_place(
    answering, response, every, person, coordinator
):
    at(answering, "again").press({"measure_name[1]": "v1", "go": "add:measure"}, form="interview")
    answering.press({"measure_name[2]": "v2", "go": "overview"}, form="interview")
    colleague = at(person(coordinator), "again")
    at(answering, "again").press({"go": "remove:measure[1]"}, form="interview")
    colleague.press({"go": "remove:measure[1]"}, form="interview")
    assert names_of(held(response)) == {"measure_name[1]": "v2"}


def test_paradata_tell_seconds_and_faults_and_nothing_of_the_person(answering):
    at(answering, STRATEGY).press({"s_manager": "yes", "go": "overview"}, form="interview")
    (line,) = Paradata.objects.all()
    assert (line.kind, line.section, line.role) == ("page", STRATEGY, "coordinator")
    assert line.seconds is not None
    assert line.faults > 0
    assert {f.name for f in Paradata._meta.get_fields()} == {
        "id", "response", "role", "section", "at", "kind", "seconds", "faults", "language", "device",
    }  # fmt: skip


def test_progress_counts_what_is_asked(answering, response):
    overview = answering.get(f"/a/{response.public_id}/").page
    form = questionnaire(response.form_id)
    assert overview.count('class="stage"') == len(
        [s for s in form.sections if s.startswith("sec_")]
    )
    at(answering, STRATEGY).press({"s_manager": "yes", "go": "overview"}, form="interview")
    assert "1 van " in answering.page


@pytest.mark.parametrize(
    ("name", "content", "accepted"),
    [
        ("plan.pdf", b"%PDF-1.7 ...", "application/pdf"),
        ("photo.jpg", b"\xff\xd8\xff\xe0rest", "image/jpeg"),
        ("list.csv", b"a,b\n1,2\n", "text/plain"),
        ("page.html", b"<html>", ""),
        ("page.png", b"<html><script>", ""),
        ("drawing.svg", b"<svg xmlns=", ""),
        ("macro.docm", b"PK\x03\x04", ""),
        ("text.txt", b"  <html>", ""),
        ("empty.pdf", b"", ""),
    ],
)
def test_files_are_known_by_their_content(response, settings, tmp_path, name, content, accepted):
    settings.STATE = tmp_path
    kept = uploads.keep(response, "u_file", SimpleUploadedFile(name, content))
    assert (kept.media_type if kept else "") == accepted
    if kept:
        assert uploads.path(kept).read_bytes() == content
        assert uploads.path(kept).name != name


def test_a_file_comes_back_as_a_download_to_its_own_people_only(
    response, answering, stranger, person, settings, tmp_path
):
    settings.STATE = tmp_path
    kept = uploads.keep(response, "u_file", SimpleUploadedFile('..\\a"b.pdf', b"%PDF-"))
    path = f"/a/{response.public_id}/file/{kept.name}/"
    answering.get(path)
    assert answering.headers["content-disposition"].startswith("attachment")
    assert answering.headers["x-content-type-options"] == "nosniff"
    other = person(stranger)
    assert other.get(path).status == 403
    own = stranger.unit.response.public_id
    assert other.get(f"/a/{own}/file/{kept.name}/").status == 404


def test_a_file_is_linked_where_it_is_asked_and_where_it_is_read(
    response, coordinator, answering, every, settings, tmp_path
):
    settings.STATE = tmp_path
    first, second = (
        uploads.keep(response, "plan", SimpleUploadedFile("plan.pdf", b"%PDF-")) for _ in range(2)
    )
    assert (first.called, second.called) == ("plan.pdf", "plan (2).pdf")
    save(response, coordinator, "texts", {"plan": second.called}, Sent("p", 0))
    link = f'href="/a/{response.public_id}/file/{second.name}/">plan (2).pdf</a>'
    assert link in at(answering, "texts").page
    Response.objects.filter(pk=response.pk).update(status="signed")
    page = at(answering, "texts").page
    assert 'id="interview"' not in page
    assert link in page


def test_staff_who_read_answers_take_files_and_that_is_noted(
    response, coordinator, staff, settings, tmp_path
):
    settings.STATE = tmp_path
    files = [SimpleUploadedFile("plan.pdf", b"%PDF-"), SimpleUploadedFile("old.pdf", b"%PDF-")]
    kept, replaced = (uploads.keep(response, "plan", file) for file in files)
    save(response, coordinator, STRATEGY, {"plan": kept.called}, Sent("p", 0))
    analyst, wave, code = staff("analyst"), response.unit.wave.name, response.unit.code
    path = f"/a/desk/{wave}/files/"
    assert path in analyst.get(f"/a/desk/{wave}/closing/").page
    page = analyst.get(path).page
    assert f"{path}{kept.name}/" in page
    assert replaced.name not in page
    assert analyst.get(f"{path}{replaced.name}/").status == 404
    analyst.get(f"{path}{kept.name}/")
    assert analyst.headers["content-disposition"] == f'attachment; filename="{code}-plan.pdf"'
    noted = Event.objects.filter(act="answers read").order_by("pk")
    assert list(noted.values_list("subject", flat=True))[-2:] == ["files", code]


def test_the_size_of_a_file_is_limited(response, settings, tmp_path, monkeypatch):
    settings.STATE = tmp_path
    monkeypatch.setattr(uploads, "LARGEST", 10)
    assert uploads.keep(response, "u", SimpleUploadedFile("a.pdf", b"%PDF-" + b"x" * 6)) is None


def test_each_page_needs_few_queries(answering, response, django_assert_max_num_queries):
    sections = questionnaire(response.form_id).sections
    for name in sections:
        with django_assert_max_num_queries(15):
            at(answering, name)
    at(answering, STRATEGY)
    typed = {**Fields(answering.page, "interview").values, "s_manager": "yes", "s_form": "none"}
    for go in ("stay", "skip"):
        with django_assert_max_num_queries(15):
            sent = urlencode({**typed, "go": go}, doseq=True).encode()
            status = answering.send("POST", answering.path, sent)[0]
        assert status in (200, 302)
    assert held(response)["s_manager"] == "yes"


def test_the_list_before_signing_says_once_that_questions_are_open(answering, response):
    page = answering.get(f"/a/{response.public_id}/sign/?lang=en").page
    assert "still to be completed" in page
    assert 'class="mend"' in page
    assert "Please answer this question" not in page
