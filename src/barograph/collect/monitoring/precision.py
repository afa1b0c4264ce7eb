"""How precise the key figures would be if fieldwork stopped now.

No answer of the wave in hand is read: shares are those of the newest earlier wave, else one half, the
respondents are today's. Nobody sees results during fieldwork, since knowing them would steer whom one asks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from barograph.barometer import Wave as Described
from barograph.collect.described import described
from barograph.collect.monitoring.standing import Standing
from barograph.errors import BadInput, NoWeights
from barograph.estimate import Estimator
from barograph.estimate.expected import HALF, YES, half_widths, meaning, parts
from barograph.indicators import Indicator
from barograph.weight import calibrate
from barograph.weight.sample import Floats

Domain = Mapping[str, str]


@dataclass(frozen=True)
class Expected:
    """An indicator and the half width (D) that its widest figure would have in each domain.

    nan where nobody is in the base. `since` names the wave whose shares were taken, "" for one half.
    """

    indicator: Indicator
    half_widths: tuple[float, ...]
    since: str


@dataclass(frozen=True)
class Precision:
    """For all and each value of each domain (`domains`); `fault` tells why there are no weights yet.

    `half` is the half width (D) of a share of one half that was asked of all: none asked of all is wider.
    """

    wave: Described
    practice: bool
    domains: tuple[Domain, ...]
    now: Estimator | None
    half: tuple[float, ...] = ()
    fault: str = ""

    @cached_property
    def rows(self) -> tuple[Expected, ...]:
        """Each indicator of shares, with the answers of the newest earlier wave."""
        if self.now is None:
            return ()
        before = _before(self.wave, self.practice)
        return tuple(
            _expected(indicator, self.now, before, self.domains)
            for indicator in self.wave.barometer.indicators.values()
            if indicator.statistic == "share"
        )


def precision(stand: Standing) -> Precision:
    """With the respondents of today; kept until another municipality signs."""
    known = stand.described.frame.row_of
    codes = tuple(u.code for u in stand.units if u.stand == "signed" and u.code in known)
    return _precision(Keyed(described(stand.wave), stand.wave.practice), codes)


@dataclass(frozen=True)
class Keyed:
    """A described wave, hashed by identity: it is read anew when its folder changes."""

    wave: Described
    practice: bool

    def __hash__(self) -> int:
        return id(self.wave)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Keyed) and other.wave is self.wave and other.practice == self.practice
        )


@lru_cache(maxsize=8)
def _precision(keyed: Keyed, codes: Sequence[str]) -> Precision:
    wave = keyed.wave
    domains: tuple[Domain, ...] = (
        {},
        *({name: value} for name, d in wave.barometer.domains.items() for value in d.labels),
    )
    try:
        now = Estimator.of(calibrate(wave.frame, codes, wave.weighting), wave.name, wave.policy)
        half = half_widths(now, HALF, YES, domains)
    except (NoWeights, ZeroDivisionError) as error:
        return Precision(wave, keyed.practice, domains, None, fault=str(error))
    return Precision(wave, keyed.practice, domains, now, tuple(half.tolist()))


def _expected(
    indicator: Indicator, now: Estimator, before: Described | None, domains: Sequence[Domain]
) -> Expected:
    """The widest of its figures, domain by domain."""
    widths: list[Floats] = []
    if before is not None:
        try:
            widths = [
                half_widths(now, parts(now.sample, before.sample, item), meaning(item), domains)
                for item in before.items(indicator)
            ]
        except BadInput:  # it was not asked then
            widths = []
    since = before.name if before is not None and widths else ""
    widths = widths or [half_widths(now, HALF, YES, domains)]
    return Expected(indicator, tuple(np.fmax.reduce(widths).tolist()), since)


def _before(wave: Described, practice: bool) -> Described | None:
    """The newest earlier wave with answers; practice has those of the wave it practises."""
    barometer = wave.barometer
    names = [n for n in barometer.waves if n < wave.name or (practice and n == wave.name)]
    for name in reversed(names):
        found = barometer.wave(name)
        if found.source.exists():
            return found
    return None
