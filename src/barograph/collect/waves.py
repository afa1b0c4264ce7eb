"""A wave goes into the field: questionnaire pinned, units copied from the frame, prefill drawn."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from barograph.barometer import Barometer
from barograph.barometer import Wave as Described
from barograph.collect import invitations
from barograph.collect.models import Invitation, Unit, Wave
from barograph.collect.questionnaire import store
from barograph.errors import BadInput
from barograph.files import read_toml

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
    before = _before(described.barometer, prefilling, practice=practice)
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
    barometer: Barometer, prefilling: Prefilling, *, practice: bool
) -> dict[str, dict[str, str]]:
    """The frozen answers of the earlier wave by unit; none where it has none yet."""
    if not prefilling.source:
        return {}
    earlier = barometer.wave(prefilling.source)
    if practice and not (earlier.folder / "responses.csv").exists():
        return {}
    if earlier.synthetic and not practice:
        raise BadInput(
            f"the answers of wave {earlier.name} are synthetic",
            file=earlier.folder / "wave.toml",
            todo="Nobody can confirm what nobody said: take [prefill] out of wave.toml",
        )
    answers = earlier.responses.answers
    return {
        str(code): {name: str(column[i]) for name, column in answers.items() if column[i]}
        for i, code in enumerate(earlier.responses.units)
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
