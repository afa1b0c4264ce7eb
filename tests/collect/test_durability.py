"""Real servers on both databases: killed while saving, and answered by many at once."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from forty import SECTIONS, Server, answer_all, opened, saved, serving
from persons import Fields
from servers import postgresql

ROUNDS = int(os.environ.get("KILL_ROUNDS", "3"))
WRITERS = 6
CLIENTS = 32
pytestmark = pytest.mark.xdist_group("servers")


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def server(request: pytest.FixtureRequest, tmp_path_factory) -> Iterator[Server]:
    """One server for both tests of a database."""
    base = tmp_path_factory.mktemp(request.param)
    if request.param == "sqlite":
        with serving(base, CLIENTS + WRITERS) as found:
            yield found
        return
    with postgresql() as address, serving(base, CLIENTS + WRITERS, address) as found:
        yield found


class Writer(threading.Thread):
    """Saves one number after another on one page, and knows which were acknowledged."""

    def __init__(self, port: int, link: str) -> None:
        super().__init__(daemon=True)
        self.person = opened(port, link)
        self.person.get(f"{self.person.path}section/s1/")
        self.sent = self.acknowledged = 0
        self.going = threading.Event()

    def run(self) -> None:
        path = self.person.path
        fields = Fields(self.person.page, "interview").values
        while True:
            self.going.wait()
            self.sent += 1
            typed = {"s1_number": str(self.sent), "sequence": str(self.sent), "go": "stay"}
            try:
                self.person.post(path, {**fields, **typed})
            except Exception:
                self.going.clear()
                continue
            if self.person.status == 200:
                self.acknowledged = self.sent


def _some_saved(writers: list[Writer], more: int) -> None:
    """Until that many more saves are acknowledged, in the midst of others."""
    wanted = sum(writer.acknowledged for writer in writers) + more
    until = time.monotonic() + 60
    while sum(writer.acknowledged for writer in writers) < wanted:
        assert time.monotonic() < until, "the server does not save"
        time.sleep(0.01)


def test_every_acknowledged_answer_survives_kill_9(server: Server) -> None:
    links = server.links[CLIENTS:]
    writers = [Writer(server.port, link) for link in links]
    for writer in writers:
        writer.start()
    for turn in range(ROUNDS):
        for writer in writers:
            writer.going.set()
        _some_saved(writers, 12 + 7 * turn % 25)
        server.stop(signal.SIGKILL)
        for writer in writers:
            writer.going.clear()
        time.sleep(0.3)
        held = server.answers()
        for number, writer in enumerate(writers):
            found = int(held.get(f"U{CLIENTS + number:05}", {}).get("s1_number", "0"))
            assert writer.acknowledged <= found <= writer.sent, f"round {turn}, writer {number}"
        server.start()


def test_many_at_once_without_an_error_or_a_lost_answer(server: Server) -> None:
    links = server.links[:CLIENTS]
    errors: list[str] = []

    def answer(number: int) -> None:
        try:
            statuses = answer_all(opened(server.port, links[number]), number)
            if set(statuses) != {200}:
                errors.append(f"{number}: {statuses}")
        except Exception as error:
            errors.append(f"{number}: {error!r}")

    clients = [threading.Thread(target=answer, args=(number,)) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join(300)
    assert errors == []
    held = server.answers()
    for number in range(CLIENTS):
        for section in range(1, SECTIONS + 1):
            for key, value in saved(section, number).items():
                assert held[f"U{number:05}"][key] == value, (number, key)
    log = Path(server.state.parent / "server.log").read_text()
    assert "Traceback" not in log
