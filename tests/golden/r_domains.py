"""svyby: a statistic in each domain."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from r_arguments import flag, matched, refuse
from r_designs import Design, Made, Survey, groups
from r_intervals import Quantiles, svyciprop, svyquantile
from r_statistics import Expect, Run, Stat, svymean, svyratio, svytotal, svyvar
from r_syntax import Call, Name, OutOfScope, deparse

from barograph.estimate.replicates import covariance_of

STATISTICS = {
    "svymean": svymean,
    "svytotal": svytotal,
    "svyvar": svyvar,
    "svyratio": svyratio,
    "svyciprop": svyciprop,
    "svyquantile": svyquantile,
}


def _restricted(design: Design, inside: np.ndarray) -> Design:
    return replace(design, inside=design.inside & inside)


@dataclass(frozen=True)
class By:
    """A statistic by domains."""

    rows: list[tuple[Expect, Stat]]
    joint: bool
    design: Design

    def report(self) -> list[Expect]:
        return [values | self._columns(stat) for values, stat in self.rows]

    def _columns(self, stat: Stat) -> Expect:
        """Estimates and errors under every name that R gives them in some kind of statistic."""
        errors, (low, high) = stat.errors, stat.ends()
        with np.errstate(divide="ignore", invalid="ignore"):
            cv = errors / stat.made.values
        parts = {
            "se": errors, "ci_l": low, "ci_u": high, "cv": cv, "cv%": cv * 100, "var": errors**2,
            "DEff": stat.deff if stat.deff is not None else [],
        }  # fmt: skip
        found = dict(zip(stat.names, stat.made.values, strict=True))
        alone = len(stat.names) == 1
        if alone:
            found["V1"] = stat.made.values[0]
        for part, column in parts.items():
            for i, (name, value) in enumerate(zip(stat.names, column, strict=False)):
                known = [f"{part}.{name}", f"{part}{i + 1}", f"{part}.as.numeric({name})"]
                found |= dict.fromkeys([*known, part] if alone else known, value)
        return found

    def stat(self) -> Stat:
        """All domains as one vector; without covmat R takes them as independent."""
        stats = [stat for _, stat in self.rows]
        keys = [".".join(_label(v) for v in values.values()) for values, _ in self.rows]
        many = len(stats[0].names) > 1
        # R runs through the domains first, then through the variables.
        order = [(d, j) for j in range(len(stats[0].names)) for d in range(len(stats))]
        names = [f"{keys[d]}:{stats[d].names[j]}" if many else keys[d] for d, j in order]
        index = [d * len(stats[0].names) + j for d, j in order]
        values = np.concatenate([s.made.values for s in stats])[index]
        covariance = self._covariance(stats)[np.ix_(index, index)]
        return Stat(names, Made(values, covariance), self.design)

    def _covariance(self, stats: list[Stat]) -> np.ndarray:
        if not self.joint:
            sizes = [len(s.names) for s in stats]
            found = np.zeros((sum(sizes), sum(sizes)))
            for start, s in zip(np.cumsum([0, *sizes]), stats, strict=False):
                end = start + len(s.names)
                found[start:end, start:end] = s.made.covariance
            return found
        if isinstance(self.design, Survey) and self.design.margins is not None:
            raise OutOfScope("contrasts of domains of a calibrated design, where R fails")
        if isinstance(self.design, Survey):
            u = np.concatenate([s.made.figures.u for s in stats if s.made.figures], axis=1)
            return self.design.units.linear.covariance_of_units(self.design.w, u)
        found = np.concatenate([s.made.replicates for s in stats], axis=1)
        values = np.concatenate([s.made.values for s in stats])
        return covariance_of(values, found, self.design.replicates)


def _label(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def svyby(call: Call, design: Design, run: Run) -> By:
    formals = (
        "formula by design FUN deff keep.var keep.names verbose vartype drop.empty.groups covmat "
        "na.rm.by na.rm.all return.replicates multicore"
    )
    args = matched(call, formals, beyond=True)
    refuse("svyby", args, "na.rm.all", "return.replicates")
    if "keep.var" in args and not flag(args["keep.var"]):
        raise OutOfScope("svyby without variances")
    fun = args["FUN"]
    if not (isinstance(fun, Name) and fun.name in STATISTICS):
        raise OutOfScope(f"svyby of {deparse(fun)}")
    passed = tuple((k, v) for k, v in args.items() if k not in formals.split() or k == "deff")
    inner = Call(fun.name, (("", args["formula"]), *passed))
    made = STATISTICS[fun.name]
    rows = []
    for values, here in groups(args["by"], design):
        part = _restricted(design, here)
        found = made(inner, part, run)
        rows.append((values, found.stat() if isinstance(found, Quantiles) else found))
    return By(rows, flag(args.get("covmat")), design)
