"""The libraries of figures, loaded while somebody is still at the door, so that the desk opens at once."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from threading import Thread

NEEDED = (
    "barograph.collect.monitoring.tables",
    "barograph.publish.charts",
    "barograph.publish.site.mapped",
)


@cache
def warm() -> None:
    """Once per process, beside the page that is asked for."""
    Thread(target=_load, daemon=True).start()


def _load() -> None:
    for name in NEEDED:
        import_module(name)
