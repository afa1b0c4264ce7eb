"""Where answering stops, and how long its pages take."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from barograph.accounts.doors import StaffRequest, staff_page
from barograph.collect import access
from barograph.collect.desk.shown import show_desk, wave_named
from barograph.collect.questionnaire import questionnaire
from barograph.instrument import Instrument

PAGE = "answering"


@require_safe
@staff_page("desk")
def answering(request: StaffRequest, wave: str) -> HttpResponse:
    """Break-offs by question, times by section."""
    from barograph.collect.monitoring import effort
    from barograph.publish.formats import Formats

    found, lang = wave_named(wave), access.language(request)
    form = questionnaire(found.form_id)
    stopped, times = effort.break_offs(found), effort.times(found)
    context = {
        "fmt": Formats(lang),
        "quiet_days": effort.QUIET.days,
        "stopped": [
            (
                form.sections[b.section].label.get(lang, b.section) if b.section else "",
                _asked(form.instrument, b.question, lang) if b.question else "",
                b.responses,
            )
            for b in stopped
        ],
        "quiet": sum(b.responses for b in stopped),
        "times": [(form.sections[t.section].label.get(lang, t.section), t) for t in times],
        "longest": max((t.quartiles[2] for t in times), default=1.0),
        "whole": sum(t.quartiles[1] for t in times),
    }
    return show_desk(request, found, PAGE, context)


def _asked(instrument: Instrument, name: str, lang: str) -> str:
    """A question in words; of a row of a battery, the sentence above it too."""
    row = instrument.variables.get(name)
    stem = instrument.groups[row.battery].get(lang, "") if row and row.battery else ""
    label = instrument.questions[name].label.get(lang, name)
    return f"{stem} – {label}" if stem else label
