"""What an interview costs: CPU, queries and bytes on a form of forty questions, and 32 people at once.

The form has five pages of eight questions in four languages (tests/support/forty.py). A real server on
SQLite (DATABASE_URL: that database); the bare page is Django answering "ok" in the same server, in the
same run. `export_seconds_10000` is the export of a closed wave of 10,000 answers, once read and weighted,
as CSV with its codebook. `--json`: the last line is JSON.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))

from forty import SECTIONS, Server, answer_all, opened, saved, serving, write  # noqa: E402
from persons import Wire  # noqa: E402
from servers import free_port, wait_for  # noqa: E402

import barograph as bg  # noqa: E402
from barograph.publish.export import export  # noqa: E402

ALONE, TOGETHER, EXPORTED = 20, 32, 10_000
BARE = """
import django
from django.conf import settings
from django.http import HttpResponse
from django.urls import path
settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY="x" * 50, MIDDLEWARE=[])
django.setup()
urlpatterns = [path("", lambda request: HttpResponse("ok"))]
from django.core.wsgi import get_wsgi_application
application = get_wsgi_application()
"""


def cpu(group: int) -> float:
    """CPU-seconds so far of every process of a group."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def alone(server: Server, links: list[str]) -> float:
    """CPU-seconds of the server for one completed answer: link, button, five pages."""
    assert server.process is not None
    before = cpu(server.process.pid)
    for number in range(ALONE):
        answer_all(opened(server.port, links[number]), number)
    return (cpu(server.process.pid) - before) / ALONE


def together(server: Server, links: list[str]) -> tuple[int, int]:
    """Errors, and answers that were acknowledged and are not there, of 32 people at once."""
    errors: list[str] = []

    def answer(number: int) -> None:
        try:
            statuses = answer_all(opened(server.port, links[number]), number)
            errors.extend([""] * sum(n for status, n in statuses.items() if status != 200))
        except Exception as error:
            errors.append(repr(error))

    people = [threading.Thread(target=answer, args=(n,)) for n in range(ALONE, ALONE + TOGETHER)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    held = server.answers()
    lost = sum(
        held.get(f"U{number:05}", {}).get(key) != value
        for number in range(ALONE + TOGETHER)
        for section in range(1, SECTIONS + 1)
        for key, value in saved(section, number).items()
    )
    return len(errors), lost


def bare(folder: Path) -> float:
    """CPU-seconds of a bare Django page under the same server, one worker with one thread."""
    (folder / "bare.py").write_text(BARE)
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--blocking-threads", "1"]
    process = subprocess.Popen(
        [*command, "--port", str(port), "--no-log", "bare:application"],
        cwd=folder,
        start_new_session=True,
    )
    try:
        wait_for(port)
        wire, pages = Wire(port), 500
        wire("GET", "/", None)
        before = cpu(process.pid)
        for _ in range(pages):
            wire("GET", "/", None)
        return (cpu(process.pid) - before) / pages
    finally:
        process.terminate()
        process.wait(20)


def exporting(folder: Path) -> float:
    """Seconds for the export of a closed wave to CSV."""
    write(folder, EXPORTED)
    answers = [
        {"nis": f"U{n:05}"}
        | {k: v for s in range(1, SECTIONS + 1) for k, v in saved(s, n % 1000).items()}
        for n in range(EXPORTED)
    ]
    with (folder / "2026" / "responses.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, answers[0])
        writer.writeheader()
        writer.writerows(answers)
    wave = bg.open(folder).wave("2026")
    assert len(wave.sample.w1) == len(wave.responses) == EXPORTED
    start = time.perf_counter()
    export(wave, "csv", folder / "export")
    return time.perf_counter() - start


def main() -> None:
    """Runs all and prints it."""
    with tempfile.TemporaryDirectory(prefix="barograph-") as name:
        folder = Path(name)
        start = time.perf_counter()
        with serving(folder, ALONE + TOGETHER + 1, os.environ.get("DATABASE_URL", "")) as server:
            links = server.links
            opened(server.port, links[-1])  # the questionnaire is read
            seconds = alone(server, links)
            errors, lost = together(server, links)
            pages = json.loads(server.ask("pages", links[0]))
        exported = exporting(folder / "closed")
        ratio = seconds / (2 + 2 * SECTIONS) / bare(folder)
        took = time.perf_counter() - start
    figures = {
        "cpu_s_per_answer": round(seconds, 3),
        "max_queries_per_page": pages["queries"],
        "page_kb": round(pages["bytes"] / 1000, 1),
        "errors": errors,
        "lost": lost,
        "export_seconds_10000": round(exported, 2),
    }
    print(f"an interview of 40 questions, {ALONE} alone and {TOGETHER} at once ({took:.0f} s):")
    for key, value in figures.items():
        print(f"  {key:<22} {value}")
    print(f"  a request over a bare Django page: {ratio:.1f} times its CPU")
    if "--json" in sys.argv:
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
