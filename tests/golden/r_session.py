"""A session of R: designs by name, and a call run in it."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from r_arguments import constant, matched
from r_contrasts import svycontrast
from r_data import Data
from r_designs import Design, Survey, subset, svydesign, update
from r_domains import STATISTICS, By, svyby
from r_intervals import proportion
from r_models import Model, reg_term_test, svyglm, svyttest
from r_replicates import as_svrepdesign, svrepdesign
from r_statistics import Stat
from r_syntax import Call, Name, Node, OutOfScope, parse
from r_tables import svychisq
from r_weights import calibrate, post_stratify, rake, trim

CHANGES = {
    "calibrate": calibrate,
    "postStratify": post_stratify,
    "rake": rake,
    "trimWeights": trim,
    "subset": subset,
    "update": update,
    "as.svrepdesign": as_svrepdesign,
}
ON_A_DESIGN = STATISTICS | {
    "svyby": svyby,
    "svyglm": svyglm,
    "svyttest": svyttest,
    "svychisq": svychisq,
}
IGNORED = ("suppressWarnings", "suppressMessages", "invisible", "(")


ACCESSORS = ("coef", "SE", "vcov", "cv", "deff", "confint")


def _accessed(node: Call, run: Any) -> Any:
    """What R takes out of a statistic, by name."""
    args = matched(node, "object parm level df" if node.name == "confint" else "object")
    found = run(args["object"])
    stat = (
        found.stat() if isinstance(found, By) else found.stat if isinstance(found, Model) else found
    )
    if not isinstance(stat, Stat) or "parm" in args:
        raise OutOfScope(f"{node.name}() of this")
    if node.name == "vcov":
        return stat.made.covariance.tolist()
    if node.name == "confint":
        level = float(constant(args["level"])) if "level" in args else 0.95
        df = run(args["df"]) if "df" in args else found.df if isinstance(found, Model) else np.inf
        columns: Any = zip(*stat.ends(df, level), strict=True)
        return {name: list(ends) for name, ends in zip(stat.names, columns, strict=True)}
    if node.name == "deff" and stat.deff is None:
        raise OutOfScope("a design effect that was not asked for")
    values = {
        "coef": stat.made.values, "SE": stat.errors, "cv": stat.errors / stat.made.values,
        "deff": stat.deff,
    }[node.name]  # fmt: skip
    return dict(zip(stat.names, values, strict=True))


class Session:
    """`designs` as a file of cases describes them, on its data `d`."""

    def __init__(
        self, data: Data, described: Mapping[str, Mapping[str, Any]], folder: Path
    ) -> None:
        self.data, self.described, self.folder = data, described, folder
        self.lonely = "fail"

    def run(self, node: Node) -> Any:
        """What a call gives: a design, a statistic, a number. OutOfScope for what we do not know."""
        if isinstance(node, Name) and node.name in self.described:
            return self.design(node.name)
        if not isinstance(node, Call) or node.name in ("c", "-", "rep"):
            return constant(node)
        if node.name in IGNORED:
            return self.run(node.plain[0])
        if node.name == "svydesign":
            return svydesign(node, self.data, self.lonely)
        if node.name == "svrepdesign":
            return svrepdesign(node, self.data, {})
        if node.name == "regTermTest":
            return reg_term_test(node, self.run)
        if node.name == "svycontrast":
            args = matched(node, "stat contrasts add")
            return svycontrast(self.run(args["stat"]), args["contrasts"])
        if node.name in ("degf", "weights"):
            return self._of_design(node)
        if node.name in ACCESSORS:
            return _accessed(node, self.run)
        if node.name in CHANGES:
            first = "x" if node.name in ("subset",) else "design"
            base = node.named.get(first) or (node.plain[0] if node.plain else Name("NULL"))
            return CHANGES[node.name](node, self._design(base))
        if node.name in ON_A_DESIGN:
            return self._statistic(node)
        raise OutOfScope(f"{node.name}()")

    def design(self, name: str) -> Design:
        """A design by its name, built from its call."""
        described = self.described[name]
        node = parse(described["call"])
        if isinstance(node, Call) and node.name == "svrepdesign":
            return svrepdesign(node, self.data, self._matrices(str(described.get("base", ""))))
        return self._design(node)

    def _design(self, node: Node) -> Design:
        found = self.run(node)
        if not isinstance(found, Design):
            raise OutOfScope("a call on no design")
        return replace(found, lonely=self.lonely) if isinstance(found, Survey) else found

    def _of_design(self, node: Call) -> Any:
        design = self._design(node.plain[0])
        if node.name == "degf":
            return design.degf()
        if len(node.args) > 1 or not isinstance(design, Survey):
            raise OutOfScope("weights of replicates")
        w = (
            np.where(design.inside, design.w, 0.0)
            if design.margins is not None
            else design.w[design.inside]
        )
        return {"weights": w, "sum": w.sum()}

    def _statistic(self, node: Call) -> Any:
        """The design is the argument of that name, or the first that is one."""
        if "design" in node.named:
            return ON_A_DESIGN[node.name](node, self._design(node.named["design"]), self.run)
        for name, arg in node.args:
            nested = isinstance(arg, Call) and (arg.name in CHANGES or arg.name == "svydesign")
            if not name and (nested or (isinstance(arg, Name) and arg.name in self.described)):
                return ON_A_DESIGN[node.name](node, self._design(arg), self.run)
        raise OutOfScope("a statistic without a design")

    def _matrices(self, words: str) -> dict[str, np.ndarray]:
        """A matrix in words: "RW = multipliers in FILE.csv matched on COLUMN"."""
        match = re.search(r"(\w+) = .*? in (\S+\.csv) matched on ([\w.]+)", words)
        if not match:
            return {}
        name, file, key = match.groups()
        with (self.folder / file).open(newline="") as opened:
            header, *rows = csv.reader(opened)
        at = header.index(key)
        table = {float(row[at]): [float(x) for i, x in enumerate(row) if i != at] for row in rows}
        return {name: np.array([table[k] for k in self.data[key].values]).T}


def result(session: Session, text: str) -> Any:
    """What a case expects of a call, as numbers, lists and dicts."""
    found = session.run(parse(text))
    if isinstance(found, Stat) and text.lstrip().startswith("svyciprop"):
        return proportion(found)
    return found.report() if hasattr(found, "report") else found
