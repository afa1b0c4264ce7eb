"""Every kind of chart draws what it is given, on a page and alone, and nothing else."""

from __future__ import annotations

import math
import re
import shutil
from xml.etree import ElementTree

import pytest
from markupsafe import Markup

from barograph.barometer import Barometer
from barograph.estimate import Estimate
from barograph.publish import charts, texts
from barograph.publish.charts.measure import width as measured
from barograph.publish.charts.pixels import png
from barograph.publish.language import Language
from barograph.publish.site.drawn import Drawn
from barograph.publish.site.headlines import Headline

SVG = "{http://www.w3.org/2000/svg}"
WORDS = texts.load()
NAN = math.nan


def estimate(value=0.5, low=None, high=None, *, base=100, flag="", category="x", statistic="share"):
    return Estimate(
        estimate_id=f"2017.x.{category}",
        indicator="x",
        category=category,
        domain="all",
        statistic=statistic,
        value=value,
        se=0.05,
        low=value - 0.1 if low is None else low,
        high=value + 0.1 if high is None else high,
        n=20,
        base=base,
        plain=value,
        df=1.0,
        effective_n=1.0,
        design_effect=1.0,
        flag=flag,
    )


def withheld(category="x"):
    return estimate(NAN, NAN, NAN, base=5, flag="withheld", category=category)


def on_page(chart, lang="en"):
    return ElementTree.fromstring(charts.inline(chart, lang, WORDS[lang]))


def alone(chart, lang="en"):
    return ElementTree.fromstring(charts.standalone(chart, lang, WORDS[lang]))


def of(root, name):
    return [e for e in root.iter() if name in e.get("class", "").split()]


def number(e, name):
    return float(e.get(name).rstrip("%"))


def likert(*rows, midpoint=True):
    return charts.Likert("l", "Title", "What", ("low", "mid", "high"), rows, midpoint)


def scale(label, *shares, apart=0):
    made = (estimate(s, category=f"{label}={i}") for i, s in enumerate(shares))
    return charts.Scale(label, tuple(made), apart)


@pytest.mark.parametrize("draw", [on_page, alone])
def test_bars_start_at_zero_and_end_at_their_value(draw):
    rows = (charts.Row("A", estimate(0.8)), charts.Row("B", estimate(0.4)))
    root = draw(charts.Bars("b", "Title", "What", rows, (0.0, 1.0)))
    first, second = of(root, "bar")
    assert first.get("x") == second.get("x")
    assert number(first, "width") == pytest.approx(2 * number(second, "width"), rel=0.01)
    assert len(of(root, "whisker")) == 2


def test_small_shares_get_half_the_axis_and_totals_the_whole():
    def ticks(value, axis, statistic):
        row = charts.Row("A", estimate(value, value, value, statistic=statistic))
        return [e.text for e in of(on_page(charts.Bars("b", "T", "W", (row,), axis)), "tick")]

    assert ticks(0.3, (0.0, 1.0), "share")[-1] == "50%"
    assert ticks(0.7, (0.0, 1.0), "share")[-1] == "100%"
    assert ticks(20.0, (0.0, 589.0), "total") == ["0", "200", "400"]


@pytest.mark.parametrize("draw", [on_page, alone])
def test_the_levels_of_a_row_fill_it_in_order(draw):
    root = draw(likert(scale("A", 0.2, 0.3, 0.5), scale("B", 0.6, 0.3, 0.1)))
    levels = [e for e in of(root, "level") if e.get("data-estimate")]
    assert [e.get("data-estimate") for e in levels] == [
        f"2017.x.{row}={i}" for row in "AB" for i in range(3)
    ]
    widths = [number(e.find(f"{SVG}rect"), "width") for e in levels]
    assert widths[0] / sum(widths[:3]) == pytest.approx(0.2, abs=0.002)
    assert sum(widths[:3]) == pytest.approx(sum(widths[3:]), rel=0.002)
    ends = [number(e.find(f"{SVG}rect"), "x") + w for e, w in zip(levels, widths, strict=True)]
    assert number(levels[1].find(f"{SVG}rect"), "x") == pytest.approx(ends[0], abs=0.2)


def test_alone_the_last_tick_has_room():
    root = alone(likert(scale("A", 0.2, 0.3, 0.5)), "de")
    last = of(root, "tick")[-1]
    assert number(last, "x") + measured(last.text, 13) / 2 <= number(root, "width")


def test_a_level_without_room_has_no_words_and_one_with_room_on_a_desk_says_so():
    root = on_page(likert(scale("A", 0.01, 0.08, 0.91)))
    words = [e.find(f"{SVG}text") for e in of(root, "level") if e.get("data-estimate")]
    assert words[0] is None
    assert words[1].get("class") == "roomy"
    assert words[2].text == "91%"
    assert words[2].get("class") is None


def test_those_without_an_opinion_stand_apart_where_there_are_any():
    assert not of(on_page(likert(scale("A", 0.2, 0.3, 0.5))), "aside")
    root = on_page(likert(scale("A", 0.2, 0.3, 0.5, apart=7)))
    assert [e.text for e in of(root, "aside")] == ["7"]
    assert of(root, "row")[0].get("data-fact") == "no_opinion"


def test_a_row_with_one_level_withheld_shows_none():
    row = charts.Scale("A", (estimate(0.2), withheld(), estimate(0.3)), 0)
    root = on_page(likert(row))
    assert not [e for e in of(root, "level") if e.get("data-estimate")]
    assert [e.text for e in of(root, "inside")] == [WORDS["en"]["flag_withheld"]]
    assert of(root, "hatched")[0].get("fill") == "url(#l-hatch)"


@pytest.mark.parametrize(("midpoint", "tones"), [(True, "d1 d3 d5"), (False, "s1 s3 s5")])
def test_a_scale_with_a_middle_takes_two_hues(midpoint, tones):
    root = on_page(likert(scale("A", 0.2, 0.3, 0.5), midpoint=midpoint))
    found = [e.get("class").split()[1] for e in of(root, "level") if e.get("data-estimate")]
    assert found == tones.split()


@pytest.mark.parametrize("draw", [on_page, alone])
def test_a_rank_runs_from_best_to_worst(draw):
    rows = tuple(
        charts.Rank(label, estimate(v, category=label), *range_, tier)
        for label, v, range_, tier in (
            ("A", 0.6, (1, 1), 1),
            ("B", 0.3, (2, 3), 2),
            ("C", 0.2, (2, 3), 2),
        )
    )
    root = draw(charts.Ranks("r", "Title", "What", rows, "Group {number}"))
    whole = number(of(root, "track")[0], "width")
    shares = [number(e, "width") / whole for e in of(root, "band")]
    assert shares == [pytest.approx(n / 3, abs=0.002) for n in (1, 2, 2)]
    assert [e.text for e in of(root, "value")] == ["1", "2–3", "2–3"]
    assert [e.text for e in of(root, "group")] == ["Group 1", "Group 2"]
    assert [e.text for e in of(root, "tick")] == ["1", "2", "3"]


def slopes(*estimates, breaks=("", "")):
    series = (charts.Series("A", estimates),)
    return charts.Slopes("s", "Title", "What", ("2017", "2020"), series, breaks)


@pytest.mark.parametrize("draw", [on_page, alone])
def test_a_slope_rises_with_its_value(draw):
    root = draw(slopes(estimate(0.3, category="a"), estimate(0.6, category="b")))
    (line,) = of(root, "slope")
    assert number(line, "y1") > number(line, "y2")
    assert number(line, "x1") < number(line, "x2")
    assert len(of(root, "upright")) == len(of(root, "dot")) == 2
    assert [e.text for e in of(root, "over")] == ["30%", "60%"]
    assert [e.text for e in of(root, "tick")] == ["2017", "2020"]
    assert not of(root, "broken")


def test_a_break_is_drawn_and_told():
    root = on_page(slopes(estimate(0.3), estimate(0.6), breaks=("", "other wording")))
    assert "broken" in of(root, "slope")[0].get("class")
    told = " ".join(e.text for e in of(root, "key"))
    assert told == "Break before 2020: other wording"


@pytest.mark.parametrize("missing", [None, withheld()])
def test_a_wave_without_a_figure_leaves_a_gap(missing):
    root = on_page(slopes(missing, estimate(0.6)))
    assert not of(root, "slope")
    assert len(of(root, "dot")) == 1


def test_two_waves_with_other_municipalities_are_drawn_with_a_break(wave, tmp_path):
    """A fixture of three waves: 2016 and 2017 on one frame, 2020 after mergers."""
    folder = shutil.copytree(wave.barometer.folder, tmp_path / "barometer")
    later = {code for code, _ in _later(wave)}
    for name, day in (("2016", "2016-02-01"), ("2020", "2020-02-01")):
        shutil.copytree(folder / "2017", folder / name)
        settings = (folder / name / "wave.toml").read_text()
        settings = re.sub(r"reference_date = \S+", f"reference_date = {day}", settings)
        (folder / name / "wave.toml").write_text(settings)
        answers = folder / name / "responses.csv"
        head, *lines = answers.read_text().splitlines()
        kept = [line for line in lines if name != "2020" or line.split(",")[0] not in later]
        answers.write_text("\n".join([head, *kept]) + "\n")
    opened = Barometer.open(folder).wave("2020")
    indicators = opened.barometer.indicators
    estimated = {n: opened.shown(opened.estimates(i)) for n, i in indicators.items()}
    drawn = Drawn(Language(opened, "fr", WORDS["fr"]), estimated)
    first = drawn.figure(indicators["priority"])["more"][0]["chart"]
    assert isinstance(first, charts.Slopes)
    assert first.waves == ("2016", "2017", "2020")
    assert first.breaks[:2] == ("", "")
    assert "fusions" in first.breaks[2]
    root = on_page(first, "fr")
    assert len(of(root, "slope")) == 6 * 2 + 1  # and the key
    assert len(of(root, "broken")) == 6 + 1
    withheld_ = [e for e in drawn.estimated["relevance"] if e.flag == "withheld"]
    page = on_page(drawn.figure(indicators["relevance"])["chart"], "fr")
    assert len(of(page, "dot")) - len(of(page, "key")) <= 6 - len(withheld_)


def _later(wave):
    """Municipalities of the wave that had merged by 2020, with the day."""
    path = wave.barometer.folder / "frame" / "mergers.csv"
    head, *lines = path.read_text().splitlines()
    names = head.split(",")
    for line in lines:
        row = dict(zip(names, line.split(","), strict=False))
        if "2017-02-01" < row["effective_date"] <= "2020-02-01":
            yield row["old_nis"], row["effective_date"]


@pytest.fixture(scope="module")
def drawn(wave):
    estimated = {n: wave.shown(wave.estimates(i)) for n, i in wave.barometer.indicators.items()}
    found = Headline("Ein Befund", Markup("Ein Befund"), "")
    return Drawn(Language(wave, "de", WORDS["de"]), estimated, {"relevance": found})


def test_the_kind_of_a_chart_follows_from_what_is_measured(drawn):
    kinds = {
        "relevance": charts.Intervals,
        "view": charts.Intervals,
        "priority": charts.Bars,
        "view_answers": charts.Likert,
    }
    for name, kind in kinds.items():
        figure = drawn.figure(drawn.language.wave.barometer.indicators[name])
        assert type(figure["chart"]) is kind, name
    assert (
        drawn.figure(drawn.language.wave.barometer.indicators["relevance"])["headline"]
        == "Ein Befund"
    )


def test_as_many_marks_as_figures_in_every_chart(drawn):
    for indicator in drawn.language.wave.barometer.indicators.values():
        if not indicator.section:
            continue
        figure = drawn.figure(indicator)
        expected = sorted(e.estimate_id for _, _, e in figure["rows"])
        for root in (on_page(figure["chart"], "de"), alone(figure["chart"], "de")):
            found = [e.get("data-estimate") for e in root.iter() if e.get("data-estimate")]
            assert sorted(found) == expected, indicator.name


def test_a_battery_of_shares_adds_up_to_one_in_each_row(drawn):
    figure = drawn.figure(drawn.language.wave.barometer.indicators["view_answers"])
    assert len(figure["chart"].rows) == 7
    for row in figure["chart"].rows:
        assert len(row.shares) == 5
        assert sum(e.value for e in row.shares) == pytest.approx(1)
    scores = [sum(i * e.value for i, e in enumerate(r.shares)) for r in figure["chart"].rows]
    assert scores == sorted(scores, reverse=True)


def test_the_response_chart_compares_respondents_with_the_frame(drawn, wave):
    shown = drawn.response()
    chart = shown["chart"]
    assert sum(r.population for r in chart.rows if r.fact.startswith("response.region")) == (
        pytest.approx(1)
    )
    assert sum(units for *_, units, _, _ in shown["table"]) == 2 * len(wave.frame)
    assert sum(given for *_, given, _ in shown["table"]) == 2 * len(wave.responses.units)
    root = on_page(chart, "de")
    assert len(of(root, "dot")) == len(chart.rows) + 1  # and the key
    assert all(e.get("data-fact") for e in of(root, "row"))
    assert re.search(r"0,\d\d", shown["lead"])


def test_the_map_alone_has_every_unit_and_its_legend(drawn, wave):
    shown = drawn.map()
    root = ElementTree.fromstring(shown["map"].alone("de", 640, charts.Caption("Titel")))
    units = sum(
        e.get("d").count("M")
        for e in root.iter(f"{SVG}path")
        if re.match(r"k\d", e.get("class", ""))
    )
    assert units == len(wave.frame) == 589
    entries = [e for e in root.iter() if e.get("data-estimate")]
    assert len(entries) == len(shown["rows"])


def test_a_picture_has_the_same_pixels_twice():
    rows = (charts.Row("A", estimate(0.8)),)
    svg = charts.standalone(charts.Bars("b", "Title", "What", rows, (0.0, 1.0)), "en", WORDS["en"])
    first = png(svg)
    assert first.startswith(b"\x89PNG")
    assert int.from_bytes(first[16:20], "big") == 1.5 * 640
    assert png(svg) == first


def curves(now, *before):
    made = [charts.DayByDay(f"w{i}", tuple(parts)) for i, parts in enumerate((now, *before))]
    return charts.Curves("c", "Title", "What", made[0], tuple(made[1:]), "days")


@pytest.mark.parametrize("draw", [on_page, alone])
def test_curves_share_both_axes_and_end_at_their_value(draw):
    root = draw(curves((0.0, 0.05, 0.1), (0.0, 0.1, 0.2, 0.2, 0.4)))
    lines = [e for e in of(root, "slope") if e.tag == f"{SVG}line"][2:]  # after the key
    now = [e for e in lines if "earlier" not in e.get("class")]
    before = [e for e in lines if "earlier" in e.get("class")][-1]
    bottom = max(number(e, "y1") for e in now)
    (dot,) = of(root, "dot")
    assert bottom - number(dot, "cy") == pytest.approx((bottom - number(before, "y2")) / 4, abs=0.2)
    left, right = number(now[0], "x1"), number(before, "x2")
    assert number(dot, "cx") - left == pytest.approx((right - left) / 2, abs=0.3)
    assert [e.text for e in of(root, "key")][:2] == ["w1", "w0"]


def test_a_curve_alone_needs_no_key_and_a_straight_stretch_is_one_line():
    root = on_page(curves([0.0] * 20 + [0.3]))
    assert [e.text for e in of(root, "key")] == ["days"]
    assert len([e for e in of(root, "slope") if e.tag == f"{SVG}line"]) == 2


def test_a_curve_of_the_first_day():
    assert len(of(on_page(curves([0.0])), "dot")) == 1
