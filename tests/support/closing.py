"""A small barometer in the field: its wave prepared, and municipalities that answer and sign."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import forty
from django.http import HttpRequest
from django.utils import timezone

import barograph as bg
from barograph.barometer import Wave as Described
from barograph.collect import invitations, signing, states, waves
from barograph.collect.access import VERIFIED, Visit
from barograph.collect.models import Invitation, Response, Signature, Status, Wave
from barograph.collect.saving import Sent, save
from barograph.starter import create

State = Wave.State


def folder_of(base: Path, units: int = 0, *, opened: int = -10, closed: int = 20) -> Path:
    """The barometer of forty questions, or without units the starter: no answers, days from today."""
    folder = base / "barometer"
    forty.write(folder, units) if units else create(folder)
    (folder / "2026" / "responses.csv").unlink()
    today = timezone.now().date()
    path = folder / "2026" / "wave.toml"
    lines = [
        line for line in path.read_text().splitlines() if not line.startswith(("opened", "closed"))
    ]
    days = [
        f"{name} = {today + timedelta(days=n)}"
        for name, n in (("opened", opened), ("closed", closed))
    ]
    path.write_text("\n".join([*days, *lines]) + "\n")
    return folder


@dataclass
class Field:
    """A wave in the field, moved and answered without pages."""

    folder: Path
    wave: Wave = field(init=False)

    def __post_init__(self) -> None:
        self.wave = waves.prepare(self.described)

    @property
    def described(self) -> Described:
        """As the folder says now."""
        return bg.open(self.folder).wave("2026")

    def to(self, *path: str, reason: str = "") -> Field:
        """Through these states."""
        for state in path:
            states.move(self.wave, state, self.described, reason=reason)
        return self

    def invite(self, code: str, **more: object) -> Invitation:
        """Somebody of a unit, who has opened the link."""
        unit = self.wave.units.get(code=code)
        invitation = invitations.invite(unit, f"{code}@example.org", "en")
        Invitation.objects.filter(pk=invitation.pk).update(opened=timezone.now(), **more)
        Response.objects.filter(unit=unit).update(status=Status.STARTED)
        return invitation

    def answer(
        self, code: str, answers: Mapping[str, str], *, sign: bool = True, **more: object
    ) -> Response:
        """The answers of a unit, saved and signed."""
        invitation = self.invite(code, **more)
        response = Response.objects.get(unit=invitation.unit)
        assert save(response, invitation, "s", answers, Sent("p", 0)) is not None
        if sign:
            assert self.sign(response, invitation) is not None
        return response

    def sign(self, response: Response, by: Invitation) -> Signature | None:
        """As a person who has typed the code from the mailbox."""
        return signing.sign(visit(response, by), "A. Clerk", "secretary")

    def reopen(self, response: Response, by: Invitation) -> Signature | None:
        """The same person takes the signature back."""
        return signing.reopen(visit(response, by))


def visit(response: Response, by: Invitation) -> Visit:
    """That person, with the code typed."""
    request = HttpRequest()
    request.session = {VERIFIED: {response.public_id: 2**40}}
    return Visit(request, Invitation.objects.select_related("unit__wave").get(pk=by.pk), "en")


def complete(person: int) -> dict[str, str]:
    """Every answer of a person, as the database holds them."""
    return {k: v for s in range(1, forty.SECTIONS + 1) for k, v in forty.saved(s, person).items()}
