"""Which question a column of a foreign file answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from barograph.instrument.model import Group, Instrument, Question, Variable

Form = Literal["limesurvey", "odk", "sav", "csv"]
FORMS: tuple[Form, ...] = ("limesurvey", "odk", "sav", "csv")
UNITS = ("nis", "nis_code", "unit", "token")
_MARKS: tuple[tuple[Form, frozenset[str]], ...] = (
    ("limesurvey", frozenset({"submitdate", "startlanguage", "lastpage"})),
    ("odk", frozenset("_id _uuid _submission_time KEY SubmissionDate instanceID meta/instanceID "
                      "meta-instanceID meta.instanceID formhub/uuid".split())),
)  # fmt: skip
_METADATA: Mapping[Form, re.Pattern[str]] = {
    "limesurvey": re.compile(
        r"id|submitdate|lastpage|startlanguage|seed|token|startdate|datestamp|ipaddr|refurl|"
        r"interviewtime|firstname|lastname|email|emailstatus|language|attribute_\d+|\w*Time\d*(\[\w+\])?"
    ),
    "odk": re.compile(
        r"_.*|(data/)?meta[/.-].*|instanceID|instanceName|KEY|PARENT_KEY|SubmissionDate|SubmitterI?D?|"
        r"SubmitterName|Attachments\w+|Status|ReviewState|DeviceID|Edits|FormVersion|isValidated|"
        r"SET-OF-.*|formhub/uuid|start|end|today|deviceid|username|subscriberid|simserial|phonenumber"
    ),
    "sav": re.compile("weight"),
    "csv": re.compile("weight"),
}


@dataclass(frozen=True)
class Part:
    """What a cell says of a variable: its whole `answer`; whether `code` is a chosen `option`; at
    which `place` the `code` stands; which code is `ranked` at place `code`; or the text of `other`,
    whose `twin` is the question that holds it."""

    variable: Variable
    says: Literal["answer", "option", "place", "ranked", "other"] = "answer"
    code: str = ""
    twin: Variable | None = None


def form_of(heads: Sequence[str]) -> Form:
    """Where a delimited file comes from, by its heads."""
    for form, marks in _MARKS:
        if marks & set(heads):
            return form
    if any(re.fullmatch(r"\w+\[\w+\]", head) for head in heads):
        return "limesurvey"
    return "odk" if any("/" in head for head in heads) else "csv"


def is_metadata(form: Form, head: str) -> bool:
    """Whether the head is one that the software writes by itself."""
    return bool(_METADATA[form].fullmatch(head))


def known(instrument: Instrument, form: Form) -> dict[str, Part | None]:
    """Every head that the form may give a question; None for what is no answer in the data."""
    found: dict[str, Part | None] = {}
    later: list[tuple[str, Part | None]] = []
    for item, groups in instrument.walk():
        names = list(_names(item, groups, form))
        variable = instrument.variables.get(item.name) if isinstance(item, Question) else None
        if variable is None:
            later += [(name, None) for name in names]
            continue
        found |= dict.fromkeys(names, Part(variable))
        later += [
            (head, part)
            for name in names
            for head, part in _parts(name, variable, instrument, form)
        ]
    for head, part in later:
        found.setdefault(head, part)
    return found


def _names(item: Question | Group, groups: tuple[Group, ...], form: Form) -> Iterator[str]:
    """What the column of the whole answer may be called."""
    yield item.name
    if form == "odk":
        path = [*(group.name for group in groups), item.name]
        for i in range(len(path) - 1):
            for sign in "/.-:":
                yield sign.join(path[i:])
        yield "data/" + "/".join(path)
    if form == "limesurvey" and groups and groups[-1].kind == "battery":
        battery = groups[-1].name
        yield f"{battery}[{item.name.removeprefix(battery + '_')}]"


def _parts(
    name: str, variable: Variable, instrument: Instrument, form: Form
) -> Iterator[tuple[str, Part]]:
    """What the columns of parts of an answer may be called."""
    wrapped = {"limesurvey": ("[{}]", "_{}", ".{}"), "odk": ("/{}", ".{}", "-{}", "_{}")}
    ways = wrapped.get(form, ("_{}",))
    if form == "limesurvey":
        yield from _beside(name, variable, instrument)
    if form == "limesurvey" and variable.kind == "rank":
        for place in range(1, len(variable.choices) + 1):
            for way in ways:
                yield name + way.format(place), Part(variable, "ranked", str(place))
    elif variable.kind in ("multiple", "rank"):
        for choice in variable.choices:
            says: Literal["option", "place"] = "option" if variable.kind == "multiple" else "place"
            for way in ways:
                yield name + way.format(choice.code), Part(variable, says, choice.code)


def _beside(name: str, variable: Variable, instrument: Instrument) -> Iterator[tuple[str, Part]]:
    """The texts that LimeSurvey keeps beside a choice."""
    twin = instrument.variables.get(f"{variable.name}_other")
    if variable.kind == "multiple" and "other" in variable.by_code:
        yield f"{name}[other]", Part(variable, "other", "other", twin)
    elif twin:
        yield f"{name}[other]", Part(twin)
    if comment := instrument.variables.get(f"{variable.name}_comment"):
        yield f"{name}[comment]", Part(comment)
