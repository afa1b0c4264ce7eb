"""Run as a program: freezes a small wave in processes that end at once at a step of the freeze, and in one
that may finish; prints what each left, as JSON.

FOLDER and STATE say where.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from barograph.web.server import configure

FOLDER, STATE = Path(os.environ["FOLDER"]), Path(os.environ["STATE"])
STEPS = ("files", "rename", "row", "commit", "")


def main() -> None:
    """Closes a wave with three answers, then tries to freeze it."""
    configure(FOLDER, None, STATE)
    from closing import Field, State
    from django.db import connections

    from barograph.collect.models import Freeze

    field = Field(FOLDER).to(State.TESTING, State.OPEN)
    for number in (1, 2, 3):
        field.answer(f"U{number:02}", {"relevance": str(number)})
    field.to(State.CLOSING, State.CLOSED)
    left = []
    for step in STEPS:
        connections.close_all()
        child = os.fork()
        if not child:
            freeze(field, step)
            os._exit(0)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        field.wave.refresh_from_db()
        rows = list(Freeze.objects.values_list("number", "respondents"))
        versions = {p.name: whole(p) for p in (FOLDER / "2026" / "frozen").glob("[0-9]*")}
        left.append(
            {
                "step": step,
                "exit": code,
                "state": field.wave.state,
                "rows": rows,
                "versions": versions,
            }
        )
    print(json.dumps(left))


def whole(version: Path) -> bool:
    """Whether a version holds every file of its record."""
    files = json.loads((version / "freeze.json").read_text())["files"]
    return {p.name for p in version.iterdir()} == {*files, "freeze.json"}


def freeze(field: object, step: str) -> None:
    """Freezes; that step is the last thing this process does."""
    from django.db import transaction

    from barograph.collect.closing import freeze as freezing
    from barograph.collect.models import Freeze

    def end(*_: object, **__: object) -> None:
        os._exit(9)

    if step == "files":  # half of them written
        write, count = Path.write_bytes, iter(range(4))
        Path.write_bytes = lambda p, b: write(p, b) if next(count, None) is not None else end()
    elif step == "rename":
        Path.rename = end
    elif step == "row":  # the folder stands, the database knows nothing
        Freeze.objects.create = end
    elif step == "commit":  # all is written, nothing acknowledged
        transaction.Atomic.__exit__ = end
    freezing.freeze(field.wave, field.described)


main()
