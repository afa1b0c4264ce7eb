"""Run as a program: `invite` opens the wave and prints links, `pages` what its pages cost;
`practise` takes languages and units: a link into the practice wave for each, answered in full where
the unit is marked with `+`;
`desk` the queries of the desk of a wave, and a one-time link to it; `opted_out` how many want no mail.

FOLDER, STATE and DATABASE_URL say where.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from barograph.web.server import configure


def main() -> None:
    """One act, one line of JSON."""
    folder = Path(os.environ["FOLDER"])
    configure(folder, None, Path(os.environ["STATE"]))
    if sys.argv[1] == "invite":
        import barograph as bg
        from barograph.collect import invitations, waves
        from barograph.collect.models import Invitation, Wave

        barometer = bg.open(folder)
        wave = waves.prepare(barometer.wave(barometer.waves[-1]))
        wave.state, wave.closes = Wave.State.OPEN, None
        wave.save()
        for unit in wave.units.order_by("code"):
            invitations.invite(unit, f"{unit.code}@example.org", "en")
        found = Invitation.objects.order_by("unit__code")
        print(json.dumps([f"/a/i/{invitations.token(i)}/" for i in found]))
    elif sys.argv[1] == "practise":
        print(json.dumps([_practise(folder, *asked.split(":")) for asked in sys.argv[2:]]))
    elif sys.argv[1] == "desk":
        print(json.dumps(_desk(sys.argv[2])))
    elif sys.argv[1] == "opted_out":
        from barograph.collect.models import Contact

        print(Contact.objects.exclude(opted_out=None).count())
    else:
        print(json.dumps(_pages(sys.argv[2])))


def _practise(folder: Path, lang: str, code: str) -> str:
    from completing import complete

    import barograph as bg
    from barograph.collect import invitations, waves
    from barograph.collect.questionnaire import questionnaire
    from barograph.collect.saving import Sent, save

    wave = waves.prepare(waves.latest(bg.open(folder)), practice=True)
    unit = wave.units.get(code=code.rstrip("+"))
    invitation = invitations.invite(unit, f"clerk@{lang}.example", lang)
    if code.endswith("+"):
        form = questionnaire(unit.response.form_id)
        answers = complete(form.logic, unit.before)
        save(unit.response, invitation, next(iter(form.sections)), answers, Sent("robot", 0))
    return f"/a/i/{invitations.token(invitation)}/"


def _pages(link: str) -> dict[str, int]:
    """The most queries and bytes of any request of an interview already answered."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from persons import Answer, Person

    client = Client(headers={"host": "localhost"})
    most = {"queries": 0, "bytes": 0}

    def send(method: str, path: str, body: bytes | None) -> Answer:
        with CaptureQueriesContext(connection) as queries:
            kind = "application/x-www-form-urlencoded"
            response = client.generic(method, path, body or b"", kind)
        most["queries"] = max(most["queries"], len(queries))
        most["bytes"] = max(most["bytes"], len(response.content))
        return response.status_code, dict(response.items()), response.content.decode()

    def follow(method: str, path: str, body: bytes | None) -> Answer:
        status, headers, text = send(method, path, body)
        return status, {name.lower(): value for name, value in headers.items()}, text

    person = Person(follow, client.cookies)
    home = person.get(link).press().path
    for part in ("", *(f"section/s{n}/" for n in range(1, 6)), "hand-over/", "sign/", "code/"):
        person.get(f"{home}{part}")
        if "section" in part:
            section = part.split("/")[1]
            typed = {f"{section}_number": "7", f"{section}_short": "changed"}
            for go in ("stay", "lang-fr", "skip"):
                person.get(f"{home}{part}").press({**typed, "go": go}, form="interview")
    return most


def _desk(wave: str) -> dict[str, Any]:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from barograph.accounts import links, staff

    account = staff.add("desk@institute.example", "researcher")
    client = Client(headers={"host": "localhost"})
    client.post("/" + links.issue(account).split("/", 3)[3])
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"/a/desk/{wave}/").status_code == 200
    return {"queries": len(queries), "link": "/" + links.issue(account).split("/", 3)[3]}


main()
