"""Writes docs/golden.md: what agrees with R survey, how closely, and what is out of scope."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from pathlib import Path

from golden import Case, Outcome, cases, run

ROOT = Path(__file__).parents[2]
HEAD = """# Agreement with R survey

Made by `python tests/golden/table.py`; do not edit. Every number that a reference case expects is
compared: estimates, standard errors, intervals, degrees of freedom, design effects, covariances,
p-values. Tolerance: 1e-9 relative; 1e-7 where the calibration that made the reference values was
iterated; for weights made by `rake()` 1e-9 on weights and estimates, 3e-2 on the rest, of which its
second variance rule (the regression on the margins in the metric 1) needs far less. The values are
of R 4.2.2 and survey 4.1-1. `make test` runs the cases, `GOLDEN_DIR=folder make test` those of another
folder of the same format; a case that is not interpreted counts as out of scope, by its reason.
49 further calls on other data, designs and domains stand in `tests/golden/own` with the R script that
made them; all agree.
"""


def main(folder: Path) -> None:
    found = [(case, run(case)) for case in cases(folder)]
    count = Counter(outcome.verdict for _, outcome in found)
    total = "golden: {agree} agree, {differ} differ, {out of scope} out of scope"
    line = total.format_map(Counter(count))
    parts = [HEAD, f"{line.removeprefix('golden: ')}.\n", *_agreeing(found), *_outside(found)]
    (ROOT / "docs" / "golden.md").write_text("\n".join(parts) + "\n")
    print(line)


def _agreeing(found: list[tuple[Case, Outcome]]) -> list[str]:
    groups = defaultdict(list)
    for case, outcome in found:
        if outcome.verdict != "out of scope":
            kind = case.raw["kind"] + (" after rake()" if outcome.raked else "")
            groups[case.path.stem, kind].append((case, outcome))
    rows = [
        "| set | kind | cases | agree | largest difference | a call |",
        "|---|---|---|---|---|---|",
    ]
    for (stem, kind), members in groups.items():
        agree = sum(outcome.verdict == "agree" for _, outcome in members)
        worst = max(outcome.difference for _, outcome in members)
        call = members[0][0].raw["call"].replace("|", "\\|")
        rows.append(f"| {stem} | {kind} | {len(members)} | {agree} | {_power(worst)} | `{call}` |")
    return rows


def _outside(found: list[tuple[Case, Outcome]]) -> list[str]:
    rows = ["", "## Out of scope", "", "| reason | cases | a call |", "|---|---|---|"]
    reasons = defaultdict(list)
    for case, outcome in found:
        if outcome.verdict == "out of scope":
            reasons[outcome.reason].append(case)
    for reason, members in sorted(reasons.items()):
        ids = ", ".join(case.id for case in members)
        rows.append(f"| {reason} | {ids} | `{members[0].raw['call']}` |")
    return rows


def _power(difference: float) -> str:
    """Rounded up to a power of ten, so that machines agree on the table."""
    powers = (1e-12, 1e-11, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
    return next((f"<= {power:.0e}" for power in powers if difference <= power), f"{difference:.1e}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared" / "golden")
