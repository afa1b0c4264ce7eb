"""The command line: one command a stretch of the way. Heavy libraries load inside the commands."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from barograph.errors import BarographError

if TYPE_CHECKING:
    from barograph.barometer import Wave
    from barograph.instrument import Instrument

app = typer.Typer(
    help="From the answers of municipalities to a published barometer.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
Folder = Annotated[Path, typer.Argument(help="Folder of the barometer (holds barometer.toml).")]
Edition = Annotated[Path, typer.Argument(help="Folder of a published edition.")]
WaveName = Annotated[str, typer.Argument(help="Name of the wave, such as 2017.")]


@app.command()
def check(
    folder: Folder,
    mutate: Annotated[
        bool,
        typer.Option("--mutate", help="Move every figure of the texts: do false sentences go?"),
    ] = False,
) -> None:
    """Read everything and say what is wrong: frame, questionnaire, answers, weights, claims, texts."""
    import barograph as bg

    barometer = bg.open(folder)
    known = sorted(folder.glob("*/questionnaire.json"))
    instrument = _examined(folder / "questionnaire", barometer.languages, known[-1:])
    print(
        f"questionnaire {instrument.version}: {len(instrument.variables)} questions in "
        f"{', '.join(instrument.languages)}"
    )
    for name in barometer.waves:
        print(f"wave {name}")
        for term, line in _checked(barometer.wave(name)):
            print(f"  {term:<8} {line}")
        if mutate:
            _print_mutants(barometer.wave(name))


def _checked(wave: Wave) -> Iterator[tuple[str, str]]:
    """Term and text of each line that `check` prints of a wave."""
    from barograph.publish.edition import check as check_wave

    frame, record = wave.frame, wave.sample.record
    sizes = [
        f"{value} {size}"
        for domain in frame.domains
        for (value,), size in frame.sizes(domain).items()
    ]
    yield "frame", f"{len(frame)} units on {frame.on}: {', '.join(sizes)}"
    yield "answers", f"{record.respondents}" + (" (synthetic)" if wave.synthetic else "")
    for i, step in enumerate(record.steps()):
        yield "" if i else "weights", step
    yield (
        "",
        f"{record.lowest:.2f} to {record.highest:.2f}, effective n {record.effective_n:.1f}, "
        f"design effect {record.design_effect:.3f}, margin error {record.margin_error:.0e}",
    )
    yield from _evenness(wave)
    verdicts = check_wave(wave)
    yield "claims", f"{sum(v.holds for v in verdicts.values())} of {len(verdicts)} hold"


def _evenness(wave: Wave) -> Iterator[tuple[str, str]]:
    """How evenly the population of a wave answered."""
    from barograph.weight.representativity import of_sample

    whole, parts = of_sample(wave.sample)
    yield (
        "response",
        f"{whole.rate:.1%}, R-indicator {whole.r:.3f} (unadjusted {whole.raw_r:.3f}), variation of "
        f"propensities {whole.variation:.3f} ({whole.raw_variation:.3f}), largest bias of a share "
        f"{whole.share_bias:.3f}",
    )
    for name, part in parts.items():
        signed = ", ".join(f"{value} {x:+.3f}" for value, x in part.categories.items())
        yield (
            "",
            f"by {name} {part.unconditional:.3f}, given the others {part.conditional:.3f}: {signed}",
        )


@app.command("compile")
def compile_form(
    source: Annotated[
        Path,
        typer.Argument(
            help="An .xlsx, .xls, or folder of survey.csv, choices.csv, settings.csv; "
            "or a survey of LimeSurvey, .lss or .txt."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for questionnaire.json and questionnaire.xml; for the sheets of a .lss or "
            ".txt too, and then new or empty."
        ),
    ] = None,
    since: Annotated[
        Path | None,
        typer.Option(help="questionnaire.json of the last wave: has a meaning changed?"),
    ] = None,
    skip_unsupported: Annotated[
        bool,
        typer.Option("--skip-unsupported", help="Leave out questions such as geopoint, image."),
    ] = False,
) -> None:
    """Compile a questionnaire (XLSForm) and say what is wrong with it, by sheet, row and column."""
    if source.suffix.lower() in (".lss", ".txt"):
        source = _sheets_of(source, out, skip_unsupported)
    instrument = _examined(source, (), [since] if since else [], skip_unsupported)
    print(
        f"questionnaire {instrument.version}: {len(instrument.questions)} rows in "
        f"{len(instrument.sections)} sections, in {', '.join(instrument.languages)}"
    )
    if out:
        out.mkdir(parents=True, exist_ok=True)
        (out / "questionnaire.json").write_text(instrument.to_json(), encoding="utf-8")
        (out / "questionnaire.xml").write_text(instrument.xform, encoding="utf-8")


def _sheets_of(survey: Path, out: Path | None, skip_unsupported: bool) -> Path:
    """The folder `out` with the sheets of a LimeSurvey survey; prints what its author should know."""
    from barograph.instrument.imports import import_questionnaire

    if out is None:
        raise BarographError(
            "a survey of LimeSurvey becomes sheets", todo="Say where: --out FOLDER"
        )
    for sentence in import_questionnaire(survey, out, skip_unsupported=skip_unsupported):
        print(sentence)
    return out


def _examined(
    source: Path, languages: Sequence[str], since: Sequence[Path], skip_unsupported: bool = False
) -> Instrument:
    """The questionnaire, its findings printed; exit code 2 when it cannot be used."""
    from barograph.files import read_text
    from barograph.instrument import Instrument, examine

    before = Instrument.from_json(read_text(since[0])) if since else None
    instrument, findings = examine(
        source, languages, since=before, skip_unsupported=skip_unsupported
    )
    for finding in findings:
        print(finding, file=sys.stderr if finding.level == "error" else sys.stdout)
    if instrument is None:
        raise typer.Exit(2)
    return instrument


def _print_mutants(wave: Wave) -> None:
    """What became of sentences that turned false, claim by claim; an error where they stay."""
    from barograph.publish.edition import mutants
    from barograph.publish.release.mutation import LEAST_RATE

    tally = mutants(wave)
    print(f"  mutants  {tally.mutants} figures moved beyond their intervals")
    print("           sentence under claim                 false  gone  rate")
    for name, false in sorted(tally.flipped.items()):
        gone = tally.killed[name]
        print(f"           {name:<36} {false:>5} {gone:>5}  {gone / false:.0%}")
    for survivor in tally.survivors[:10]:
        print(f"  survives {survivor}")
    print(f"  kill rate {tally.rate:.1%} of {tally.flipped.total()} sentences turned false")
    if tally.rate < LEAST_RATE:
        raise BarographError(
            f"wave {wave.name}: {tally.rate:.1%} of the sentences that turn false give way",
            todo=f"Guard the survivors by claims that say what they say; {LEAST_RATE:.0%} must go",
        )


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
        return ("category", "domain", "best", "worst"), [
            (key, "&".join(d.values()) or "all", str(best), str(worst))
            for d in opened.domains(domains)
            for key, (best, worst) in opened.rank(question, d).items()
        ]
    if chosen == "independence":
        test = opened.independence(question, domains)
        numbers = (test.chi_square, test.f, test.ndf, test.ddf)
        return ("domain", "chi square", "F", "ndf", "ddf", "p"), [
            (",".join(domains), *(f"{x:.4f}" for x in numbers), f"{test.p:.3g}")
        ]
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
        numeric = column not in ("category", "domain", "flag")
        table.add_column(column, justify="right" if numeric else "left", no_wrap=True)
    for row in cells:
        table.add_row(*row)
    # A pipe has no width: give a table its full one rather than folding it at 80.
    Console(width=None if sys.stdout.isatty() else 160).print(table)
    if note:
        print(note)


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

    instrument = bg.open(folder).instrument
    files: dict[str, bytes] = {}
    papers = [paper(instrument, lang) for lang in instrument.languages]
    for printed, document in zip(papers, pdfs(papers), strict=True):
        files[f"questionnaire.{printed.lang}.html"] = html(printed).encode()
        files[f"questionnaire.{printed.lang}.pdf"] = document
    out.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (out / name).write_bytes(content)
    print(f"Questionnaire {instrument.version} to print in {out}: {', '.join(files)}")


@app.command()
def serve(
    folder: Annotated[
        Path, typer.Argument(help="Folder of a barometer, or of an edition: its pages alone.")
    ],
    port: Annotated[int, typer.Option(help="Port on this machine.")] = 8000,
    edition: Annotated[
        Path | None, typer.Option(help="Edition of the barometer, shown at /.")
    ] = None,
    state: Annotated[
        Path, typer.Option(help="Folder of the answers being given, of secret and uploads.")
    ] = Path("var/field"),
    practice: Annotated[
        bool, typer.Option("--practice", help="Print an invitation to a practice wave.")
    ] = False,
) -> None:
    """Serve the published edition at / and the questionnaire at /a/, until Ctrl-C."""
    from barograph.web import server

    alone = (folder / "manifest.json").exists()
    if alone:
        server.configure(None, folder, None, port)
    else:
        server.prepare(folder, edition, state, port)
    print(f"Serving {folder} on http://localhost:{port}/ (Ctrl-C ends it)")
    if not alone:
        print(server.directions(folder, practice=practice))
    sys.stdout.flush()
    server.serve(port)
    print("Stopped.")


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
    from barograph.publish.traced import explain as explain_estimate

    for term, text in explain_estimate(edition, estimate_id):
        print(f"{term:<15} {text}")


@app.command()
def new(folder: Annotated[Path, typer.Argument(help="Folder to create.")]) -> None:
    """Make the folder of a new barometer: one question, four units, to be replaced by yours."""
    from barograph.starter import create

    create(folder)
    print(f"New barometer in {folder}. Look around, then: barograph check {folder}")


def main() -> None:
    """Runs a command; what the user can mend is one plain line on stderr and exit code 2."""
    try:
        app()
    except BarographError as error:
        print(f"barograph: {error}", file=sys.stderr)
        sys.exit(2)
