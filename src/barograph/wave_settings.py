"""What wave.toml says of weights, intervals and embargo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from barograph.errors import BadInput, NoWeights
from barograph.estimate.intervals import DEFAULT, POLICIES
from barograph.files import read_record
from barograph.weight import Propensity, Weighting


@dataclass(frozen=True)
class EstimatesSettings:
    """The [estimates] of wave.toml: the policy of intervals."""

    interval: str = DEFAULT


def weighting(path: Path, table: dict[str, Any]) -> Weighting:
    """The [weights] of wave.toml, with [weights.propensity]."""
    rest = {key: value for key, value in table.items() if key != "propensity"}
    try:
        weighting = read_record(path, Weighting, "weights", rest)
        if "propensity" not in table:
            return weighting
        first = read_record(path, Propensity, "weights.propensity", table["propensity"])
        return replace(weighting, propensity=first)
    except NoWeights as error:
        raise BadInput(error.what, file=path, column="weights", todo=error.todo) from None


def embargo(path: Path, settings: Mapping[str, Any]) -> datetime | None:
    """The moment before which nobody serves the edition."""
    moment = settings.get("embargo")
    if moment is None or (isinstance(moment, datetime) and moment.tzinfo is not None):
        return moment
    raise BadInput(
        "embargo is no moment with an offset",
        file=path,
        column="embargo",
        todo="Write it as 2017-02-15T06:00:00+01:00, unquoted",
    )


def policy(path: Path, settings: Mapping[str, Any]) -> str:
    """The interval of shares and totals that wave.toml names."""
    estimates = read_record(path, EstimatesSettings, "estimates", settings.get("estimates", {}))
    named = estimates.interval
    if named not in POLICIES:
        known = ", ".join(POLICIES)
        raise BadInput(
            f"unknown interval {named!r}", file=path, column="estimates", todo=f"Known are {known}"
        )
    return str(named)
