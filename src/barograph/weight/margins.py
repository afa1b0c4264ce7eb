"""Margins by row of the frame: the categories of a column, or its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from barograph.errors import NoWeights
from barograph.frame import Frame
from barograph.weight.sample import Bools, Floats, Ints, Rows
from barograph.weight.weighting import columns_of

OUTSIDE = -1


@dataclass(frozen=True)
class Categories:
    """A margin of counts: `label` (C) category 0..K-1 of each row, OUTSIDE where it is not in it."""

    name: str
    label: Ints
    categories: tuple[str, ...]

    def columns(self, whole: bool) -> tuple[Floats, list[str]]:
        """Indicators (C, K) of the categories, all or all but the first, and their names."""
        kept = range(0 if whole else 1, len(self.categories))
        columns = np.equal.outer(self.label, np.array(kept, dtype=int)).astype(float)
        return columns, [f"{self.name} {self.categories[k]}" for k in kept]

    def counts(self, units: Floats) -> Floats:
        """Sum of `units` (C) in each category (K)."""
        inside = self.label != OUTSIDE
        found = np.bincount(self.label[inside], units[inside], minlength=len(self.categories))
        return np.asarray(found, dtype=float)

    def without(self, rows: Bools) -> Categories:
        """Rows (C) left out, with the categories that are then empty."""
        label = np.where(rows, OUTSIDE, self.label)
        present, index = np.unique(label[~rows], return_inverse=True)
        label[~rows] = index
        return replace(self, label=label, categories=tuple(self.categories[k] for k in present))

    def collapsed(self, answered: Floats, minimum: int) -> tuple[Categories, str]:
        """Those with fewer than `minimum` respondents taken together, and what was done.

        If together they are still fewer, the category with the fewest respondents joins them.
        """
        found = self.counts(answered)
        few = found < minimum
        if not few.any():
            return self, ""
        while found[few].sum() < minimum and not few.all():
            few[np.flatnonzero(~few)[np.argmin(found[~few])]] = True
        together = np.flatnonzero(few)
        if len(together) == 1:
            return self, ""
        new = np.cumsum(~few) - 1
        new[few] = (~few).sum()
        label = np.where(self.label == OUTSIDE, OUTSIDE, new[self.label])
        name = " + ".join(self.categories[k] for k in together)
        rest = tuple(c for c, f in zip(self.categories, few, strict=True) if not f)
        note = f"{self.name}: {name} taken together"
        return replace(self, label=label, categories=(*rest, name)), note


@dataclass(frozen=True)
class Numbers:
    """A margin of sums: `value` (C) of each row."""

    name: str
    value: Floats

    def columns(self, whole: bool) -> tuple[Floats, list[str]]:
        """The one column (C, 1), and its name."""
        return self.value[:, None], [self.name]

    def without(self, rows: Bools) -> Numbers:
        """0 in the rows (C) left out."""
        return replace(self, value=np.where(rows, 0.0, self.value))


Margin = Categories | Numbers


@dataclass(frozen=True)
class Reader:
    """Reads margins off the frame, by row."""

    frame: Frame
    rows: Rows

    def margin(self, name: str) -> Margin:
        """The margin of that name; NoWeights for an unknown column or a number that is none."""
        columns = columns_of(name)
        for column in columns:
            if column not in self.frame.attributes:
                raise NoWeights(
                    f"margin {name}: the frame has no column {column!r}",
                    todo=f"It has {', '.join(self.frame.attributes)}",
                )
        numbers = [self._numbers(c) for c in columns]
        if len(columns) > 1 and any(n is not None for n in numbers):
            raise NoWeights(f"margin {name}: a column of numbers cannot be crossed")
        if name.startswith("log("):
            if numbers[0] is None or np.any(numbers[0] <= 0):
                raise NoWeights(f"margin {name}: {columns[0]} has values that are not above 0")
            return Numbers(name, np.log(numbers[0]))
        return self.categories(name) if numbers[0] is None else Numbers(name, numbers[0])

    def categories(self, name: str) -> Categories:
        """The categories of one column, or of several crossed, in sorted order."""
        texts = [self._texts(column) for column in columns_of(name)]
        found, label = np.unique(np.array(texts), axis=1, return_inverse=True)
        names = tuple(" and ".join(map(str, category)) for category in found.T)
        return Categories(name, label.reshape(-1).astype(np.intp), names)

    def _texts(self, column: str) -> list[str]:
        return [str(text) for text in self.frame.attributes[column][self.first]]

    def _numbers(self, column: str) -> Floats | None:
        """The numbers (C) of a column; None where it holds categories."""
        texts = self._texts(column)
        if column in self.frame.domains:
            return None
        try:
            numbers = np.array([float(text) for text in texts])
        except ValueError:
            if any(_is_number(text) for text in texts):
                bad = next(i for i, text in enumerate(texts) if not _is_number(text))
                unit = self.frame.codes[self.first[bad]]
                raise NoWeights(
                    f"column {column} of the frame: {texts[bad]!r} of unit {unit} is no number",
                    todo="Fill it, or declare the column as a domain",
                ) from None
            return None
        if not np.all(np.isfinite(numbers)):
            raise NoWeights(f"column {column} of the frame holds a number that is not finite")
        return numbers

    @cached_property
    def first(self) -> Ints:
        """A unit of each row (C); in these columns all units of a row are alike."""
        return np.unique(self.rows.of_unit, return_index=True)[1]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def taken_all(margins: Sequence[Margin], size: Floats, answered: Floats) -> Bools:
    """Rows (C) of categories all of whose units answered: they speak for nobody else."""
    certain = np.zeros(len(size), dtype=bool)
    for margin in margins:
        if isinstance(margin, Categories):
            complete = margin.counts(answered) >= margin.counts(size)
            certain |= complete[margin.label]
    return certain


def matrix(margins: Sequence[Margin], inside: Bools) -> tuple[Floats, list[str]]:
    """Calibration matrix (C, p) of the margins and the names of its columns.

    From the second margin of counts on, the first category is left out, so that columns are
    independent; without a margin of counts the units `inside` (C) are counted.
    """
    counts = [m for m in margins if isinstance(m, Categories) and m.categories]
    ordered: list[Margin] = [*counts, *(m for m in margins if isinstance(m, Numbers))]
    if not counts:
        ordered.insert(0, Categories("all", np.where(inside, 0, OUTSIDE), ("units",)))
    columns = [margin.columns(whole=i == 0) for i, margin in enumerate(ordered)]
    return np.column_stack([x for x, _ in columns]), [
        name for _, names in columns for name in names
    ]
