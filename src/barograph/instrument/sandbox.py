"""A child process with limits, for what reads hostile files."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from barograph.errors import BadInput


@dataclass(frozen=True)
class Limits:
    """What importing one questionnaire may take."""

    seconds: int = 20  # of processor time; a busy machine may take PATIENCE times as long
    memory: int = 1 << 30  # bytes of address space
    unzipped: int = 40 << 20  # bytes of a workbook's parts together
    packed: int = 20 << 20  # bytes of any one file


LIMITS = Limits()
PATIENCE = 3


# Limits itself before anything is loaded; a system without `resource` has the limit of time alone.
LAUNCH = """
import runpy, sys
memory, seconds = int(sys.argv.pop(1)), int(sys.argv.pop(1))
try:
    import resource
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
except (ImportError, OSError, ValueError):
    pass
sys.argv.pop(0)
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def run(
    script: Path, arguments: Sequence[str], payload: str, file: Path, limits: Limits = LIMITS
) -> Any:
    """What a script prints as JSON; BadInput about `file` when it fails or exceeds a limit."""
    bounds = [str(limits.memory), str(limits.seconds)]
    slow = _too_much(file, f"takes longer than {limits.seconds} s to read")
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", LAUNCH, *bounds, str(script), *arguments],
            input=payload.encode(),
            capture_output=True,
            timeout=limits.seconds * PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise slow from None
    errors = done.stderr.decode(errors="replace").strip()
    if -done.returncode in (signal.SIGXCPU, signal.SIGKILL):
        raise slow
    if done.returncode < 0 or "MemoryError" in errors:
        raise _too_much(file, f"takes more than {limits.memory >> 20} MB of memory to read")
    try:
        result = json.loads(done.stdout)
    except ValueError:
        reason = (errors.splitlines() or ["no answer"])[-1][:300]
        raise BadInput(f"cannot be read: {reason}", file=file) from None
    if isinstance(result, dict) and "error" in result:
        raise BadInput(" ".join(str(result["error"]).split())[:2000], file=file)
    return result


def _too_much(file: Path, what: str) -> BadInput:
    return BadInput(
        what, file=file, todo="Remove sheets, rows and formatting that are not part of the form"
    )
