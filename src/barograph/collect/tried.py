"""Answers given to try a wave out before it opens: deleted, so that they can never count."""

from __future__ import annotations

import secrets
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from barograph.accounts.models import Account
from barograph.collect import uploads
from barograph.collect.models import (
    Change,
    Erasure,
    Invitation,
    Response,
    Save,
    Signature,
    Status,
    Upload,
    Wave,
)


def forget(wave: Wave, by: Account | None) -> int:
    """Deletes every response that somebody began, and gives their number.

    Links that were opened end; links not opened yet keep their unit, with an empty response.
    """
    with transaction.atomic():
        # Whoever saves holds the response: with all of them held, nobody begins meanwhile.
        held = list(Response.objects.select_for_update().filter(unit__wave=wave))
        begun = [r for r in held if r.status != Status.INVITED or r.serial]
        now = timezone.now()
        Invitation.objects.filter(unit__wave=wave, revoked=None).exclude(opened=None).update(
            revoked=now
        )
        if not begun:
            return 0
        door = Erasure.objects.create(
            reason="testing", opened=now, by=by, counts={"wave": wave.name, "responses": len(begun)}
        )
        files = [uploads.path(upload) for upload in Upload.objects.filter(response__in=begun)]
        Change.objects.filter(save_of__response__in=begun).delete()
        Save.objects.filter(response__in=begun).delete()
        Signature.objects.filter(response__in=begun).delete()
        Response.objects.filter(pk__in=[response.pk for response in begun]).delete()
        Response.objects.bulk_create(
            Response(unit_id=response.unit_id, form_id=wave.form_id, public_id=secrets.token_hex(8))
            for response in begun
        )
        door.closed = timezone.now()
        door.save(update_fields=["closed"])
        transaction.on_commit(lambda: _remove(files))
    return len(begun)


def _remove(files: list[Path]) -> None:
    for file in files:
        file.unlink(missing_ok=True)
