"""Charts and maps, drawn by hand as SVG.

In: figures with their words. Out: pictures for a page (`inline`) and pictures that stand alone
(`standalone`). A file holds one kind of chart; `sheet` has what they share, `style` their colours.
"""

from barograph.publish.charts.intervals import Bar, Chart
from barograph.publish.charts.picture import Caption, Drawable, inline, standalone

__all__ = ["Bar", "Caption", "Chart", "Drawable", "inline", "standalone"]
