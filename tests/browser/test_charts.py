"""In a real browser no word of a chart is cut off and none covers another, on every figure page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

# The visible words of each chart as boxes in its own pixels, and the faults among them.
FAULTS = """
() => [...document.querySelectorAll('svg.chart')].flatMap(svg => {
  const faults = [], {x: left, y: top, width, height} = svg.getBoundingClientRect();
  const seen = [...svg.querySelectorAll('text')]
    .filter(text => getComputedStyle(text).display !== 'none' && text.getBBox().width > 0)
    .map(text => ({words: text.textContent, at: text.getBoundingClientRect(), size: text.getBBox()}))
    // Moved groups and the halo of words: the middle is where it is seen, the size that of the letters.
    .map(({words, at, size: {width, height}}) => ({words, box: {
      x: at.x + (at.width - width) / 2 - left, y: at.y + (at.height - height) / 2 - top, width, height,
    }}));
  for (const {words, box} of seen)
    if (box.x < -1 || box.y < -1 || box.x + box.width > width + 1 || box.y + box.height > height + 1)
      faults.push(`cut off: ${words}`);
  seen.forEach((a, i) => seen.slice(i + 1).forEach(b => {
    const across = Math.min(a.box.x + a.box.width, b.box.x + b.box.width) - Math.max(a.box.x, b.box.x);
    const down = Math.min(a.box.y + a.box.height, b.box.y + b.box.height) - Math.max(a.box.y, b.box.y);
    if (across > 1 && down > 4) faults.push(`${a.words} over ${b.words}`);
  }));
  const drawn = svg.querySelectorAll('rect, circle, line').length;
  if (!seen.length || !drawn) faults.push('empty');
  return faults;
})
"""


@pytest.mark.parametrize("lang", ["nl", "fr", "de", "en"])
def test_no_word_of_a_chart_is_cut_off_or_covered(
    browser: Browser, site: str, edition: Path, lang: str
) -> None:
    pages = sorted(p.name for p in (edition / lang / "figures").glob("*.html"))
    assert len(pages) > 30  # a page and one to embed for each figure
    context = browser.new_context()
    page = context.new_page()
    faults = {}
    for path in [*(f"figures/{name}" for name in pages), "method.html"]:
        page.goto(f"{site}/{lang}/{path}", wait_until="load")
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            if found := page.evaluate(FAULTS):
                faults[path, width] = found
    context.close()
    assert not faults


def test_a_chart_alone_has_no_word_cut_off(browser: Browser, edition: Path) -> None:
    context = browser.new_context()
    page = context.new_page()
    faults = {}
    for path in sorted(edition.glob("*/figures/*.svg")):
        page.set_content(
            f'<body style="margin:0">{path.read_text().replace("<svg ", "<svg id=x ", 1)}'
        )
        page.evaluate("document.getElementById('x').classList.add('chart')")
        if found := page.evaluate(FAULTS):
            faults[path.name, path.parts[-3]] = found
    context.close()
    assert not faults
