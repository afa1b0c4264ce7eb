"""An edition on http://localhost: static files only, for reading it before it goes to a host."""

from __future__ import annotations

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from barograph.errors import BadInput


class _Quiet(SimpleHTTPRequestHandler):
    extensions_map = {  # noqa: RUF012 - the base class declares it so
        **SimpleHTTPRequestHandler.extensions_map,
        ".html": "text/html; charset=utf-8",
        ".md": "text/markdown; charset=utf-8",
        ".csv": "text/csv; charset=utf-8",
    }

    def log_message(self, format: str, *args: object) -> None:
        """Readers are not logged."""


def serve(edition: Path, port: int) -> None:
    """Serves until Ctrl-C; only this machine can reach it."""
    if not (edition / "manifest.json").exists():
        raise BadInput("is no edition", file=edition, todo="Publish one with: barograph publish")
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), partial(_Quiet, directory=str(edition)))
    except OSError as error:
        raise BadInput(
            f"port {port} cannot be used ({error.strerror})", todo="Choose another with --port"
        ) from None
    with server:
        print(f"Serving {edition} on http://localhost:{port} (Ctrl-C ends it)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print("\nStopped.")
