"""Answers given elsewhere as the responses.csv of a wave, checked before anything is written."""

from __future__ import annotations

import csv
import io
import json
import re
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from barograph.errors import BadInput, BarographError
from barograph.files import read_bytes
from barograph.instrument.imports import codebook
from barograph.instrument.imports.codebook import Coding
from barograph.instrument.imports.heads import FORMS, UNITS, Form, Part, form_of, is_metadata, known
from barograph.instrument.imports.values import Reader
from barograph.instrument.logic import Logic
from barograph.instrument.model import Instrument
from barograph.instrument.responses import KEY, SYNTHETIC, read_responses
from barograph.instrument.sandbox import LIMITS, run
from barograph.instrument.source import Source, read_source, shown

SCRIPT = Path(__file__).with_name("spss.py")
TOLD = 20  # unknown columns in one message


@dataclass(frozen=True)
class Wishes:
    """How to import: where the file comes from ("" finds out), which column names the unit ("" the
    one that fits), and what to do with what does not fit."""

    form: str = ""
    unit: str = ""
    skip_unknown: bool = False
    drop_unasked: bool = False
    replace: bool = False
    dry_run: bool = False
    synthetic: bool = False


@dataclass
class Taken:
    """Answers by unit, each with the number of its row in the source."""

    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    columns: dict[str, list[str]] = field(default_factory=dict)  # variable to heads of the source
    told: list[str] = field(default_factory=list)


def import_answers(
    source: Path, target: Path, instrument: Instrument, units: Collection[str], wishes: Wishes
) -> list[str]:
    """Writes the answers in `source` to the file `target`; returns what is to be said, in sentences.

    BadInput, with file, row and column of the source: a unit unknown or there twice, a column, code
    or number that cannot be, an answer to a question that was not asked. Nothing is written then.
    """
    if target.exists() and not (wishes.replace or wishes.dry_run):
        raise BadInput("is there already", file=target, todo="Replace it with --replace")
    coded = codebook.read(source)
    is_sav = source.suffix.lower() in (".sav", ".zsav")
    read = _read_sav(source, coded) if is_sav else read_source(source)
    taken = _taken(read, _form(read, wishes.form), instrument, coded, units, wishes)
    content = _content(taken, instrument, wishes.synthetic)
    with tempfile.TemporaryDirectory(dir=None if wishes.dry_run else target.parent) as made:
        ready = Path(made) / target.name
        ready.write_bytes(content)
        _check(ready, read, taken, instrument, units)
        if not wishes.dry_run:
            ready.replace(target)
        elif target.exists() and not wishes.replace:
            taken.told.append(f"{target.name} is there already: it takes --replace")
    return taken.told


def _form(source: Source, form: str) -> Form:
    if form and form not in FORMS:
        raise BarographError(f"unknown origin {form!r}", todo=f"Use {', '.join(FORMS)}")
    if source.path.suffix.lower() in (".sav", ".zsav"):
        return "sav"
    return next((f for f in FORMS if f == form), None) or form_of(source.heads)


def _read_sav(path: Path, coded: Collection[str]) -> Source:
    """The cases; what the file declares missing is empty but in `coded` columns, where a codebook tells."""
    if find_spec("pyreadstat") is None:
        raise BarographError(
            "reading .sav needs the package pyreadstat",
            todo='Install it: pip install "barograph[sav]"',
        )
    if len(read_bytes(path)) > LIMITS.packed:
        raise BadInput(f"is larger than {LIMITS.packed >> 20} MB", file=path)
    found = run(SCRIPT, [str(path)], json.dumps(list(coded)), path)
    rows = tuple((i, tuple(cells)) for i, cells in enumerate(found["rows"], start=2))
    return Source(path, tuple(found["heads"]), rows)


def _taken(
    source: Source,
    form: Form,
    instrument: Instrument,
    coded: Mapping[str, Coding],
    units: Collection[str],
    wishes: Wishes,
) -> Taken:
    coded = coded if form in ("sav", "csv") else {}
    unit = _unit_column(source, units, wishes.unit)
    parts, taken = _columns(source, form, instrument, coded, unit, wishes.skip_unknown)
    coding = {i: coded[source.heads[i]] for i in parts if source.heads[i] in coded}
    asked = {i: part for i, part in parts.items() if not _never_asked(source, i, coding.get(i))}
    for i, part in asked.items():
        taken.columns.setdefault(part.variable.name, []).append(source.heads[i])
        if part.twin:
            taken.columns.setdefault(part.twin.name, []).append(source.heads[i])
    reader = Reader(form, asked, coding, instrument.questions, source.comma)
    problems: list[BadInput] = []
    for number, cells in source.rows:
        answers, wrong = reader.read(cells)
        problems += [_placed(source, number, source.heads[i], what) for i, what in wrong]
        taken.rows.append((number, {KEY: cells[unit].strip()} | answers))
    _stop(problems)
    _drop_unasked(source, taken, instrument, wishes.drop_unasked)
    _tell(source, form, taken)
    return taken


def _placed(source: Source, row: int, head: str, what: str, todo: str = "") -> BadInput:
    return BadInput(what, file=source.path, row=row, column=shown(head), todo=todo)


def _stop(problems: Sequence[BadInput]) -> None:
    """Raises the first, and says how many there are."""
    if len(problems) > 1:
        first = problems[0]
        raise BadInput(
            f"{first.what} (and {len(problems) - 1} more like it)",
            file=first.file,
            row=first.row,
            column=first.column,
            todo=first.todo,
        )
    for problem in problems:
        raise problem


def _unit_column(source: Source, units: Collection[str], asked: str) -> int:
    """The column that names the unit."""
    heads = source.heads
    if asked:
        if asked not in heads:
            raise BadInput("there is no such column", file=source.path, row=1, column=shown(asked))
        return heads.index(asked)
    named = [
        i for name in UNITS for i, head in enumerate(heads) if re.split(r"[/.:-]", head)[-1] == name
    ]
    for i in named:
        if all(cells[i].strip() in units for _, cells in source.rows):
            return i
    if not named:
        raise BadInput(
            "no column names the unit", file=source.path, row=1, todo="Say which: --unit COLUMN"
        )
    return named[0]


def _columns(
    source: Source,
    form: Form,
    instrument: Instrument,
    coded: Mapping[str, Coding],
    unit: int,
    skip_unknown: bool,
) -> tuple[dict[int, Part], Taken]:
    """The columns that answer, by their index; BadInput for one unknown or answered twice."""
    heads, taken = known(instrument, form), Taken()
    parts: dict[int, Part] = {}
    seen: dict[tuple[str, str, str], str] = {}
    unknown, beside = [], []
    for i, head in enumerate(source.heads):
        part = heads.get(head)
        if i == unit or head == SYNTHETIC:
            continue
        if part is not None:
            key = (part.variable.name, part.says, part.code)
            if key in seen:
                raise _placed(source, 1, head, f"answers the same as column {shown(seen[key])}")
            seen[key] = head
            parts[i] = part
        elif (
            head in heads or is_metadata(form, head) or (head in coded and not coded[head].question)
        ):
            beside.append(shown(head))
        else:
            unknown.append(f"'{shown(head)}'")
    if unknown:
        more = f" and {len(unknown) - TOLD} more" if len(unknown) > TOLD else ""
        said = f"columns that answer no question: {', '.join(unknown[:TOLD])}{more}"
        if not skip_unknown:
            raise BadInput(said, file=source.path, row=1, todo="Leave them out with --skip-unknown")
        taken.told.append(f"left out {said}")
    if beside:
        taken.told.append(f"{len(beside)} columns beside the answers: {', '.join(beside[:TOLD])}")
    if not parts:
        raise BadInput("no column answers a question", file=source.path, row=1)
    return parts, taken


def _never_asked(source: Source, i: int, coding: Coding | None) -> bool:
    """Whether the wave did not have the question, by our own export."""
    if coding is None or codebook.NOT_ASKED not in coding.missing.values():
        return False
    return all(coding.missing.get(cells[i]) == codebook.NOT_ASKED for _, cells in source.rows)


def _drop_unasked(source: Source, taken: Taken, instrument: Instrument, drop: bool) -> None:
    """Answers to questions that the skip logic does not ask: refused, or dropped and told."""
    logic = Logic(instrument)
    unanswered = dict.fromkeys(instrument.questions, "")
    problems = []
    for number, record in taken.rows:
        relevant = logic.evaluate(unanswered | record).relevant
        for name in [n for n in record if n != KEY and record[n] and not relevant[n]]:
            head = ", ".join(taken.columns[name][:3])
            what = f"'{shown(record[name])}' answers a question that was not asked"
            problems.append(
                _placed(source, number, head, what, "Leave such answers out with --drop-unasked")
            )
            record[name] = ""
    if not drop:
        _stop(problems)
    elif problems:
        places = "; ".join(f"row {p.row} column {p.column}" for p in problems[:TOLD])
        taken.told.append(f"{len(problems)} answers to questions not asked left out: {places}")


def _tell(source: Source, form: Form, taken: Taken) -> None:
    empty = sum(1 for _, record in taken.rows if not any(v for k, v in record.items() if k != KEY))
    taken.told.insert(0, f"{len(taken.rows)} units, {len(taken.columns)} questions, read as {form}")
    if empty:
        taken.told.append(f"{empty} units answered no question")
    if form == "limesurvey" and "submitdate" in source.heads:
        i = source.heads.index("submitdate")
        if unfinished := sum(1 for _, cells in source.rows if cells[i].strip() in ("", "N/A")):
            taken.told.append(
                f"{unfinished} units did not submit; their answers are taken as they are"
            )


def _content(taken: Taken, instrument: Instrument, synthetic: bool) -> bytes:
    names = [name for name in instrument.variables if name in taken.columns]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    mark = ["1"] if synthetic else []
    writer.writerow([KEY, *names, *([SYNTHETIC] if synthetic else [])])
    for _, record in taken.rows:
        writer.writerow([record[KEY], *(record[name] for name in names), *mark])
    return text.getvalue().encode()


def _check(
    ready: Path, source: Source, taken: Taken, instrument: Instrument, units: Collection[str]
) -> None:
    """What every responses.csv is checked for; faults are told where they stand in the source."""

    def placed(row: int) -> int:
        return taken.rows[row - 2][0] if row > 1 else row

    try:
        read_responses(ready, instrument, units)
    except BadInput as problem:
        heads = taken.columns.get(problem.column or "", ())[:3]
        what = re.sub(r"(?<=first in row )\d+", lambda m: str(placed(int(m[0]))), problem.what)
        raise BadInput(
            _quiet(what),
            file=source.path,
            row=placed(problem.row) if problem.row else None,
            column=", ".join(map(shown, heads)) or problem.column,
            todo=problem.todo,
        ) from None


def _quiet(text: str) -> str:
    """A message that quotes answers, without what moves the cursor."""
    return "".join(c if c.isprintable() else " " for c in text[:500])
