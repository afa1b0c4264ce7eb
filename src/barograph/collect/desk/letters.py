"""The letters of the wave, as a contact would get them, and one to oneself to try."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_POST, require_safe

from barograph.accounts.doors import StaffRequest, staff_page
from barograph.accounts.log import note
from barograph.collect.desk.mail import show_mail
from barograph.collect.desk.shown import wave_named
from barograph.collect.models import Contact, Mailing, Unit, Wave
from barograph.collect.rounds.letters import Letters
from barograph.collect.rounds.release import send_test
from barograph.errors import BadInput

LETTERS = (("invitation", 1), ("reminder", 1), ("reminder", 2), ("reminder", 3))


@require_safe
@staff_page("mail")
def letters(request: StaffRequest, wave: str) -> HttpResponse:
    """A letter to a contact; its links are not filled in."""
    found, get = wave_named(wave), request.GET
    kind, number = _letter(get.get("letter", ""))
    query = get.get("q", "")[:100]
    context = {"letters": LETTERS, "kind": kind, "number": number, "query": query}
    context |= {"sent": get.get("sent", ""), "letter": None, "fault": ""}
    contact = _contact(found, query)
    if contact is None:
        return show_mail(request, found, "letters", context)
    unit = found.units.get(code=contact.code)
    note(request.account, "contacts read", found.name, unit.code)
    try:
        letter = Letters.of(found).letter(kind, number, unit, contact)
    except BadInput as error:
        return show_mail(request, found, "letters", {**context, "fault": str(error)}, 409)
    context |= {"contact": contact, "unit": unit, "letter": letter}
    return show_mail(request, found, "letters", context)


@require_POST
@staff_page("mail")
def test(request: StaffRequest, wave: str) -> HttpResponseBase:
    """The letter that was shown goes to whoever is signed in."""
    found, post = wave_named(wave), request.POST
    kind, number = _letter(post.get("letter", ""))
    contact = _contact(found, post.get("email", ""))
    if contact is None:
        raise Http404
    unit: Unit = found.units.get(code=contact.code)
    where = {"letter": f"{kind}-{number}", "q": post.get("email", "")}
    try:
        send_test(found, kind, number, unit, contact, request.account)
        where["sent"] = "1"
    except BadInput:
        pass  # the page of the letter says why
    return HttpResponseRedirect(f"/a/desk/{found.name}/letters/?{urlencode(where)}")


def _letter(text: str) -> tuple[str, int]:
    kind, _, number = text.partition("-")
    known = kind in Mailing.Kind.values and number in map(str, range(1, 10))
    return (kind, int(number)) if known else LETTERS[0]


def _contact(wave: Wave, query: str) -> Contact | None:
    """The first contact whose address, municipality or code is asked for; without a query the first."""
    units = wave.units.all()
    if query:
        named = units.filter(name__icontains=query) | units.filter(code=query)
        found = Contact.objects.filter(code__in=named.values("code"))
        known = Contact.objects.filter(code__in=units.values("code"), email__iexact=query)
        return known.first() or found.order_by("code", "pk").first()
    return Contact.objects.filter(code__in=units.values("code")).order_by("pk").first()
