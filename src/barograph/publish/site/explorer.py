"""The page that crosses published figures with Vega-Lite, for those who run scripts."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from barograph.publish.site.page import Page


def pages() -> Iterator[Page]:
    """The page; its script reads the JSON-stat cube of the edition."""
    yield Page("explorer.html", "explorer", {})


@lru_cache(1)
def files() -> dict[str, bytes]:
    """Vega, Vega-Lite and Vega-Embed in one file, loaded when a figure is chosen."""
    import vl_convert

    return {
        "static/vega.js": vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;").encode()
    }
