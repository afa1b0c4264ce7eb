"""Editions: made, verified, explained."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from barograph.cli.app import Edition, Folder, WaveName, app


@app.command()
def publish(
    folder: Folder,
    wave: WaveName,
    out: Annotated[Path, typer.Option(help="Folder of the edition; replaced when it is one.")],
    final: Annotated[
        bool, typer.Option("--final", help="Goes public: enter what it prints in the ledger.")
    ] = False,
    municipality_reports: Annotated[
        bool,
        typer.Option("--municipality-reports", help="Two pages (PDF) for each municipality too."),
    ] = False,
) -> None:
    """Publish a wave: pages, report, release, map, data, claims and manifest in every language."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    import barograph as bg
    from barograph.publish.edition import STEPS, record
    from barograph.publish.edition import publish as publish_wave

    columns = (TextColumn("{task.description:<16}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, disable=not sys.stdout.isatty()) as progress:
        task = progress.add_task("opening", total=len(STEPS))

        def step(name: str, done: int, of: int) -> None:
            text = f"{name} {done}/{of}" if of > 1 else name
            progress.update(task, description=text, completed=STEPS.index(name) + done / of)

        opened = bg.open(folder).wave(wave)
        edition = publish_wave(opened, out, step, municipality_reports=municipality_reports)
    files = sum(1 for path in edition.rglob("*") if path.is_file())
    print(f"Edition of wave {wave}: {files} files in {edition}")
    if final:
        print(
            f"What it prints is entered in {record(opened)}; it names respondents, keep it inside"
        )


@app.command()
def export(
    folder: Folder,
    wave: WaveName,
    out: Annotated[Path, typer.Option(help="Folder of the export; replaced when it is one.")],
    form: Annotated[
        str,
        typer.Option(
            "--format",
            help="r: a script that recomputes every figure; csv, xlsx, parquet, sav, json: the answers.",
        ),
    ] = "r",
    identifiers: Annotated[
        bool, typer.Option("--identifiers", help="With the questions that name a person.")
    ] = False,
) -> None:
    """Hand a wave to those who go on with it elsewhere: its answers, or all of it for R."""
    import barograph as bg
    from barograph.publish.export import export as export_wave

    exported = export_wave(bg.open(folder).wave(wave), form, out, identifiers)
    then = "; recompute it there: Rscript recompute.R" if form == "r" else ""
    print(f"Export of wave {wave} in {exported}{then}. It names units: keep it inside")


@app.command()
def verify(
    edition: Edition,
    source: Annotated[
        Path | None,
        typer.Option("--from", help="Folder of the barometer: publish anew and compare."),
    ] = None,
) -> None:
    """Check that an edition is what was published; with --from, that its answers give it again."""
    from barograph.publish import traced

    count = traced.verify(edition) if source is None else traced.recompute(edition, source)
    what = "as published" if source is None else "as published and as computed anew"
    print(f"{edition}: {count} files, all {what}")


@app.command()
def explain(
    estimate_id: Annotated[str, typer.Argument(help="As in data/estimates.csv.")],
    edition: Edition,
) -> None:
    """Say where a published number comes from: question, base, weights, method, versions."""
    from barograph.publish.explained import explain as explain_estimate

    for term, text in explain_estimate(edition, estimate_id):
        print(f"{term:<15} {text}")
