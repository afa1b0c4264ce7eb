"""The figures as files: estimates.csv, reproduction.csv and the notice that goes with them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from barograph.barometer import Wave
from barograph.estimate import Estimates
from barograph.publish.folder import csv_bytes
from barograph.publish.reproduction import Reproduced

ESTIMATES = (
    "estimate_id,wave,frame_version,indicator,category,domain,"
    "estimate,se,ci_low,ci_high,n,base,flag,suppressed,method_id"
).split(",")
REPRODUCTION = "id,published,as_published,estimate,low,high,n,base".split(",")


def files(
    wave: Wave, estimates: Mapping[str, Estimates], reproduced: Sequence[Reproduced]
) -> dict[str, bytes]:
    """Name and content of each data file of the edition."""
    found = {"data/estimates.csv": _estimates(wave, estimates.values())}
    if reproduced:
        found["data/reproduction.csv"] = _reproduction(reproduced)
    found["data/README.md"] = _notice(wave).encode()
    return found


def method_id(wave: Wave) -> str:
    """How the figures were made, as one word: synthetic or observed answers, weights, interval."""
    kind = "synthetic" if wave.synthetic else "observed"
    return f"{kind}:{wave.method}({'+'.join(wave.margins)}):{wave.policy.replace('_', '-')}"


def _estimates(wave: Wave, tables: Iterable[Estimates]) -> bytes:
    method, frame = method_id(wave), wave.frame.version
    return csv_bytes(
        ESTIMATES,
        (
            [
                e.estimate_id, wave.name, frame, e.indicator, e.category, e.domain,
                _number(e.value), _number(e.se), _number(e.low), _number(e.high),
                e.n, e.base, e.flag, 0, method,
            ]
            for table in tables
            for e in table
        ),
    )  # fmt: skip


def _reproduction(rows: Sequence[Reproduced]) -> bytes:
    return csv_bytes(
        REPRODUCTION,
        ([r.id, r.published, r.as_published, *_figure(r), r.n, r.base] for r in rows),
    )


def _figure(r: Reproduced) -> tuple[str, str, str]:
    """Estimate, low, high: shares in percent, counts as municipalities, an order as tested."""
    if r.estimate is None:
        return r.order, "", ""
    e, scale = r.estimate, 100.0 if r.rule == "share" else 1.0
    return _number(e.value * scale), _number(e.low * scale), _number(e.high * scale)


def _number(x: float) -> str:
    """Twelve significant digits: what the method can promise; empty when there is none."""
    return "" if math.isnan(x) else f"{x:.12g}"


def _notice(wave: Wave) -> str:
    notice = "\n\n".join(wave.synthetic[lang] for lang in wave.synthetic)
    return f"""# {wave.barometer.title["en"]} {wave.name}: data

{notice}

- `estimates.csv`: every figure; shares in 0..1, means on their scale, totals in municipalities.
  `n` respondents counted, `base` respondents the figure is over, `ci_low` and `ci_high` the 95%
  interval (shares and totals: {wave.policy.replace("_", " ")}; means: t), `se` the linearised standard error.
  `flag`: base<30, base<10 or none. `method_id` begins with synthetic when nobody gave the answers.
- `reproduction.csv`: each figure published earlier, as the plain share of respondents and as
  estimated with weights (shares in percent). In an order, ">" separates neighbours that
  the data put in this order at 95% (all comparisons at once), "~" those they do not.

{wave.barometer.attribution}
"""
