"""Rows to be erased, found first and counted, then emptied or deleted: both by the same numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import CharField, Model, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from barograph.accounts.models import Account
from barograph.collect.models import Erasure, Upload
from barograph.collect.uploads import path

ERASED = "(erased)"
CHUNK = 500  # rows of one statement
# What replaces a link's random number: unlike any other, and computed from nothing.
NO_LINK = {"nonce": "", "digest": Concat(Value("erased-"), Cast("pk", CharField()))}
NO_MESSAGE = {"to": "", "body": "", "reply": ""}


@dataclass(frozen=True)
class Erasing:
    """Rows of one kind, and what becomes of them: new values, or None where the row goes."""

    what: str
    model: type[Model]
    keys: Sequence[Any]
    values: Mapping[str, Any] | Callable[[Model], None] | None

    def act(self) -> None:
        """Empties or deletes them."""
        for at in range(0, len(self.keys), CHUNK):
            rows = self.model._default_manager.filter(pk__in=self.keys[at : at + CHUNK])
            if self.values is None:
                rows.delete()
            elif callable(self.values):
                for row in rows:
                    self.values(row)
            else:
                rows.update(**self.values)


def of(
    what: str,
    rows: QuerySet[Any],
    values: Mapping[str, Any] | Callable[[Any], None] | None = None,
) -> Erasing:
    """The rows of a query as they are now."""
    return Erasing(what, rows.model, list(rows.values_list("pk", flat=True)), values)


def counts(erasings: Iterable[Erasing]) -> dict[str, int]:
    """Number of rows by kind."""
    return {erasing.what: len(erasing.keys) for erasing in erasings}


def run(
    reason: str, found: Callable[[], Sequence[Erasing]], by: Account | None = None
) -> dict[str, int]:
    """Finds and erases in one transaction; the database opens its log for no longer than that."""
    files = []
    with transaction.atomic():
        erasings = found()
        told = counts(erasings)
        if not any(told.values()):
            return told
        opened = Erasure.objects.create(reason=reason, opened=timezone.now(), by=by, counts=told)
        for erasing in erasings:
            if erasing.model is Upload:
                files += [path(row) for row in Upload.objects.filter(pk__in=erasing.keys)]
            erasing.act()
        opened.closed = timezone.now()
        opened.save(update_fields=["closed"])
    for file in files:
        file.unlink(missing_ok=True)
    return told


def scrub() -> None:
    """Writes the database anew, so that nothing erased is left between its rows."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM" if connection.vendor == "sqlite" else "VACUUM (FULL)")
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
