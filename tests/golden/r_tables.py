"""svychisq: tests of two-way tables."""

from __future__ import annotations

from typing import Any

import numpy as np
from r_arguments import choice, flag, matched
from r_data import evaluate, indicators, terms
from r_designs import Design
from r_statistics import Expect, Run
from r_syntax import Call, Name, OutOfScope

from barograph.estimate import independence


def svychisq(call: Call, design: Design, run: Run) -> Expect:
    args = matched(call, "formula design statistic na.rm")
    statistic = choice(args.get("statistic"), "F Chisq Wald adjWald lincom saddlepoint")
    parts = terms(args["formula"])
    if not all(isinstance(part, Name) for part in parts):
        raise OutOfScope("svychisq of an expression")
    if statistic not in ("F", "Chisq", "Wald", "adjWald") or len(parts) != 2:
        raise OutOfScope(f"svychisq by {statistic}")
    a, b = (evaluate(part, design.data) for part in parts)
    columns = [indicators(Call("factor", (("", part),)), design.data)[1] for part in parts]
    cells = (columns[0][:, :, None] * columns[1][:, None, :]).reshape(len(columns[0]), -1)
    inside = design.inside & ~a.missing & ~b.missing
    kept = [np.flatnonzero(column[inside].sum(axis=0) > 0) for column in columns]
    shape = len(columns[0][0]), len(columns[1][0])
    unknown = "na.rm" in args and not flag(args["na.rm"]) and bool((design.inside & ~inside).any())
    if unknown:
        raise OutOfScope("a table with missing values kept")
    if min(map(len, kept)) < 2:
        raise OutOfScope("a table of one row or column")
    df = design.table_df
    if statistic in ("Wald", "adjWald"):
        made = design.total(cells, inside)
        which = np.ravel_multi_index(np.ix_(*kept), shape).ravel()
        totals = made.values[which].reshape(len(kept[0]), len(kept[1]))
        test = independence.wald(
            totals, made.covariance[np.ix_(which, which)], df, statistic == "adjWald"
        )
        return _test_report("F", test.f, {"ndf": test.ndf, "ddf": test.ddf}, test.p)
    made = design.mean(cells, inside)
    tables = independence.Tables(
        made.values.reshape(shape), made.covariance, np.array(float(design.rows))
    )
    found = independence.rao_scott(tables, df)
    if statistic == "F":
        return _test_report("F", found.f, {"ndf": found.ndf, "ddf": found.ddf}, found.p)
    return _test_report("X-squared", found.chi_square, {"df": found.df}, found.p_first)


def _test_report(name: str, statistic: Any, parameter: Expect, p: Any) -> Expect:
    return {
        "statistic": {name: statistic}, "parameter": parameter, "p_value": p,
        "estimate": None, "conf_int": None,
    }  # fmt: skip
