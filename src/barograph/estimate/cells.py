"""Everything a figure needs of the respondents, summed by row of the design and level of a question.

Cells merge by addition, in any order, so batches and engines agree.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from barograph.errors import BadInput
from barograph.weight.sample import Floats, Ints

if TYPE_CHECKING:
    from pyarrow import RecordBatch


@dataclass(frozen=True)
class Cells:
    """Sums over respondents by design row (C) and level (L), each (..., C, L).

    Count, weight before calibration, final weight and its square.
    """

    n: Floats
    w0: Floats
    w1: Floats
    w1_squared: Floats

    def __add__(self, other: Cells) -> Cells:
        return Cells(
            self.n + other.n,
            self.w0 + other.w0,
            self.w1 + other.w1,
            self.w1_squared + other.w1_squared,
        )

    @classmethod
    def of_units(cls, w0: Floats, w1: Floats) -> Cells:
        """Each of n respondents a row of its own, with one level: (n, 1)."""
        w0, w1 = (np.asarray(w, dtype=float)[:, None] for w in (w0, w1))
        return cls(np.ones_like(w1), w0, w1, w1**2)

    @classmethod
    def of_counts(cls, n: Floats, w0: Floats, w1: Floats) -> Cells:
        """From counts (..., C, L) when all respondents of a row weigh the same: w0, w1 (C)."""
        by_row = w1[:, None]
        return cls(n, n * w0[:, None], n * by_row, n * by_row**2)


def count(
    row: NDArray[np.integer],
    w0: Floats,
    w1: Floats,
    codes: Mapping[str, NDArray[np.integer]],
    rows: int,
    levels: Mapping[str, int],
) -> dict[str, Cells]:
    """Cells of each coded question.

    `row` (n) design row and `codes[q]` (n) level 0..levels[q]-1 of each respondent, weights (n).
    BadInput for a code outside of these.
    """
    weights = (None, w0, w1, w1**2)
    _require_codes("row", row, rows)
    found = {}
    for question, length in levels.items():
        _require_codes(question, codes[question], length)
        key = row * np.intp(length) + codes[question]
        shape = rows, length
        found[question] = Cells(
            *(
                np.bincount(key, weights=w, minlength=rows * length).reshape(shape).astype(float)
                for w in weights
            )
        )
    return found


def tally(
    batches: Iterable[RecordBatch], design: Mapping[str, int], levels: Mapping[str, int]
) -> dict[str, Ints]:
    """Counts (R, L) of each coded question over Arrow batches, one batch in memory at a time.

    `design` and `levels` give the number of codes 0.. of each design and question column; the R
    rows are the crossing of the design columns, the last varying fastest. Where all respondents of
    a row weigh the same, `Cells.of_counts` needs nothing else of the answers. BadInput for a code
    outside of these, or none.
    """
    rows = math.prod(design.values())
    counts = {q: np.zeros(rows * length, dtype=np.intp) for q, length in levels.items()}
    for batch in batches:
        row = np.zeros(len(batch), dtype=np.intp)
        for name, length in design.items():
            row *= length
            row += _column(batch, name, length)
        key, scaled = np.empty_like(row), {length: row * length for length in levels.values()}
        for question, length in levels.items():
            np.add(scaled[length], _column(batch, question, length), out=key)
            counts[question] += np.bincount(key, minlength=rows * length)
    return {q: found.reshape(rows, -1) for q, found in counts.items()}


def not_a_code(name: str, code: object, length: int) -> BadInput:
    """What is wrong with a code of a column, and how answers are coded."""
    return BadInput(
        f"{'no code' if code is None else f'the code {code}'}, where codes are 0 to {length - 1}",
        column=name,
        todo="Give what does not count, such as nonresponse, a code of its own after the others",
    )


def _column(batch: RecordBatch, name: str, length: int) -> NDArray[np.integer]:
    column = batch.column(name)
    if column.null_count:
        raise not_a_code(name, None, length)
    codes: NDArray[np.integer] = column.to_numpy()
    _require_codes(name, codes, length)
    return codes


def _require_codes(name: str, codes: NDArray[np.integer], length: int) -> None:
    if len(codes):
        for code in (codes.min(), codes.max()):
            if not 0 <= code < length:
                raise not_a_code(name, code, length)
