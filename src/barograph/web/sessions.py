"""Sessions kept in the database under the hash of their key: a copy of the table opens nothing."""

from __future__ import annotations

import logging
from hashlib import sha256
from typing import Any

from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.db import OperationalError
from django.utils import timezone

logger = logging.getLogger(__name__)


class SessionStore(DatabaseSessions):
    """Django's sessions, but for the name of the row."""

    def _get_session_from_db(self) -> Any:
        rows = self.model.objects.filter(
            session_key=_row(str(self.session_key)), expire_date__gt=timezone.now()
        )
        found = rows.first()
        if found is None:
            self._session_key = None
        return found

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        """The row of this session."""
        row = super().create_model_instance(data)
        row.session_key = _row(str(row.session_key))
        return row

    def save(self, must_create: bool = False) -> None:
        """Writes the row; that a session could not be prolonged keeps nobody from reading on."""
        try:
            super().save(must_create)
        except UpdateError as error:  # also raised for a row that is gone: that session has ended
            if not isinstance(error.__context__, OperationalError):
                raise
            logger.warning("a session could not be written")

    def exists(self, session_key: str) -> bool:
        """Whether the key is taken."""
        return bool(super().exists(_row(session_key)))

    def delete(self, session_key: str | None = None) -> None:
        """Ends the session."""
        key = session_key or self.session_key
        if key is not None:
            super().delete(_row(key))


def _row(key: str) -> str:
    """Forty hexadecimal digits, as long as Django's column allows."""
    return sha256(key.encode()).hexdigest()[:40]
