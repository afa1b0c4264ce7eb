"""Addresses of the desk, below /a/desk/."""

from __future__ import annotations

from django.urls import path

from barograph.collect.desk import door, entry, overview

urlpatterns = [
    path("", door.waves),
    path("<str:wave>/", overview.overview),
    path("<str:wave>/entry/", entry.entry),
]
