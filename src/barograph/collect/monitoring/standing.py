"""How each municipality of a wave stands today, and the response by groups of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal

import numpy as np
from django.db.models import Count, Max
from numpy.typing import NDArray

from barograph.barometer import Wave as Described
from barograph.collect.described import described
from barograph.collect.models import Call, Message, Signature, Status, Wave
from barograph.frame import Frame
from barograph.weight.fieldwork import Fieldwork

Stand = Literal["signed", "begun", "untouched"]
STANDS: dict[str, Stand] = {
    Status.SIGNED: "signed",
    Status.STARTED: "begun",
    Status.REOPENED: "begun",
}
SIZE, POPULATION = "size", "population"
SIZES = ("small", "middle", "large")


@dataclass(frozen=True)
class Municipality:
    """A unit: where its response stands, when it was signed, the rounds of mail and calls it got."""

    pk: int
    code: str
    name: str
    stand: Stand
    signed: datetime | None
    rounds: int
    calls: tuple[tuple[datetime, str], ...]  # when, outcome; the oldest first

    @property
    def contacts(self) -> int:
        """How often it was asked."""
        return self.rounds + len(self.calls)


@dataclass(frozen=True)
class Group:
    """Municipalities of one value of a domain, or of a size class."""

    domain: str
    value: str
    units: int
    signed: int
    begun: int

    @property
    def rate(self) -> float:
        """Part that has signed."""
        return self.signed / self.units


@dataclass(frozen=True)
class Standing:
    """A wave today: `units` in the order of their codes, `domains` their values (N) by domain."""

    wave: Wave
    described: Described
    units: Sequence[Municipality]
    domains: dict[str, NDArray[np.str_]]

    @cached_property
    def total(self) -> Group:
        """All of them."""
        return self._group("", "", np.ones(len(self.units), dtype=bool))

    @cached_property
    def groups(self) -> list[Group]:
        """Each value of each domain in the order of publication, then the classes of size."""
        found: list[Group] = []
        for name, domain in self.described.barometer.domains.items():
            found += self._values(name, tuple(domain.labels), self.domains[name])
        if self.sizes is not None:
            found += self._values(SIZE, SIZES, self.sizes)
        return found

    def _values(
        self, name: str, values: Sequence[str], column: NDArray[np.str_]
    ) -> Iterator[Group]:
        for value in values:
            inside = np.asarray(column == value)
            if inside.any():
                yield self._group(name, value, inside)

    def _group(self, domain: str, value: str, inside: NDArray[np.bool_]) -> Group:
        stands = self._stands[inside]
        signed, begun = (int((stands == stand).sum()) for stand in ("signed", "begun"))
        return Group(domain, value, int(inside.sum()), signed, begun)

    @cached_property
    def _stands(self) -> NDArray[np.str_]:
        return np.array([unit.stand for unit in self.units], dtype=np.str_)

    @cached_property
    def sizes(self) -> NDArray[np.str_] | None:
        """Class of size of each unit (N): thirds of the frame; None where it has no population."""
        known = populations(self.described.frame)
        if not known:
            return None
        bounds = self.bounds
        return np.array(
            [
                SIZES[sum(known.get(unit.code, 0) >= bound for bound in bounds)]
                for unit in self.units
            ]
        )

    @cached_property
    def bounds(self) -> tuple[float, float]:
        """Inhabitants from which a municipality is of the middle, and of the upper third."""
        known = list(populations(self.described.frame).values())
        lower, upper = np.quantile(known, (1 / 3, 2 / 3))
        return round(float(lower), -2), round(float(upper), -2)

    @cached_property
    def fieldwork(self) -> Fieldwork:
        """As the core sees it."""
        return Fieldwork(
            [unit.code for unit in self.units],
            self.domains,
            np.asarray(self._stands == "signed"),
            np.array([unit.contacts for unit in self.units], dtype=np.intp),
        )


def populations(frame: Frame) -> dict[str, float]:
    """Inhabitants by code; empty where the frame does not have them of every unit."""
    column = frame.attributes.get(POPULATION)
    if column is None or not all(text.replace(".", "", 1).isdigit() for text in column.tolist()):
        return {}
    return dict(zip(frame.codes.tolist(), map(float, column.tolist()), strict=True))


def standing(wave: Wave) -> Standing:
    """How a wave stands now; four queries."""
    found = described(wave)
    rows = list(
        wave.units.order_by("code").values_list("pk", "code", "name", "domains", "response__status")
    )
    signed, rounds, calls = _signed(wave), _rounds(wave), _calls(wave)
    units = [
        Municipality(
            pk,
            code,
            name,
            STANDS.get(status, "untouched"),
            signed.get(pk),
            rounds.get(pk, 0),
            tuple(calls.get(pk, ())),
        )
        for pk, code, name, _, status in rows
    ]
    domains = {
        name: np.array([row[3].get(name, "") for row in rows], dtype=np.str_)
        for name in found.barometer.domains
    }
    return Standing(wave, found, units, domains)


def _signed(wave: Wave) -> dict[int, datetime]:
    """Unit -> moment of the signature that holds."""
    held = Signature.objects.filter(
        response__unit__wave=wave, response__status=Status.SIGNED, status=Status.SIGNED
    )
    return dict(held.values_list("response__unit").annotate(Max("at")).order_by())


def _rounds(wave: Wave) -> dict[int, int]:
    """Unit -> rounds of mail that went out to it, whoever read them."""
    sent = Message.objects.filter(
        invitation__unit__wave=wave, state=Message.State.SENT, mailing__isnull=False
    )
    by_unit = sent.values_list("invitation__unit").annotate(Count("mailing", distinct=True))
    return dict(by_unit.order_by())


def _calls(wave: Wave) -> dict[int, list[tuple[datetime, str]]]:
    found: dict[int, list[tuple[datetime, str]]] = {}
    rows = Call.objects.filter(unit__wave=wave).order_by("at", "pk")
    for unit, at, outcome in rows.values_list("unit_id", "at", "outcome"):
        found.setdefault(unit, []).append((at, outcome))
    return found
