"""All languages of a release say the same."""

from __future__ import annotations

from collections.abc import Mapping

from barograph.errors import UnsupportedText
from barograph.publish.release.release import Release


def check_same_assertions(releases: Mapping[str, Release]) -> None:
    """Every language asserts the same claims and shows the same figures; no claim is idle."""
    everything = {lang: release.reading.asserted for lang, release in releases.items()}
    union = frozenset[str]().union(*everything.values())
    for lang, found in everything.items():
        if missing := sorted(union - found):
            raise UnsupportedText(
                f"lacks what another language says: {', '.join(missing)}",
                file=releases[lang].path,
                todo="Every language carries the same claims and figures",
            )
    for release in releases.values():
        for name in release.verdicts:
            if f"claim({name!r})" not in union and not any(f"('{name}'" in a for a in union):
                raise UnsupportedText(
                    f"claim {name} is in no text and costs the others power",
                    file=release.wave.folder / "claims.toml",
                    todo="Assert it or take it out",
                )
