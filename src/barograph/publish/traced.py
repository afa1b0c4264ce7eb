"""An edition held to account: is it what was published, and do the answers give it again?"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from barograph.barometer import Barometer
from barograph.errors import BadInput
from barograph.files import read_text
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
