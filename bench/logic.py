"""Logic of a questionnaire: a whole evaluation, one change, and what walking the tree would cost.

The core questionnaire, and a chain of 700 conditions and calculations as large field forms have.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

from elementpath import XPath1Parser, XPathContext

import barograph as bg
from barograph.files import read_table
from barograph.instrument import Instrument, Logic, Question

EXAMPLE = Path(__file__).parent.parent / "examples" / "smart-city-belgium"
CONDITION = "${q1} = '3' and (${q2} != '' or ${q3} > 2)"


def best(run: Callable[[], object], times: int = 15) -> float:
    """Milliseconds of the fastest of some runs."""
    found = []
    for _ in range(times):
        started = time.perf_counter()
        run()
        found.append(time.perf_counter() - started)
    return min(found) * 1000


def large(count: int = 700) -> Instrument:
    """Every third question is calculated from the two before it, the others asked if it allows."""
    questions = [Question("q0", "integer"), Question("q1", "integer")]
    for i in range(2, count):
        if i % 3 == 2:
            rule = f"if(${{q{i - 1}}} > ${{q{i - 2}}}, coalesce(${{q{i - 1}}}, 0) + 1, round({i} div 7, 1))"
            questions.append(Question(f"q{i}", "calculate", calculation=rule))
        else:
            rule = f"${{q{i - 1 - i % 3}}} > 0 or selected(${{q{i - 2}}}, 'x') or regex(${{q0}}, '^[0-9]+$')"
            questions.append(Question(f"q{i}", "integer", relevant=rule, constraint=". < 100"))
    return Instrument(("en",), {"en": "large"}, tuple(questions), {}, {}, "")


def report(name: str, instrument: Instrument, answers: dict[str, str], key: str) -> None:
    """Prints a whole evaluation with its verdicts, and the step after one change."""
    compiling = best(lambda: Logic(instrument), 3)
    logic = Logic(instrument)
    state = logic.evaluate(answers)
    state.faults  # noqa: B018 - from now on followed
    turns = iter(range(10_000))

    def step() -> None:
        logic.evaluate(answers | {key: str(next(turns) % 9)}, [key], state)

    whole, one = best(lambda: logic.evaluate(answers).faults), best(step)
    print(
        f"{name}: {len(logic.graph.expressions)} expressions, compiled in {compiling:.1f} ms; "
        f"whole {whole:.2f} ms, one change {one:.3f} ms, ratio {whole / one:.0f}"
    )


def against_elementpath() -> None:
    """One condition, by our closures and by elementpath walking its tree."""
    names = ("q1", "q2", "q3")
    questions = (*(Question(n, "text") for n in names), Question("c", "text", relevant=CONDITION))
    logic = Logic(Instrument(("en",), {"en": "one"}, questions, {}, {}, ""))
    answers = {"q1": "3", "q2": "", "q3": "5"}
    held = logic.evaluate(answers).answers
    ours = logic.graph.expressions["relevant", "c"]
    tree = XPath1Parser().parse(CONDITION.replace("${", "$").replace("}", ""))
    root = ElementTree.Element("answers")
    values = {"q1": "3", "q2": "", "q3": 5.0}
    walked = best(lambda: tree.evaluate(XPathContext(root, variables=dict(values))))
    closed = best(lambda: ours.holds(held, ()))
    print(
        f"one condition: {closed * 1000:.1f} us, elementpath {walked * 1000:.1f} us, ratio {walked / closed:.0f}"
    )


def main() -> None:
    """Prints all."""
    wave = bg.open(EXAMPLE).wave("2017")
    answers = read_table(EXAMPLE / "2017" / "responses.csv")[0]
    report("core questionnaire", wave.barometer.instrument, answers, "p_progress")
    report("large form", large(), {"q0": "3", "q1": "4"}, "q400")
    against_elementpath()


if __name__ == "__main__":
    main()
