"""Every table of the desk as a file."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from barograph.accounts import log
from barograph.accounts.doors import StaffRequest, staff_page
from barograph.collect.desk.shown import wave_named


@require_safe
@staff_page("desk")
def table(request: StaffRequest, wave: str, name: str) -> HttpResponse:
    """`NAME.csv` or `NAME.xlsx`, for whoever may see the table on its page."""
    from barograph.collect.monitoring.standing import standing
    from barograph.collect.monitoring.tables import EXPORTS, MEDIA, written

    found = wave_named(wave)
    what, _, kind = name.partition(".")
    if what not in EXPORTS or kind not in MEDIA:
        raise Http404
    if not request.account.may(EXPORTS[what].permission):
        raise PermissionDenied
    stand = standing(found)
    content = written(EXPORTS[what].make(stand), stand, kind)
    log.note(request.account, "table taken", found.name, name)
    return HttpResponse(
        content,
        content_type=MEDIA[kind],
        headers={"Content-Disposition": f'attachment; filename="{found.name}-{name}"'},
    )
