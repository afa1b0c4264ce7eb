"""A wave from state to state, its validation report, its freeze.

Models can be imported only once `_described` has told Django where things are.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from barograph.cli.app import FIELD, Folder, State, WaveName, app

if TYPE_CHECKING:
    from barograph.barometer import Wave as Described
    from barograph.collect.closing.validation import Report
    from barograph.collect.models import Wave

Reason = Annotated[str, typer.Option(help="Why: needed on the way back, and against an obstacle.")]


@app.command("wave")
def move(
    folder: Folder,
    wave: WaveName,
    to: Annotated[
        str,
        typer.Argument(help="Where to: draft, testing, open, closing, closed or published."),
    ] = "",
    reason: Reason = "",
    state: State = FIELD,
) -> None:
    """Say where a wave stands, or take it to another state; `freeze` freezes it."""
    described = _described(folder, wave, state)
    from barograph.collect import states, waves

    found = waves.prepare(described) if to else _field(wave)
    if to and to != found.state:
        states.move(found, to, described, reason=reason)
    _print_state(found, described)


@app.command()
def validate(folder: Folder, wave: WaveName, state: State = FIELD) -> None:
    """Print the validation report of a wave: nonresponse, what is odd, what has to be decided."""
    described = _described(folder, wave, state)
    from barograph.accounts import log
    from barograph.collect.closing.validation import validate as report_of

    report = report_of(_field(wave), described)
    log.note(None, "answers read", wave, "validation report")
    _print_report(report)


@app.command()
def decide(
    folder: Folder,
    wave: WaveName,
    check: Annotated[str, typer.Argument(help="Name of the check, as validate prints it.")],
    verdict: Annotated[str, typer.Argument(help="keep, blank, exclude or include.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    unit: Annotated[
        str, typer.Option(help="Code of the unit; without it all that is open, and only keep.")
    ] = "",
    key: Annotated[str, typer.Option(help="Question or unit, as validate prints it.")] = "",
    state: State = FIELD,
) -> None:
    """Settle findings of the validation report; the newest decision on a finding holds."""
    described = _described(folder, wave, state)
    from barograph.collect.closing import validation

    report = validation.validate(_field(wave), described)
    made = validation.settle(report, (unit, check, key), verdict, reason)
    print(f"{len(made)} decided: {verdict}")


@app.command()
def freeze(folder: Folder, wave: WaveName, state: State = FIELD) -> None:
    """Freeze the answers of a closed wave: figures and editions are made from them."""
    described = _described(folder, wave, state)
    from barograph.collect.closing.freeze import freeze as freeze_wave

    made = freeze_wave(_field(wave), described)
    print(f"{made.respondents} respondents of wave {wave} frozen in {folder / made.folder}")
    print(f"SHA-256 of the answers: {made.sha256}")


def _described(folder: Path, wave: str, state: Path) -> Described:
    """The wave as its folder describes it; the database is ready."""
    import barograph as bg
    from barograph.web import server

    described = bg.open(folder).wave(wave)
    server.prepare(folder, None, state)
    return described


def _field(wave: str) -> Wave:
    from barograph.collect.models import Wave
    from barograph.errors import BadInput

    found = Wave.objects.filter(name=wave).first()
    if found is None:
        raise BadInput(
            f"wave {wave} is not in the field", todo="Prepare it: barograph wave FOLDER WAVE draft"
        )
    return found


def _print_state(wave: Wave, described: Described) -> None:
    from barograph.collect import states, waves

    print(f"Wave {wave.name}: {wave.state}, reference date {wave.reference_date}")
    print(f"  announced   {wave.opens} to {wave.closes}")
    counts = ", ".join(f"{number} {term}" for term, number in states.counts(wave).items())
    print(f"  responses   {counts}")
    for moved in wave.transitions.select_related("by").order_by("pk"):
        who = moved.by.email if moved.by else "command line"
        line = f"{moved.at:%Y-%m-%d %H:%M} {moved.before} -> {moved.after}, {who}"
        print(f"  history     {line}" + (f": {moved.reason}" if moved.reason else ""))
    for frozen in wave.freezes.order_by("number"):
        print(f"  frozen      {frozen.folder}: {frozen.respondents}, {frozen.sha256[:16]}…")
    for code, (then, now) in waves.moved(wave, described).items():
        print(f"  frame       {code}: {then or 'not in it'} -> {now or 'not in it'}")
    print(f"  next        {', '.join(states.moves(wave)) or 'nothing'}")


def _print_report(report: Report) -> None:
    from barograph.collect.closing.findings import words

    for term, number in report.numbers().items():
        print(f"{term.replace('_', ' '):<18} {number}")
    print(f"{'tried, deleted':<18} {report.tried}")
    print("question                         asked  answered  don't know  empty")
    for row in report.nonresponse:
        print(
            f"{row.question:<32} {row.asked:>5} {row.answered:>9} {row.dont_know:>11} {row.missing:>6}"
        )
    open_ = {finding.about for finding in report.open}
    for finding in report.findings:
        held = report.decided.of.get(finding.about)
        told = f"{held.verdict} ({held.reason})" if held else "?" if finding.about in open_ else "-"
        place = f"{finding.unit} {finding.key}".rstrip()
        sentence = finding.sentence("en", report.form.instrument)
        print(f"{finding.check:<10} {place:<30} {told}: {sentence}")
    print(f"{len(open_)} to be decided; {words()['en']['unsigned_rule']}")
