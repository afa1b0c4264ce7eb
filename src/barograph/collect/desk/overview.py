"""How the wave stands: response, its curve and map, mail and jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from django.http import HttpResponse
from django.views.decorators.http import require_safe
from markupsafe import Markup

from barograph.accounts.doors import StaffRequest, staff_page
from barograph.collect import access, jobs
from barograph.collect.desk.labels import domain_label, value_label
from barograph.collect.desk.shown import show_desk, wave_named, words
from barograph.collect.models import Wave

if TYPE_CHECKING:
    from barograph.collect.monitoring.standing import Standing

PAGE = "overview"
# Figures and their libraries load in the first request that needs them, not with the interview.


@require_safe
@staff_page("desk")
def overview(request: StaffRequest, wave: str) -> HttpResponse:
    """The wave today."""
    from barograph.collect.monitoring import curve
    from barograph.collect.monitoring.precision import precision
    from barograph.collect.monitoring.standing import standing
    from barograph.collect.monitoring.tables import mail
    from barograph.publish.formats import Formats

    found, lang = wave_named(wave), access.language(request)
    stand, w = standing(found), words(PAGE)[lang]
    now, before = curve.of_standing(stand), curve.earlier(stand)
    context = {
        "fmt": Formats(lang),
        "stand": stand,
        "fieldwork": stand.fieldwork,
        "precision": precision(stand),
        "groups": grouped(stand, lang, w),
        "curve": now,
        "before": before,
        "picture": _curve(now, before, lang, w) if now else None,
        "weeks": _weeks(now, before) if now else [],
        "map": _map(stand, lang, w),
        "mail": mail(stand).rows,
        **_jobs(found, lang),
    }
    return show_desk(request, found, PAGE, context)


@require_safe
@staff_page("desk")
def progress(request: StaffRequest, wave: str) -> HttpResponse:
    """The part of the page that tells of jobs, asked for every two seconds while one runs."""
    found = wave_named(wave)
    return show_desk(request, found, "jobs", _jobs(found, access.language(request)))


def _jobs(wave: Wave, lang: str) -> dict[str, Any]:
    rows = list(jobs.shown(wave))
    stopped = {job.pk for job in rows if jobs.silent(job)}
    return {
        "j": words("jobs")[lang],
        "jobs": rows,
        "stopped": stopped,
        "busy": any(job.ended is None and job.pk not in stopped for job in rows),
    }


def grouped(stand: Standing, lang: str, w: Mapping[str, str]) -> list[dict[str, Any]]:
    """Response by domain, in words; the scale of all bars is that of the highest rate."""
    from barograph.publish.formats import number

    found: dict[str, list[tuple[str, Any]]] = {}
    for group in stand.groups:
        label = value_label(stand.described, group.domain, group.value, lang, w)
        found.setdefault(group.domain, []).append((label, group))
    if "size" in found:
        low, high = (number(bound, lang) for bound in stand.bounds)
        w = {**w, "size": w["size"].format(low=low, high=high)}
    return [
        {"name": name, "label": domain_label(stand.described, name, lang, w), "rows": rows}
        for name, rows in found.items()
    ]


def _curve(now: Any, before: list[Any], lang: str, w: Mapping[str, str]) -> Markup:
    from barograph.publish.charts import Curves, DayByDay, inline

    curves = Curves(
        "days",
        w["curve"],
        w["curve_description"],
        DayByDay(now.name, tuple(now.rates)),
        tuple(DayByDay(each.name, tuple(each.rates)) for each in before),
        w["curve_axis"],
    )
    return Markup(inline(curves, lang, {}))


def _weeks(now: Any, before: list[Any]) -> list[tuple[int, list[int | None]]]:
    """Each seventh day and the last: how many had signed, wave by wave; None after its end."""
    curves = [now, *before]
    last = len(now.signed) - 1
    days = sorted({*range(0, last + 1, 7), last})
    return [(d, [c.signed[min(d, len(c.signed) - 1)] for c in curves]) for d in days]


def _map(stand: Standing, lang: str, w: Mapping[str, str]) -> Markup | None:
    """A hexagon for each municipality by where its response stands; None without geometry."""
    from barograph.publish.charts import LegendEntry
    from barograph.publish.formats import number
    from barograph.publish.site.mapped import MAPS

    folder = stand.described.barometer.folder / "frame"
    draw = next((d for name, d in MAPS.items() if (folder / name).exists()), None)
    if draw is None:
        return None
    shade = {"signed": "k5", "begun": "k2", "untouched": "k0"}
    total = stand.total
    counts = {"signed": total.signed, "begun": total.begun}
    counts["untouched"] = total.units - sum(counts.values())
    legend = [
        LegendEntry(shade[name], w[f"stand_{name}"], number(count, lang))
        for name, count in counts.items()
    ]
    classes = {unit.code: shade[unit.stand] for unit in stand.units}
    first = next(iter(stand.domains.values()), np.array([]))
    outlines = dict(zip((unit.code for unit in stand.units), first.tolist(), strict=False))
    title = w["map"]
    description = w["map_description"].format(
        **{name: number(count, lang) for name, count in counts.items()}
    )
    drawn, _ = draw(folder, classes, legend, title, description, outlines)
    return Markup(drawn.html())
