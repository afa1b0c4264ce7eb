"""What every room's tests share."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import barograph as bg
from barograph.barometer import Wave

settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

EXAMPLE = Path(__file__).parent.parent / "examples" / "smart-city-belgium"


@pytest.fixture(scope="session")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the example's edition of 2017, published once per worker."""
    from barograph.publish import publish

    folder = tmp_path_factory.mktemp("editions") / "2017"
    publish(bg.open(EXAMPLE).wave("2017"), folder)
    return folder


@pytest.fixture(scope="session")
def wave() -> Wave:
    """The wave of 2017 of the example, on the real frame."""
    return bg.open(EXAMPLE).wave("2017")


@pytest.fixture(scope="session")
def shared() -> Path:
    """Reference data beside the repository; skips without it, unless REQUIRE_ALL is set."""
    folder = Path(__file__).parents[2] / "shared"
    if not folder.is_dir():
        reason = f"reference data not found: put the folder `shared` at {folder.parent}"
        if os.environ.get("REQUIRE_ALL") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The closing line of the reference cases, from all workers."""
    count = Counter(
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == "golden" and report.when == "call"
    )
    if count:
        terminalreporter.write_line(
            f"golden: {count['agree']} agree, {count['differ']} differ, "
            f"{count['out of scope']} out of scope"
        )
