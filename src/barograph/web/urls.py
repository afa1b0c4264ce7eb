"""The interview under /a/ when there is a barometer; the edition at / is served as files."""

from __future__ import annotations

from django.conf import settings
from django.urls import include, path

from barograph.web.health import health

urlpatterns = (
    [path("a/health/", health), path("a/", include("barograph.collect.urls"))]
    if settings.BAROMETER
    else []
)
handler400 = "barograph.web.failing.refused"
handler404 = "barograph.collect.views.landing.not_found"
handler403 = "barograph.collect.desk.shown.forbidden"
handler500 = "barograph.web.failing.failed"
