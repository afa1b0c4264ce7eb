"""A barometer whose questionnaire has forty questions in four languages, and a server for it.

Five sections of eight: one choice, several with "other", a battery of five rows, a number, a short and
a long text, a ranking of five, and one choice that depends on the first.
"""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from persons import Fields, Person, Wire
from servers import free_port, wait_for

import barograph as bg

LANGUAGES = {"nl": "Nederlands", "fr": "Français", "de": "Deutsch", "en": "English"}
WORDS = {"nl": "Vraag", "fr": "Question", "de": "Frage", "en": "Question"}
SECTIONS = 5
LISTS = {
    "yesno": ("yes", "no"),
    "several": ("a", "b", "c", "d", "other"),
    "scale": ("1", "2", "3", "4", "5"),
    "five": ("v", "w", "x", "y", "z"),
    "grade": ("low", "middle", "high"),
}
ANSWERS = """
SELECT u.code, a.key, a.value FROM collect_answer a
JOIN collect_response r ON r.id = a.response_id JOIN collect_unit u ON u.id = r.unit_id
"""
BIN = Path(sys.executable).parent


def write(folder: Path, units: int) -> None:
    """The folder of the barometer, with as many municipalities as wanted."""
    from barograph.starter import create

    create(folder)
    for name, rows in (("survey", _survey()), ("choices", _choices())):
        columns = list(dict.fromkeys(column for row in rows for column in row))
        with (folder / "questionnaire" / f"{name}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(rows)
    lines = [f"U{n:05},Municipality {n},{'north' if n % 2 else 'south'},," for n in range(units)]
    header = "nis,name_official,region,valid_from,valid_to"
    (folder / "frame" / "municipalities.csv").write_text("\n".join([header, *lines]) + "\n")
    for name in ("barometer.toml", "indicators.toml", "2026/wave.toml"):
        path = folder / name
        path.write_text(_translated(path.read_text()))


def _translated(toml: str) -> str:
    """Every English text in every language."""

    def texts(between: str) -> Callable[[re.Match[str]], str]:
        return lambda found: between.join(f"{code} = {found[1]}" for code in LANGUAGES)

    toml = toml.replace('languages = ["en"]', f"languages = {list(LANGUAGES)}")
    toml = re.sub(r'^en = (".*")$', texts("\n"), toml, flags=re.MULTILINE)
    return re.sub(r'(?<=\{ )en = (".*?")(?= \})', texts(", "), toml)


def _labels(text: str) -> dict[str, str]:
    return {
        f"label::{name} ({code})": text.replace("Question", WORDS[code])
        for code, name in LANGUAGES.items()
    }


def _survey() -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []

    def add(kind: str, name: str, text: str = "", **more: str) -> None:
        rows.append({"type": kind, "name": name, **(_labels(text) if text else {}), **more})

    for s in range(1, SECTIONS + 1):
        add("begin_group", f"s{s}", f"Question {s}")
        add("select_one yesno", f"s{s}_one", f"Question {s}.1", required="yes")
        add("select_multiple several", f"s{s}_several", f"Question {s}.2")
        add(
            "text",
            f"s{s}_other",
            f"Question {s}.2b",
            relevant=f"selected(${{s{s}_several}}, 'other')",
        )
        add("begin_group", f"s{s}_battery", f"Question {s}.3", appearance="field-list")
        for row in range(1, 6):
            add("select_one scale", f"s{s}_battery_{row}", f"Question {s}.3 ({row})")
        add("end_group", f"s{s}_battery")
        add("decimal", f"s{s}_number", f"Question {s}.4", constraint=". >= 0 and . <= 1000")
        add("text", f"s{s}_short", f"Question {s}.5")
        add("text", f"s{s}_long", f"Question {s}.6", appearance="multiline")
        add("rank five", f"s{s}_rank", f"Question {s}.7")
        add("select_one grade", f"s{s}_grade", f"Question {s}.8", relevant=f"${{s{s}_one}} = 'yes'")
        add("end_group", f"s{s}")
    return rows


def _choices() -> list[dict[str, str]]:
    return [
        {"list_name": name, "name": code, **_labels(f"{name}: {code}")}
        for name, codes in LISTS.items()
        for code in codes
    ]


def answers(section: int, person: int) -> dict[str, str | list[str]]:
    """What a person answers in a section; numbers and texts tell them apart."""
    s = f"s{section}"
    return {
        f"{s}_one": "yes",
        f"{s}_several": ["a", "other"],
        f"{s}_other": f"other {person}",
        **{f"{s}_battery_{row}": str(1 + (row + person) % 5) for row in range(1, 6)},
        f"{s}_number": str(person),
        f"{s}_short": f"short {person}",
        f"{s}_long": f"long {person}\nin two lines",
        f"{s}_rank": ["x", "v", "z", "w", "y"],
        f"{s}_grade": "high",
    }


def saved(section: int, person: int) -> dict[str, str]:
    """The same as the database holds it."""
    return {
        key: value if isinstance(value, str) else " ".join(value)
        for key, value in answers(section, person).items()
    }


@dataclass
class Server:
    """`barograph serve` in a process group of its own."""

    folder: Path
    state: Path
    database: str
    port: int
    more: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)
    settings: Mapping[str, str] = field(default_factory=dict)  # more of the environment
    process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What the command sees."""
        return {**os.environ, "DATABASE_URL": self.database, **self.settings}

    def start(self) -> None:
        """Until it listens."""
        command = [str(BIN / "barograph"), "serve", str(self.folder), "--state", str(self.state)]
        with (self.state.parent / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--port", str(self.port), *self.more],
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_for(self.port, 120)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Ends every process of the group and waits until nothing listens."""
        if self.process is None:
            return
        os.killpg(self.process.pid, how)
        self.process.wait(30)
        self.process = None
        until = time.monotonic() + 20
        while time.monotonic() < until:
            try:
                wait_for(self.port, 0.05)
            except TimeoutError:
                return
            time.sleep(0.1)

    def answers(self) -> dict[str, dict[str, str]]:
        """What the database holds, by municipality."""
        if self.database:
            import psycopg

            with psycopg.connect(self.database) as connection:
                rows = connection.execute(ANSWERS).fetchall()
        else:
            with closing(sqlite3.connect(self.state / "barograph.sqlite3")) as file:
                rows = file.execute(ANSWERS).fetchall()
        held: dict[str, dict[str, str]] = {}
        for code, key, value in rows:
            held.setdefault(code, {})[key] = value
        return held

    def ask(self, *arguments: str) -> str:
        """What `fieldwork.py` answers about the database."""
        command = [sys.executable, str(Path(__file__).with_name("fieldwork.py")), *arguments]
        places = {"FOLDER": str(self.folder), "STATE": str(self.state)}
        done = subprocess.run(
            command, env={**self.environment, **places}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@contextmanager
def serving(
    base: Path,
    units: int,
    database: str = "",
    *,
    edition: bool = False,
    practice: bool = False,
    settings: Mapping[str, str] = {},
) -> Iterator[Server]:
    """A server with the barometer of forty questions; an empty address is SQLite.

    With `edition` the starter as it is, published; `settings` go into the environment.
    """
    folder = base / "barometer"
    more: tuple[str, ...] = ("--practice",) if practice else ()
    if edition:
        from barograph.publish import publish
        from barograph.starter import create

        create(folder)
        publish(bg.open(folder).wave("2026"), base / "edition")
        more += ("--edition", str(base / "edition"))
    else:
        write(folder, units)
    server = Server(folder, base / "state", database, free_port(), more, settings)
    server.state.mkdir(mode=0o700)
    server.links = json.loads(server.ask("invite"))
    server.start()
    try:
        yield server
    finally:
        server.stop(signal.SIGKILL)


def opened(port: int, path: str, timeout: float = 120) -> Person:
    """A person who has opened the link of an invitation."""
    wire = Wire(port, timeout)
    person = Person(wire, wire.cookies)
    person.get(path).press()
    return person


def answer_all(person: Person, number: int) -> Mapping[int, int]:
    """Answers every section, page by page; how often each status came back."""
    statuses: dict[int, int] = {}
    home = person.path
    person.get(f"{home}section/s1/")
    for section in range(1, SECTIONS + 1):
        assert person.path.endswith(f"/section/s{section}/"), person.path
        shown = Fields(person.page, "interview").values["shown"][0]
        given = answers(section, number)
        stood = {*shown.split()}
        person.press({**given, "shown": " ".join({*stood, *given}), "go": "skip"}, form="interview")
        statuses[person.status] = statuses.get(person.status, 0) + 1
    return statuses
