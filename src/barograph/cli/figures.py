"""Figures in the terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from barograph.cli.app import Folder, WaveName, app
from barograph.errors import BarographError

if TYPE_CHECKING:
    from barograph.barometer import Wave


@app.command()
def estimate(
    folder: Folder,
    wave: WaveName,
    question: Annotated[
        str, typer.Option(help="Question or battery, by its name in the questionnaire.")
    ],
    by: Annotated[str, typer.Option(help="Domain, such as region; several with commas.")] = "",
    top: Annotated[int, typer.Option(help="Take the highest N answers together.")] = 0,
    statistic: Annotated[
        str,
        typer.Option(
            help="share, mean, total (estimated units), median, rank (best and worst), "
            "independence (of the domain, Rao-Scott); of a question that ranks also borda, mean_rank, worth."
        ),
    ] = "",
    engine: Annotated[
        str,
        typer.Option(help="Count in duckdb, postgresql://... or spark://HOST:PORT."),
    ] = "",
) -> None:
    """Print figures of one question with standard error, interval, n and base.

    Without --statistic: the share of each answer; of a battery, the mean of each row.
    """
    from contextlib import ExitStack
    from dataclasses import replace

    import barograph as bg
    from barograph.estimate import sql

    opened = bg.open(folder).wave(wave)
    with ExitStack() as connections:
        if engine:
            connection = connections.enter_context(sql.connected(engine))
            opened = replace(opened, cells_of=sql.Engine(connection))
        domains = [name for name in by.split(",") if name]
        columns, cells = _figures(opened, question, domains, top, statistic)
    _print_table(f"{question}, wave {wave}", columns, cells, opened.synthetic.get("en", ""))


def _figures(
    opened: Wave, question: str, domains: list[str], top: int, statistic: str
) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    """Head and rows of the table that `estimate` prints."""
    is_battery = bool(opened.barometer.instrument.battery(question))
    chosen = statistic or ("mean" if is_battery and not top else "share")
    if chosen == "rank":
        tables = [opened.rank(question, d) for d in opened.domains(domains)]
        return tables[0].columns, [row for table in tables for row in table.cells()]
    if chosen == "independence":
        test = opened.independence(question, domains)
        return test.columns, test.cells()
    figures = {
        "share": lambda: opened.share(question, top=top or None, by=domains),
        "total": lambda: opened.total(question, by=domains),
        "mean": lambda: opened.mean(question, by=domains),
        "median": lambda: opened.quantile(question, by=domains),
        "borda": lambda: opened.ranking(question, "borda", by=domains),
        "mean_rank": lambda: opened.ranking(question, "mean_rank", by=domains),
        "worth": lambda: opened.ranking(question, "worth", by=domains),
    }
    if chosen not in figures:
        raise BarographError(
            f"unknown statistic {chosen!r}", todo=f"Use {', '.join(figures)}, rank or independence"
        )
    table = figures[chosen]()
    return table.columns, table.cells()


def _print_table(
    title: str, columns: Sequence[str], cells: Sequence[Sequence[str]], note: str
) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title)
    for column in columns:
        numeric = column not in ("question", "category", "domain", "flag")
        table.add_column(column, justify="right" if numeric else "left", no_wrap=True)
    for row in cells:
        table.add_row(*row)
    # A pipe has no width: give a table its full one rather than folding it at 80.
    Console(width=None if sys.stdout.isatty() else 160).print(table)
    if note:
        print(note)
