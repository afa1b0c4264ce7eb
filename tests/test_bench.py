"""The coverage study runs on the product as it is; `bench/coverage.py` runs it at full size."""

import json
import subprocess
import sys
from pathlib import Path

from barograph.estimate.intervals import POLICIES

BENCH = Path(__file__).parent.parent / "bench"


def test_the_coverage_study_runs():
    command = [sys.executable, str(BENCH / "coverage.py"), "--replications", "10", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert set(found["policies"]) == set(POLICIES)
    assert "targets_met" in found
