"""The tables of the desk as files: one builder a table, one function that writes them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

from django.db.models import Count
from django.utils import timezone

from barograph.accounts.roles import Permission
from barograph.collect.models import Message
from barograph.collect.monitoring import curve, effort
from barograph.collect.monitoring.calling import next_ones
from barograph.collect.monitoring.precision import precision
from barograph.collect.monitoring.standing import Standing
from barograph.estimate.estimate import domain_key
from barograph.publish.data.tables import Cell, Field, Table, csv_bytes
from barograph.publish.data.workbook import xlsx_bytes

Rows = Iterator[tuple[Cell, ...]]
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class Export(NamedTuple):
    """Who may have a table, and what makes it."""

    permission: Permission
    make: Callable[[Standing], Table]


def _text(name: str, description: str) -> Field:
    return Field(name, "string", description)


def _count(name: str, description: str) -> Field:
    return Field(name, "integer", description)


def _number(name: str, description: str) -> Field:
    return Field(name, "number", description)


def response(stand: Standing) -> Table:
    """Who has answered, by group."""
    rows = [
        (g.domain or "all", g.value, g.units, g.signed, g.begun, g.rate)
        for g in (stand.total, *stand.groups)
    ]
    return Table(
        "response",
        "Response by group of municipalities",
        (
            _text("domain", "Domain, or size: thirds of the frame by inhabitants"),
            _text("value", "Value of the domain"),
            _count("units", "Municipalities"),
            _count("signed", "Municipalities whose answers are signed"),
            _count("begun", "Municipalities that have begun and not signed"),
            _number("rate", "signed / units"),
        ),
        rows,
        ("domain", "value"),
    )


def days(stand: Standing) -> Table:
    """The curves of response."""
    now = curve.of_standing(stand)
    rows = [
        (each.name, day, each.units, signed)
        for each in (*curve.earlier(stand), *([now] if now else []))
        for day, signed in enumerate(each.signed)
    ]
    return Table(
        "days",
        "Municipalities that had signed so many days after the opening",
        (
            _text("wave", "Name of the wave"),
            _count("day", "Days since the opening"),
            _count("units", "Municipalities of the wave"),
            _count("signed", "Municipalities that had signed by the end of the day"),
        ),
        rows,
        ("wave", "day"),
    )


def evenness(stand: Standing) -> Table:
    """R-indicator, coefficient of variation, partial indicators."""
    return Table(
        "evenness",
        "Evenness of response over the crossed domains",
        (
            _text("indicator", "r, cv, rate, p_u or p_c, see docs/fieldwork.md"),
            _text("domain", "Domain of a partial indicator"),
            _text("value", "Value of the domain; empty for the whole domain"),
            _number("adjusted", "Adjusted for the size of cells; partial indicators are not"),
            _number("raw", "As it is"),
        ),
        list(_even(stand)),
        ("indicator", "domain", "value"),
    )


def _even(stand: Standing) -> Rows:
    if stand.fieldwork.evenness is None:
        return
    whole, parts = stand.fieldwork.evenness
    yield "rate", "", "", None, whole.rate
    yield "r", "", "", whole.r, whole.raw_r
    yield "cv", "", "", whole.variation, whole.raw_variation
    for name, part in parts.items():
        yield "p_u", name, "", None, part.unconditional
        yield "p_c", name, "", None, part.conditional
        for value, signed in part.categories.items():
            yield "p_u", name, value, None, signed


def stop(stand: Standing) -> Table:
    """The parts of the stop rule."""
    return Table(
        "stop",
        "Domains under the stop rule: 15 respondents, or every open unit asked 4 times",
        (
            _text("domain", "Domain"),
            _text("value", "Value of the domain"),
            _count("units", "Municipalities"),
            _count("signed", "Municipalities whose answers are signed"),
            _count("least", "Fewest contacts of a municipality that is still open; 4 without any"),
            _count("enough", "1 when the rule holds"),
        ),
        [
            (r.domain, r.value, r.units, r.respondents, r.least, int(r.enough))
            for r in stand.fieldwork.reached()
        ],
        ("domain", "value"),
    )


def widths(stand: Standing) -> Table:
    """Expected precision."""
    found = precision(stand)
    return Table(
        "precision",
        "Expected half width of 95% intervals if fieldwork stopped now; no answer of this wave is read",
        (
            _text("indicator", "Indicator of shares; empty: a share of one half, asked of all"),
            _text("domain", "all, or domain=value"),
            _number("half_width", "Of its widest figure; 0..1; empty where nobody is in the base"),
            _text("since", "Wave whose shares were taken; empty for one half"),
        ),
        [
            (name, domain_key(d), None if math.isnan(x) else x, since)
            for name, half_widths, since in (
                *([("", found.half, "")] if found.half else []),
                *((row.indicator.name, row.half_widths, row.since) for row in found.rows),
            )
            for d, x in zip(found.domains, half_widths, strict=True)
        ],
        ("indicator", "domain"),
    )


def asked_next(stand: Standing) -> Table:
    """Whom to ask next, all of them."""
    return Table(
        "next",
        "Municipalities to be asked next, in order",
        (
            _count("place", "Place in the order"),
            _text("code", "Code of the municipality"),
            _text("name", "Name of the municipality"),
            _text("begun", "begun or untouched"),
            _text("lacks", "Category that lacks most, domain=value"),
            _number("p_u", "Its partial indicator"),
            _number("gain", "Fall of the coefficient of variation if one unit of the cell answers"),
            _count("contacts", "Rounds of mail and calls so far"),
            _count("personal", "1 when its cell answers less than 0.7 times the mean"),
        ),
        [
            (
                place,
                n.unit.code,
                n.unit.name,
                n.unit.stand,
                f"{n.asked.domain}={n.asked.value}" if n.asked.domain else "",
                n.asked.part,
                n.asked.gain,
                n.unit.contacts,
                int(n.asked.personal),
            )
            for place, n in enumerate(next_ones(stand), 1)
        ],
        ("place",),
    )


def break_offs(stand: Standing) -> Table:
    """Where answering stopped."""
    return Table(
        "break_offs",
        "Responses begun, not signed and quiet for 7 days, by the last question answered",
        (
            _text("section", "Section"),
            _text("question", "Last question answered; empty: none"),
            _count("responses", "Municipalities"),
        ),
        [(b.section, b.question, b.responses) for b in effort.break_offs(stand.wave)],
        ("question",),
    )


def times(stand: Standing) -> Table:
    """How long sections took."""
    return Table(
        "times",
        "Seconds that the people of one municipality spent on a section",
        (
            _text("section", "Section"),
            _count("responses", "Municipalities"),
            _number("quarter", "25% took at most"),
            _number("median", "50% took at most"),
            _number("three_quarters", "75% took at most"),
        ),
        [(t.section, t.responses, *t.quartiles) for t in effort.times(stand.wave)],
        ("section",),
    )


def mail(stand: Standing) -> Table:
    """Messages by kind and state."""
    counted = (
        Message.objects.filter(invitation__unit__wave=stand.wave)
        .values_list("kind", "state")
        .annotate(Count("pk"))
        .order_by("kind", "state")
    )
    return Table(
        "mail",
        "Messages by what they are and where they stand",
        (
            _text("kind", "What it is"),
            _text("state", "Where it stands"),
            _count("messages", "Messages"),
        ),
        list(counted),
        ("kind", "state"),
    )


EXPORTS: dict[str, Export] = {
    "response": Export("desk", response),
    "days": Export("desk", days),
    "evenness": Export("desk", evenness),
    "stop": Export("desk", stop),
    "precision": Export("desk", widths),
    "next": Export("contacts", asked_next),
    "break_offs": Export("desk", break_offs),
    "times": Export("desk", times),
    "mail": Export("desk", mail),
}


def written(table: Table, stand: Standing, kind: str) -> bytes:
    """The table as a file of a kind of `MEDIA`; no text in it becomes a formula."""
    if kind == "csv":
        return csv_bytes(table)
    wave, today = stand.wave, timezone.localdate()
    notes = [f"{table.description}, wave {wave.name}, {today}"]
    if wave.practice:
        notes.append("Practice: no municipality gave these answers")
    return xlsx_bytes([table], notes, f"{wave.name} {table.name}", "Barograph", today)
