"""Small tables of results that show themselves in a notebook and go to any data frame."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from html import escape
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from barograph.estimate.estimate import Estimate

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

Record = TypeVar("Record")
SMALLEST_P = 0.0001


class Tabular:
    """Records of one `kind`, a dataclass. All fields go to a data frame; `columns` are those shown."""

    kind: ClassVar[type[Any]]
    columns: ClassVar[tuple[str, ...]]

    @property
    def records(self) -> Sequence[Any]:
        """The lines of the table."""
        raise NotImplementedError

    def cells(self) -> list[tuple[str, ...]]:
        """The table as text, figures to four places."""
        return [tuple(_text(row, name) for name in self.columns) for row in self.records]

    def to_arrow(self) -> pyarrow.Table:
        """All fields as an Arrow table."""
        import pyarrow

        names = [f.name for f in fields(self.kind)]
        return pyarrow.table({name: [getattr(r, name) for r in self.records] for name in names})

    def to_pandas(self) -> pandas.DataFrame:
        """All fields as a pandas data frame; needs pandas."""
        return self.to_arrow().to_pandas()

    def to_polars(self) -> polars.DataFrame:
        """All fields as a Polars data frame; needs Polars."""
        import polars

        frame = polars.from_arrow(self.to_arrow())
        assert isinstance(frame, polars.DataFrame)
        return frame

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """The Arrow PyCapsule interface, for any library that reads it."""
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        table = [self.columns, *self.cells()]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        return "\n".join(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            for line in table
        )

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{name}</th>" for name in self.columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in line) + "</tr>"
            for line in self.cells()
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


@dataclass(frozen=True, repr=False)
class Rows(Tabular, Sequence[Record], Generic[Record]):
    """A table that is a sequence of its rows; a slice is a table."""

    rows: tuple[Record, ...]

    @property
    def records(self) -> Sequence[Record]:
        """The rows."""
        return self.rows

    def __getitem__(self, index):  # type: ignore[no-untyped-def]
        return (
            replace(self, rows=self.rows[index]) if isinstance(index, slice) else self.rows[index]
        )

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Record]:
        return iter(self.rows)


class Estimates(Rows[Estimate]):
    """A table of estimates."""

    kind = Estimate
    columns = ("category", "domain", "value", "se", "low", "high", "n", "base", "flag")


@dataclass(frozen=True)
class Rank:
    """Tier and best and worst rank that a choice or row may have at 95%, all of them at once."""

    category: str
    domain: str
    value: float
    tier: int
    best: int
    worst: int


class Ranks(Rows[Rank]):
    """A table of ranks."""

    kind = Rank
    columns = ("category", "domain", "value", "tier", "best", "worst")


@dataclass(frozen=True)
class Changed:
    """After minus before, of a choice or row; `common` respondents answered both waves."""

    category: str
    domain: str
    difference: float
    low: float
    high: float
    p: float
    common: int
    covariance: float


class Changes(Rows[Changed]):
    """A table of changes."""

    kind = Changed
    columns = ("category", "domain", "difference", "low", "high", "p", "common")


@dataclass(frozen=True, repr=False)
class Independence(Tabular):
    """Rao and Scott's test of a question by a domain, as `RaoScott` in single numbers."""

    question: str
    domain: str
    chi_square: float
    mean_effect: float
    df: float
    p_first: float
    f: float
    ndf: float
    ddf: float
    p: float

    columns = ("question", "domain", "chi_square", "f", "ndf", "ddf", "p")

    @property
    def records(self) -> Sequence[Independence]:
        """The one line."""
        return (self,)


Independence.kind = Independence


def _text(row: object, name: str) -> str:
    cell = getattr(row, name)
    if not isinstance(cell, float):
        return str(cell)
    if name == "p" and cell < SMALLEST_P:
        return f"<{SMALLEST_P}"
    return "" if math.isnan(cell) else f"{cell:.4f}"
