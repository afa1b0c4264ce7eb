"""Words and pictures.

In: a `Wave`. Out: an edition, a folder of pages in every language, release, open data, claims and
manifest, the same bytes for the same inputs. No figure is computed here that `estimate` does not make.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from barograph.publish.edition import publish

__all__ = ["publish"]


def __getattr__(name: str) -> Any:
    """Loads the edition with all its libraries only when one is made; the interview needs its words."""
    if name == "publish":
        from barograph.publish.edition import publish

        return publish
    raise AttributeError(name)
