"""How wide a text is, so that nothing is clipped: the advances of Inter Bold, in em.

Inter Regular is narrower, and so are the fonts that a page falls back to: what fits by these
advances fits anywhere.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_ADVANCES = {
    0.31: " \u00a0\u202f'’ijlI.,:;!¡·|ı",
    0.42: '/\\()[]{}ftr"“”-°',
    0.50: "1*`´–_",
    0.59: "Jkaxzcvy7sL?",
    0.63: "2eohnugpqbdEF",
    0.76: "ACDGHNUVØ",
    0.79: "OQ",
    0.87: "w%",
    0.92: "Mmæ",
    1.05: "W@ÆœŒ—…",
}
_OTHER = 0.71
_ADVANCE = {character: em for em, characters in _ADVANCES.items() for character in characters}


@lru_cache(4096)
def width(text: str, size: float) -> float:
    """Pixels that a text takes at a font size of `size` pixels."""
    return size * sum(map(_advance, text))


@lru_cache(4096)
def wrap(text: str, limit: float, size: float) -> tuple[str, ...]:
    """Lines of at most `limit` pixels; a longer word stands alone. At least one line."""
    lines, line = [], ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if line and width(longer, size) > limit:
            lines.append(line)
            line = word
        else:
            line = longer
    return (*lines, line)


@lru_cache(1024)
def _advance(character: str) -> float:
    return _ADVANCE.get(unicodedata.normalize("NFD", character)[0], _OTHER)
