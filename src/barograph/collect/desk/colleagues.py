"""Colleagues: who is let in and as what; one-time links, shown once; letting out."""

from __future__ import annotations

from django.http import HttpResponse

from barograph.accounts import staff
from barograph.accounts.doors import StaffRequest, staff_page
from barograph.accounts.models import Account
from barograph.accounts.roles import Role
from barograph.collect.desk.shown import show_desk
from barograph.errors import BadInput


@staff_page("staff")
def colleagues(request: StaffRequest) -> HttpResponse:
    """GET lists; POST lets in, makes a link for one who lost something, or lets out."""
    if request.method != "POST":
        return _listed(request)
    act, email = request.POST.get("act"), request.POST.get("email", "")[:254]
    try:
        if act == "add":
            account = staff.add(email, request.POST.get("role", ""), request.account)
            return _listed(request, link=staff.link(account, request.account), whose=account.email)
        account = staff.member(email)
        if act == "link":
            return _listed(request, link=staff.link(account, request.account), whose=account.email)
        if act == "remove" and account != request.account:  # nobody locks the own door
            staff.remove(account, request.account)
            return _listed(request)
    except BadInput:
        return _listed(request, 400, fault=True, email=email)
    return _listed(request, 400)


def _listed(
    request: StaffRequest,
    status: int = 200,
    *,
    link: str = "",
    whose: str = "",
    fault: bool = False,
    email: str = "",
) -> HttpResponse:
    context = {
        "members": Account.objects.filter(is_active=True).order_by("email"),
        "roles": Role.values,
        "link": link,
        "whose": whose,
        "fault": fault,
        "email": email,
    }
    return show_desk(request, None, "colleagues", context, status)
