"""The command line itself, and the arguments its commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="From the answers of municipalities to a published barometer.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
Folder = Annotated[Path, typer.Argument(help="Folder of the barometer (holds barometer.toml).")]
Edition = Annotated[Path, typer.Argument(help="Folder of a published edition.")]
WaveName = Annotated[str, typer.Argument(help="Name of the wave, such as 2017.")]
State = Annotated[
    Path, typer.Option(help="Folder of the answers being given, of secret and uploads.")
]
FIELD = Path("var/field")  # where the state is unless --state says otherwise
