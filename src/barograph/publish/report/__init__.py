"""The documents of an edition: report, release and municipality reports, as PDF and for a word processor.

In: a wave, its figures as they may be shown, its releases. Out: name and content of files. Called by
`publish.edition` alone. `content` says in plain data what a document prints, a template in
`templates` how, `typeset` makes the PDF.
"""

from __future__ import annotations

from collections.abc import Mapping

from barograph.barometer import Wave
from barograph.estimate import Estimates
from barograph.publish import texts
from barograph.publish.language import Language
from barograph.publish.release import Release
from barograph.publish.report import release as text
from barograph.publish.report import report
from barograph.publish.report.content import Voice
from barograph.publish.report.docx import docx
from barograph.publish.report.typeset import Typesetter
from barograph.publish.site.drawn import Drawn

__all__ = ["documents"]


def documents(
    wave: Wave, estimated: Mapping[str, Estimates], releases: Mapping[str, Release]
) -> dict[str, bytes]:
    """Report and release of each language."""
    files = {}
    words = texts.load(languages=wave.barometer.languages)
    of_report, of_release = Typesetter("report"), Typesetter("release")
    for lang, release in releases.items():
        voice = Voice.of(Drawn(Language(wave, lang, words[lang]), estimated))
        files[f"report.{lang}.pdf"] = of_report.pdf(report.content(voice, release), wave.closed)
        content = text.content(voice, release)
        files[f"release.{lang}.pdf"] = of_release.pdf(content, wave.closed)
        files[f"release.{lang}.docx"] = docx(content, wave.closed)
    return files
