"""How pages were answered: seconds, faults, language, class of device. No address, no keystrokes."""

from __future__ import annotations

from django.utils import timezone

from barograph.collect.access import Visit
from barograph.collect.models import Paradata

LONGEST = 24 * 60 * 60
PAGE, LANGUAGE, PREFILL = "page", "language", "prefill"


def note(
    visit: Visit,
    kind: str,
    section: str = "",
    *,
    seconds: int | None = None,
    faults: int | None = None,
) -> None:
    """Writes one line about a page sent, a language changed or earlier answers settled.

    Nothing about staff: how long they type says nothing about answering.
    """
    if visit.entered_by is not None:
        return
    Paradata.objects.create(
        response=visit.response,
        role=visit.invitation.role,
        section=section,
        at=timezone.now(),
        kind=kind,
        seconds=None if seconds is None else max(0, min(seconds, LONGEST)),
        faults=faults,
        language=visit.language,
        device=device(visit.request.headers.get("User-Agent", "")),
    )


def device(agent: str) -> str:
    """Phone, tablet, desktop or other; the browser's own words are not kept."""
    if "iPad" in agent or ("Android" in agent and "Mobile" not in agent):
        return "tablet"
    if "Mobi" in agent:
        return "phone"
    return "desktop" if any(s in agent for s in ("Windows", "Macintosh", "X11")) else "other"
