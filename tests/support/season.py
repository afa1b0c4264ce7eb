"""One season of fieldwork on the real frame: everybody invited, two rounds of reminders, robots answer.

What the institute does goes through the command line, what municipalities do through the pages of a
real server, and mail over a real mail server. `play` counts what happened; what should have happened
is known from the robots alone.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import forty
import numpy as np
from persons import Fields, Person, Wire
from postbox import Got, Postbox, postbox
from servers import free_port

import barograph as bg
from barograph.weight.representativity import of_sample, representativity
from barograph.weight.sample import Floats

EXAMPLE = Path(__file__).parents[2] / "examples" / "smart-city-belgium"
WAVE = "2026"
SENDER = "Barometer <barometer@institute.example>"
FIRST, SECOND, LATE = 90, 59, 1  # robots that sign before, after the first reminder, and late
HANDING_OVER, BOUNCING, REFUSED = 3, 2, 1
FAST = "6000"  # messages a minute
RELEASES = {
    lang: '{% claim "smart" %}'
    + yes
    + "{% fallback %}"
    + no
    + '{% endclaim %} {{ share("smart") }}'
    " ({{ n.answered }}/{{ n.invited }}).\n"
    for lang, yes, no in (
        ("nl", "Een meerderheid zegt ja.", "De gemeenten zijn verdeeld."),
        ("fr", "Une majorité dit oui.", "Les communes sont partagées."),
        ("de", "Eine Mehrheit sagt Ja.", "Die Gemeinden sind geteilt."),
        ("en", "A majority says yes.", "Municipalities are divided."),
    )
}
INDICATORS = """
[sections]
s1 = {label}

[indicators.smart]
section = "s1"
question = "s1_one"
statistic = "share"
codes = ["yes"]
by = ["region", "rurality"]
label = {label}
"""


@dataclass
class Played:
    """What a season came to."""

    invited: int = 0
    reminded: int = 0
    answered: int = 0
    handed_over: int = 0
    bounced: int = 0
    opted_out: int = 0
    edition_n: int = 0
    duplicate_invitations: int = 0
    lost: int = 0
    desk_ms: float = 0.0
    desk_queries: int = 0
    engine: str = "sqlite"
    representativity: dict[str, tuple[float, float]] = field(default_factory=dict)

    def figures(self) -> dict[str, Any]:
        """What the bench prints: all but the pairs of published and true representativity."""
        return {k: v for k, v in asdict(self).items() if k != "representativity"}


def write(folder: Path) -> list[str]:
    """The barometer: the example's frame and domains, forty questions, a wave in the field today.

    Gives the codes of its units.
    """
    forty.write(folder, 0)
    shutil.rmtree(folder / "frame")
    shutil.copytree(EXAMPLE / "frame", folder / "frame")
    kept = (EXAMPLE / "barometer.toml").read_text().partition("# The public file of answers")
    title = kept[2].partition("[title]")
    text = kept[0] + title[1] + title[2].partition("# From fewer respondents")[0]
    text = text.replace('identifiers = ["r_email"]', "identifiers = []")
    (folder / "barometer.toml").write_text(f"{text}\n[disclosure]\nminimum_base = 1\n")
    label = "{ " + ", ".join(f'{lang} = "Smart ({lang})"' for lang in forty.LANGUAGES) + " }"
    (folder / "indicators.toml").write_text(INDICATORS.replace("{label}", label))
    wave = folder / WAVE
    (wave / "responses.csv").unlink()
    (wave / "claims.toml").write_text('[smart]\ntype = "majority"\nindicator = "smart"\n')
    for lang, text in RELEASES.items():
        (wave / f"release.{lang}.md").write_text("# " + text)
    announce(folder, 30)
    return sorted(bg.open(folder).wave(WAVE).frame.row_of)


def announce(folder: Path, days: int) -> None:
    """Writes wave.toml; the last day is so many days from today."""
    today = datetime.now(UTC).date()
    (folder / WAVE / "wave.toml").write_text(
        f"reference_date = 2017-02-01\nopened = {today - timedelta(days=10)}\n"
        f"closed = {today + timedelta(days=days)}\n\n"
        '[weights]\nmethod = "raking"\nmargins = ["region", "rurality"]\n'
    )


def truth(number: int) -> dict[str, str]:
    """What robot `number` says, as it should be frozen. No two say the same."""
    given: dict[str, str] = {}
    for section in range(1, forty.SECTIONS + 1):
        for key, value in said(section, number).items():
            given[key] = value if isinstance(value, str) else " ".join(value)
    return given


def said(section: int, number: int) -> dict[str, str | list[str]]:
    """What robot `number` types in a section."""
    s, answers = f"s{section}", forty.answers(section, number)
    if (number + section) % 3 == 0:
        answers[f"{s}_one"] = "no"
        del answers[f"{s}_grade"]
    ranking = ["v", "w", "x", "y", "z"]
    answers[f"{s}_rank"] = ranking[number % 5 :] + ranking[: number % 5]
    if number % 2:
        answers[f"{s}_several"] = ["b"]
        del answers[f"{s}_other"]
    for row in range(1, 6):
        answers[f"{s}_battery_{row}"] = str(1 + (number // 5**row + row * section) % 5)
    return answers


@dataclass
class Season:
    """The running season: its folder, its server, its mail."""

    server: forty.Server
    box: Postbox
    address: Mapping[str, str]  # of the contact of each unit

    def command(self, *arguments: str) -> str:
        """`barograph` with the state of this season."""
        done = subprocess.run(
            [str(forty.BIN / "barograph"), *arguments, "--state", str(self.server.state)],
            env=self.server.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def plan(self, kind: str, number: int, *only: str) -> None:
        """A round that is due now."""
        strata = [text for stratum in only for text in ("--only", stratum)]
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self.command(
            "mail", "plan", str(self.server.folder), WAVE, "--kind", kind, "--number", str(number),
            "--due", now, "--per-minute", FAST, *strata,
        )  # fmt: skip

    def to(self, email: str) -> list[Got]:
        """The mail of somebody."""
        return [got for got in list(self.box.got) if got.to == [email]]

    def wait(self, there: Callable[[], bool], what: str, seconds: float = 180) -> None:
        """Until something has come about."""
        until = time.monotonic() + seconds
        while not there():
            assert time.monotonic() < until, f"{what}: {self.command('work', *self.once)}"
            time.sleep(0.1)

    @property
    def once(self) -> tuple[str, str]:
        """What tells of the outbox."""
        return str(self.server.folder), "--once"

    def settled(self) -> None:
        """Until nothing is planned or queued any more."""
        # Beside the worker of the server: neither sends what the other has in hand.
        self.wait(
            lambda: not re.search(r"queued|claimed", self.command("work", *self.once)), "the outbox"
        )


def body(got: Got) -> str:
    """The text of a message."""
    part: EmailMessage | None = got.message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def link(got: Got) -> str:
    """The path of the link into the questionnaire."""
    found = re.search(r"https?://[^\s/]+(/a/i/[\w-]+/)", body(got))
    assert found, body(got)
    return found[1]


def asked(season: Season, person: Person, email: str) -> str:
    """Asks for a code and reads it from the mailbox."""
    person.get(f"{home(person)}code/?to=sign")
    person.press({"to": "sign"})
    found: list[str] = []

    def there() -> bool:
        for got in season.to(email):
            if digits := re.search(r"^(\d{6})\s*$", body(got), re.MULTILINE):
                found.append(digits[1])
        return bool(found)

    season.wait(there, f"a code for {email}")
    return found[-1]


def home(person: Person) -> str:
    """The overview of the questionnaire that is open."""
    return "/".join(person.path.split("/")[:3]) + "/"


def fill(person: Person, number: int, *sections: int) -> None:
    """Answers sections as robot `number`."""
    for section in sections:
        person.get(f"{home(person)}section/s{section}/")
        shown = Fields(person.page, "interview").values["shown"][0].split()
        given = said(section, number)
        person.press(
            {**given, "shown": " ".join({*shown, *given}), "go": "overview"}, form="interview"
        )
        assert person.status == 200, person.status


def sign(season: Season, person: Person, email: str) -> bool:
    """Signs with a code from the mailbox; whether a receipt was given."""
    code = asked(season, person, email)
    person.press({"digits": code, "to": "sign"}, to=f"{home(person)}code/")
    person.press({"name": "N. N.", "function": "clerk", "accountable": "1"})
    return person.path.endswith("/thanks/")


def answer(season: Season, number: int, code: str, path: str) -> bool:
    """A whole interview; the first robots hand their second section over to a colleague."""
    email = season.address[code]
    person = forty.opened(season.server.port, path)
    if number >= HANDING_OVER:
        fill(person, number, *range(1, forty.SECTIONS + 1))
        return sign(season, person, email)
    fill(person, number, 1, 3, 4, 5)
    colleague = f"colleague{number}@municipality.example"
    person.get(f"{home(person)}hand-over/?section=s2")
    person.press({"section": "s2", "email": colleague, "mail_language": "en"})
    mails: list[Got] = []

    def there() -> bool:
        mails[:] = season.to(colleague)
        return bool(mails)

    season.wait(there, f"the hand-over to {colleague}")
    other = forty.opened(season.server.port, link(mails[0]))
    fill(other, number, 2)
    other.get(home(other))
    other.press({}, form="", to=f"{home(other)}section/s2/done/")
    return sign(season, person, email)


def bounce(season: Season, email: str, folder: Path) -> None:
    """A delivery status notification about the invitation to an address."""
    (got,) = season.to(email)
    dsn = folder / "bounce.eml"
    dsn.write_text(
        "From: mailer-daemon@relay.example\nTo: barometer@institute.example\n"
        "Subject: Undelivered\nMIME-Version: 1.0\nContent-Type: multipart/report; "
        'report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nNo such user.\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; relay.example\n\n"
        f"Final-Recipient: rfc822; {email}\nAction: failed\nStatus: 5.1.1\n\n"
        "--b\nContent-Type: text/rfc822-headers\n\n"
        f"Message-ID: {got.message['Message-ID']}\n\n--b--\n"
    )
    season.command("bounces", str(dsn), str(season.server.folder))


def opt_out(season: Season, email: str) -> None:
    """One press in the mail program (RFC 8058)."""
    (got,) = season.to(email)
    target = urlsplit(got.message["List-Unsubscribe"].split(">")[0].strip("< "))
    wire = Wire(season.server.port)
    status, _, _ = wire("POST", target.path, b"List-Unsubscribe=One-Click")
    assert status == 200, status


def play(base: Path, database: str = "") -> Played:
    """The whole season; DATABASE_URL or, empty, SQLite."""
    folder, played = base / "barometer", Played(engine="postgresql" if database else "sqlite")
    codes = write(folder)
    address = {code: f"clerk.{code}@municipality.example" for code in codes}
    with postbox() as box:
        server = forty.Server(folder, base / "state", database, free_port())
        server.settings = {
            "BAROGRAPH_SMTP": box.address,
            "BAROGRAPH_MAIL_FROM": SENDER,
            "PORT": str(server.port),
        }
        server.state.mkdir(mode=0o700)
        season = Season(server, box, address)
        try:
            return _played(season, codes, played, base)
        finally:
            server.stop(signal.SIGKILL)


def _played(season: Season, codes: list[str], played: Played, base: Path) -> Played:
    box, server, folder = season.box, season.server, str(season.server.folder)
    refused = {season.address[code] for code in codes[-REFUSED:]}
    box.rcpt = lambda to: "550 5.1.1 no such user" if to in refused else "250 OK"
    contacts = base / "contacts.csv"
    with contacts.open("w", newline="", encoding="cp1252") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["nis", "email", "function"])
        writer.writerows([code, season.address[code], "Coördinator"] for code in codes)
    season.command("wave", folder, WAVE, "testing")
    season.command("contacts", str(contacts), folder)
    season.command("wave", folder, WAVE, "open")
    server.start()
    season.plan("invitation", 1)
    season.wait(lambda: len(box.got) >= len(codes) - REFUSED, "the invitations")
    season.settled()
    invitations = {got.to[0]: got for got in list(box.got)}
    # Robots sit twice as densely in the south, so that response is uneven.
    order = sorted(
        codes[:-REFUSED],
        key=lambda code: int(code) * 2654435761 % 2**32 * (1 if code[0] in "5689" else 2),
    )
    signing = order[: FIRST + SECOND + LATE]
    silent, beginning, gone, unwilling = (order[-n] for n in (1, 2, 3, 4))
    for code in (gone, order[-5]):
        bounce(season, season.address[code], base)
    opt_out(season, season.address[unwilling])

    def answering(numbers: range) -> None:
        with ThreadPoolExecutor(8) as pool:
            jobs = [
                pool.submit(answer, season, n, code, link(invitations[season.address[code]]))
                for n, code in zip(numbers, signing[numbers.start :], strict=False)
            ]
            for job in jobs:
                played.answered += job.result()

    answering(range(FIRST))
    late = forty.opened(server.port, link(invitations[season.address[signing[-1]]]))
    fill(late, FIRST + SECOND, 1, 2, 3)
    half = forty.opened(server.port, link(invitations[season.address[beginning]]))
    fill(half, 500, 1)
    season.plan("reminder", 1, "region=wallonia")
    season.plan("reminder", 1, "region=flanders,brussels")
    season.settled()
    answering(range(FIRST, FIRST + SECOND))
    season.plan("reminder", 2, "rurality=rural")
    season.plan("reminder", 2, "rurality=urban,rural")  # overlaps: nobody gets it twice
    season.settled()
    played.desk_ms, played.desk_queries = desk(server)
    announce(server.folder, -1)
    season.command("wave", folder, WAVE, "closing")
    fill(late, FIRST + SECOND, 4, 5)
    played.answered += sign(season, late, season.address[signing[-1]])
    shut = forty.opened(server.port, link(invitations[season.address[silent]]))
    shut.get(f"{home(shut)}section/s1/")
    assert 'id="interview"' not in shut.page, "who has not begun may not begin while it closes"
    season.command("wave", folder, WAVE, "closed")
    server.stop(signal.SIGTERM)
    _mail(season, played, signing, {season.address[gone], season.address[unwilling]})
    _frozen(season, played, signing, base)
    return played


def desk(server: forty.Server) -> tuple[float, int]:
    """Milliseconds of the desk over the wire (median of 7), and its queries."""
    told = json.loads(server.ask("desk", WAVE))
    person = Person(wire := Wire(server.port), wire.cookies)
    person.get(told["link"]).press()
    times = []
    for _ in range(7):
        start = time.perf_counter()
        person.get(f"/a/desk/{WAVE}/")
        times.append((time.perf_counter() - start) * 1000)
        assert person.status == 200, person.status
    return round(sorted(times)[3], 1), told["queries"]


def _mail(season: Season, played: Played, signing: list[str], out: set[str]) -> None:
    """Who got what: at most one of each round, always with the same link, none after a no."""
    rounds: Counter[tuple[str, str]] = Counter()
    links: dict[str, set[str]] = {}
    reminders: Counter[str] = Counter()
    for got in season.box.got:
        (to,) = got.to
        if "/a/o/" in body(got):  # a round: no code, no word between colleagues
            reminders[to] += to in links
            rounds[to, got.message["Subject"]] += 1
            links.setdefault(to, set()).add(link(got))
    played.duplicate_invitations = sum(n - 1 for n in rounds.values()) + sum(
        len(found) - 1 for found in links.values()
    )
    played.reminded = sum(reminders.values())
    first = {season.address[code] for code in signing[:FIRST]}
    assert not {to for to in first | out if reminders[to]}, "reminded after signature, bounce or no"
    told = season.command("mail", "list", str(season.server.folder), WAVE)
    (letters,) = re.findall(r"^\d+: invitation 1, .*released: (.*)$", told, re.MULTILINE)
    played.invited = sum(map(int, re.findall(r"\d+", letters)))
    played.bounced = sum(map(int, re.findall(r"bounced (\d+)", letters)))
    played.opted_out = json.loads(season.server.ask("opted_out"))
    played.handed_over = len([g for g in season.box.got if g.to[0].startswith("colleague")])


def _frozen(season: Season, played: Played, signing: list[str], base: Path) -> None:
    """Freezes, publishes, and compares both with what the robots said."""
    import pyarrow.parquet as pq

    folder = season.server.folder
    report = season.command("validate", str(folder), WAVE)
    assert re.search(rf"^late +{signing[-1]}", report, re.MULTILINE), report
    for check in sorted(set(re.findall(r"^(\w+) +\S.* \?: ", report, re.MULTILINE))):
        season.command("decide", str(folder), WAVE, check, "keep", "--reason", "looked at")
    season.command("freeze", str(folder), WAVE)
    table = pq.read_table(folder / WAVE / "frozen" / "1" / "responses.parquet").to_pylist()
    held = {row["nis"]: row for row in table}
    for number, code in enumerate(signing):
        row = held.pop(code, {})
        played.lost += sum(row.get(key) != value for key, value in truth(number).items())
    assert not held, f"nobody signed for {sorted(held)}"
    edition = base / "edition"
    publishing = ["publish", str(folder), WAVE, "--out", str(edition)]
    subprocess.run([str(forty.BIN / "barograph"), *publishing], check=True, capture_output=True)
    facts = json.loads((edition / "data" / "facts.json").read_text())
    played.edition_n = facts["answered"]
    true = representativity(*cells(folder, signing))
    played.representativity = {
        "rate": (facts["rate"], true.rate),
        "r_indicator": (facts["r_indicator"], true.r),
    }
    found, _ = of_sample(bg.open(folder).wave(WAVE).sample)
    for name in ("raw_r", "raw_variation"):
        played.representativity |= {name: (getattr(found, name), getattr(true, name))}


def cells(folder: Path, signing: list[str]) -> tuple[Floats, Floats]:
    """Units and respondents of each crossing of the domains, counted from the robots' list."""
    frame = bg.open(folder).wave(WAVE).frame
    counts: dict[tuple[str, ...], list[float]] = {}
    for code, row in frame.row_of.items():
        cell = tuple(str(frame.attributes[name][row]) for name in ("region", "rurality"))
        size = counts.setdefault(cell, [0, 0])
        size[0] += 1
        size[1] += code in signing
    size, answered = np.array(list(counts.values()), dtype=float).T
    return size, answered
