"""All tables and tests of a survey of 50 questions, beside R survey, svy and the floor of counting.

Makes its own answers: 7 strata with finite population correction, 50 questions of 5 answers, raked
to region, rurality and size. Three jobs: raking; 3,000 shares with intervals (50 questions x 5
answers x 12 domains); 150 Rao-Scott tests. Each size runs in a process of its own, from a Parquet
file, so that its peak memory is known.

    bench/estimate.py [--sizes 113,10000,100000,1000000] [--json]

`seconds_N` all three jobs from the opened file, `ratio_r_N` and `ratio_svy_N` tables and tests
against R survey and svy (null where not installed; from 100,000 rows on they do 5 of the questions,
times ten), `pass_over_floor_N` counting all cells against 50 weighted bincounts of numpy on ready
keys, `peak_mb_N` peak resident memory of the process.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from barograph.estimate.cells import Cells, tally
from barograph.estimate.independence import rao_scott, two_way
from barograph.estimate.intervals import shrunk_wilson
from barograph.estimate.linear import Linearisation
from barograph.estimate.moments import Meaning, moments
from barograph.weight.raking import rake

QUESTIONS = {f"q{i}": 5 for i in range(50)}
DESIGN = {"stratum": 7, "region": 3, "rurality": 3, "size": 5}
MARGINS = ("region", "rurality", "size")
BATCH = 1 << 17
SAMPLED = np.array([0.25, 0.19, 0.3, 0.22, 0.21, 0.15, 0.2])  # n_h / N_h of each stratum
R_QUESTIONS = {"few": 5, "from": 100_000}


def write_answers(n: int, path: Path) -> None:
    """A Parquet file of n respondents in pieces, seeded; answers lean on region and size."""
    rng = np.random.default_rng(n)
    schema = pa.schema([(name, pa.int8()) for name in (*DESIGN, *QUESTIONS)])
    with pq.ParquetWriter(path, schema) as writer:
        for start in range(0, n, 1_000_000):
            writer.write_table(pa.table(_piece(rng, min(1_000_000, n - start)), schema=schema))


def _piece(rng: np.random.Generator, n: int) -> dict[str, np.ndarray[Any, Any]]:
    # Strata are region by rurality: three in two regions, one where all is urban.
    stratum = np.concatenate([np.arange(7), rng.choice(7, max(n - 7, 0))])[:n]
    region, rurality = np.minimum(stratum // 3, 2), np.where(stratum == 6, 2, stratum % 3)
    size = (np.arange(n) + rng.integers(0, 2, n)) % 5
    columns = {"stratum": stratum, "region": region, "rurality": rurality, "size": size}
    for question in QUESTIONS:
        lean = 0.1 * (region == 1) + 0.08 * (size == 4)
        columns[question] = np.minimum((rng.random(n) + lean) * 5, 4).astype(np.int8)
    return {name: column.astype(np.int8) for name, column in columns.items()}


class Survey:
    """The counted survey: rows of the design that have respondents, raked to the margins."""

    def __init__(self, counts: dict[str, np.ndarray[Any, Any]]) -> None:
        stacked = np.stack(list(counts.values())).astype(float)
        found = np.flatnonzero(stacked[0].sum(axis=1))
        codes = np.unravel_index(found, tuple(DESIGN.values()))
        self.codes = dict(zip(DESIGN, codes, strict=True))
        self.counts = stacked[:, found]
        self.n = self.counts[0].sum(axis=1)
        stratum = self.codes["stratum"]
        sampled = np.bincount(stratum, weights=self.n)
        self.population = np.round(sampled / SAMPLED)
        self.w0 = (self.population / sampled)[stratum]

    def rake(self) -> None:
        """Job 1: to margins a little off the weighted sample's, as a population's are."""
        mass = self.n * self.w0
        labels = [self.codes[name] for name in MARGINS]
        targets = [np.bincount(label, weights=mass) for label in labels]
        targets = [t * (1 + 0.05 * np.cos(np.arange(len(t)))) for t in targets]
        self.targets = [t / t.sum() * mass.sum() for t in targets]
        self.w1 = self.w0 * rake(mass, labels, self.targets)[0]
        indicators = [np.eye(DESIGN[name])[self.codes[name]] for name in MARGINS]
        margins = np.column_stack([indicators[0], *(i[:, 1:] for i in indicators[1:])])
        self.linear = Linearisation(
            self.codes["stratum"], self.population, self.n, self.n * self.w0, margins
        )
        self.cells = Cells.of_counts(self.counts, self.w0, self.w1)

    def tables(self) -> tuple[Any, ...]:
        """Job 2: 3,000 shares with their intervals; gives the sum of standard errors."""
        domains = [np.ones(len(self.n), dtype=bool)]
        domains += [self.codes[name] == k for name in MARGINS for k in range(DESIGN[name])]
        masks = np.stack(domains)
        cells = Cells(*(getattr(self.cells, f)[:, None] for f in ("n", "w0", "w1", "w1_squared")))
        m = moments(self.linear, cells, Meaning.shares(5), masks, masks @ (self.n * self.w0))
        low, high = shrunk_wilson(m)
        return float(np.sqrt(m.variance).sum()), low, high

    def tests(self) -> float:
        """Job 3: 150 Rao-Scott tests; gives the sum of F."""
        total = 0.0
        for name in MARGINS:
            tables = two_way(self.linear, self.cells, self.codes[name], DESIGN[name])
            total += float(rao_scott(tables, self.linear.df()).f.sum())
        return total


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds and result."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def batches(path: Path) -> Iterator[pa.RecordBatch]:
    """The file, a batch in memory at a time."""
    return pq.ParquetFile(path).iter_batches(BATCH, use_threads=False)


def run(path: Path, runs: int) -> dict[str, float]:
    """The three jobs on one file, median of `runs`."""
    # Arrow's own allocator keeps freed batches; the system's gives them back (docs/scale.md).
    pa.set_memory_pool(pa.system_memory_pool())
    found = []
    for _ in range(runs):
        reading, counts = timed(lambda: tally(batches(path), DESIGN, QUESTIONS))
        raking, survey = timed(lambda counts=counts: _raked(counts))
        tables, (errors, *_) = timed(survey.tables)
        tests, statistics = timed(survey.tests)
        found.append((reading, raking, tables, tests, errors, statistics))
    names = ("pass", "raking", "tables", "tests", "errors", "statistics")
    figures = {
        name: median(column) for name, column in zip(names, zip(*found, strict=True), strict=True)
    }
    figures["peak_mb"] = peak_mb()
    return figures


def peak_mb() -> float:
    """Peak resident memory of this process since it began; getrusage would count its parent's."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def _raked(counts: dict[str, np.ndarray[Any, Any]]) -> Survey:
    survey = Survey(counts)
    survey.rake()
    return survey


def floor(path: Path, runs: int) -> dict[str, float]:
    """50 weighted bincounts on ready keys, and the counting of the same from arrays in memory."""
    n = min(pq.ParquetFile(path).metadata.num_rows, 1_000_000)
    table = pq.read_table(path).slice(0, n)
    weights = np.random.default_rng(1).random(n)
    row = np.ravel_multi_index(
        tuple(table[name].to_numpy().astype(np.intp) for name in DESIGN), tuple(DESIGN.values())
    )
    held = table.combine_chunks().to_batches(BATCH)
    counting, weighted = [], []
    for _ in range(runs):
        seconds = 0.0
        for question, levels in QUESTIONS.items():
            key = row * levels + table[question].to_numpy()
            seconds += timed(lambda key=key: np.bincount(key, weights=weights))[0]
        weighted.append(seconds)
        counting.append(timed(lambda: tally(held, DESIGN, QUESTIONS))[0])
    return {"floor": median(weighted), "counting": median(counting), "rows": n}


def write_csv(path: Path, out: Path, questions: int) -> None:
    """What R and svy read: the answers with stratum size and weight, and the margins."""
    survey = _raked(tally(batches(path), DESIGN, QUESTIONS))
    table = pq.read_table(path, columns=[*DESIGN, *list(QUESTIONS)[:questions]])
    stratum = table["stratum"].to_numpy()
    by_stratum = dict(zip(survey.codes["stratum"], survey.w0, strict=True))
    weight = np.array([by_stratum[h] for h in range(len(by_stratum))])
    table = table.append_column("w0", pa.array(weight[stratum]))
    table = table.append_column("population", pa.array(survey.population[stratum]))
    from pyarrow import csv

    csv.write_csv(table, out)
    totals = {"(Intercept)": float(survey.targets[0].sum())}
    for name, target in zip(MARGINS, survey.targets, strict=True):
        totals |= {f"{name}{k}": float(target[k]) for k in range(1, len(target))}
    lines = ["name,total", *(f'"{name}",{total!r}' for name, total in totals.items())]
    out.with_suffix(".totals.csv").write_text("\n".join(lines) + "\n")


def r_survey(csv: Path, questions: int) -> list[float] | None:
    """Seconds of raking, tables and tests, and both sums; None without R and survey."""
    if not shutil.which("Rscript"):
        return None
    script = Path(__file__).with_suffix(".R")
    done = subprocess.run(
        ["Rscript", script, csv, str(questions)], capture_output=True, text=True, check=False
    )
    return [float(x) for x in done.stdout.split()] if done.returncode == 0 else None


def svy_package(csv: Path, questions: int) -> float | None:
    """Seconds of tables and tests with svy, one variable a call; None where it is not installed."""
    try:
        import polars
        import svy
    except ImportError:
        return None
    totals: dict[str, dict[int, float]] = {name: {} for name in MARGINS}
    raked = _raked(tally(batches(csv.with_suffix(".parquet")), DESIGN, QUESTIONS))
    for name, target in zip(MARGINS, raked.targets, strict=True):
        totals[name] = dict(enumerate(map(float, target)))
    design = svy.Design(stratum="stratum", wgt="w0", pop_size="population")
    sample = svy.Sample(data=polars.read_csv(csv), design=design)
    sample = sample.weighting.rake(controls=totals, tol=1e-10, max_iter=500)

    def tables_and_tests() -> None:
        for name in list(QUESTIONS)[:questions]:
            sample.estimation.prop(name)
            for by in MARGINS:
                sample.estimation.prop(name, by=by)
                sample.categorical.tabulate(name, by)

    return timed(tables_and_tests)[0]


def measure(n: int, folder: Path) -> dict[str, float | None]:
    """All figures of one size, printed as they come."""
    path = folder / f"{n}.parquet"
    write_answers(n, path)
    runs = 9 if n <= 10_000 else 5 if n <= 1_000_000 else 1
    own = _in_process("run", path, runs)
    base = _in_process("floor", path, max(runs // 2, 1))
    jobs = own["tables"] + own["tests"] + own["pass"]
    questions = len(QUESTIONS) if n < R_QUESTIONS["from"] else R_QUESTIONS["few"]
    peers: dict[str, float | None] = {"r": None, "svy": None}
    if n <= R_QUESTIONS["from"]:
        csv = folder / f"{n}.csv"
        write_csv(path, csv, questions)
        found, scale = r_survey(csv, questions), len(QUESTIONS) / questions
        if found:
            peers["r"] = scale * (found[1] + found[2]) / jobs
            if scale == 1:
                _say_difference(own, found)
        other = svy_package(csv, questions)
        peers["svy"] = scale * other / jobs if other else None
    seconds = jobs + own["raking"]
    print(
        f"{n:>10,} rows: {seconds:.3f} s (pass {own['pass']:.3f}, raking {own['raking']:.4f}, "
        f"tables {own['tables']:.3f}, tests {own['tests']:.3f}); R x {_shown(peers['r'])}, "
        f"svy x {_shown(peers['svy'])}; counting {base['counting'] / base['floor']:.2f} x floor; "
        f"peak {own['peak_mb']:.0f} MB",
        flush=True,
    )
    return {
        f"seconds_{n}": round(seconds, 4),
        f"ratio_r_{n}": peers["r"] and round(peers["r"], 1),
        f"ratio_svy_{n}": peers["svy"] and round(peers["svy"], 1),
        f"pass_over_floor_{n}": round(base["counting"] / base["floor"], 2),
        f"peak_mb_{n}": round(own["peak_mb"]),
    }


def _shown(ratio: float | None) -> str:
    return "none" if ratio is None else f"{ratio:,.0f}"


def _say_difference(own: dict[str, float], found: list[float]) -> None:
    for name, ours, theirs in zip(
        ("standard errors", "F"), (own["errors"], own["statistics"]), found[3:], strict=True
    ):
        print(f"  sum of {name}: {ours:.12g}, R {theirs:.12g}, apart {abs(ours / theirs - 1):.0e}")


def _in_process(job: str, path: Path, runs: int) -> dict[str, float]:
    command = [sys.executable, __file__, "--job", job, str(path), str(runs)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def raking_peers(n: int = 1_000_000) -> dict[str, float | None]:
    """Raking n rows to three margins: seconds of weightipy and leafblower over ours."""
    rng = np.random.default_rng(3)
    codes = {name: rng.choice(DESIGN[name], n).astype(np.int8) for name in MARGINS}
    shares = {name: _off(DESIGN[name]) for name in MARGINS}

    def ours() -> np.ndarray[Any, Any]:
        row = (codes["region"].astype(np.intp) * 3 + codes["rurality"]) * 5 + codes["size"]
        mass = np.bincount(row, minlength=45).astype(float)
        labels = list(np.unravel_index(np.arange(45), (3, 3, 5)))
        factor: np.ndarray[Any, Any] = rake(mass, labels, [shares[name] * n for name in MARGINS])[0]
        return factor[row]

    own = median(timed(ours)[0] for _ in range(5))
    print(f"raking {n:,} rows to 3 margins: {own:.4f} s")
    found: dict[str, float | None] = {}
    for peer, work in (("weightipy", _weightipy), ("leafblower", _leafblower)):
        try:
            seconds = work(codes, shares)
            found[f"raking_over_{peer}"] = round(seconds / own, 1)
            print(f"  {peer} {seconds:.2f} s, {seconds / own:.0f} times ours")
        except ImportError:
            found[f"raking_over_{peer}"] = None
    return found


def _off(k: int) -> np.ndarray[Any, Any]:
    shares = 1 + 0.2 * np.cos(np.arange(k))
    return np.asarray(shares / shares.sum())


def _weightipy(codes: dict[str, Any], shares: dict[str, Any]) -> float:
    import pandas
    import weightipy

    targets = {m: {k: 100 * s for k, s in enumerate(shares[m])} for m in MARGINS}
    scheme = weightipy.scheme_from_dict(targets)
    data = pandas.DataFrame(codes)
    return timed(lambda: weightipy.weight_dataframe(data, scheme, weight_column="w"))[0]


def _leafblower(codes: dict[str, Any], shares: dict[str, Any]) -> float:
    import leafblower
    import pandas

    targets = {m: {str(k): float(x) for k, x in enumerate(shares[m])} for m in MARGINS}
    data = pandas.DataFrame({name: column.astype(str) for name, column in codes.items()})
    return timed(lambda: leafblower.harvest(data, targets, max_weight=1e6, method="raking"))[0]


def main() -> None:
    """Runs the sizes asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sizes", default="113,10000,100000,1000000")
    parser.add_argument("--json", action="store_true", help="the last line is JSON")
    parser.add_argument("--job", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.job:
        job, path, runs = asked.job
        print(json.dumps({"run": run, "floor": floor}[job](Path(path), int(runs))))
        return
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy", "pyarrow"))
    print(f"Python {sys.version.split()[0]}, {packages}")
    figures: dict[str, float | None] = {}
    with tempfile.TemporaryDirectory() as folder:
        for n in map(int, asked.sizes.split(",")):
            figures |= measure(n, Path(folder))
    figures |= raking_peers()
    if asked.json:
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
