"""The same wave in memory, in DuckDB, in PostgreSQL and on a Spark cluster gives the same figures."""

import os
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from servers import postgresql, spark_cluster

from barograph.cli import main
from barograph.errors import BadInput
from barograph.estimate.cells import Cells, count, tally
from barograph.estimate.sql import Engine, cells_of, connected

# One worker, so that each server is started once.
pytestmark = pytest.mark.xdist_group("engines")
EXAMPLE = str(Path(__file__).parents[2] / "examples" / "smart-city-belgium")
FIELDS = ("n", "w0", "w1", "w1_squared")


def missing(reason):
    """Skips with the remedy; fails where nothing may be missing."""
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@contextmanager
def duckdb_address(folder):
    yield "duckdb"


@contextmanager
def postgresql_address(folder):
    with postgresql() as address:
        yield address


@contextmanager
def spark_address(folder):
    try:
        import pyspark
    except ImportError:
        missing("pyspark is not installed; run: make source")
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    with spark_cluster(Path(pyspark.__file__).parent, folder) as address:
        yield address


@pytest.fixture(scope="module", params=[duckdb_address, postgresql_address, spark_address])
def address(request, tmp_path_factory):
    with request.param(tmp_path_factory.mktemp("server")) as found:
        yield found


@pytest.fixture(scope="module")
def connection(address):
    with connected(address) as found:
        yield found


def same(found, expected):
    for field in FIELDS:
        ours, theirs = getattr(found, field), getattr(expected, field)
        assert ours == pytest.approx(theirs, rel=1e-12, abs=1e-12), field


def test_random_answers_give_the_same_cells(connection):
    import ibis
    import pyarrow

    rng = np.random.default_rng(8)
    n, rows, levels = 3_000, 9, {"a": 4, "b": 2, "c": 7}
    row, w0, w1 = rng.integers(0, rows, n), rng.random(n) + 0.5, rng.random(n) * 3
    codes = {q: rng.integers(0, length - 1, n) for q, length in levels.items()}
    table = ibis.memtable(pyarrow.table({"row": row, "w0": w0, "w1": w1, **codes}))
    found = cells_of(connection, table, rows, levels)
    for question, expected in count(row, w0, w1, codes, rows, levels).items():
        same(found[question], expected)


def test_the_wave_gives_the_same_figures(wave, connection):
    elsewhere = replace(wave, cells_of=Engine(connection))
    for name in ("relevance", "view", "difficulty", "manager_total"):
        indicator = wave.barometer.indicators[name]
        pairs = zip(elsewhere.estimates(indicator), wave.estimates(indicator), strict=True)
        for found, expected in pairs:
            for field in ("value", "se", "low", "high", "n", "base", "effective_n"):
                assert getattr(found, field) == pytest.approx(
                    getattr(expected, field), rel=1e-12, abs=1e-12, nan_ok=True
                )


def test_the_command_line_says_the_same(address, capsys, monkeypatch):
    asked = [
        "barograph",
        "estimate",
        EXAMPLE,
        "2017",
        "--question",
        "p_relevance",
        "--by",
        "region",
    ]
    said = []
    for engine in ([], ["--engine", address]):
        monkeypatch.setattr(sys, "argv", asked + engine)
        with pytest.raises(SystemExit) as ended:
            main()
        assert not ended.value.code
        said.append(capsys.readouterr().out)
    assert said[0] == said[1]
    assert "flanders" in said[0]


@pytest.mark.parametrize(
    ("engine", "words"),
    [
        ("oracle://db", "unknown engine 'oracle'. Use duckdb"),
        ("postgresql://me:secret@127.0.0.1:1/none", "postgresql does not answer"),
    ],
)
def test_an_engine_that_is_not_there_is_told_plainly(engine, words):
    with pytest.raises(BadInput, match=words) as refused, connected(engine):
        pass
    assert "secret" not in str(refused.value)


def test_counts_over_batches_are_the_cells_of_equal_weights():
    import pyarrow

    rng = np.random.default_rng(4)
    n, design, levels = 2_000, {"region": 3, "size": 5}, {"a": 4, "b": 6}
    columns = {k: rng.integers(0, v, n).astype(np.int8) for k, v in (design | levels).items()}
    table = pyarrow.table(columns)
    counts = tally(table.to_batches(max_chunksize=300), design, levels)
    w0, w1 = rng.random(15) + 1, rng.random(15) + 1
    row = columns["region"].astype(int) * 5 + columns["size"]
    codes = {q: columns[q] for q in levels}
    for question, expected in count(row, w0[row], w1[row], codes, 15, levels).items():
        same(Cells.of_counts(counts[question], w0, w1), expected)


@pytest.mark.parametrize(
    ("column", "codes", "words"),
    [
        ("q0", [0, 1, None], "column q0: no code, where codes are 0 to 1"),
        ("q0", [0, 1, 2], "column q0: the code 2, where"),
        ("q0", [0, 1, -1], "column q0: the code -1, where"),
        ("row", [0, 1, 3], "column row: the code 3, where codes are 0 to 2"),
    ],
)
def test_what_names_no_cell_is_refused(column, codes, words):
    import ibis
    import pyarrow

    given = {"row": [0, 1, 2], "w0": [1.0] * 3, "w1": [2.0] * 3, "q0": [0, 1, 1]} | {column: codes}
    table, levels = pyarrow.table(given), {"q0": 2}
    with pytest.raises(BadInput, match=words):
        tally(table.to_batches(), {"row": 3}, levels)
    with connected("duckdb") as engine, pytest.raises(BadInput, match=words):
        cells_of(engine, ibis.memtable(table), 3, levels)
    if None not in codes:
        row, w0, w1, q0 = (np.array(values) for values in given.values())
        with pytest.raises(BadInput, match=words):
            count(row, w0, w1, {"q0": q0}, 3, levels)
