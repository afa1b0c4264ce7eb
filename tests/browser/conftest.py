"""A real browser and a local server for the published pages."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a worker."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("playwright is not installed; run: make setup")
    program = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        browser.close()


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Address under which the files of a folder are served, without a slash at the end."""
    handler = partial(QuietHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def served() -> Callable[[Path], AbstractContextManager[str]]:
    """Serves a folder as long as the block."""
    return serving


@pytest.fixture(scope="session")
def site(edition: Path) -> Iterator[str]:
    """Address under which the edition is served, without a slash at the end."""
    with serving(edition) as address:
        yield address


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files and does not write a line for each."""

    def log_message(self, format: str, *args: object) -> None:
        pass


def chromium() -> str:
    """Path of a Chromium; without one the tests skip, or fail where REQUIRE_ALL=1."""
    if named := os.environ.get("BAROGRAPH_CHROMIUM"):
        return named
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    return found or missing(
        "no Chromium on this machine; install chromium or set BAROGRAPH_CHROMIUM to its path"
    )


def missing(reason: str) -> NoReturn:
    """Skips with the reason and its remedy; fails where nothing may be missing."""
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
