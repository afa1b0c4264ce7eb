"""Answers checked against the questionnaire, with the kinds of missing kept apart."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from barograph.errors import BadInput
from barograph.files import numbered_records, sha256
from barograph.instrument.expression.compiling import Expression
from barograph.instrument.expression.places import Place
from barograph.instrument.faults import Fault, form_fault
from barograph.instrument.logic import Logic
from barograph.instrument.model import DONT_KNOW, SELECTS, Instrument, Question, Variable

KEY = "nis"
SYNTHETIC = "synthetic"
MODE = "mode"  # how the answers of a unit came in
BESIDE = (KEY, SYNTHETIC, MODE)  # columns that answer no question
_CLOCK = re.compile(r"\b(today|now)\s*\(")
Numbered = Sequence[tuple[int, dict[str, str]]]  # row number and record


@dataclass(frozen=True)
class Responses:
    """One row per responding unit.

    `answers[v]` holds n texts as given ("" = no answer; codes of a choice or ranking separated by
    spaces); `was_asked[v]` tells whether the question was put, so "" there is item nonresponse.
    """

    units: NDArray[np.str_]
    answers: Mapping[str, NDArray[np.str_]]
    was_asked: Mapping[str, NDArray[np.bool_]]
    synthetic: bool
    version: str

    def __len__(self) -> int:
        return len(self.units)


def read_responses(path: Path, instrument: Instrument, units: Collection[str]) -> Responses:
    """The answers in a CSV or Parquet file; BadInput for a unit, variable, code or answer that cannot be.

    The answer that means don't know to a number, such as 99, is DONT_KNOW in the `Responses`.
    """
    records = _parquet_records if path.suffix == ".parquet" else numbered_records
    numbered = list(records(path, (KEY,)))
    if not numbered:
        raise BadInput(
            "holds no answer", file=path, todo="A wave without respondents has no figures"
        )
    _check_columns(path, numbered[0][1], instrument)
    _check_units(path, numbered, units)
    collected = [v for name, v in instrument.variables.items() if name in numbered[0][1]]
    for variable in collected:
        _check_answers(path, numbered, instrument.questions[variable.name])
    was_asked = _check_logic(path, numbered, collected, Logic(instrument))
    columns = {name: np.array([r[name] for _, r in numbered]) for name in (KEY, *was_asked)}
    for variable in collected:
        own = instrument.questions[variable.name].dont_know
        if variable.kind == "number" and own:
            given = columns[variable.name]
            columns[variable.name] = np.where(given == own, DONT_KNOW, given)
    synthetic = any(r.get(SYNTHETIC, "") not in ("", "0") for _, r in numbered)
    return Responses(columns.pop(KEY), columns, was_asked, synthetic, sha256(path)[:12])


def _parquet_records(path: Path, required: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Row number, as in a table with a header, and record of each row of texts."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            table = file.read()
    except (pa.ArrowException, OSError) as error:
        raise BadInput(f"is not a readable Parquet file: {error}", file=path) from None
    names = table.column_names
    for name, column in zip(names, table.columns, strict=True):
        if column.type != pa.string() or column.null_count:
            raise BadInput("holds something else than texts", file=path, column=name)
    for name in required:
        if name not in names:
            raise BadInput("column is missing", file=path, column=name)
    columns = [column.to_pylist() for column in table.columns]
    for row, cells in enumerate(zip(*columns, strict=True), start=2):
        yield row, dict(zip(names, cells, strict=True))


def _check_columns(path: Path, header: Mapping[str, str], instrument: Instrument) -> None:
    for column in header:
        if column not in instrument.variables and column not in BESIDE:
            raise BadInput(
                "unknown variable",
                file=path,
                row=1,
                column=column,
                todo="The questionnaire has no such question",
            )


def _check_units(path: Path, numbered: Numbered, units: Collection[str]) -> None:
    seen: dict[str, int] = {}
    for row, record in numbered:
        code = record[KEY]
        if code in seen:
            raise BadInput(
                f"{code} answered twice, first in row {seen[code]}", file=path, row=row, column=KEY
            )
        if code not in units:
            raise BadInput(
                f"{code!r} is not in the frame of this wave", file=path, row=row, column=KEY
            )
        seen[code] = row


def _check_answers(path: Path, numbered: Numbered, question: Question) -> None:
    """Each answer by itself: its type, its range, its codes. A distinct answer is looked at once."""
    answers = {record[question.name] for _, record in numbered}
    wrong = {answer: fault for answer in answers if any(fault := _fault(question, answer))}
    if not wrong:
        return
    row, answer = next((n, r[question.name]) for n, r in numbered if r[question.name] in wrong)
    what, todo = wrong[answer]
    raise BadInput(what, file=path, row=row, column=question.name, todo=todo)


def _fault(question: Question, answer: str) -> tuple[str, str]:
    """What is wrong with an answer by itself, and what to do; empty when nothing is."""
    if not answer:
        return "", ""
    if question.type in SELECTS:
        return _choice_fault(question, answer), ""
    fault = form_fault(question, answer, ())
    if fault is None:
        return "", ""
    wanted = "decimal" if question.type == "range" else question.type
    what = f"is no {wanted}" if fault.kind == "type" else "does not fit the range"
    return f"{answer!r} {what}", fault.message["en"]


def _choice_fault(question: Question, answer: str) -> str:
    known = [choice.code for choice in question.choices]
    codes = [answer] if question.type == "select_one" else answer.split()
    if unknown := [code for code in codes if code not in known]:
        return f"unknown code {unknown[0]!r}; known are {', '.join(known)}"
    return "a code stands twice" if len(set(codes)) < len(codes) else ""


def _check_logic(
    path: Path, numbered: Numbered, collected: Sequence[Variable], logic: Logic
) -> Mapping[str, NDArray[np.bool_]]:
    """Whether each question was asked (n), by variable; nothing else is answered, and constraints hold."""
    was_asked = {v.name: np.zeros(len(numbered), dtype=bool) for v in collected}
    unanswered = dict.fromkeys(logic.instrument.questions, "")  # no default speaks for a respondent
    constraints = list(_constraints(logic, was_asked))
    for i, (row, record) in enumerate(numbered):
        state = logic.evaluate(unanswered | record)
        for variable in collected:
            name = variable.name
            was_asked[name][i] = state.relevant[name]
            if record[name] and not state.relevant[name]:
                raise BadInput(
                    f"{record[name]!r} answers a question that was not asked",
                    file=path,
                    row=row,
                    column=name,
                    todo=f"It is asked only if {' and '.join(variable.relevant)}",
                )
        faults: dict[str, Fault] = {}
        for place, needs in constraints:
            if all(record[name] for name in needs):
                state.find_faults(place, faults)
        for name, fault in faults.items():
            if fault.kind != "constraint":  # a code that its filter does not offer leaves nothing
                continue
            broken = logic.instrument.questions[name].constraint
            raise BadInput(
                f"{record[name]!r} breaks the constraint {broken}",
                file=path,
                row=row,
                column=name,
                todo=fault.message.get("en") or next(iter(fault.message.values())),
            )
    return was_asked


def _constraints(logic: Logic, columns: Collection[str]) -> Iterator[tuple[Place, frozenset[str]]]:
    """The constraints that can be judged from these columns, each with those that it looks at.

    Not what asks for the day, which is another by now, or for what the table does not hold: repeats,
    hidden questions. Where one of the columns is empty (or was blanked) a constraint says nothing.
    """
    expressions, places = logic.graph.expressions, logic.graph.places

    @cache
    def seen(name: str) -> frozenset[str]:
        """The columns that a value comes from, "" for what is in none."""
        calculation = expressions.get(("calculation", name))
        if name in columns:
            return frozenset({name})
        if calculation and not places[name].chain:
            return looked_at(calculation)
        return frozenset({""})

    def looked_at(expression: Expression) -> frozenset[str]:
        clock = {""} if _CLOCK.search(expression.source) else set()
        return frozenset(clock).union(*map(seen, expression.needs))

    for name in columns:
        if constraint := expressions.get(("constraint", name)):
            needs = looked_at(constraint) | {name}
            if "" not in needs:
                yield places[name], needs
