"""Cells from a database or a cluster: one GROUP BY, the same expression in every engine.

A coded table has a row per respondent: `row`, the index of its design row; `w0` and `w1`, its
weights before and after calibration; and a column of small integers per question, its level. Only
the sums leave the engine, so the answers may be larger than this machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from barograph.errors import BadInput
from barograph.estimate.cells import Cells, not_a_code
from barograph.estimate.items import Item
from barograph.weight import Sample

if TYPE_CHECKING:
    import ibis
    from ibis.backends import BaseBackend

SUMS = ("n", "w0", "w1", "w1_squared")
ENGINES = "duckdb, postgresql://USER@HOST/DATABASE or spark://HOST:PORT"


def cells_of(
    connection: BaseBackend, table: ibis.Table, rows: int, levels: Mapping[str, int]
) -> dict[str, Cells]:
    """Cells (rows, levels[q]) of each question column of a coded table.

    BadInput for a row or level outside of these, or none: NULL names no cell.
    """
    sums = {question: np.zeros((len(SUMS), rows, length)) for question, length in levels.items()}
    found = connection.to_pyarrow(_grouped(table, list(levels)))
    names = ("question", "row", "level", *SUMS)
    for question, row, level, *values in zip(*(found[n].to_pylist() for n in names), strict=True):
        # Ibis 12 gives the names of a pivot in quotes on PostgreSQL.
        name = question.strip('"')
        for column, code, length in (("row", row, rows), (name, level, levels[name])):
            if code not in range(length):
                raise not_a_code(column, code, length)
        sums[name][:, int(row), int(level)] = values
    return {question: Cells(*of_question) for question, of_question in sums.items()}


def _grouped(table: ibis.Table, questions: Sequence[str]) -> ibis.Table:
    """A line per question, design row and level."""
    long = table.select("row", "w0", "w1", *questions).pivot_longer(
        list(questions), names_to="question", values_to="level"
    )
    return long.group_by("question", "row", "level").agg(
        n=long.count(),
        w0=long.w0.sum(),
        w1=long.w1.sum(),
        w1_squared=(long.w1 * long.w1).sum(),
    )


class Engine:
    """Counts the cells of a sample's items in a database, in place of `cells_in_memory`."""

    def __init__(self, connection: BaseBackend) -> None:
        self.connection = connection

    def __call__(self, sample: Sample, items: Sequence[Item]) -> list[Cells]:
        """Sends the coded answers of the items, fetches their sums."""
        import ibis
        import pyarrow

        asked = {id(item.level): item for item in items}
        name = {key: f"q{i}" for i, key in enumerate(asked)}
        coded = {name[key]: item.level.astype(np.int32) for key, item in asked.items()}
        table = ibis.memtable(
            pyarrow.table(
                {"row": sample.cell.astype(np.int32), "w0": sample.w0, "w1": sample.w1, **coded}
            )
        )
        levels = {name[key]: len(item.scores) for key, item in asked.items()}
        found = cells_of(self.connection, table, len(sample.design.values), levels)
        return [found[name[id(item.level)]] for item in items]


@contextmanager
def connected(address: str) -> Iterator[BaseBackend]:
    """The engine at an address; BadInput for an unknown kind, an absent package, no answer."""
    kind = address.split(":")[0]
    if kind not in _OPENED:
        raise BadInput(f"unknown engine {kind!r}", todo=f"Use {ENGINES}")
    try:
        connection = _OPENED[kind](address)
    except ImportError as error:
        extra = "spark" if kind == "spark" else "sql"
        raise BadInput(
            f"the engine {kind} needs a package that is not installed ({error.name})",
            todo=f"Install it with: pip install 'barograph[{extra}]'",
        ) from None
    except Exception as error:  # each driver has its own
        # Only its kind: the text of some drivers repeats the address with its password.
        raise BadInput(
            f"the engine {kind} does not answer ({type(error).__name__})",
            todo="Check host, port and account",
        ) from None
    try:
        yield connection
    finally:
        connection.disconnect()


def _duckdb(address: str) -> BaseBackend:
    import ibis

    return ibis.duckdb.connect()


def _postgresql(address: str) -> BaseBackend:
    import ibis

    return ibis.connect(address.replace("postgresql:", "postgres:", 1))


def _spark(address: str) -> BaseBackend:
    import ibis
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master(address)
        .appName("barograph")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "8")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    return ibis.pyspark.connect(session)


_OPENED = {"duckdb": _duckdb, "postgresql": _postgresql, "spark": _spark}
