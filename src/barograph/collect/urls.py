"""Addresses of the interview, below /a/."""

from __future__ import annotations

from django.urls import include, path

from barograph.collect.desk import colleagues, door
from barograph.collect.privacy import register
from barograph.collect.views import (
    conflict,
    contact,
    earlier,
    identity,
    interview,
    landing,
    opting_out,
    printed,
    researcher,
    signoff,
    together,
)

urlpatterns = [
    path("", landing.home),
    path("i/<slug:token>/", landing.landing),
    path("o/<slug:signed>/", opting_out.page),
    path("leave/", landing.leave),
    path("privacy/", register.page),
    path("preview/", researcher.preview),
    path("preview/<str:name>/", researcher.preview),
    path("identified/", identity.returned),
    path("mailbox/", researcher.mailbox),
    path("staff/", door.sign_in),
    path("staff/link/<str:token>/", door.by_link),
    path("staff/enrol/", door.enrol),
    path("staff/renew/", door.renew),
    path("staff/leave/", door.sign_out),
    path("staff/colleagues/", colleagues.colleagues),
    path("desk/", include("barograph.collect.desk.urls")),
    path("<slug:public_id>/", interview.overview),
    path("<slug:public_id>/section/<str:name>/", interview.section),
    path("<slug:public_id>/section/<str:name>/conflict/", conflict.page),
    path("<slug:public_id>/section/<str:name>/earlier/", earlier.page),
    path("<slug:public_id>/section/<str:name>/done/", together.done),
    path("<slug:public_id>/section/<str:name>/take-back/", together.take_back),
    path("<slug:public_id>/hand-over/", together.hand_over),
    path("<slug:public_id>/code/", signoff.code),
    path("<slug:public_id>/identity/", identity.leave_for),
    path("<slug:public_id>/contact/", contact.contact),
    path("<slug:public_id>/sign/", signoff.sign),
    path("<slug:public_id>/thanks/", signoff.thanks),
    path("<slug:public_id>/reopen/", signoff.reopen),
    path("<slug:public_id>/print/", printed.page),
    path("<slug:public_id>/print/pdf/", printed.document),
    path("<slug:public_id>/file/<slug:name>/", interview.file),
]
