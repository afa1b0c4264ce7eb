"""The questionnaire on one page of HTML."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from barograph.publish.questionnaire.paper import Paper


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


def html(paper: Paper, style: str = "questionnaire.css") -> str:
    """The page; `style` is the address of its style sheet."""
    return _template().render(paper=paper, style=style)
