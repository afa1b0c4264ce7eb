"""The release for a word processor: real headings, language set, the same bytes each time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from docx import Document
from docx.enum.text import WD_COLOR_INDEX
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from barograph.publish.report.prose import Block, Run

FONT = "Arial"  # on every desk; Inter is on few
INK, QUIET, ACCENT = RGBColor(0x1D, 0x1B, 0x2E), RGBColor(0x5B, 0x57, 0x6B), RGBColor(63, 51, 145)
STYLES = {"paragraph": "Normal", "bullet": "List Bullet", "number": "List Number", "quote": "Quote"}
SIZES = {"Heading 1": 22, "Heading 2": 14, "Heading 3": 11, "Normal": 11}
EARLIEST = (1980, 1, 1, 0, 0, 0)  # a zip knows no earlier moment


def docx(content: Mapping[str, Any], day: date) -> bytes:
    """The blocks of `content` as .docx, its properties dated to the day given."""
    document = Document()
    package = document.part.package
    # The template of python-docx brings a picture of itself.
    for name in [k for k, r in package.rels.items() if r.reltype == RELATIONSHIP_TYPE.THUMBNAIL]:
        del package.rels[name]
    _page(document, content)
    _styles(document, f"{content['lang']}-{content['region']}")
    _properties(document, content, day)
    kicker = document.add_paragraph().add_run(content["kicker"])
    kicker.bold, kicker.font.size, kicker.font.color.rgb = True, Pt(9), QUIET
    if content["notice"]:
        notice = document.add_paragraph().add_run(content["notice"])
        notice.bold, notice.font.highlight_color = True, WD_COLOR_INDEX.YELLOW
    for block in content["blocks"]:
        _add(document, block)
    return _same_bytes(document)


def _page(document: Any, content: Mapping[str, Any]) -> None:
    """A4, the short notice in the header of every page."""
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(25)
    header = section.header.paragraphs[0]
    header.add_run(f"{content['running']}   ").font.size = Pt(8)
    if content["notice_short"]:
        notice = header.add_run(content["notice_short"])
        notice.bold, notice.font.size = True, Pt(8)
        notice.font.highlight_color = WD_COLOR_INDEX.YELLOW


def _styles(document: Any, language: str) -> None:
    """One sans for all; the language stands in the default of the document, where spelling looks."""
    for name, size in SIZES.items():
        style = document.styles[name]
        style.font.name, style.font.size, style.font.color.rgb = FONT, Pt(size), INK
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
    normal = document.styles["Normal"].paragraph_format
    normal.space_after, normal.line_spacing = Pt(8), 1.25
    for languages in document.styles.element.iter(qn("w:lang")):
        languages.set(qn("w:val"), language)


def _properties(document: Any, content: Mapping[str, Any], day: date) -> None:
    properties, moment = document.core_properties, datetime(day.year, day.month, day.day)
    properties.title, properties.author = content["headline"], content["author"]
    properties.subject, properties.language = content["kicker"], content["lang"]
    properties.comments, properties.last_modified_by = content["description"], content["author"]
    properties.created = properties.modified = moment
    properties.revision, properties.keywords = 1, ""


def _add(document: Any, block: Block) -> None:
    if block["kind"] == "table":
        head, *rows = block["rows"]
        table = document.add_table(rows=0, cols=len(head), style="Table Grid")
        for row in (head, *rows):
            cells = table.add_row().cells
            for cell, runs in zip(cells, row, strict=False):
                _runs(cell.paragraphs[0], runs, bold=row is head)
        # Marked as head: repeated on every page, and read as such.
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    elif block["kind"] == "heading":
        _runs(document.add_heading(level=block["level"]), block["runs"])
    else:
        _runs(document.add_paragraph(style=STYLES[block["kind"]]), block["runs"])


def _runs(paragraph: Any, runs: Sequence[Run], *, bold: bool = False) -> None:
    for run in runs:
        added = paragraph.add_run(run["text"])
        added.bold, added.italic = run["bold"] or bold or None, run["italic"] or None
        if run["link"]:
            added.font.color.rgb, added.font.underline = ACCENT, True
            _link(paragraph, added, run["link"])


def _link(paragraph: Any, run: Any, address: str) -> None:
    """Puts a run into a hyperlink."""
    link = OxmlElement("w:hyperlink")
    known = paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    link.set(qn("r:id"), known)
    run._r.addprevious(link)
    link.append(run._r)


def _same_bytes(document: Any) -> bytes:
    """The file with its parts in order of name and without the hour of writing."""
    written, fixed = io.BytesIO(), io.BytesIO()
    document.save(written)
    with zipfile.ZipFile(written) as parts, zipfile.ZipFile(fixed, "w") as out:
        # The list of content types comes first, as readers expect.
        for name in sorted(parts.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            info = zipfile.ZipInfo(name, EARLIEST)
            info.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(info, parts.read(name))
    return fixed.getvalue()
