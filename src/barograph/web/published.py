"""The published edition at /, and the few files of the interview's own pages."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware

from barograph.publish.embargo import refusal

INTERVIEW = "/a/"  # all else is the edition's


class Published(WhiteNoiseMiddleware):  # type: ignore[misc]
    """Serves files by a list made at start, and anew when another edition takes the place."""

    _listed: tuple[int, int] | None = None
    _manifest: dict[str, Any] = {}  # noqa: RUF012 - replaced, never changed

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """A file where there is one, else the interview; no path of an edition under embargo."""
        if settings.EDITION and self._stamp(settings.EDITION) != self._listed:
            self.files.clear()
            self.add_files(settings.EDITION)
            self.add_files_from_finders()
        if settings.EDITION and not request.path.startswith(INTERVIEW):
            refused = refusal(self._manifest, datetime.now(UTC))
            if refused:
                return HttpResponse(refused.body, status=refused.status, headers=refused.headers)
        response: HttpResponseBase = super().__call__(request)
        return response

    def add_files(self, root: Path | str, prefix: str | None = None) -> None:
        """Lists the files of an edition and remembers which edition it was."""
        self._listed = self._stamp(Path(root))
        if self._listed and Path(root) == settings.EDITION:
            text = (Path(root) / "manifest.json").read_text(encoding="utf-8")
            self._manifest = json.loads(text)
        super().add_files(str(root), prefix)

    @staticmethod
    def _stamp(edition: Path) -> tuple[int, int] | None:
        try:
            found = (edition / "manifest.json").stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns
