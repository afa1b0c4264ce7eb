"""Reference cases of a folder, run and compared: README.md of ../shared/golden tells the format."""

from __future__ import annotations

import json
import math
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from r_data import read
from r_designs import Design
from r_session import Session, result
from r_syntax import OutOfScope, parse

from barograph.errors import BarographError

HERE = Path(__file__).parent
EXACT, RAKED, RAKED_P, TAIL = 1e-9, 3e-2, 0.2, 1e-6
FLOOR = 1e-12  # of the estimate: what rounding leaves of an error that is zero
POINTS = ("estimate", "weights", "sum", "degf")  # what rake() gives as calibrate() does


@dataclass(frozen=True)
class Case:
    """One case with its file."""

    path: Path
    file: Mapping[str, Any]
    raw: Mapping[str, Any]

    @property
    def id(self) -> str:
        return str(self.raw.get("id"))


@dataclass(frozen=True)
class Outcome:
    """Whether a case agrees, differs or is out of scope; the largest relative difference; why."""

    verdict: str
    difference: float = 0.0
    reason: str = ""
    raked: bool = False


def cases(folder: Path) -> Iterator[Case]:
    """All cases of all JSON files of a folder."""
    for path in sorted(folder.glob("*.json")):
        file = json.loads(path.read_text(encoding="utf-8"))
        for raw in file.get("cases", []) if isinstance(file, dict) else []:
            yield Case(path, file, raw)


def run(case: Case) -> Outcome:
    """Interprets, computes and compares one case."""
    expect = case.raw.get("expect")
    try:
        session = Session(
            read(case.path.parent / case.file["dataset"]), case.file["designs"], case.path.parent
        )
        session.lonely = (case.raw.get("options") or {}).get("survey.lonely.psu", "fail")
        _known_options(case.raw.get("options") or {})
        found = result(session, case.raw["call"])
        tolerance = _tolerance_of(session, case.raw["design"])
    except OutOfScope as reason:
        return Outcome("out of scope", reason=str(reason))
    except BarographError as error:
        must_fail = isinstance(expect, dict) and "error" in expect
        return Outcome("agree" if must_fail else "differ", reason="" if must_fail else str(error))
    except FileNotFoundError as error:
        return Outcome("differ", reason=f"{error.filename} is missing")
    except Exception as error:  # one case never ends the run
        if _in_the_product(error):
            return Outcome("differ", reason=f"fails with {error!r}")
        return Outcome("out of scope", reason=f"not interpreted: {error!r}")
    if isinstance(expect, dict) and "error" in expect:
        return Outcome("differ", reason="no error was raised")
    try:
        leaves = list(_differences(expect, found, tolerance))
        if not leaves:
            raise OutOfScope("nothing is expected")
    except OutOfScope as reason:
        return Outcome("out of scope", reason=str(reason), raked=tolerance.raked)
    except Exception as error:  # another form than ours
        reason = f"the form of the expected result: {error!r}"
        return Outcome("out of scope", reason=reason, raked=tolerance.raked)
    worst = max(leaves, key=lambda leaf: leaf.excess)
    largest = max(leaf.difference for leaf in leaves)
    if worst.excess > 1:
        reason = f"{worst.where} is off by {worst.difference:.1e}"
        return Outcome("differ", largest, reason, tolerance.raked)
    return Outcome("agree", largest, raked=tolerance.raked)


def _in_the_product(error: Exception) -> bool:
    """Whether the last of our files that the error went through is one of the product."""
    files = [Path(frame.filename) for frame in traceback.extract_tb(error.__traceback__)]
    ours = [path for path in files if path.parent == HERE or "barograph" in path.parts[-3:-1]]
    return bool(ours) and ours[-1].parent != HERE


def _known_options(options: Mapping[str, Any]) -> None:
    unknown = set(options) - {"survey.lonely.psu"}
    if unknown:
        raise OutOfScope(f"options {', '.join(sorted(unknown))}")


@dataclass(frozen=True)
class Tolerance:
    """How far apart numbers may be: all by `accuracy`, errors of designs made by rake() by more."""

    accuracy: float = EXACT
    raked: bool = False

    @property
    def floor(self) -> float:
        """Of the estimate: what the calibration leaves of an error that is zero."""
        return FLOOR if self.accuracy == EXACT and not self.raked else 1e-10

    def of(self, key: str, value: Any = None) -> float:
        """Relative tolerance of what stands under a key."""
        if self.raked and key not in POINTS:
            return RAKED_P if key == "p_value" else RAKED
        tail = key == "p_value" and isinstance(value, float) and abs(value) < 1e-10
        return max(self.accuracy, TAIL) if tail else self.accuracy


def _tolerance_of(session: Session, name: str) -> Tolerance:
    design = session.run(parse(name)) if name in session.described else None
    if not isinstance(design, Design):
        return Tolerance()
    return Tolerance(max(EXACT, design.accuracy), design.raked)


@dataclass(frozen=True)
class Leaf:
    """A compared number: where, how far off relatively, and how far it may be."""

    where: str
    difference: float
    tolerance: float

    @property
    def excess(self) -> float:
        return self.difference / self.tolerance


def _differences(expect: Any, found: Any, tolerance: Tolerance) -> Iterator[Leaf]:
    """Every number that is expected. OutOfScope where we have no such thing."""
    if isinstance(expect, list) and isinstance(found, list) and isinstance(found[0], dict):
        yield from _rows(expect, found, tolerance, "")
        return
    if expect is None:
        raise OutOfScope("nothing is expected")
    if not isinstance(expect, dict):
        if isinstance(found, dict) and any(isinstance(part, dict) for part in found.values()):
            raise OutOfScope("the form of the expected result")
        yield from _leaves("", expect, found, tolerance.of(""), 0.0)
        return
    if not isinstance(found, dict):
        raise OutOfScope("the form of the expected result")
    size = max((abs(x) for x in _numbers(expect.get("estimate"))), default=0.0)
    for key, value in expect.items():
        if key not in found:
            raise OutOfScope(f"expected {key!r}")
        if key == "vcov":
            rounding = tolerance.floor * np.abs([*_numbers(expect["estimate"])])
            yield from _matrix(value, found[key], rounding, tolerance.of(key))
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            yield from _rows(value, found[key], tolerance, key)
        else:
            floor = size * tolerance.floor if key in ("se", "ci95_normal", "ci95_t") else 0.0
            yield from _leaves(key, value, found[key], tolerance.of(key, value), floor)


def _rows(expect: list[Any], found: list[Any], tolerance: Tolerance, where: str) -> Iterator[Leaf]:
    """A data frame row by row; errors beside a column of estimates are not exact below rounding."""
    if len(expect) != len(found):
        yield Leaf(f"{where} number of rows", math.inf, 1)
        return
    for i, (row, own) in enumerate(zip(expect, found, strict=True)):
        errors = {
            key for key in row if key.split(".")[0] in ERRORS or key.rstrip("12345") in ERRORS
        }
        size = max(
            (abs(x) for key, x in row.items() if key not in errors and _is_number(x)), default=0
        )
        for key, value in row.items():
            if key not in own:
                raise OutOfScope(f"expected column {key!r}")
            kind = "se" if key in errors else "estimate"
            floor = size * tolerance.floor if key in errors else 0.0
            yield _leaf(f"{where} row {i + 1} {key}", value, own[key], tolerance.of(kind), floor)


ERRORS = ("se", "ci_l", "ci_u", "var")


def _leaves(where: str, expect: Any, found: Any, tolerance: float, floor: float) -> Iterator[Leaf]:
    """Numbers of two trees of the same form; a list may stand for a dict in its order."""
    if isinstance(expect, dict):
        if not isinstance(found, dict) or not set(expect) <= set(found):
            raise OutOfScope(f"names in {where}")
        for name, value in expect.items():
            yield from _leaves(f"{where} {name}", value, found[name], tolerance, floor)
    elif isinstance(expect, list):
        if not isinstance(found, dict | list | np.ndarray | tuple):
            raise OutOfScope(f"the form of {where or 'the expected result'}")
        own = list(found.values()) if isinstance(found, dict) else list(found)
        if len(own) != len(expect):
            yield Leaf(f"{where} length", math.inf, 1)
            return
        size = 0.0
        if len(expect) == 2 and where.startswith(
            ("ci95", "conf_int")
        ):  # both ends by the larger one
            size = max([abs(x) for x in _numbers(expect)], default=0.0)
        for i, value in enumerate(expect):
            if isinstance(value, list | dict):
                yield from _leaves(f"{where} {i + 1}", value, own[i], tolerance, floor)
            else:
                yield _leaf(f"{where} {i + 1}", value, own[i], tolerance, floor, size)
    else:
        if isinstance(found, dict) and len(found) == 1:
            (found,) = found.values()
        yield _leaf(where, expect, found, tolerance, floor)


def _matrix(expect: Any, found: Any, rounding: np.ndarray, tolerance: float) -> Iterator[Leaf]:
    """Covariances, relative to the standard errors, of which `rounding` is zero."""
    wanted, own = np.array(expect, dtype=float), np.array(found, dtype=float)
    if wanted.shape != own.shape:
        yield Leaf("vcov shape", math.inf, 1)
        return
    se = np.sqrt(np.abs(np.diagonal(wanted)))
    size = np.maximum(se, rounding)
    for i, j in np.ndindex(wanted.shape):
        scale = size[i] * size[j]
        floor = rounding[i] * size[j] + rounding[j] * size[i]
        where = f"vcov {i + 1} {j + 1}"
        yield _leaf(where, wanted[i, j], own[i, j], tolerance, floor, scale)


def _leaf(
    where: str, expect: Any, found: Any, tolerance: float, floor: float, size: float = 0.0
) -> Leaf:
    """The difference relative to the larger of both and `size`; none where it is below `floor`."""
    if isinstance(expect, str | bool) or isinstance(found, str | bool):
        return Leaf(where, 0.0 if str(expect) == str(found) else math.inf, 1)
    wanted = math.nan if expect is None else float(expect)
    own = math.nan if found is None else float(found)
    if not (math.isfinite(wanted) and math.isfinite(own)):
        same = not math.isfinite(wanted) and not math.isfinite(own)
        return Leaf(where, 0.0 if same else math.inf, 1)
    if wanted == own or abs(wanted - own) <= floor:
        return Leaf(where, 0.0, tolerance)
    return Leaf(where, abs(wanted - own) / max(abs(wanted), abs(own), size), tolerance)


def _is_number(x: Any) -> bool:
    return isinstance(x, int | float) and not isinstance(x, bool) and math.isfinite(x)


def _numbers(tree: Any) -> Iterator[float]:
    """All numbers of a tree."""
    for part in (
        tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else [tree]
    ):
        if isinstance(part, dict | list):
            yield from _numbers(part)
        elif _is_number(part):
            yield float(part)
