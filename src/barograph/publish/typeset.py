"""Typst, warm: a template filled with data, as an accessible, archivable PDF.

All text reaches a template as data, never as source: what a label holds is printed, not obeyed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

import typst

from barograph.errors import BadInput

FONTS = Path(__file__).with_name("fonts")
STANDARDS: list[Any] = ["ua-1", "a-2a"]


class Typesetter:
    """One template and its compiler; the first document warms it for the next."""

    def __init__(self, template: Path) -> None:
        # Fonts of the system or of Typst would make the bytes depend on the machine.
        fonts = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)]
        )
        self._compiler = typst.Compiler(str(template), root=str(template.parent), font_paths=fonts)

    def pdf(self, content: Mapping[str, Any], day: date) -> bytes:
        """The document (PDF/UA-1, PDF/A-2a), dated to the day given.

        BadInput for a letter that the fonts do not have.
        """
        text = json.dumps(content, ensure_ascii=False)
        moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
        try:
            pdf = self._compiler.compile(
                sys_inputs={"content": text}, pdf_standards=STANDARDS, timestamp=moment
            )
            return cast(bytes, pdf)
        except typst.TypstError as error:
            if "could not be displayed" not in error.message:
                raise
            raise BadInput(
                f"the fonts of the document lack a letter: {error.message}",
                todo="Write this text without it",
            ) from None
