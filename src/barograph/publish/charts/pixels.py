"""A picture that stands alone as PNG, drawn by Typst in the fonts of the package.

Typst draws text six times as fast as vl-convert does and sees no font of the system, so the same
picture has the same bytes on every machine.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import cast

import typst

FONTS = Path(__file__).parent.parent / "fonts"
TEMPLATE = Path(__file__).with_name("picture.typ")
DOTS = 144.0  # an inch, of 96 pixels of the picture


@lru_cache(1)
def _compiler() -> typst.Compiler:
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)]
    )
    return typst.Compiler(str(TEMPLATE), root=str(TEMPLATE.parent), font_paths=fonts)


def png(svg: str) -> bytes:
    """The picture with three dots for two of its pixels."""
    image = _compiler().compile(format="png", ppi=DOTS, sys_inputs={"picture": svg})
    return cast(bytes, image)
