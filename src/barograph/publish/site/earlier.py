"""What was published earlier, beside what these answers give."""

from __future__ import annotations

import re

from markupsafe import Markup

from barograph.indicators import Indicator
from barograph.publish.formats import NOTHING
from barograph.publish.further import Further
from barograph.publish.language import Language, fact, figure
from barograph.publish.reproduction import Reproduced
from barograph.publish.site.page import Page


def pages(language: Language, further: Further) -> list[Page]:
    """The page of the reproduction, where something was published earlier."""
    rows = [_reproduced(language, further, row) for row in further.reproduced]
    return [Page("reproduction.html", "reproduction", {"rows": rows})] if rows else []


def _reproduced(language: Language, further: Further, r: Reproduced) -> dict[str, str]:
    row = {"id": r.id, "label": _label(language, r)}
    if r.estimate is None:
        return row | _order(language, further, r)
    e, fmt, percent = further.shown(r.estimate), language.fmt, r.rule == "share"
    hidden, uncounted = e.flag == "withheld", further.hidden(e)
    published = float(r.published)
    plain = fmt.percent(e.plain) if percent else fmt.number(float(r.as_published))
    value = fmt.percent(e.value) if percent else fmt.number(e.value)
    counted = language.t["k_of_base"].format(n=fmt.number(r.n), base=fmt.number(r.base))
    flag = "flag_withheld" if hidden else f"flag_{e.flag.replace('<', '')}" if e.flag else ""
    return row | {
        "published": fact(
            f"published.{r.id}", fmt.percent(published / 100) if percent else fmt.number(published)
        ),
        "as_published": NOTHING if uncounted else fact(f"as_published.{r.id}", plain),
        "estimate": NOTHING if hidden else figure(e.estimate_id, value),
        "interval": NOTHING if hidden else figure(e.estimate_id, fmt.interval(e)),
        "counted": NOTHING if uncounted else figure(e.estimate_id, counted),
        "claim": Markup('<span class="wording">{}</span>').format(language.t[flag]) if flag else "",
    }


def _label(language: Language, r: Reproduced) -> str:
    """What the figure is of: its indicator, item and domain."""
    wave = language.wave
    indicator = wave.barometer.indicators[r.indicator]
    label = indicator.label[language.lang]
    if r.estimate is not None and len(wave.items(indicator)) > 1:
        label += f" – {language.item(indicator, r.items[0])}"
    if r.domain != "all":
        name = next(n for n, d in wave.barometer.domains.items() if r.domain in d.labels)
        label += f" – {language.domain(f'{name}={r.domain}')}"
    return label


def _order(language: Language, further: Further, r: Reproduced) -> dict[str, str]:
    """An order of items: as published, as tested, and the ranks that the answers allow."""
    indicator = language.wave.barometer.indicators[r.indicator]
    found = {_short(indicator, x.of.category): x for x in further.ranks[r.indicator]}
    ranks = [
        Markup("{} {}").format(
            _name(language, indicator, key), figure(found[key].estimate_id, _span(language, *ends))
        )
        for key, ends in r.ranks.items()
    ]
    counted = language.t["k_of_base"].format(
        n=language.fmt.number(r.n), base=language.fmt.number(r.base)
    )
    first = found[_short(indicator, r.items[0])].of
    return {
        "published": _words(language, indicator, r.published),
        "as_published": _words(language, indicator, r.as_published),
        "estimate": _words(language, indicator, r.order),
        "interval": "",
        "counted": figure(first.estimate_id, counted),
        "claim": Markup(language.t["ranks_allowed"]).format(ranks=Markup(", ").join(ranks)),
    }


def _span(language: Language, best: int, worst: int) -> str:
    first, last = language.fmt.number(best), language.fmt.number(worst)
    return first if best == worst else f"{first}–{last}"


def _short(indicator: Indicator, key: str) -> str:
    """An item as published.csv may name it: the row of a battery without the name of the battery."""
    return key.removeprefix(f"{indicator.question}_")


def _name(language: Language, indicator: Indicator, key: str) -> str:
    battery = f"{indicator.question}_{key}"
    known = language.wave.instrument.variables
    return language.item(indicator, battery if battery in known else key)


def _words(language: Language, indicator: Indicator, order: str) -> str:
    """An order of codes in words: "a > b ~ c", and a set "a|b" as "a, b"."""
    spaced = re.sub(r"\s*([>~])\s*", r" \1 ", order.replace("|", ", "))
    return re.sub(r"\w+", lambda code: _name(language, indicator, code[0]), spaced)
