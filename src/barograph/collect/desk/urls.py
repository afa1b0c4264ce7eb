"""Addresses of the desk, below /a/desk/."""

from __future__ import annotations

from django.urls import path

from barograph.collect.desk import answering, calling, door, entry, evenness, overview, tables

urlpatterns = [
    path("", door.waves),
    path("<str:wave>/", overview.overview),
    path("<str:wave>/entry/", entry.entry),
    path("<str:wave>/jobs/", overview.progress),
    path("<str:wave>/evenness/", evenness.evenness),
    path("<str:wave>/calling/", calling.calling),
    path("<str:wave>/answering/", answering.answering),
    path("<str:wave>/units/<str:code>/", calling.unit),
    path("<str:wave>/tables/<str:name>", tables.table),
]
