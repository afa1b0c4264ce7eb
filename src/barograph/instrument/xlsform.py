"""XLSForm to `Instrument`: read, built, linted, converted by pyxform."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from barograph.errors import BadInput
from barograph.instrument import lint, sheets
from barograph.instrument.builder import Builder
from barograph.instrument.findings import Finding
from barograph.instrument.graph import Graph
from barograph.instrument.model import Instrument
from barograph.instrument.sandbox import LIMITS, Limits, run
from barograph.instrument.sheets import OWN, Book


def compile(
    path: Path,
    languages: Sequence[str] = (),
    *,
    skip_unsupported: bool = False,
    limits: Limits = LIMITS,
) -> Instrument:
    """The questionnaire in a folder or workbook, complete in `languages` (default: all it has).

    BadInput tells sheet, row and column of the first fault. `skip_unsupported` leaves out questions
    whose type is outside the profile.
    """
    instrument, findings = examine(
        path, languages, skip_unsupported=skip_unsupported, limits=limits
    )
    for finding in findings:
        if finding.level == "error":
            raise finding.problem
    assert instrument is not None
    return instrument


def examine(
    path: Path,
    languages: Sequence[str] = (),
    *,
    skip_unsupported: bool = False,
    since: Instrument | None = None,
    limits: Limits = LIMITS,
) -> tuple[Instrument | None, tuple[Finding, ...]]:
    """The questionnaire, and all that is to be said of it; None instead of it when a fault stops it.

    `since` is the questionnaire of the last wave, whose codes and questions should keep their meaning.
    """
    book = sheets.read(path, limits)
    builder = Builder(book, languages, skip_unsupported)
    instrument = builder.build()
    graph = Graph.of(instrument)
    for problem in graph.problems:
        unknown = "is no question or group" in problem.what
        code = "BG103" if problem.cycle else "BG102" if unknown else "BG111"
        builder.report_named(code, problem.what, problem.name, problem.field)

    if not graph.problems:
        lint.habits(instrument, graph, builder.report_named)
        if since:
            lint.since(since, instrument, builder.report_named)
    if all(finding.level == "warning" for finding in builder.findings):
        try:
            done = _converted(json.dumps(_for_pyxform(book, builder)), limits)
            instrument = replace(instrument, xform=done["xform"])
            for warning in done["warnings"]:
                builder.report("BG214", " ".join(str(warning).split()))
        except BadInput as error:
            builder.report("BG114", f"it does not compile: {error.what}", todo=error.todo)
    findings = tuple(sorted(builder.findings, key=lambda f: f.level))
    stopped = any(finding.level == "error" for finding in findings)
    return (None if stopped else instrument), findings


@lru_cache(maxsize=16)
def _converted(payload: str, limits: Limits) -> Mapping[str, Any]:
    """The XForm; remembered, since starting pyxform is most of what compiling takes."""
    done: Mapping[str, Any] = run(sheets.SCRIPT, ["convert"], payload, Path("survey"), limits)
    return done


def _for_pyxform(book: Book, builder: Builder) -> dict[str, Any]:
    """The sheets with their own headings, without our columns; skipped rows stay as empty ones."""
    out: dict[str, Any] = {}
    for name in sheets.NAMES:
        sheet = getattr(book, name)
        records: list[dict[str, str]] = []
        for row in sheet.rows:
            records += [{}] * (row.number - 2 - len(records))
            hidden = name == "survey" and row.number in builder.skipped
            cells = {} if hidden else {c: t for c, t in row.cells.items() if not c.startswith(OWN)}
            if name == "settings" and row.labels("form_title"):  # XForms have one title
                cells = {c: t for c, t in cells.items() if not c.startswith("form_title")}
                cells["form_title"] = next(iter(row.labels("form_title").values()))
            records.append({row.headings.get(c, c): text for c, text in cells.items()})
        if records:
            out[name] = records
    return out
