"""What goes into the folder of a barometer, and what is printed from it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from barograph.cli.app import Folder, WaveName, app


@app.command("import")
def import_file(
    source: Annotated[
        Path, typer.Argument(help="Answers: .csv of LimeSurvey, ODK, Kobo or ours; .sav of SPSS.")
    ],
    folder: Folder,
    wave: WaveName,
    origin: Annotated[
        str, typer.Option("--from", help="limesurvey, odk, sav or csv; found when not said.")
    ] = "",
    unit: Annotated[str, typer.Option(help="Column that names the unit; nis, token ... fit.")] = "",
    skip_unknown: Annotated[
        bool, typer.Option("--skip-unknown", help="Leave out columns that answer no question.")
    ] = False,
    drop_unasked: Annotated[
        bool, typer.Option("--drop-unasked", help="Leave out answers to questions not asked.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace the responses.csv that is there.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be written; write nothing.")
    ] = False,
) -> None:
    """Take in answers given elsewhere, checked against questionnaire and frame."""
    import barograph as bg
    from barograph.instrument.imports import Wishes, import_answers

    opened = bg.open(folder).wave(wave)
    target = opened.folder / "responses.csv"
    marked = bool(opened.synthetic)
    wishes = Wishes(origin, unit, skip_unknown, drop_unasked, replace, dry_run, marked)
    instrument, units = opened.barometer.instrument, opened.frame.row_of
    for sentence in import_answers(source, target, instrument, units, wishes):
        print(sentence)
    print("Nothing is written" if dry_run else f"Answers of wave {wave} in {target}")


@app.command()
def questionnaire(
    folder: Folder,
    out: Annotated[Path, typer.Option(help="Folder for the files, made when it is not there.")],
) -> None:
    """Write the questionnaire to print: one page of HTML and one PDF in each language."""
    import barograph as bg
    from barograph.publish.questionnaire import html, paper, pdfs

    barometer = bg.open(folder)
    instrument = barometer.instrument
    files: dict[str, bytes] = {}
    papers = [paper(instrument, lang, barometer.title) for lang in instrument.languages]
    for printed, document in zip(papers, pdfs(papers), strict=True):
        files[f"questionnaire.{printed.lang}.html"] = html(printed).encode()
        files[f"questionnaire.{printed.lang}.pdf"] = document
    out.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (out / name).write_bytes(content)
    print(f"Questionnaire {instrument.version} to print in {out}: {', '.join(files)}")


@app.command()
def new(folder: Annotated[Path, typer.Argument(help="Folder to create.")]) -> None:
    """Make the folder of a new barometer: one question, four units, to be replaced by yours."""
    from barograph.starter import create

    create(folder)
    print(f"New barometer in {folder}. Look around, then: barograph check {folder}")
