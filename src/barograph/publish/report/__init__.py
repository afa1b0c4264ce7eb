"""The documents of an edition: report, release and municipality reports, as PDF and for a word processor.

In: a wave, its figures as they may be shown, its releases. Out: name and content of files. Called by
`publish.edition` alone. `content` says in plain data what a document prints, a template in
`templates` how.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from barograph.barometer import Wave
from barograph.estimate import Estimates
from barograph.publish import texts
from barograph.publish.language import Language
from barograph.publish.release import Release
from barograph.publish.report import municipality, report
from barograph.publish.report import release as text
from barograph.publish.report.content import Voice
from barograph.publish.report.docx import docx
from barograph.publish.site.drawn import Drawn
from barograph.publish.site.register import Register
from barograph.publish.typeset import Typesetter

__all__ = ["MUNICIPALITIES", "documents", "municipalities"]

MUNICIPALITIES = "municipalities"
TEMPLATES = Path(__file__).with_name("templates")
Figures = Mapping[str, Estimates]
File = tuple[str, bytes]


def documents(wave: Wave, estimated: Figures, releases: Mapping[str, Release]) -> Iterator[File]:
    """Report and release of each language."""
    of_report, of_release = (
        Typesetter(TEMPLATES / f"{name}.typ") for name in ("report", "release")
    )
    for voice, release in _voices(wave, estimated, releases):
        lang, day = release.lang, wave.closed
        yield f"report.{lang}.pdf", of_report.pdf(report.content(voice, release), day)
        content = text.content(voice, release)
        yield f"release.{lang}.pdf", of_release.pdf(content, day)
        yield f"release.{lang}.docx", docx(content, day)


def municipalities(
    wave: Wave, estimated: Figures, releases: Mapping[str, Release]
) -> Iterator[File]:
    """Two pages for each municipality in each language."""
    register, typesetter = Register.of(wave), Typesetter(TEMPLATES / "municipality.typ")
    for voice, release in _voices(wave, estimated, releases):
        for code, content in municipality.contents(voice, release, register):
            name = f"{MUNICIPALITIES}/{code}.{release.lang}.pdf"
            yield name, typesetter.pdf(content, wave.closed)


def _voices(
    wave: Wave, estimated: Figures, releases: Mapping[str, Release]
) -> Iterator[tuple[Voice, Release]]:
    words = texts.load(languages=wave.barometer.languages)
    for lang, release in releases.items():
        yield Voice.of(Drawn(Language(wave, lang, words[lang]), estimated)), release
