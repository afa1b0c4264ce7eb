"""A wave goes into the field: questionnaire pinned, units copied from the frame, prefill drawn."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from barograph.collect import invitations
from barograph.collect.models import Invitation, Response, Unit, Wave
from barograph.collect.questionnaire import store
from barograph.errors import BadInput
from barograph.files import read_toml

if TYPE_CHECKING:  # what makes figures is not loaded to send mail
    from barograph.barometer import Barometer
    from barograph.barometer import Wave as Described

PRACTICE = "practice"


@dataclass(frozen=True)
class Prefilling:
    """[prefill] of wave.toml: show answers of an earlier wave to a share of the units."""

    source: str = ""
    share: float = 0.0

    @classmethod
    def read(cls, wave: Described) -> Prefilling:
        """Table [prefill] with `from`, a wave, and `share`, above 0 and at most 1."""
        path = wave.folder / "wave.toml"
        table = read_toml(path).get("prefill")
        if table is None:
            return cls()
        if not isinstance(table, dict) or set(table) != {"from", "share"}:
            raise BadInput(
                "needs `from` and `share`",
                file=path,
                column="prefill",
                todo='Write [prefill] with from = "2017" and share = 0.5',
            )
        source, share = table["from"], table["share"]
        if source not in wave.barometer.waves or source == wave.name:
            raise BadInput(f"there is no earlier wave {source!r}", file=path, column="prefill.from")
        if not isinstance(share, int | float) or not 0 < share <= 1:
            raise BadInput("is no share above 0", file=path, column="prefill.share")
        return cls(source, float(share))


def prepare(described: Described, *, practice: bool = False) -> Wave:
    """The wave in the database, made on first use, with the questionnaire as it is then.

    A practice wave has its own name, shows the earlier answers to every unit and stays a practice wave.
    """
    name = f"{PRACTICE}-{described.name}" if practice else described.name
    found = Wave.objects.filter(name=name).first()
    if found is not None:
        return found
    prefilling = Prefilling(described.name, 1.0) if practice else Prefilling.read(described)
    before = _before(described, prefilling, practice=practice)
    with transaction.atomic():
        wave = Wave.objects.create(
            name=name,
            practice=practice,
            state=Wave.State.OPEN if practice else Wave.State.DRAFT,
            form=store(described.barometer.instrument),
            title=dict(described.barometer.title),
            reference_date=described.reference_date,
            opens=None if practice else described.opened,
            closes=None if practice else described.closed,
            prefill_from=prefilling.source if before else "",
            prefill_share=prefilling.share,
            prefill_note=dict(described.synthetic) if practice and before else {},
        )
        Unit.objects.bulk_create(_units(described, wave, before))
    return wave


def announce(wave: Wave, described: Described) -> None:
    """Takes the announced days from wave.toml; links that are alive live by them."""
    wave.opens, wave.closes = described.opened, described.closed
    wave.save(update_fields=["opens", "closes"])
    alive = Invitation.objects.filter(unit__wave=wave, revoked=None)
    alive.update(expires=invitations.end(wave))


def renew(wave: Wave, described: Described) -> None:
    """A draft as the folder is now: questionnaire, reference date, and units as the frame has them.

    A unit that left the frame goes unless somebody of it was invited; `moved` tells those.
    """
    prefilling = Prefilling.read(described)
    before = _before(described, prefilling, practice=False)
    wave.form = store(described.barometer.instrument)
    wave.title, wave.reference_date = dict(described.barometer.title), described.reference_date
    wave.prefill_from, wave.prefill_share = prefilling.source if before else "", prefilling.share
    wave.save()
    Response.objects.filter(unit__wave=wave).update(form=wave.form)
    held = {unit.code: unit for unit in wave.units.all()}
    fresh = _units(described, wave, before)
    known = [unit for unit in fresh if unit.code in held]
    for unit in known:
        unit.pk = held[unit.code].pk
    Unit.objects.bulk_update(known, ["name", "domains", "before"])
    Unit.objects.bulk_create(unit for unit in fresh if unit.code not in held)
    gone = held.keys() - {unit.code for unit in fresh}
    wave.units.filter(code__in=gone, response=None, invitations=None).delete()


def moved(wave: Wave, described: Described) -> dict[str, tuple[dict[str, str], dict[str, str]]]:
    """Units that the frame has otherwise by now: their domains here and there, {} where it is not."""
    held = {unit.code: dict(unit.domains) for unit in wave.units.all()}
    frame = {unit.code: dict(unit.domains) for unit in _units(described, wave, {})}
    return {
        code: (held.get(code, {}), frame.get(code, {}))
        for code in sorted(held.keys() | frame.keys())
        if held.get(code) != frame.get(code)
    }


def _units(described: Described, wave: Wave, before: Mapping[str, Mapping[str, str]]) -> list[Unit]:
    frame = described.frame
    return [
        Unit(
            wave=wave,
            code=code,
            name=str(frame.attributes["name_official"][row]),
            domains={name: str(frame.attributes[name][row]) for name in frame.domains},
            before=dict(before.get(code, {})) if drawn(wave, code) else {},
        )
        for code, row in frame.row_of.items()
    ]


def drawn(wave: Wave, code: str) -> bool:
    """Whether a unit is among those shown their earlier answers: the same draw each time."""
    seed = hashlib.sha256(f"prefill:{wave.name}:{code}".encode()).digest()
    return int.from_bytes(seed[:8], "big") / 2**64 < wave.prefill_share


def _before(
    described: Described, prefilling: Prefilling, *, practice: bool
) -> dict[str, dict[str, str]]:
    """The frozen answers of the earlier wave by unit of this one; none where it has none yet."""
    if not prefilling.source:
        return {}
    earlier = described.barometer.wave(prefilling.source)
    if practice and not earlier.source.exists():
        return {}
    if earlier.synthetic and not practice:
        raise BadInput(
            f"the answers of wave {earlier.name} are synthetic",
            file=earlier.folder / "wave.toml",
            todo="Nobody can confirm what nobody said: take [prefill] out of wave.toml",
        )
    answers, kept = earlier.responses.answers, described.kept_since(earlier)
    return {
        kept[str(code)]: {name: str(column[i]) for name, column in answers.items() if column[i]}
        for i, code in enumerate(earlier.responses.units)
        if str(code) in kept
    }


def practise(described: Described, language: str) -> Invitation:
    """An invitation to the practice wave of a wave: always the same unit, always the same link."""
    wave = prepare(described, practice=True)
    known = Invitation.objects.filter(unit__wave=wave, invited_by=None, revoked=None).first()
    if known is not None:
        return known
    units = wave.units.order_by("code")
    unit = units.exclude(before={}).first() or units.first()
    assert unit is not None  # a frame without units is refused when it is read
    return invitations.invite(unit, "practice@example.org", language)


def latest(barometer: Barometer) -> Described:
    """The newest wave of a barometer."""
    if not barometer.waves:
        raise BadInput("has no wave", file=barometer.folder, todo="Make FOLDER/2026/wave.toml")
    return barometer.wave(barometer.waves[-1])
