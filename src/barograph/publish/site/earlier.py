"""What was published earlier, beside what these answers give."""

from __future__ import annotations

import re
from collections.abc import Sequence

from barograph.barometer import Indicator
from barograph.publish.language import Language
from barograph.publish.reproduction import Reproduced
from barograph.publish.site.page import Page


def pages(language: Language, reproduced: Sequence[Reproduced]) -> list[Page]:
    """The page of the reproduction, where something was published earlier."""
    rows = [_reproduced(language, row) for row in reproduced]
    return [Page("reproduction.html", "reproduction", {"rows": rows})] if rows else []


def _reproduced(language: Language, r: Reproduced) -> dict[str, str | int]:
    wave, fmt, t = language.wave, language.fmt, language.t
    indicator = wave.barometer.indicators[r.indicator]
    label = indicator.label[language.lang]
    if r.estimate is not None and len(wave.items(indicator)) > 1:
        label += f" – {language.item(indicator, r.items[0])}"
    if r.domain != "all":
        name = next(n for n, d in wave.barometer.domains.items() if r.domain in d.labels)
        label += f" – {language.domain(f'{name}={r.domain}')}"
    row: dict[str, str | int] = {"id": r.id, "label": label, "n": r.n, "base": r.base}
    if r.estimate is None:
        ranks = ", ".join(
            f"{_name(language, indicator, key)} {best}" + (f"–{worst}" if worst > best else "")
            for key, (best, worst) in r.ranks.items()
        )
        return row | {
            "published": _words(language, indicator, r.published),
            "as_published": _words(language, indicator, r.as_published),
            "estimate": _words(language, indicator, r.order),
            "interval": "",
            "claim": t["ranks_allowed"].format(ranks=ranks),
        }
    e = r.estimate
    percent = r.rule == "share"
    return row | {
        "published": fmt.percent(float(r.published) / 100) if percent else r.published,
        "as_published": fmt.percent(e.plain) if percent else r.as_published,
        "estimate": fmt.percent(e.value) if percent else fmt.number(e.value),
        "interval": fmt.interval(e),
        "claim": t[f"flag_{e.flag.replace('<', '')}"] if e.flag else "",
    }


def _name(language: Language, indicator: Indicator, key: str) -> str:
    battery = f"{indicator.question}_{key}"
    known = language.wave.barometer.instrument.variables
    return language.item(indicator, battery if battery in known else key)


def _words(language: Language, indicator: Indicator, order: str) -> str:
    """An order of codes in words: "a > b ~ c", and a set "a|b" as "a, b"."""
    spaced = re.sub(r"\s*([>~])\s*", r" \1 ", order.replace("|", ", "))
    return re.sub(r"\w+", lambda code: _name(language, indicator, code[0]), spaced)
