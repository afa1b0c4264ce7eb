"""Small tables of results that show themselves in a notebook and go to any data frame."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from html import escape
from typing import TYPE_CHECKING, Any

from barograph.estimate.estimate import Estimate

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow


@dataclass(frozen=True)
class Estimates(Sequence[Estimate]):
    """A table of estimates. All fields go to a data frame; `columns` are those shown."""

    rows: tuple[Estimate, ...]
    columns: tuple[str, ...] = field(
        default=("category", "domain", "value", "se", "low", "high", "n", "base", "flag"),
        repr=False,
    )

    def __getitem__(self, index):  # type: ignore[no-untyped-def]
        return self.rows[index]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Estimate]:
        return iter(self.rows)

    def cells(self) -> list[tuple[str, ...]]:
        """The table as text, figures to four places."""
        return [tuple(_text(getattr(row, name)) for name in self.columns) for row in self.rows]

    def to_arrow(self) -> pyarrow.Table:
        """All fields as an Arrow table."""
        import pyarrow

        names = [f.name for f in fields(Estimate)]
        return pyarrow.table({name: [getattr(r, name) for r in self.rows] for name in names})

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


def _text(cell: object) -> str:
    if isinstance(cell, float):
        return "" if math.isnan(cell) else f"{cell:.4f}"
    return str(cell)
