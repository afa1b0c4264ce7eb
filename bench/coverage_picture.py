"""The picture of the coverage study: a dot a coverage, by policy and n, over the target band."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape

import numpy as np

PANELS = (  # title, its groups: closed dots, open dots; target band
    ("All municipalities", "national", "open", (94.0, 97.5)),
    ("Flanders, Wallonia, rural, urban", "domain", "open_domain", (92.0, 98.5)),
    ("Differences of domains", "difference", "", None),
)
LEAST, LEFT, TOP, WIDTH, GAP, LINE = 80.0, 150, 74, 250, 28, 13
INK, BAND, DOT, HOLLOW = "#222222", "#dfe8d8", "#1f4e79", "#b03a1e"
STYLE = "text{font:12px Helvetica,Arial,sans-serif;fill:#222222}.s{font-size:10.5px}.b{font-weight:bold}"


def picture(study: Any, policies: list[str]) -> str:
    """SVG of a study; coverages under 80 stand as a triangle with their lowest number."""
    block = LINE * len(study.by_n) + 12
    height = TOP + block * len(policies) + 40
    width = LEFT + 3 * WIDTH + 2 * GAP + 40
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" role="img">',
            "<title>Coverage of 95% intervals by policy, number of respondents and domain</title>",
            f"<style>{STYLE}</style>",
            f'<rect width="{width}" height="{height}" fill="white"/>',
            *_legend(width),
            *_names(study, policies, block),
            *(
                line
                for k, panel in enumerate(PANELS)
                for line in _panel(study, policies, block, LEFT + k * (WIDTH + GAP), *panel)
            ),
            "</svg>\n",
        ]
    )


def _text(x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> str:
    return f'<text x="{x:g}" y="{y:g}" class="{kind}" text-anchor="{anchor}">{escape(text)}</text>'


def _legend(width: float) -> Iterator[str]:
    yield _dot(LEFT + 4, 16, False)
    yield _text(LEFT + 12, 20, "a scenario and domain", "s")
    yield _dot(LEFT + 152, 16, True)
    yield _text(LEFT + 160, 20, "the same, open scenario (95% nearly everywhere)", "s")
    yield f'<rect x="{LEFT + 420}" y="9" width="22" height="13" fill="{BAND}"/>'
    yield _text(LEFT + 447, 20, "target", "s")
    yield _triangle(LEFT + 505, 16)
    yield _text(LEFT + 513, 20, "below 80%, the lowest of them", "s")


def _names(study: Any, policies: list[str], block: float) -> Iterator[str]:
    yield _text(LEFT - 14, TOP - 10, "n", "s", "end")
    for i, policy in enumerate(policies):
        top = TOP + i * block
        yield _text(8, top + LINE * len(study.by_n) / 2 + 4, policy, "b")
        for j, n in enumerate(study.by_n):
            yield _text(LEFT - 10, top + (j + 0.5) * LINE + 4, str(n), "s", "end")


def _panel(
    study: Any,
    policies: list[str],
    block: float,
    left: float,
    title: str,
    closed: str,
    hollow: str,
    band: tuple[float, float] | None,
) -> Iterator[str]:
    def x(value: float) -> float:
        return left + WIDTH * (value - LEAST) / (100 - LEAST)

    bottom = TOP + block * len(policies) - 12
    yield _text(left, TOP - 26, title, "b")
    if band:
        size = f'width="{x(band[1]) - x(band[0]):g}" height="{bottom - TOP:g}"'
        yield f'<rect x="{x(band[0]):g}" y="{TOP}" {size} fill="{BAND}"/>'
    for tick in (80, 85, 90, 95, 100):
        colour = INK if tick == 95 else "#cccccc"
        yield _rule(x(tick), TOP, x(tick), bottom, colour)
        yield _text(x(tick), bottom + 16, f"{tick}%", "s", "middle")
    for i, policy in enumerate(policies):
        for j, n in enumerate(study.by_n):
            y = TOP + i * block + (j + 0.5) * LINE
            for group, empty in ((closed, False), (hollow, True)):
                if group:
                    yield from _dots(study.values(policy, group, n), x, y, empty)
        yield _rule(left, y + LINE / 2 + 6, left + WIDTH, y + LINE / 2 + 6, "#e8e8e8")


def _dots(values: Any, x: Any, y: float, empty: bool) -> Iterator[str]:
    known = np.sort(values[~np.isnan(values)])
    yield from (_dot(x(v), y, empty) for v in known[known >= LEAST])
    if len(known) and known[0] < LEAST:
        shift = 34 if empty else 0
        yield _triangle(x(LEAST) + 4 + shift, y, HOLLOW if empty else DOT)
        yield _text(x(LEAST) + 10 + shift, y + 4, f"{known[0]:.0f}", "s")


def _dot(x: float, y: float, empty: bool) -> str:
    if empty:
        paint = f'fill="none" stroke="{HOLLOW}" stroke-width="1.4"'
    else:
        paint = f'fill="{DOT}" fill-opacity="0.45"'
    return f'<circle cx="{x:.1f}" cy="{y:g}" r="3.2" {paint}/>'


def _triangle(x: float, y: float, colour: str = DOT) -> str:
    return f'<path d="M{x - 4:g} {y:g}l7 -4v8z" fill="{colour}"/>'


def _rule(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    return f'<path d="M{x1:g} {y1:g}L{x2:g} {y2:g}" stroke="{colour}" fill="none"/>'
