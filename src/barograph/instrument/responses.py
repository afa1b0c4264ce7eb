"""Answers checked against the questionnaire, with the kinds of missing kept apart."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from barograph.errors import BadInput
from barograph.files import numbered_records, sha256
from barograph.instrument.logic import Logic
from barograph.instrument.model import Instrument, Variable

KEY = "nis"
SYNTHETIC = "synthetic"
MODE = "mode"  # how the answers of a unit came in
BESIDE = (KEY, SYNTHETIC, MODE)  # columns that answer no question


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
    """The answers in a CSV or Parquet file; BadInput for a unit, variable, code or answer that cannot be."""
    records = _parquet_records if path.suffix == ".parquet" else numbered_records
    numbered = list(records(path, (KEY,)))
    if not numbered:
        raise BadInput(
            "holds no answer", file=path, todo="A wave without respondents has no figures"
        )
    _check_columns(path, numbered[0][1], instrument)
    _check_units(path, numbered, units)
    collected = [v for name, v in instrument.variables.items() if name in numbered[0][1]]
    was_asked = {v.name: np.zeros(len(numbered), dtype=bool) for v in collected}
    logic = Logic(instrument)
    unanswered = dict.fromkeys(instrument.questions, "")  # no default speaks for a respondent
    for i, (row, record) in enumerate(numbered):
        relevant = logic.evaluate(unanswered | record).relevant
        for variable in collected:
            was_asked[variable.name][i] = relevant[variable.name]
            _check_answer(path, row, variable, record, is_asked=relevant[variable.name])
    columns = {name: np.array([r[name] for _, r in numbered]) for name in (KEY, *was_asked)}
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


def _check_units(
    path: Path, numbered: list[tuple[int, dict[str, str]]], units: Collection[str]
) -> None:
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


def _check_answer(
    path: Path, row: int, variable: Variable, record: Mapping[str, str], *, is_asked: bool
) -> None:
    answer = record[variable.name]
    if answer and not is_asked:
        raise BadInput(
            f"{answer!r} answers a question that was not asked",
            file=path,
            row=row,
            column=variable.name,
            todo=f"It is asked only if {' and '.join(variable.relevant)}",
        )
    if fault := _fault(variable, answer):
        raise BadInput(fault, file=path, row=row, column=variable.name)


def _fault(variable: Variable, answer: str) -> str:
    """What is wrong with an answer by itself; empty when nothing is."""
    if not answer or variable.kind == "text":
        return ""
    if variable.kind == "number":
        try:
            return "" if math.isfinite(float(answer)) else f"{answer!r} is no number"
        except ValueError:
            return f"{answer!r} is no number"
    codes = [answer] if variable.kind == "one" else answer.split()
    unknown = [code for code in codes if code not in variable.by_code]
    if unknown:
        return f"unknown code {unknown[0]!r}; known are {', '.join(variable.by_code)}"
    return "a code stands twice" if len(set(codes)) < len(codes) else ""
