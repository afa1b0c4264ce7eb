"""A child process with limits, for what reads hostile files."""

from __future__ import annotations

import json
import resource
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

    seconds: float = 20
    memory: int = 1 << 30  # bytes of address space
    unzipped: int = 40 << 20  # bytes of a workbook's parts together
    packed: int = 20 << 20  # bytes of any one file


LIMITS = Limits()


def run(
    script: Path, arguments: Sequence[str], payload: str, file: Path, limits: Limits = LIMITS
) -> Any:
    """What a script prints as JSON; BadInput about `file` when it fails or exceeds a limit."""
    command = [sys.executable, "-I", str(script), *arguments]

    def restrict() -> None:
        seconds = int(limits.seconds) + 1
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    try:
        done = subprocess.run(
            command,
            input=payload.encode(),
            capture_output=True,
            timeout=limits.seconds,
            preexec_fn=restrict,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _too_much(file, f"takes longer than {limits.seconds:g} s to read") from None
    if done.returncode != 0:
        if b"MemoryError" in done.stderr or done.returncode < 0:
            megabytes = limits.memory >> 20
            raise _too_much(file, f"takes more than {megabytes} MB of memory to read")
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise BadInput(f"cannot be read: {' '.join(last)[:300]}", file=file)
    result = json.loads(done.stdout)
    if isinstance(result, dict) and "error" in result:
        raise BadInput(str(result["error"])[:2000], file=file)
    return result


def _too_much(file: Path, what: str) -> BadInput:
    return BadInput(
        what, file=file, todo="Remove sheets, rows and formatting that are not part of the form"
    )
