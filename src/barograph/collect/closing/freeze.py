"""The freeze: the answers that count, on disk with their hashes, never changed afterwards."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from barograph import __version__
from barograph.accounts.models import Account
from barograph.barometer import TABLE
from barograph.barometer import Wave as Described
from barograph.collect import states
from barograph.collect.closing.decisions import Decided
from barograph.collect.closing.given import Given
from barograph.collect.closing.validation import Report, validate
from barograph.collect.models import Freeze, Response, Wave
from barograph.errors import BadInput
from barograph.files import harmless
from barograph.instrument import Instrument, read_responses
from barograph.instrument.frozen import ANSWERS, FROZEN, QUESTIONNAIRE, RECORD, Frozen, versions
from barograph.instrument.responses import KEY, MODE
from barograph.publish import folder
from barograph.publish.folder import csv_bytes

Files = dict[str, bytes]


def freeze(wave: Wave, described: Described, by: Account | None = None) -> Freeze:
    """Freezes a closed wave as its next version; Refused tells all that stands against it.

    The folder is complete before it has its name, and the state changes last. Where that was cut off,
    the same answers take up the folder that is there.
    """
    with transaction.atomic():
        held = Wave.objects.select_for_update().get(pk=wave.pk)
        # Whoever saves or signs holds the response: all are done when these locks are had.
        list(Response.objects.select_for_update().filter(unit__wave=held).values_list("pk"))
        report = validate(held, described)
        against = obstacles(held, described, report)
        if against:
            raise states.Refused(against)
        files = contents(report)
        _read_back(files[ANSWERS], report.form.instrument, described)
        record, place = _laid(described.folder, held, report, files, by)
        made = Freeze.objects.create(
            wave=held,
            number=record["number"],
            at=timezone.now(),
            by=by,
            sha256=record["files"][ANSWERS],
            respondents=record["counts"]["respondents"],
            folder=str(place.relative_to(described.barometer.folder)),
        )
        states.enter(held, states.State.FROZEN, by)
    wave.refresh_from_db()
    return made


def obstacles(wave: Wave, described: Described, report: Report) -> tuple[states.Obstacle, ...]:
    """All that stands against freezing a wave."""
    found = list(states.obstacles(wave, states.State.FROZEN, described))
    if not found and wave.state != states.State.CLOSED:
        found.append(states.Obstacle("reached", {"before": wave.state, "after": "frozen"}))
    if report.open:
        found.append(states.Obstacle("decided", {"number": str(len(report.open))}))
    if not report.counted:
        found.append(states.Obstacle("anybody"))
    if (described.folder / TABLE).exists():
        found.append(states.Obstacle("table", {"file": f"{described.name}/{TABLE}"}))
    return tuple(found)


def contents(report: Report) -> Files:
    """The files of a frozen version but for its record; the same answers give the same bytes."""
    instrument = report.form.instrument
    return {
        ANSWERS: _parquet(report),
        "further.csv": csv_bytes((KEY, "key", "answer"), _further(report)),
        "codebook.csv": _codebook(instrument),
        QUESTIONNAIRE: instrument.to_json().encode(),
        "questionnaire.xml": instrument.xform.encode(),
        "decisions.csv": _decisions(report.decided),
        "days.csv": csv_bytes(("day", "signed"), _days(report.counted)),
    }


def _parquet(report: Report) -> bytes:
    """A row for each unit that counts: its code, the answers as texts, how they came in."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {
        KEY: [counted.code for counted in report.counted],
        **{
            name: [report.answers[counted.code].get(name, "") for counted in report.counted]
            for name in report.form.instrument.variables
        },
        MODE: [counted.mode for counted in report.counted],
    }
    arrays = [pa.array(cells, pa.string()) for cells in columns.values()]
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(arrays, names=list(columns)), sink)
    return bytes(sink.getvalue().to_pybytes())


def _further(report: Report) -> list[tuple[str, str, str]]:
    """Answers that are no column of the table: within repeats, names of files."""
    variables = report.form.instrument.variables
    return [
        (counted.code, harmless(key), harmless(value))
        for counted in report.counted
        for key, value in sorted(report.answers[counted.code].items())
        if key not in variables
    ]


def _codebook(instrument: Instrument) -> bytes:
    """A row for each question and each of its codes, with the words of every language."""
    languages = instrument.languages
    rows = []
    for v in instrument.variables.values():
        asked = " and ".join(v.relevant)
        rows.append((v.name, v.kind, v.section, v.battery, asked, "", *_told(v.label, languages)))
        for choice in v.choices:
            rows.append((v.name, "", "", "", "", choice.code, *_told(choice.label, languages)))
    header = ("question", "kind", "section", "battery", "asked_if", "code")
    return csv_bytes((*header, *(f"label_{lang}" for lang in languages)), rows)


def _told(labels: Mapping[str, str], languages: Sequence[str]) -> list[str]:
    return [harmless(labels.get(lang, "")) for lang in languages]


def _decisions(decided: Decided) -> bytes:
    rows = [
        (
            *about,
            d.verdict,
            harmless(d.reason),
            timezone.localdate(d.at),
            d.by.email if d.by else "",
        )
        for about, d in sorted(decided.of.items())
    ]
    return csv_bytes((KEY, "check", "key", "decision", "reason", "day", "by"), rows)


def _days(counted: Sequence[Given]) -> list[tuple[str, int]]:
    """How many signed on each day, for the response curve beside later waves."""
    days = Counter(str(timezone.localdate(g.signed)) for g in counted if g.signed)
    return sorted(days.items())


def _read_back(answers: bytes, instrument: Instrument, described: Described) -> None:
    """BadInput unless figures could be made from the file."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / ANSWERS
        path.write_bytes(answers)
        try:
            read_responses(path, instrument, described.frame.row_of)
        except BadInput as fault:
            raise BadInput(
                f"the answers cannot be frozen: {fault.what}", row=fault.row, column=fault.column
            ) from None


def _laid(
    wave_folder: Path, wave: Wave, report: Report, files: Files, by: Account | None
) -> tuple[dict[str, Any], Path]:
    """Record and folder of the new version: the next number, unless the same lies there unrecorded."""
    place = wave_folder / FROZEN
    for unfinished in place.glob(".*-*"):
        shutil.rmtree(unfinished, ignore_errors=True)
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    known = versions(wave_folder)
    last = max(known, default=0)
    recorded = Freeze.objects.filter(wave=wave, number=last).exists()
    if last and not recorded and Frozen.read(known[last]).files == hashes:
        return json.loads((known[last] / RECORD).read_text(encoding="utf-8")), known[last]
    highest = max(last, *Freeze.objects.filter(wave=wave).values_list("number", flat=True), 0)
    record = _record(wave, report, highest + 1, by) | {"files": hashes}
    text = json.dumps(record, ensure_ascii=False, indent=1) + "\n"
    out = place / str(highest + 1)
    folder.write(out, {**files, RECORD: text.encode()})
    return record, out


def _record(wave: Wave, report: Report, number: int, by: Account | None) -> dict[str, Any]:
    return {
        "wave": wave.name,
        "number": number,
        "at": timezone.now().isoformat(timespec="seconds"),
        "by": by.email if by else "",
        "code": __version__,
        "form": wave.form_id,
        "reference_date": wave.reference_date.isoformat(),
        "counts": report.numbers(),
    }
