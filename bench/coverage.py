"""How often the 95% intervals hold the truth, simulated on the real frame by the product's own code.

One replication: each municipality draws an answer to eight questions and whether it responds;
respondents are weighted by `calibrate`, moments come from `Estimator`, intervals from `POLICIES`.
The truth is the share of the finite population just drawn. Scenarios, response and targets are
described in docs/methods/coverage.md, whose tables and picture `--page` writes anew.

    bench/coverage.py [--replications 2000] [--page] [--json] [--moments FOLDER]

`--moments` keeps the simulated moments there and takes them from there the next time, to try
another rule within seconds. With `--json` the last line is JSON: `policies`, each with the lowest
and highest coverage in % over scenarios and n; `targets` of the default policy, `targets_met`.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from coverage_report import (
    DIFFERENCES,
    DOMAINS,
    SCENARIOS,
    Draws,
    Study,
    figures,
    print_study,
    write_page,
)

import barograph as bg
from barograph.errors import NoWeights
from barograph.estimate.cells import Cells
from barograph.estimate.estimate import Estimator
from barograph.estimate.items import Item
from barograph.estimate.moments import Moments
from barograph.frame import Domain, Frame
from barograph.weight import Sample, Weighting, calibrate
from barograph.weight.sample import Floats, Ints

EXAMPLE = Path(__file__).parent.parent / "examples" / "smart-city-belgium"
NUMBERS = 60, 113, 200, 350
SIZES = {"small": 0.0, "medium": 10_000.0, "large": 20_000.0}  # inhabitants, from
WEIGHTINGS = {
    "with size": Weighting("raking", ("region", "rurality", "size")),
    "as the example": Weighting("raking", ("region", "rurality")),
}
UNEVENNESS = {1.0: slice(0, 6), 2.0: slice(6, 8)}  # scenarios under each response
SEED = 20261124
SCORES, EVERYBODY = np.array([0.0, 1.0]), np.ones(2, dtype=bool)


@dataclass(frozen=True)
class Units:
    """The frame with a domain `size`; logits of response, and shares by scenario (8, N)."""

    frame: Frame
    lean: Floats
    shares: Floats

    @classmethod
    def of(cls, frame: Frame) -> Units:
        """Adds size classes and lays down who tends to answer, and what."""
        column = frame.attributes
        population = column["population"].astype(float)
        size = np.array([*SIZES])[np.searchsorted([*SIZES.values()], population, side="right") - 1]
        domains = {**frame.domains, "size": Domain("size", {}, {name: {} for name in SIZES})}
        logs = np.log(population)
        rural, wallonia = column["rurality"] == "rural", column["region"] == "wallonia"
        lean = 0.5 * (logs - logs.mean()) + 0.2 * wallonia + 0.8 * (column["region"] == "brussels")
        mid = np.where(rural, 0.34, np.where(wallonia, 0.50, 0.84))
        rare = np.where(rural, 0.05, 0.15)
        same = [np.full(len(frame), share) for share in (0.5, 0.3, 0.03)]
        nearly = np.where(size == "small", 0.88, 0.995)
        return cls(
            Frame(frame.on, {**column, "size": size}, domains, frame.version),
            lean,
            np.stack([mid, rare, *same, nearly, mid, rare]),
        )

    def response(self, n: int, unevenness: float) -> Floats:
        """Probability to respond of each unit (N), logistic in size and region; the sum is n."""
        low, high = -20.0, 20.0
        for _ in range(60):
            middle = (low + high) / 2
            rho = 1 / (1 + np.exp(-middle - unevenness * self.lean))
            low, high = (low, middle) if rho.sum() > n else (middle, high)
        return np.asarray(rho)

    def inside(self) -> Floats:
        """Whether each unit is in each domain, (D, N)."""
        column, everybody = self.frame.attributes, np.ones(len(self.frame), dtype=bool)
        return np.array(
            [everybody if not d else column[(name := next(iter(d)))] == d[name] for d in DOMAINS],
            dtype=float,
        )


def simulate(units: Units, n: int, weighting: Weighting, replications: int) -> Draws:
    """Moments and truth of all scenarios and domains, `replications` times."""
    rng = np.random.default_rng([SEED, n])  # both weightings see the same answers and respondents
    inside = units.inside()
    response = {u: units.response(n, u) for u in UNEVENNESS}
    shape = replications, len(SCENARIOS)
    draws = Draws(
        Moments(*(np.empty((*shape, len(DOMAINS))) for _ in fields(Moments))),
        np.empty((*shape, len(DOMAINS))),
        np.empty((*shape, len(DIFFERENCES))),
        np.zeros(replications),
    )
    for r in range(replications):
        answers = (rng.random(units.shares.shape) < units.shares).astype(np.intp)
        draws.truth[r] = answers @ inside.T / inside.sum(axis=1)
        for unevenness, scenarios in UNEVENNESS.items():
            who, sample, refused = respond(rng, units.frame, response[unevenness], weighting)
            draws.refused[r] += refused
            record(draws, (r, scenarios), sample, answers[scenarios][:, who])
    return draws


def respond(
    rng: np.random.Generator, frame: Frame, rho: Floats, weighting: Weighting
) -> tuple[Ints, Sample, int]:
    """Who responds, their weights, and how many draws before had no weights.

    A draw is refused when a margin has a category that nobody is in, or margins contradict each
    other on those who responded; by all three margins, so that each weighting sees the same draws.
    """
    refused = 0
    while True:
        who = np.flatnonzero(rng.random(len(frame)) < rho)
        try:
            with np.errstate(all="ignore"):
                sample = calibrate(frame, frame.codes[who].tolist(), WEIGHTINGS["with size"])
            if np.isfinite(sample.w1).all():
                if weighting != WEIGHTINGS["with size"]:
                    sample = calibrate(frame, frame.codes[who].tolist(), weighting)
                return who, sample, refused
        except NoWeights:
            pass
        refused += 1


def record(draws: Draws, at: tuple[int, slice], sample: Sample, answers: Ints) -> None:
    """Moments of each scenario's answers (Q, n), and the linearised variance of the differences."""
    items = [
        Item(str(q), "q", "share", level, SCORES, EVERYBODY, EVERYBODY)
        for q, level in enumerate(answers)
    ]
    estimator = Estimator.of(sample, "coverage")
    m = estimator.moments(items, DOMAINS)
    for field in fields(Moments):
        getattr(draws.moments, field.name)[at] = getattr(m, field.name)
    counted = estimator.cells_of(sample, items)
    cells = Cells(*(np.stack([getattr(c, f.name) for c in counted]) for f in fields(Cells)))
    masks = np.stack([sample.design.mask(d) for d in DOMAINS])
    weight = masks @ cells.w1[0].sum(axis=-1)
    deviation = SCORES - m.value[:, :, None, None]  # (Q, D, 1, L)
    u = (masks[:, :, None] / weight[:, None, None]) * deviation
    contrasts = np.stack([u[:, a] - u[:, b] for a, b in DIFFERENCES], axis=-1)
    variance = estimator.linear.covariance(cells, contrasts)
    draws.difference_variance[at] = np.diagonal(variance, axis1=-2, axis2=-1)


def study(units: Units, name: str, replications: int, folder: Path | None) -> Study:
    """Coverage at all n under one weighting; moments come from `folder` where it has them."""
    by_n, refused = {}, {}
    for n in NUMBERS:
        kept = folder / f"{name.replace(' ', '-')}-{n}-{replications}.npz" if folder else None
        if kept and kept.exists():
            draws = Draws.load(kept)
        else:
            draws = simulate(units, n, WEIGHTINGS[name], replications)
            if kept:
                draws.save(kept)
        by_n[n] = draws.coverage()
        refused[n] = float(draws.refused.sum() / (len(UNEVENNESS) * replications))
    return Study(replications, by_n, refused)


def main() -> None:
    """Simulates, prints the tables and the verdicts."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--replications", type=int, default=2000)
    parser.add_argument("--page", action="store_true", help="write docs/methods/coverage.*")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--moments", type=Path, help="folder of kept moments")
    options = parser.parse_args()
    start = time.perf_counter()
    units = Units.of(bg.open(EXAMPLE).wave("2017").frame)
    studies = {}
    for name, weighting in WEIGHTINGS.items():
        studies[name] = study(units, name, options.replications, options.moments)
        print(f"\nraked to {', '.join(weighting.margins)}")
        print_study(studies[name])
    print(f"\n{time.perf_counter() - start:.0f} s")
    if options.page:
        write_page(studies)
    if options.json:
        print(json.dumps(figures(studies["with size"])))


if __name__ == "__main__":
    main()
