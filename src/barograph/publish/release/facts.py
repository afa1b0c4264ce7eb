"""Facts of a wave that a release may quote as n.invited and so on, and who stands behind it.

Contact and funders come from barometer.toml:

    [contact]                                   # name; if wanted email and phone
    [[funders]]                                 # name; if wanted interest, a text per language
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from barograph.barometer import Barometer, Wave
from barograph.errors import BadInput
from barograph.estimate.intervals import LEVEL
from barograph.files import need, read_toml, translated
from barograph.publish import formats, texts
from barograph.publish.claims.kinds import SMALLEST_DIFFERENCE
from barograph.publish.data.terms import Terms
from barograph.publish.language import Language
from barograph.publish.release.marks import Mark, literal
from barograph.weight.representativity import of_sample

CONTACT = ("name", "email", "phone")
DAYS = ("reference_date", "opened", "closed")


@dataclass(frozen=True)
class Fact:
    """A text with numbers that is no estimate; `day` when it is a date."""

    text: str
    day: date | None = None

    def mark(self, name: str) -> Mark:
        """The element around it: a time, or data that names the fact."""
        if self.day:
            return Mark("time", {"datetime": self.day.isoformat()})
        return Mark("data", {"data-fact": name, "value": self.text})


def facts(wave: Wave, lang: str) -> dict[str, Fact]:
    """The facts of a wave in a language."""
    language = Language(wave, lang, texts.load(languages=(lang,))[lang])
    method = language.method()
    weights = language.t["method_weighting_text"].format(**method)
    even, _ = of_sample(wave.sample)
    number = language.fmt.number
    told = {name: Fact(text) for name, text in method.items() if name not in (*DAYS, "date")}
    days = {
        name: Fact(language.fmt.date(getattr(wave, name)), getattr(wave, name)) for name in DAYS
    }
    operator, contact, funding = _imprint(wave.barometer, lang)
    return {
        **told,
        **days,
        "method": Fact(weights.split(". ")[0].rstrip(".")),
        "level": Fact(language.fmt.percent(LEVEL)),
        "r_indicator": Fact(number(even.r, 2)),
        "variation": Fact(number(even.variation, 2)),
        "percent_from": Fact(number(formats.PERCENT_FROM)),
        "smallest_difference": Fact(number(100 * SMALLEST_DIFFERENCE)),
        "operator": Fact(operator),
        "contact": Fact(contact),
        "funding": Fact(funding),
    }


def _imprint(barometer: Barometer, lang: str) -> tuple[str, str, str]:
    """Operator, contact and funders as the release names them; empty where nobody is named."""
    path = barometer.folder / "barometer.toml"
    settings = read_toml(path)
    operator = Terms.of(barometer).operator
    funders = settings.get("funders", [])
    if not isinstance(funders, list) or not all(isinstance(f, dict) for f in funders):
        raise BadInput("funders are no list of tables", file=path, todo="Write [[funders]]")
    said = settings.get("contact", {})
    if not isinstance(said, dict) or not all(isinstance(text, str) for text in said.values()):
        raise BadInput("contact is no table of texts", file=path)
    if unknown := [key for key in said if key not in CONTACT]:
        raise BadInput(f"contact: {unknown[0]!r} is no setting here", file=path)
    return (
        literal(operator.name if operator else barometer.title[lang]),
        ", ".join(literal(said[key]) for key in CONTACT if said.get(key)),
        "; ".join(_funder(barometer, lang, funder) for funder in funders),
    )


def _funder(barometer: Barometer, lang: str, funder: dict[str, Any]) -> str:
    path = barometer.folder / "barometer.toml"
    name = need(path, funder, "name")
    names = {lang: name} if isinstance(name, str) else name
    shown = translated(path, "funders.name", names, (lang,))[lang]
    if "interest" not in funder:
        return literal(shown)
    interest = translated(path, "funders.interest", funder["interest"], barometer.languages)
    return literal(f"{shown} ({interest[lang]})")
