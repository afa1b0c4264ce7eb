"""What the preview says to the researcher above each question: name, type, conditions, lint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from barograph.instrument import Finding, Group, Instrument, Question

SHOWN = ("relevant", "required", "constraint", "choice_filter", "default", "repeat_count")


def notes(instrument: Instrument, findings: Sequence[Finding] = ()) -> Mapping[str, Sequence[str]]:
    """Name of each question and group -> lines; a finding stands where its text names the question."""
    return {item.name: tuple(_lines(item, findings)) for item, _ in instrument.walk()}


def _lines(item: Question | Group, findings: Sequence[Finding]) -> Iterator[str]:
    yield f"{item.name}: {item.type if isinstance(item, Question) else item.kind}"
    for field in SHOWN:
        if expression := getattr(item, field, ""):
            yield f"{field}: {expression}"
    for finding in findings:
        if repr(item.name) in finding.what:
            yield str(finding)
