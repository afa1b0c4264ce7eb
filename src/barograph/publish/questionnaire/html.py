"""The questionnaire on one page of HTML."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from barograph.publish.questionnaire.paper import Paper

STATIC = Path(__file__).parent.parent / "static"


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    return environment.get_template("questionnaire.html.j2")


@cache
def _style() -> str:
    """The style sheets in one, without what they fetch: the page stands alone."""
    sheets = (STATIC / name for name in ("tokens.css", "questionnaire.css"))
    lines = (line for sheet in sheets for line in sheet.read_text(encoding="utf-8").splitlines())
    return "\n".join(line for line in lines if not line.startswith(("@import", "@font-face")))


def html(paper: Paper, style: str = "") -> str:
    """The page, its style from the address `style` or, without one, in the page itself."""
    return _template().render(paper=paper, style=style, inline="" if style else Markup(_style()))
