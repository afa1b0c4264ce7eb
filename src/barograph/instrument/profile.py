"""The profile of XLSForm that Barograph asks with: its types and columns, and who is outside."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from barograph.instrument.model import Type

TYPES: Mapping[str, Type] = {
    "text": "text",
    "string": "text",
    "integer": "integer",
    "int": "integer",
    "decimal": "decimal",
    "date": "date",
    "range": "range",
    "note": "note",
    "calculate": "calculate",
    "file": "file",
    "hidden": "hidden",
    "start": "hidden",
    "end": "hidden",
    "today": "hidden",
}
METADATA = {"today": "today()", "start": "now()", "end": ""}
LISTS: Mapping[str, Type] = {
    "select_one": "select_one",
    "select one": "select_one",
    "select1": "select_one",
    "select_multiple": "select_multiple",
    "select multiple": "select_multiple",
    "select all that apply": "select_multiple",
    "rank": "rank",
}
FROM_FILE: Mapping[str, Type] = {
    "select_one_from_file": "select_one",
    "select_multiple_from_file": "select_multiple",
}
# Types of XLSForm that a questionnaire answered in a browser by an official does not need.
OUTSIDE = frozenset(
    "geopoint geotrace geoshape image photo audio video barcode dateTime datetime time acknowledge "
    "trigger phonenumber deviceid username email subscriberid simserial imei audit background-audio "
    "xml-external csv-external select_one_external osm start-geopoint".split()
)
SURVEY_COLUMNS = frozenset(
    "type name label hint relevant constraint constraint_message required required_message "
    "calculation default appearance parameters choice_filter repeat_count guidance_hint".split()
)
CHOICE_COLUMNS = frozenset({"list_name", "name", "label"})
PARAMETERS: Mapping[str, frozenset[str]] = {
    "range": frozenset("start end step placeholder tick_interval tick_labelset".split()),
    "text": frozenset({"rows"}),
    **dict.fromkeys(("select_one", "select_multiple", "rank"), frozenset({"randomize", "seed"})),
}
SETTINGS = frozenset("form_title form_id version default_language style instance_name".split())
OWN_COLUMNS: Mapping[str, str] = {
    "dont_know": "the answer that means don't know",
    "owner": "who in the organisation a section is for",
    "wave_from": "the wave whose answer is shown for confirmation",
    "variable": "the name that the question had in earlier waves",
}
# Columns of the frozen answers, then fields of the page that asks.
RESERVED = frozenset(
    "meta data mode nis synthetic unit weight "
    "checked csrfmiddlewaretoken go invitation_link lang page seen sequence shown".split()
)
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_BLOCK = re.compile(r"(begin|end)[ _](group|repeat)$", re.IGNORECASE)


@dataclass(frozen=True)
class Asked:
    """A cell of the type column read: a question of a type, or the start or end of a block."""

    what: Type | Literal["group", "repeat", "end", "outside", "unknown", "or_other"]
    list: str = ""
    word: str = ""
    file: bool = False


def read_type(cell: str) -> Asked:
    """What a cell of the type column asks for."""
    words = " ".join(cell.split())
    if found := _BLOCK.match(words):
        kind = found[2].lower()
        return Asked("end" if found[1].lower() == "end" else kind, word=kind)  # type: ignore[arg-type]
    if words.lower() in TYPES:
        return Asked(TYPES[words.lower()], word=words.lower())
    if words in OUTSIDE or words.split(" ")[0] in OUTSIDE:
        return Asked("outside", word=words.split(" ")[0])
    for start, asked in (*FROM_FILE.items(), *LISTS.items()):
        if words.lower().startswith(start + " "):
            rest = words[len(start) + 1 :]
            if rest.endswith((" or_other", " or other", " or specify other")):
                return Asked("or_other", word=words)
            return Asked(asked, rest, start, start in FROM_FILE)
    return Asked("unknown", word=words)
