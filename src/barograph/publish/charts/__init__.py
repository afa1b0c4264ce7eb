"""Charts and maps, drawn by hand as SVG.

In: figures with their words. Out: pictures for a page (`inline`) and pictures that stand alone
(`standalone`), as SVG or as PNG. A file holds one kind of chart; `sheet` has what they share, `style`
their colours.
"""

from barograph.publish.charts.curves import Curves, DayByDay
from barograph.publish.charts.intervals import Bars, Intervals, Row
from barograph.publish.charts.likert import Likert, Scale
from barograph.publish.charts.maps import LegendEntry, Map, hexagon_map, shade, true_map
from barograph.publish.charts.picture import Caption, Drawable, inline, standalone
from barograph.publish.charts.ranks import Rank, Ranks
from barograph.publish.charts.response import Category, Response
from barograph.publish.charts.slopes import Series, Slopes

__all__ = [
    "Bars",
    "Caption",
    "Category",
    "Curves",
    "DayByDay",
    "Drawable",
    "Intervals",
    "LegendEntry",
    "Likert",
    "Map",
    "Rank",
    "Ranks",
    "Response",
    "Row",
    "Scale",
    "Series",
    "Slopes",
    "hexagon_map",
    "inline",
    "shade",
    "standalone",
    "true_map",
]
