"""An edition held to account: is it what was published, and where does a number come from?"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from barograph.barometer import Barometer
from barograph.errors import BadInput
from barograph.files import numbered_records, read_text
from barograph.publish.edition import MANIFEST, publish
from barograph.publish.report import MUNICIPALITIES


def read_manifest(edition: Path) -> dict[str, Any]:
    """The manifest of an edition; BadInput for a folder without a sound one."""
    path = edition / MANIFEST
    if not path.is_file():
        raise BadInput("is no edition", file=edition, todo="Publish one with: barograph publish")
    try:
        manifest = json.loads(read_text(path))
        outputs = manifest["outputs"]
        if not all(isinstance(h, str) for h in outputs.values()):
            raise TypeError("outputs")
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BadInput(f"is no sound manifest ({error})", file=path) from None
    return dict(manifest)


def verify(edition: Path) -> int:
    """Checks every file against the manifest and gives their number; BadInput names what differs."""
    expected: Mapping[str, str] = read_manifest(edition)["outputs"]
    found = {
        str(path.relative_to(edition)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in edition.rglob("*")
        if path.is_file() and path != edition / MANIFEST
    }
    faults = [
        *(f"{name} is missing" for name in expected.keys() - found.keys()),
        *(f"{name} does not belong to it" for name in found.keys() - expected.keys()),
        *(f"{name} was changed" for name, h in expected.items() if found.get(name, h) != h),
    ]
    _refuse(edition, sorted(faults))
    return len(found)


def recompute(edition: Path, folder: Path) -> int:
    """Publishes the wave anew from its folder and compares byte by byte; gives the number of files."""
    manifest = read_manifest(edition)
    verify(edition)
    with tempfile.TemporaryDirectory() as place:
        again = publish(
            Barometer.open(folder).wave(manifest["wave"]),
            Path(place) / "again",
            municipality_reports=any(
                n.startswith(f"{MUNICIPALITIES}/") for n in manifest["outputs"]
            ),
        )
        fresh = read_manifest(again)
        faults = [
            f"{name} comes out differently"
            for name in sorted(manifest["outputs"].keys() | fresh["outputs"].keys())
            if manifest["outputs"].get(name) != fresh["outputs"].get(name)
        ]
        causes = [
            f"{what}: {manifest.get(what)} then, {fresh.get(what)} now"
            for what in ("code", "frame", "instrument", "responses", "method")
            if manifest.get(what) != fresh.get(what)
        ]
    _refuse(edition, [*causes, *faults] if faults else [])
    return len(fresh["outputs"])


def _refuse(edition: Path, faults: list[str]) -> None:
    if faults:
        more = f" and {len(faults) - 5} more" if len(faults) > 5 else ""
        raise BadInput("; ".join(faults[:5]) + more, file=edition, todo="Do not rely on it")


def explain(edition: Path, estimate_id: str) -> list[tuple[str, str]]:
    """What stands behind a number, as pairs of term and text; BadInput for an unknown id."""
    manifest = read_manifest(edition)
    row = _row(edition, estimate_id)
    described = numbered_records(edition / "data" / "indicators.csv", ("indicator", "question"))
    indicator = next(r for _, r in described if r["indicator"] == row["indicator"])
    weights, frame = manifest["weights"], manifest["frame"]
    decisions = [d for d in manifest.get("disclosure", []) if d["estimate_id"] == estimate_id]
    withheld = row["suppressed"] == "1"
    inputs = manifest["inputs"]
    answers = next(
        (h for name, h in inputs.items() if Path(name).stem == "responses"),
        manifest["responses"]["version"],
    )
    told = [
        ("figure", indicator["label_en"]),
        ("question", f"{indicator['question']}, {_statistic(row)} of {row['category']}"),
        ("domain", row["domain"]),
        ("estimate", "withheld" if withheld else row["estimate"]),
        ("95% interval", "" if withheld else f"{row['ci_low']} to {row['ci_high']}"),
        ("standard error", row["se"]),
        ("respondents", f"{row['n']} counted of a base of {row['base']} {row['flag']}".rstrip()),
        ("method", row["method_id"]),
        (
            "weights",
            f"{weights['method']} to {', '.join(weights['margins']) or 'nothing'}, "
            f"{weights['respondents']} of {weights['population']}, "
            f"effective n {weights['effective_n']:.1f}",
        ),
        ("frame", f"{frame['units']} units on {frame['on']}, version {frame['version']}"),
        ("questionnaire", manifest["instrument"]),
        ("answers", f"SHA-256 {answers[:16]}…, {manifest['responses']['units']} units"),
        ("code", f"barograph {manifest['code']}"),
        *(("disclosure", f"{d['status']}: {d['reason']}") for d in decisions),
        *(("note", text) for lang, text in manifest["synthetic"].items() if lang == "en"),
    ]
    return [(term, text) for term, text in told if text]


def _row(edition: Path, estimate_id: str) -> dict[str, str]:
    """The figure, from the estimates or from what pages print beside them."""
    paths = (edition / "data" / "estimates.csv", edition / "further.csv")
    for path in paths:
        if path.exists():
            for _, row in numbered_records(path, ("estimate_id", "indicator")):
                if row["estimate_id"] == estimate_id:
                    return row
    raise BadInput(
        f"there is no estimate {estimate_id!r}", file=paths[0], todo="Copy an id from this file"
    )


def _statistic(row: Mapping[str, str]) -> str:
    """What was computed, as the id says it: share, mean, total, rank; of two domains the difference."""
    statistic = row["estimate_id"].removesuffix(f".{row['domain']}").rsplit(".", 1)[-1]
    return f"difference of {statistic}s" if "|" in row["domain"] else statistic
