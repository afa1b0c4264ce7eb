"""The checks on answers that could count: each gives its findings, unit by unit.

They point at what is worth a look; a person decides. An answer is that of the interview, as text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from barograph.collect.closing.decisions import Verdict
from barograph.collect.closing.findings import Finding
from barograph.collect.closing.given import Given
from barograph.collect.models import Mode
from barograph.instrument import Instrument, Variable

ROWS = 4  # of a battery, at least, before equal answers to all of them are odd
LIKELY = 0.5  # where as much as that is to be expected, equal answers need no decision
COMMON = 10  # closed questions both answered, before equal answers of two units are odd
EQUAL = 0.95
SPEED = 1 / 3  # of the median time
VALUES = 10  # numbers, before one of them can be an outlier
FAR = 3.5  # modified z-score (Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993)
CLOSED = ("one", "multiple", "rank")
Answers = Mapping[str, Mapping[str, str]]  # unit -> key -> answer that counts


def straight(
    counted: Sequence[Given], answers: Answers, instrument: Instrument
) -> Iterator[Finding]:
    """Batteries of four rows or more answered alike in every row, beside the share to be expected."""
    for battery, rows in batteries(instrument).items():
        lines = {g: [answers[g.code].get(row.name, "") for row in rows] for g in counted}
        full = {g: line for g, line in lines.items() if all(line)}
        alike = {g: line for g, line in full.items() if len(set(line)) == 1}
        share = expected_alike(list(full.values())) if full else 0.0
        for g, line in alike.items():
            choice = rows[0].by_code.get(line[0])
            values = {
                "rows": str(len(rows)),
                "answer": choice.code if choice else line[0],
                "expected": str(share),
                "alike": str(len(alike)),
                "of": str(len(full)),
            }
            verdicts = (Verdict.KEEP, Verdict.BLANK, Verdict.EXCLUDE)
            settles = share < LIKELY
            yield Finding("straight", g.code, g.unit.name, battery, values, verdicts, settles)


def batteries(instrument: Instrument) -> dict[str, tuple[Variable, ...]]:
    """Batteries with enough rows of one choice each, by name."""
    found = {v.battery: instrument.battery(v.battery) for v in instrument.variables.values()}
    return {
        name: rows
        for name, rows in found.items()
        if name and len(rows) >= ROWS and all(row.kind == "one" for row in rows)
    }


def expected_alike(lines: Sequence[Sequence[str]]) -> float:
    """The share of equal lines if each row were answered on its own, with the shares it has."""
    shares = [Counter(row) for row in zip(*lines, strict=True)]
    codes = {code for row in shares for code in row}
    alike = (np.prod([row[code] / len(lines) for row in shares]) for code in codes)
    return float(sum(alike))


def duplicates(
    counted: Sequence[Given], answers: Answers, instrument: Instrument
) -> Iterator[Finding]:
    """Pairs of units with (nearly) equal answers to the closed questions both answered."""
    names = [v.name for v in instrument.variables.values() if v.kind in CLOSED]
    codes: dict[str, int] = {"": 0}
    table = np.array(
        [
            [codes.setdefault(answers[g.code].get(name, ""), len(codes)) for name in names]
            for g in counted
        ],
        dtype=np.int64,
    ).reshape(len(counted), len(names))
    for i, first in enumerate(counted):
        rest = table[i + 1 :]
        both = (rest > 0) & (table[i] > 0)
        common, same = both.sum(axis=1), (both & (rest == table[i])).sum(axis=1)
        for j in np.flatnonzero((common >= COMMON) & (same >= EQUAL * common)):
            second = counted[i + 1 + int(j)]
            values = {"same": str(same[j]), "of": str(common[j])}
            for g, other in ((first, second), (second, first)):
                named = {**values, "other": other.unit.name}
                yield Finding("duplicate", g.code, g.unit.name, other.code, named)


def speeders(counted: Sequence[Given]) -> Iterator[Finding]:
    """Responses on the web that took less than a third of the median time on their pages."""
    timed = [g for g in counted if g.mode == Mode.WEB and g.seconds > 0]
    if not timed:
        return
    median = float(np.median([g.seconds for g in timed]))
    for g in timed:
        if g.seconds < SPEED * median:
            values = {"seconds": str(g.seconds), "median": f"{median:.0f}"}
            yield Finding("speed", g.code, g.unit.name, "", values)


def outliers(
    counted: Sequence[Given], answers: Answers, instrument: Instrument
) -> Iterator[Finding]:
    """Numbers far from the others: as they are, and as logarithms where none is below zero."""
    for variable in instrument.variables.values():
        if variable.kind != "number":
            continue
        unknown = instrument.questions[variable.name].dont_know
        given = {
            g: v for g in counted if (v := answers[g.code].get(variable.name, "")) and v != unknown
        }
        values = np.array([float(v) for v in given.values()])
        if len(values) < VALUES:
            continue
        far = _far(values) & (_far(np.log1p(values)) if (values >= 0).all() else True)
        for g, value in zip(np.array(list(given))[far], values[far], strict=True):
            told = {"value": f"{value:g}", "median": f"{np.median(values):g}"}
            verdicts = (Verdict.KEEP, Verdict.BLANK, Verdict.EXCLUDE)
            yield Finding("outlier", g.code, g.unit.name, variable.name, told, verdicts)


def _far(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whose modified z-score is above FAR; nobody's where half of them are equal."""
    distance = np.abs(values - np.median(values))
    spread = float(np.median(distance))
    return np.asarray(0.6745 * distance > FAR * spread if spread else np.zeros(len(values), bool))
