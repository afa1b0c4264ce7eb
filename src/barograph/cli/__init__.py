"""The command line: one command a stretch of the way. Heavy libraries load inside the commands."""

from __future__ import annotations

import sys

from barograph.cli.app import app
from barograph.errors import BarographError

# Each module adds its commands to `app`, in the order of the way.
# isort: off
from barograph.cli import folders  # noqa: F401
from barograph.cli import checking  # noqa: F401
from barograph.cli import field  # noqa: F401
from barograph.cli import closing  # noqa: F401
from barograph.cli import contacts  # noqa: F401
from barograph.cli import mail  # noqa: F401
from barograph.cli import operate  # noqa: F401
from barograph.cli import staff  # noqa: F401
from barograph.cli import figures  # noqa: F401
from barograph.cli import editions  # noqa: F401
# isort: on

__all__ = ["app", "main"]


def main() -> None:
    """Runs a command; what the user can mend is one plain line on stderr and exit code 2."""
    try:
        app()
    except BarographError as error:
        print(f"barograph: {error}", file=sys.stderr)
        sys.exit(2)
