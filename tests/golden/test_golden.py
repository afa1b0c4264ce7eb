"""Agreement with reference values of R survey, case by case.

`GOLDEN_DIR` names another folder of the same format; the format is told in its README.md. A case
that we do not interpret is out of scope by its reason and never counts as agreeing. The closing
line of the run counts them; `python tests/golden/table.py` writes docs/golden.md.
"""

import os
from pathlib import Path

import golden
import pytest

FOLDER = Path(os.environ.get("GOLDEN_DIR") or Path(__file__).parents[3] / "shared" / "golden")
OWN = Path(__file__).parent / "own"  # other calls on other data; its make.R tells how


@pytest.mark.parametrize("case", list(golden.cases(FOLDER)), ids=lambda case: case.id)
def test_case(case, record_property):
    outcome = golden.run(case)
    record_property("golden", outcome.verdict)
    assert outcome.verdict != "differ", f"{case.raw['call']}: {outcome.reason}"


@pytest.mark.parametrize("case", list(golden.cases(OWN)), ids=lambda case: case.id)
def test_own_case(case):
    outcome = golden.run(case)
    assert outcome.verdict == "agree", f"{case.raw['call']}: {outcome.reason}"


def test_there_are_cases():
    found = list(golden.cases(FOLDER))
    if not found and os.environ.get("REQUIRE_ALL") != "1":
        pytest.skip(f"no reference cases in {FOLDER}")
    assert found
