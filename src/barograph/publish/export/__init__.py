"""A wave for those who go on with it elsewhere: its answers in a format, or a script for R.

In: a wave. Out: a folder that stays inside the institute, for it holds the answers of single units;
what may go out is the open data of an edition.
"""

from __future__ import annotations

from pathlib import Path

from barograph.barometer import Wave
from barograph.errors import BarographError
from barograph.publish import folder
from barograph.publish.export import answers, r

FORMATS = ("r", *answers.FORMATS)


def export(wave: Wave, form: str, out: Path, identifiers: bool = False) -> Path:
    """Writes a wave in one of FORMATS to the folder `out` and returns it.

    `identifiers` adds the questions that barometer.toml names so. An export already there is replaced
    in one move; a folder that is none is refused.
    """
    if form not in FORMATS:
        raise BarographError(f"unknown format {form!r}", todo=f"Use {', '.join(FORMATS)}")
    mark = r.SCRIPT if form == "r" else answers.CODEBOOK
    folder.refuse_other(out, mark, "export")
    folder.write(out, r.files(wave) if form == "r" else answers.files(wave, form, identifiers))
    return out
