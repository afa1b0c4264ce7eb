"""Interval charts: every figure is drawn, doubt is visible, labels cannot break out."""

import math
import re
from xml.etree import ElementTree

import pytest

from barograph.errors import BadInput
from barograph.estimate import Estimate
from barograph.publish import texts
from barograph.publish.charts import Caption, Intervals, Row, inline, standalone

SVG = "{http://www.w3.org/2000/svg}"
LABELS = texts.load()["en"]


def estimate(value=0.5, low=0.4, high=0.6, n=20, base=100, flag=""):
    return Estimate(
        estimate_id="2017.x",
        indicator="x",
        category="x",
        domain="all",
        statistic="share",
        value=value,
        se=0.05,
        low=low,
        high=high,
        n=n,
        base=base,
        plain=value,
        df=1.0,
        effective_n=1.0,
        design_effect=1.0,
        flag=flag,
    )


def draw(*bars, axis=(0.0, 1.0), title="A title", lang="en"):
    svg = inline(Intervals("x.y", title, "What it shows", bars, axis), lang, LABELS)
    return svg, ElementTree.fromstring(svg)


def classes(root, name):
    return [e for e in root.iter() if name in e.get("class", "").split()]


def test_one_track_band_and_dot_a_row():
    _, root = draw(Row("One", estimate()), Row("Two", estimate(0.7, 0.6, 0.8)))
    assert [len(classes(root, c)) for c in ("track", "band", "dot")] == [2, 2, 2]
    assert [e.get("cx") for e in classes(root, "dot")] == ["50%", "69.2%"]


def test_it_has_a_name_and_a_description():
    _, root = draw(Row("One", estimate()))
    named = root.get("aria-labelledby").split()
    texts_ = {e.get("id"): e.text for e in root if e.tag in (f"{SVG}title", f"{SVG}desc")}
    assert root.get("role") == "img"
    assert [texts_[i] for i in named] == ["A title", "What it shows"]


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", '"><b>', "a & b"])
def test_labels_are_escaped(hostile):
    svg, root = draw(Row(hostile, estimate(), hostile), title=hostile)
    assert "<script" not in svg
    assert "<b>" not in svg
    assert root.find(f"{SVG}title").text == hostile


def alone(width=640, caption=None):
    few = estimate(base=9, flag="base<10")
    bars = (Row("One", estimate(), "Group", "people"), Row("Two & three", few, "Group"))
    chart = Intervals("x.y", "A title", "What it shows", bars, (0.0, 1.0))
    svg = standalone(chart, "en", LABELS, width, caption)
    return svg, ElementTree.fromstring(svg)


@pytest.mark.parametrize("width", [320, 640, 1000])
def test_alone_it_has_its_size_and_style_and_nothing_by_percent(width):
    _, root = alone(width)
    height = root.get("height")
    assert root.get("width") == str(width)
    assert root.get("viewBox") == f"0 0 {width} {height}"
    assert not [v for e in root.iter() for v in e.attrib.values() if v.endswith("%")]
    style = root.find(f"{SVG}style").text
    assert "Inter" in style
    assert not re.search(r"var\(|color-mix|@media|url\(http", style)
    for name in ("band", "dot", "track", "few", "tick", "hatch-line"):
        assert f".{name}" in style
    assert "dim-living" not in style  # no rule that nothing uses
    inside = [float(e.get("x")) + float(e.get("width")) for e in classes(root, "band")]
    assert max(inside) <= width


def test_alone_with_a_caption_it_says_what_it_shows():
    bare, _ = alone()
    svg, root = alone(
        caption=Caption(" ".join(["A finding"] * 12), "Question?", ("Base: 9.", "<Source>"))
    )
    assert "<Source>" not in svg
    written = [e.text for e in root.iter(f"{SVG}text")]
    assert " ".join(e.text for e in classes(root, "title")) == " ".join(["A finding"] * 12)
    assert {"Question?", "Base: 9.", "<Source>"} <= set(written)
    assert float(root.get("height")) > float(ElementTree.fromstring(bare).get("height")) + 60


def test_every_row_names_its_estimate():
    _, root = draw(Row("One", estimate()))
    assert [e.get("data-estimate") for e in classes(root, "row")] == ["2017.x"]


def test_few_answers_are_hollow_and_very_few_are_hatched():
    svg, root = draw(
        Row("30", estimate()),
        Row("29", estimate(base=29, flag="base<30")),
        Row("9", estimate(base=9, flag="base<10")),
    )
    assert len(classes(root, "dot")) == 3 + 2  # the key repeats both marks
    assert len(re.findall(r"url\(#x-y-hatch\)", svg)) == 2
    key = " ".join(e.text for e in classes(root, "key"))
    assert key == f"{LABELS['flag_base30']} {LABELS['flag_base10']}"


def test_no_key_and_no_hatching_where_all_bases_are_large():
    svg, root = draw(Row("One", estimate()))
    assert "pattern" not in svg
    assert not classes(root, "key")


def test_nobody_in_the_base_draws_an_empty_track():
    none = estimate(math.nan, math.nan, math.nan, 0, 0, "none")
    svg, root = draw(Row("One", none))
    assert not classes(root, "dot")
    assert "nan" not in svg


def test_long_labels_take_more_lines_and_height():
    short, long = (draw(Row(label, estimate()))[1] for label in ("One", "A rather long word " * 4))
    assert len(classes(long, "label")) == 3
    assert float(long.get("height")) - float(short.get("height")) == 36


def test_a_group_heading_stands_once_above_its_rows():
    _, root = draw(*(Row(label, estimate(), "Region") for label in ("One", "Two")))
    assert [e.text for e in classes(root, "group")] == ["Region"]


@pytest.mark.parametrize(
    ("axis", "ticks"),
    [
        ((0, 1), ["0%", "25%", "50%", "75%", "100%"]),
        ((1, 5), ["1", "2", "3", "4", "5"]),
        ((0, 10), ["0", "2", "4", "6", "8", "10"]),
    ],
)
def test_few_ticks(axis, ticks):
    _, root = draw(Row("One", estimate()), axis=axis)
    assert [e.text for e in classes(root, "tick")] == ticks


def test_a_text_without_a_language_is_refused(tmp_path):
    path = tmp_path / "texts.toml"
    path.write_text('[hello]\nnl = "Dag"\nfr = "Bonjour"\nde = "Guten Tag"\n')
    with pytest.raises(BadInput, match=r"hello.*'en'"):
        texts.load(path)
