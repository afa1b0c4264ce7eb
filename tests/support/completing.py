"""Answers a questionnaire until nothing is missing or wrong."""

from __future__ import annotations

from collections.abc import Mapping

from barograph.instrument import Logic


def complete(logic: Logic, given: Mapping[str, str] = {}) -> dict[str, str]:
    """The answers given, and the first that is possible wherever something is at fault."""
    answers = dict(given)
    for _ in range(200):
        state = logic.evaluate(answers)
        if not state.faults:
            return answers
        for key in state.faults:
            codes = [choice.code for choice in state.choices(key)]
            every = logic.instrument.questions[key].type == "rank"
            answers[key] = " ".join(codes if every else codes[:1]) if codes else "1"
    raise AssertionError(f"still at fault: {sorted(state.faults)}")
