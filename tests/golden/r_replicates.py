"""Replicate weights of R `survey`: made by as.svrepdesign or given to svrepdesign."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
from r_arguments import choice, constant, flag, matched, refuse
from r_data import Data, evaluate, terms, variables
from r_designs import Design, Replicated, Survey
from r_syntax import Call, Name, Node, OutOfScope, Text

from barograph.estimate.replicates import balanced, given, jackknife

HADAMARD = {*range(1, 20), *range(28, 32), *range(36, 44)}  # pairs for which R takes our matrix


def as_svrepdesign(call: Call, design: Design) -> Replicated:
    args = matched(call, "design type fay.rho fpc fpctype compress mse replicates")
    refuse("as.svrepdesign", args, "fpc", "fpctype")
    if isinstance(design, Replicated) or not design.inside.all():
        raise OutOfScope("replicates of a subset")
    kind = choice(args.get("type"), "auto JK1 JKn BRR bootstrap subbootstrap mrbbootstrap Fay")
    kind = ("JKn" if design.strata_names else "JK1") if kind == "auto" else kind
    n = len(design.w)
    psu = np.arange(n) if design.psu is None else _by_appearance(design.psu)
    if kind in ("JK1", "JKn"):
        made = jackknife(design.w, psu, design.stratum, design.population)
    elif kind in ("BRR", "Fay"):
        rho = float(constant(args["fay.rho"])) if "fay.rho" in args else 0.0
        made = balanced(design.w, psu, _by_label(design), rho)
        if made.df not in HADAMARD:
            raise OutOfScope("R's own Hadamard matrix of this order")
    else:
        raise OutOfScope(f"random replicates: {kind}")
    made = replace(made, mse=flag(args.get("mse")))
    return Replicated(design.data, made, design.inside, kind, design.accuracy, design.raked)


def _by_appearance(psu: np.ndarray) -> np.ndarray:
    """Codes in the order of the data, as R pairs clusters."""
    _, first, code = np.unique(psu, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))
    return np.asarray(rank[code.ravel()])


def _by_label(design: Survey) -> np.ndarray:
    """Strata in the order of their labels as text, as R counts them."""
    rank = np.argsort(np.argsort(design.strata_names))
    return np.asarray(rank[design.stratum])


def svrepdesign(call: Call, data: Data, matrices: dict[str, np.ndarray]) -> Replicated:
    formals = (
        "variables repweights weights data type combined.weights rho bootstrap.average scale "
        "rscales fpc fpctype mse"
    )
    args = matched(call, formals)
    refuse("svrepdesign", args, "fpc", "fpctype", "bootstrap.average")
    weights = _repweights(args["repweights"], data, matrices)
    w = evaluate(terms(args["weights"])[0], data).values
    combined = "combined.weights" not in args or flag(args["combined.weights"])
    kind, count = (
        choice(args.get("type"), "BRR Fay JK1 JKn bootstrap ACS successive-difference JK2 other"),
        len(weights),
    )
    scale, rscales = (constant(args[k]) if k in args else None for k in ("scale", "rscales"))
    rho = constant(args["rho"]) if "rho" in args else 0.0
    if kind in ("BRR", "Fay"):
        scale = 1 / (count * (1 - (rho if kind == "Fay" else 0)) ** 2)
    elif kind == "bootstrap":
        scale = 1 / (count - 1) if scale is None else scale
    elif kind == "JK1" and scale is None:
        scale = (count - 1) / count if combined else 1 / weights[0].max()
    elif kind == "JKn" and rscales is None:
        if combined:
            raise OutOfScope("rscales missing")
        rscales = 1 / weights.max(axis=1)
    elif kind not in ("other", "JK1", "JKn"):
        raise OutOfScope(f"replicates of type {kind}")
    rscales = np.broadcast_to(np.array(1.0 if rscales is None else rscales), (count,))
    made = given(
        w, weights, 1.0 if scale is None else scale, rscales, flag(args.get("mse")), combined
    )
    return Replicated(data, made, np.ones(len(w), bool), kind)


def _repweights(node: Node, data: Data, matrices: dict[str, np.ndarray]) -> np.ndarray:
    """Given replicate weights (R, n): a named matrix, a formula, or a pattern of column names."""
    if isinstance(node, Name) and node.name in matrices:
        return matrices[node.name]
    if isinstance(node, Call) and node.name == "~":
        return variables(node, data)[1].T
    if isinstance(node, Text):
        names = [name for name in data if re.search(node.value, name)]
        if names:
            return np.stack([data[name].values for name in names])
    raise OutOfScope("replicate weights not found")
