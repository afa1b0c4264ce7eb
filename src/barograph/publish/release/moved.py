"""A wave in which one figure has moved: answers of respondents are changed until it has.

Whatever else rests on these answers moves with it, so that the wave stays one that could have been.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from barograph.barometer import Wave
from barograph.estimate import Item
from barograph.indicators import Indicator
from barograph.instrument import DONT_KNOW, Variable
from barograph.weight.sample import Bools, Floats

SEED = 1
UNTOUCHED = ("frame", "sample", "estimator", "suppression")  # of a wave whose answers change


@dataclass(frozen=True)
class Figure:
    """An item of an indicator in a domain."""

    indicator: Indicator
    key: str
    domain: Mapping[str, str]

    def item(self, wave: Wave) -> Item:
        """The item, as the wave has it."""
        return next(i for i in wave.items(self.indicator) if i.key == self.key)

    def spread(self, wave: Wave) -> tuple[float, float, float]:
        """Value and interval; shares also for totals."""
        item, estimator = self.item(wave), wave.estimator
        m = estimator.moments([item], [self.domain]).at(0, 0)
        low, high = estimator.interval(item, m)
        return float(m.value), float(low), float(high)


def questions(wave: Wave, indicator: Indicator) -> set[str]:
    """The variables that an indicator reads."""
    return {item.variable for item in wave.items(indicator)}


def moved(wave: Wave, figure: Figure, target: float, sign: int) -> Wave | None:
    """The wave with the figure at `target` or just beyond, in the direction of `sign`.

    Respondents change one after the other, in a fixed random order. None where even all cannot
    bring it there.
    """
    item = figure.item(wave)
    variable = wave.instrument.variable(item.variable)
    given = wave.responses.answers[item.variable].astype(object)
    inside = _inside(wave, item, figure.domain)
    w = np.where(inside, wave.sample.w1, 0.0)
    if not w.any():
        return None
    w = w / w.sum()
    value = item.value.copy()
    step = _stepper(figure.indicator, item, variable, sign)
    order = np.random.default_rng(SEED).permutation(np.flatnonzero(inside & (given != "")))
    changed = True
    while changed:
        changed = False
        for i in order:
            if sign * (float(w @ value) - target) >= 0:
                return _with(wave, variable, given)
            if (new := step(str(given[i]), i)) is not None:
                given[i], gained = new
                value[i] += gained
                changed = True
    return _with(wave, variable, given) if sign * (float(w @ value) - target) >= 0 else None


def _inside(wave: Wave, item: Item, domain: Mapping[str, str]) -> Bools:
    sample = wave.sample
    return np.asarray(sample.design.mask(domain)[sample.cell] & item.base)


Step = Callable[[str, int], tuple[str, float] | None]


def _stepper(indicator: Indicator, item: Item, variable: Variable, sign: int) -> Step:
    """How one answer changes towards the target, and by how much; None where it cannot."""
    known = [c.code for c in variable.choices if c.code != DONT_KNOW]
    if item.statistic == "mean":
        scores: Sequence[float] = [float(code) for code in known]

        def shifted(answer: str, _: int) -> tuple[str, float] | None:
            beyond = [s for s in scores if sign * (s - float(answer)) > 0]
            if not beyond:
                return None
            nearest = min(beyond, key=lambda s: abs(s - float(answer)))
            return known[scores.index(nearest)], nearest - float(answer)

        return shifted
    codes = indicator.codes or (item.key,)
    others = [code for code in known if code not in codes]

    def switched(answer: str, i: int) -> tuple[str, float] | None:
        had = answer.split()
        counted = had[: 1 if variable.kind == "rank" else None]
        if any(c in codes for c in counted) == (sign > 0) or not (others or sign > 0):
            return None
        new = codes[0] if sign > 0 else others[int(i) % len(others)]
        kept = [] if variable.kind == "one" else [c for c in had if c != new]
        if sign < 0 and variable.kind == "multiple":
            kept = [c for c in kept if c not in codes]
            return " ".join(kept or [new]), -1.0
        return " ".join([new, *kept]), float(sign)

    return switched


def _with(wave: Wave, variable: Variable, given: np.ndarray) -> Wave:
    """The wave with other answers to one question; weights and items of other questions stay."""
    answers = {**wave.responses.answers, variable.name: given.astype(np.str_)}
    other = replace(wave)
    other.__dict__["responses"] = replace(wave.responses, answers=answers)
    other.__dict__.update({name: getattr(wave, name) for name in UNTOUCHED})
    touched = (variable.name, variable.battery)
    kept = {key: items for key, items in wave._known.items() if key[0] not in touched}
    other.__dict__["_known"] = kept
    return other


def means(wave: Wave, items: Sequence[Item], domain: Mapping[str, str]) -> Floats:
    """Weighted means of items in a domain, straight from the answers; nan where nobody answered."""
    found = []
    for item in items:
        w = np.where(_inside(wave, item, domain), wave.sample.w1, 0.0)
        found.append(float(w @ item.value) / float(w.sum()) if w.any() else np.nan)
    return np.array(found)
