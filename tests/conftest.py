"""What every room's tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

import barograph as bg

EXAMPLE = Path(__file__).parent.parent / "examples" / "smart-city-belgium"


@pytest.fixture(scope="session")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the example's edition of 2017, published once per worker."""
    from barograph.publish import publish

    folder = tmp_path_factory.mktemp("editions") / "2017"
    publish(bg.open(EXAMPLE).wave("2017"), folder)
    return folder
