"""The wave for doubters: its answers and figures as CSV, and an R script that recomputes them.

The script needs base R and the package survey alone; what it does stands in `templates/r`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from barograph import __version__
from barograph.barometer import Wave
from barograph.estimate import Item
from barograph.estimate.intervals import LEVEL
from barograph.publish import open_data
from barograph.publish.folder import csv_bytes
from barograph.weight import Weighting

SCRIPT = "recompute.R"
TEMPLATES = Path(__file__).parent.parent / "templates" / "r"
# The distance of survey::calibrate by method. In post-stratification, to one crossed margin, all
# distances agree; "truncated" is the linear one within bounds.
CALFUN = {
    "poststratification": "linear",
    "raking": "raking",
    "linear": "linear",
    "logit": "logit",
    "truncated": "linear",
}
Columns = dict[str, list[str]]


@dataclass(frozen=True)
class Measured:
    """A column of sample.csv: its item, and the column of those it speaks of ("" = all)."""

    column: str
    indicator: str
    item: Item
    asked: str


def files(wave: Wave) -> dict[str, bytes]:
    """Name and content of each file of the export."""
    estimates = {n: wave.estimates(i) for n, i in wave.barometer.indicators.items()}
    measured = _measured(wave)
    return {
        "sample.csv": _csv(_sample(wave, measured)),
        "frame.csv": _csv(_cells(wave) | {"units": _numbers(wave.sample.design.size)}),
        "items.csv": _csv(_described(measured)),
        "published.csv": open_data.estimates_csv(wave, estimates),
        SCRIPT: _text(wave, f"{SCRIPT}.j2"),
        "README.md": _text(wave, "README.md.j2"),
    }


def calibration(weighting: Weighting) -> str:
    """Arguments of `survey::calibrate` that solve for the final weights; "" for "none"."""
    if weighting.method == "none":
        return ""
    # Trimmed weights are calibrated by the truncated linear distance within the limits themselves.
    limits, kind = weighting.trim, "truncated" if weighting.trim else weighting.method
    bounds = (
        f"bounds = c({', '.join(map(_number, b))}), " if (b := limits or weighting.bounds) else ""
    )
    constant = "bounds.const = TRUE, " if limits else ""
    return f'calfun = "{CALFUN[kind]}", {bounds}{constant}epsilon = 1e-12, maxit = 100'


def _cells(wave: Wave) -> Columns:
    """What respondents and cells of the frame have in common, a row for each cell."""
    design = wave.sample.design
    columns: Columns = {
        f"domain.{name}": [values[k] for values in design.values]
        for k, name in enumerate(design.domains)
    }
    columns["stratum"] = [str(h + 1) for h in design.stratum]
    columns["N_h"] = _numbers(design.stratum_size[design.stratum])
    return columns | {f"x{k + 1}": _numbers(x) for k, x in enumerate(design.margins.T)}


def _sample(wave: Wave, measured: Sequence[Measured]) -> Columns:
    sample = wave.sample
    columns = {name: [cells[c] for c in sample.cell] for name, cells in _cells(wave).items()}
    columns |= {"w0": _numbers(sample.w0), "w1": _numbers(sample.w1)}
    columns |= {m.asked: _numbers(m.item.eligible) for m in measured if m.asked}
    return columns | {m.column: _scores(m.item) for m in measured}


def _measured(wave: Wave) -> list[Measured]:
    asked: dict[bytes, str] = {}
    found: list[Measured] = []
    for name, indicator in wave.barometer.indicators.items():
        for item in wave.items(indicator):
            mask = item.eligible
            of_all = mask.all()
            column = "" if of_all else asked.setdefault(mask.tobytes(), f"q{len(asked) + 1}")
            found.append(Measured(f"i{len(found) + 1}", name, item, column))
    return found


def _scores(item: Item) -> list[str]:
    scores = zip(_numbers(item.value), item.base, strict=True)
    return [score if answered else "" for score, answered in scores]


def _described(measured: Sequence[Measured]) -> Columns:
    return {
        "column": [m.column for m in measured],
        "indicator": [m.indicator for m in measured],
        "category": [m.item.key for m in measured],
        "statistic": [m.item.statistic for m in measured],
        "question": [m.item.variable for m in measured],
        "asked": [m.asked for m in measured],
    }


def _numbers(values: Iterable[Any]) -> list[str]:
    return [_number(float(x)) for x in values]


def _number(x: float) -> str:
    """The shortest text that gives the same number again, also in R."""
    return str(int(x)) if x.is_integer() else repr(x).replace("inf", "Inf")


def _csv(columns: Columns) -> bytes:
    return csv_bytes([*columns], zip(*columns.values(), strict=True))


def _text(wave: Wave, template: str) -> bytes:
    columns = wave.sample.design.margins.shape[1]
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    text = environment.get_template(template).render(
        title=_line(wave.barometer.title[wave.barometer.languages[0]]),
        wave=wave.name,
        notices=[_line(notice) for notice in wave.synthetic.values()],
        version=__version__,
        method=open_data.method_id(wave),
        level=LEVEL,
        policy=wave.policy,
        columns=columns,
        formula=" + ".join(f"x{k + 1}" for k in range(columns)),
        calibration=calibration(wave.weighting) if wave.sample.design.margins.any() else "",
    )
    return text.encode()


def _line(text: str) -> str:
    """On one line, so that it stays within a comment of the script."""
    return " ".join(text.splitlines())
