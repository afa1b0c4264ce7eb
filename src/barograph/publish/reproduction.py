"""The published figures of an earlier release beside what the answers give: plain and calibrated.

`published.csv` names for each figure an indicator, its items, a domain and a rule. share: one item
in percent; count: respondents, estimated as units of the population; order: these items in this
order among themselves; order_top: the same, and they are the highest; top_set, lowest_set: these
are the highest (lowest), in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from barograph.barometer import Wave
from barograph.errors import BadInput
from barograph.estimate import Estimate, rank_ranges
from barograph.files import numbered_records

COLUMNS = ("id", "indicator", "items", "domain", "rule", "published")


@dataclass(frozen=True)
class Reproduced:
    """One published figure. `estimate` is set for a number, `order` for an order of items.

    `ranks` gives the best and worst rank that the data allow each item at 95%, all at once; in
    `order`, ">" separates neighbours whose ranks do not touch, "~" the others.
    """

    id: str
    indicator: str
    items: tuple[str, ...]
    domain: str
    rule: str
    published: str
    as_published: str
    estimate: Estimate | None
    order: str
    ranks: Mapping[str, tuple[int, int]]
    n: int
    base: int


def reproduce(wave: Wave) -> list[Reproduced]:
    """Every figure of published.csv, computed; empty when the wave has no such file."""
    path = wave.folder / "published.csv"
    if not path.exists():
        return []
    return [_row(wave, path, row, cells) for row, cells in numbered_records(path, COLUMNS)]


def _row(wave: Wave, path: Path, row: int, cells: dict[str, str]) -> Reproduced:
    if cells["indicator"] not in wave.barometer.indicators:
        raise BadInput("unknown indicator", file=path, row=row, column="indicator")
    indicator = wave.barometer.indicators[cells["indicator"]]
    items = wave.items(indicator)
    keys = tuple(cells["items"].split()) or (items[0].key,)
    if unknown := [key for key in keys if key not in {i.key for i in items}]:
        raise BadInput(f"no item {unknown[0]!r}", file=path, row=row, column="items")
    identity = (
        cells["id"],
        indicator.name,
        keys,
        cells["domain"],
        cells["rule"],
        cells["published"],
    )
    base = min(int(i.base.sum()) for i in items)
    if cells["rule"] in ("share", "count"):
        domain = _domain(wave, path, row, cells["domain"])
        item = next(i for i in items if i.key == keys[0])
        if cells["rule"] == "count":
            item = replace(item, statistic="total")
        e = wave.estimator.estimate(indicator.name, item, domain)
        plain = e.n if cells["rule"] == "count" else 100 * e.plain
        return Reproduced(*identity, _number(plain), e, "", {}, int(e.n), e.base)
    if cells["rule"] not in ORDERS:
        known = ", ".join(["share", "count", *ORDERS])
        raise BadInput(f"unknown rule {cells['rule']!r}; known are {known}", file=path, row=row)
    plain_value = {i.key: float(i.value[i.base].sum()) / int(i.base.sum()) for i in items}
    plain_order = sorted(plain_value, key=lambda k: -plain_value[k])
    values = wave.estimator.moments(items).value[:, 0]
    ours = [items[i] for i in np.argsort(-values, kind="stable")]
    found = ORDERS[cells["rule"]](plain_order, keys)
    prefix = f"{indicator.question}_"
    sign = "|" if cells["rule"].endswith("set") else ">"
    as_published = sign.join(k.removeprefix(prefix) for k in found)
    chosen = ORDERS[cells["rule"]]([i.key for i in ours], keys)
    allowed = rank_ranges(wave.estimator, items)
    order = _tested([i.key for i in ours if i.key in chosen], allowed, prefix)
    ranks = {k.removeprefix(prefix): allowed[k] for k in keys}
    return Reproduced(*identity, as_published, None, order, ranks, base, base)


def _domain(wave: Wave, path: Path, row: int, value: str) -> dict[str, str]:
    """The domain that has this value; "all" is everybody the question was put to."""
    if value == "all":
        return {}
    for name, domain in wave.barometer.domains.items():
        if value in domain.labels:
            return {name: value}
    raise BadInput(f"unknown domain {value!r}", file=path, row=row, column="domain")


def _tested(ordered: Sequence[str], allowed: Mapping[str, tuple[int, int]], prefix: str) -> str:
    """Neighbours with ">" where the ranks that the data allow them do not touch, else "~"."""
    text = ordered[0].removeprefix(prefix)
    for a, b in pairwise(ordered):
        sign = ">" if allowed[a][1] < allowed[b][0] else "~"
        text += f" {sign} {b.removeprefix(prefix)}"
    return text


def _number(x: float) -> str:
    return repr(round(x, 10)) if x != round(x) else str(round(x))


def _listed(order: Sequence[str], keys: Sequence[str]) -> list[str]:
    return [k for k in order if k in keys]


def _highest(order: Sequence[str], keys: Sequence[str]) -> list[str]:
    return list(order[: len(keys)])


def _highest_set(order: Sequence[str], keys: Sequence[str]) -> list[str]:
    """The members of the published set first, in its order: a set has none of its own."""
    return sorted(order[: len(keys)], key=lambda k: (k not in keys, [*keys, k].index(k)))


def _lowest_set(order: Sequence[str], keys: Sequence[str]) -> list[str]:
    return _highest_set(list(order)[::-1], keys)


ORDERS: dict[str, Callable[[Sequence[str], Sequence[str]], list[str]]] = {
    "order": _listed,
    "order_top": _highest,
    "top_set": _highest_set,
    "lowest_set": _lowest_set,
}
