"""The questionnaire as an accessible PDF (PDF/UA-1), the same bytes for the same questionnaire."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import typst

from barograph.errors import BadInput
from barograph.publish.questionnaire.paper import Paper

HERE = Path(__file__).parent
FONTS = HERE.parent / "fonts"
UNDATED = datetime(2000, 1, 1, tzinfo=UTC)  # the questionnaire has a version, no day


def pdf(paper: Paper) -> bytes:
    """The document. BadInput for a letter that the fonts do not have."""
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)]
    )
    compiler = typst.Compiler(str(HERE / "questionnaire.typ"), root=str(HERE), font_paths=fonts)
    content = json.dumps(asdict(paper), ensure_ascii=False)
    try:
        made = compiler.compile(
            sys_inputs={"paper": content}, pdf_standards=["ua-1"], timestamp=UNDATED
        )
    except typst.TypstError as error:
        if "could not be displayed" not in str(error):
            raise
        raise BadInput(
            f"the fonts of the questionnaire lack a letter: {error}",
            todo="Write this text without it",
        ) from None
    return cast(bytes, made)  # one document, so no list
