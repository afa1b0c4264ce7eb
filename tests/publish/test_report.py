"""The report as PDF: accessible, in Inter alone, marked as synthetic, with every figure by its identifier."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from itertools import pairwise, takewhile
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pdfua
import pytest
from docx import Document
from docx.oxml.ns import qn
from pypdf import PdfReader

from barograph.barometer import Barometer
from barograph.errors import BadInput
from barograph.publish import formats, publish, texts
from barograph.publish.report import TEMPLATES
from barograph.publish.report.content import WORDS as CONTENT
from barograph.publish.traced import recompute
from barograph.publish.typeset import Typesetter
from barograph.starter import create

LANGUAGES = ("nl", "fr", "de", "en")
REGIONS = {"nl": "nl-BE", "fr": "fr-BE", "de": "de-BE", "en": "en-GB"}
WORDS = texts.load(CONTENT)
HOSTILE = r'#panic("x") $x^2$ *b* _u_ \ <tag> @ref ~ -- `raw` // no' + " #sys.inputs"


@cache
def read(path: Path) -> PdfReader:
    return PdfReader(path)


@cache
def pages(path: Path) -> list[str]:
    """The text of each page, its spaces made plain."""
    return [re.sub(r"\s+", " ", page.extract_text()) for page in read(path).pages]


def structure(node: Any) -> Iterator[Any]:
    """The elements of the structure tree in reading order."""
    node = node.get_object()
    if isinstance(node, list):
        for child in node:
            yield from structure(child)
    elif isinstance(node, dict):
        if "/S" in node:
            yield node
        if "/K" in node and not isinstance(node["/K"], int):
            yield from structure(node["/K"])


def elements(path: Path, kinds: Sequence[str]) -> list[Any]:
    root = read(path).trailer["/Root"]["/StructTreeRoot"]
    return [node for node in structure(root["/K"]) if str(node["/S"])[1:] in kinds]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_is_accessible(edition, wave, lang):
    path = edition / f"report.{lang}.pdf"
    root = read(path).trailer["/Root"]
    assert root["/Lang"] == REGIONS[lang]
    assert root["/MarkInfo"]["/Marked"]
    assert read(path).metadata.title.startswith(wave.barometer.title[lang])
    assert not pdfua.validate(str(path)).findings
    told = [str(figure["/Alt"]) for figure in elements(path, ["Figure"])]
    assert all(told)
    titles = iter(told[1:])  # after the map
    for title in _in_order(wave, lang):
        assert any(alt.startswith(title) for alt in titles), title
    levels = [int(str(h["/S"])[2:]) for h in elements(path, ["H1", "H2", "H3"])]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert elements(path, ["TH"])


def _in_order(wave: Any, lang: str) -> list[str]:
    indicators = wave.barometer.indicators.values()
    return [
        i.label[lang] for name in wave.barometer.sections for i in indicators if i.section == name
    ]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_its_letters_are_inter_alone(edition, lang):
    fonts = {
        font.get_object()["/BaseFont"]
        for page in read(edition / f"report.{lang}.pdf").pages
        for font in page["/Resources"].get("/Font", {}).values()
    }
    assert fonts
    assert all(re.match(r"/[A-Z]{6}\+Inter-", name) for name in fonts)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_page_says_that_the_answers_are_synthetic(edition, wave, lang):
    cover, *rest = pages(edition / f"report.{lang}.pdf")
    plain = re.sub(r"\s+", " ", wave.synthetic[lang])
    assert plain in cover
    short = re.sub(r"\s+", " ", texts.load(languages=(lang,))[lang]["synthetic"])
    assert all(short in page for page in rest)
    total = len(rest) + 1
    for number, page in enumerate(rest, 2):
        assert re.search(rf"{number} \w+ {total}$", page.strip())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_estimate_stands_in_it_by_its_identifier(edition, wave, lang):
    text = " ".join(pages(edition / f"report.{lang}.pdf"))
    with (edition / "data" / "estimates.csv").open(encoding="utf-8", newline="") as file:
        rows = {r["estimate_id"]: r for r in csv.DictReader(file)}
    shown = 0
    for e in wave.shown(wave.table()):
        assert e.estimate_id in rows
        printed = (formats.value_text(e, lang), formats.interval_text(e, lang))
        counted = (formats.number(int(rows[e.estimate_id][c]), lang) for c in ("n", "base"))
        cells = re.sub(r"\s+", " ", " ".join((*printed, *counted)))
        assert f"{e.estimate_id} {cells}" in text, e.estimate_id
        shown += 1
    assert shown > 100


@pytest.mark.parametrize("lang", LANGUAGES)
def letters(text: str) -> str:
    """Without spaces, hyphens, signs of emphasis and of lists: lines break anywhere."""
    return re.sub(r"[\s\u00ad\u2010\u2011\u2022*-]", "", text)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_whole_questionnaire_stands_in_it(edition, wave, lang):
    text = letters(" ".join(pages(edition / f"report.{lang}.pdf")))
    for variable in wave.barometer.instrument.variables.values():
        assert letters(variable.name) in text
        assert letters(variable.label[lang]) in text
        for choice in variable.choices:
            assert letters(choice.label[lang]) in text
    assert "${" not in text  # every condition is put in words


def test_hostile_text_is_printed_and_not_run(tmp_path):
    create(tmp_path / "new")
    for name in ("barometer.toml", "indicators.toml"):
        path = tmp_path / "new" / name
        text = re.sub(r'\ben = "[^"]*"', lambda _: f"en = '{HOSTILE}'", path.read_text())
        path.write_text(text)
    barometer = Barometer.open(tmp_path / "new")
    edition = publish(barometer.wave("2026"), tmp_path / "edition")
    (indicator, *_) = [i for i in barometer.indicators.values() if i.section]
    assert indicator.label["en"] == HOSTILE
    text = letters("".join(pages(edition / "report.en.pdf")))
    assert text.count(letters(HOSTILE)) > len(read(edition / "report.en.pdf").pages)


def test_a_letter_that_the_fonts_lack_is_told():
    names = ("author", "description", "foot", "headline", "kicker", "notice", "notice_short")
    content = dict.fromkeys(names, "") | {"lang": "en", "region": "GB", "blocks": []}
    content |= {"running": "\U0001f600", "words": {"page": "Page", "of": "of"}, "headline": "x"}
    with pytest.raises(BadInput, match="lack a letter"):
        Typesetter(TEMPLATES / "release.typ").pdf(content, date(2026, 1, 1))


def test_municipality_reports_on_request(tmp_path):
    create(tmp_path / "new")
    wave = Barometer.open(tmp_path / "new").wave("2026")
    heard = []
    edition = publish(
        wave, tmp_path / "edition", lambda *step: heard.append(step), municipality_reports=True
    )
    files = sorted((edition / "municipalities").iterdir())
    assert [f.name for f in files] == sorted(f"{code}.en.pdf" for code in wave.frame.codes)
    count = len(files)
    assert [s for s in heard if s[0] == "documents"][1:] == [
        ("documents", done, count) for done in range(1, count + 1)
    ]
    for path, code in zip(files, sorted(wave.frame.codes), strict=True):
        name = wave.frame.attributes["name_official"][wave.frame.row_of[code]]
        assert name in pages(path)[0]
        assert len(pages(path)) == 2
        assert not pdfua.validate(str(path)).findings
    # They are part of what is verified, and made anew with the rest.
    assert recompute(edition, tmp_path / "new") > len(files)


def test_documents_wear_the_colours_of_the_site():
    tokens = (TEMPLATES.parents[1] / "static" / "tokens.css").read_text()
    named = {"hairline": "rule", "warning": "notice"}
    used = re.findall(r'#let ([\w-]+) = rgb\("(#\w+)"\)', (TEMPLATES / "identity.typ").read_text())
    assert len(used) >= 7
    for name, colour in used:
        assert f"--{named.get(name, name)}: {colour};" in tokens


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_release_is_a_document_for_word_processors(edition, wave, lang):
    path = edition / f"release.{lang}.docx"
    document = Document(str(path))
    markdown = (edition / lang / "release.md").read_text()
    headings = re.findall(r"^(#+) (.*)$", markdown, re.MULTILINE)
    found = [
        (p.style.name, p.text) for p in document.paragraphs if p.style.name.startswith("Heading")
    ]
    assert found == [(f"Heading {len(marks)}", text) for marks, text in headings]
    assert wave.synthetic[lang] in document.paragraphs[1].text
    notice = texts.load(languages=(lang,))[lang]["synthetic"]
    assert notice in document.sections[0].header.paragraphs[0].text
    languages = {x.get(qn("w:val")) for x in document.styles.element.iter(qn("w:lang"))}
    assert languages == {REGIONS[lang]}
    properties = document.core_properties
    assert (properties.title, properties.language) == (headings[0][1], lang)
    assert properties.created.date() == wave.closed
    with ZipFile(path) as parts:
        assert {entry.date_time for entry in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def inside(path: Path, kind: str) -> str:
    """The letters of all pages between what stands at the head and at the foot of each."""
    found = [letters(page) for page in pages(path)]
    same = sum(1 for _ in takewhile(lambda signs: len(set(signs)) == 1, zip(*found, strict=False)))
    return "".join(page[same * (len(found) > 1) :].rpartition(letters(kind))[0] for page in found)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_release_carries_the_same_words_in_each_form(edition, lang):
    markdown = (edition / lang / "release.md").read_text()
    paragraphs = [letters(line.lstrip("# ")) for line in markdown.split("\n\n")[1:]]
    document = Document(str(edition / f"release.{lang}.docx"))
    written = letters("".join(p.text for p in document.paragraphs))
    assert not pdfua.validate(str(edition / f"release.{lang}.pdf")).findings
    printed = inside(edition / f"release.{lang}.pdf", WORDS[lang]["release"])
    assert len(paragraphs) > 10
    for paragraph in paragraphs:
        assert paragraph in written
        assert paragraph in printed
