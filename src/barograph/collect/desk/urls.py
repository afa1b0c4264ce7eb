"""Addresses of the desk, below /a/desk/."""

from __future__ import annotations

from django.urls import path

from barograph.collect.desk import (
    answering,
    calling,
    closing,
    contacts,
    door,
    entry,
    evenness,
    files,
    letters,
    mail,
    messages,
    overview,
    state,
    tables,
)

urlpatterns = [
    path("", door.waves),
    path("<str:wave>/", overview.overview),
    path("<str:wave>/contacts/", contacts.contacts),
    path("<str:wave>/contacts/check/", contacts.check),
    path("<str:wave>/contacts/save/", contacts.save),
    path("<str:wave>/mail/", mail.mail),
    path("<str:wave>/mail/plan/", mail.plan),
    path("<str:wave>/mail/clock/", mail.clock_is_right),
    path("<str:wave>/mail/<int:number>/cancel/", mail.cancel),
    path("<str:wave>/letters/", letters.letters),
    path("<str:wave>/letters/test/", letters.test),
    path("<str:wave>/messages/", messages.messages),
    path("<str:wave>/messages/again/", messages.all_again),
    path("<str:wave>/messages/<int:number>/", messages.message),
    path("<str:wave>/messages/<int:number>/again/", messages.again),
    path("<str:wave>/messages/<int:number>/cancel/", messages.cancel),
    path("<str:wave>/entry/", entry.entry),
    path("<str:wave>/jobs/", overview.progress),
    path("<str:wave>/evenness/", evenness.evenness),
    path("<str:wave>/calling/", calling.calling),
    path("<str:wave>/answering/", answering.answering),
    path("<str:wave>/units/<str:code>/", calling.unit),
    path("<str:wave>/tables/<str:name>", tables.table),
    path("<str:wave>/files/", files.files),
    path("<str:wave>/files/<slug:name>/", files.taken),
    path("<str:wave>/closing/", closing.closing),
    path("<str:wave>/closing/decide/", closing.decide),
    path("<str:wave>/closing/freeze/", closing.freeze),
    path("<str:wave>/state/", state.state),
    path("<str:wave>/state/move/", state.move),
    path("<str:wave>/state/published/", state.published),
]
