"""The values of a range."""

from __future__ import annotations

from decimal import Decimal

from barograph.instrument import Question
from barograph.instrument.faults import RANGE

SHORT = 12  # a range of at most so many values is shown as a scale to tick
MOST = 1_000


def steps(question: Question) -> tuple[str, ...]:
    """From start to end by step, as decimal text; the first thousand."""
    start, end, by = (
        Decimal(question.parameters.get(name, default)) for name, default in RANGE.items()
    )
    by = abs(by) if end >= start else -abs(by)
    count = int((end - start) / by) + 1 if by else 1
    return tuple(f"{(start + n * by).normalize():f}" for n in range(min(count, MOST)))
