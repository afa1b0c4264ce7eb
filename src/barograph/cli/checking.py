"""Reading everything and saying what is wrong: a barometer, a questionnaire."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from barograph.cli.app import Folder, app
from barograph.errors import BarographError

if TYPE_CHECKING:
    from barograph.barometer import Wave
    from barograph.instrument import Instrument


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
    last = _last_questionnaire(folder, barometer.waves)
    instrument = _examined(folder / "questionnaire", barometer.languages, last)
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


def _last_questionnaire(folder: Path, waves: Sequence[str]) -> list[Path]:
    """The compiled questionnaire of the newest wave that has one, frozen or laid there; none or one."""
    from barograph.instrument import frozen

    for name in reversed(waves):
        if found := frozen.newest(folder / name):
            return [found.path(frozen.QUESTIONNAIRE)]
        if (laid := folder / name / frozen.QUESTIONNAIRE).exists():
            return [laid]
    return []


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
