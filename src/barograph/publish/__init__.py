"""Words and pictures.

In: a `Wave`. Out: an edition, a folder of pages in every language, release, open data, claims and
manifest, the same bytes for the same inputs. No figure is computed here that `estimate` does not make.
"""

from barograph.publish.edition import publish

__all__ = ["publish"]
