"""A wave in the field: its server."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from barograph.cli.app import FIELD, State, app


@app.command()
def serve(
    folder: Annotated[
        Path, typer.Argument(help="Folder of a barometer, or of an edition: its pages alone.")
    ],
    port: Annotated[int, typer.Option(help="Port on this machine.")] = 8000,
    edition: Annotated[
        Path | None, typer.Option(help="Edition of the barometer, shown at /.")
    ] = None,
    state: State = FIELD,
    practice: Annotated[
        bool, typer.Option("--practice", help="Print an invitation to a practice wave.")
    ] = False,
) -> None:
    """Serve the published edition at / and the questionnaire at /a/, until Ctrl-C."""
    from barograph.web import server

    alone = (folder / "manifest.json").exists()
    if alone:
        server.configure(None, folder, None, port)
    else:
        server.prepare(folder, edition, state, port)
    print(f"Serving {folder} on http://localhost:{port}/ (Ctrl-C ends it)")
    if not alone:
        print(server.directions(folder, practice=practice))
    sys.stdout.flush()
    server.serve(port)
    print("Stopped.")
