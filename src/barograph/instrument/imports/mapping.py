"""Each type of LimeSurvey question as rows of an XLSForm."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from barograph.errors import BadInput
from barograph.instrument.expression.functions import pattern
from barograph.instrument.imports import conditions, script
from barograph.instrument.imports.draft import Draft, Labels, Line, words
from barograph.instrument.imports.plain import plain
from barograph.instrument.imports.script import Answer, quoted
from barograph.instrument.imports.survey import Asked, Option, Survey
from barograph.instrument.profile import NAME, RESERVED
from barograph.instrument.source import shown

OTHER = "other"
_CODE = re.compile(r"\w[\w-]*", re.ASCII)
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
REFUSED: Mapping[str, str] = {
    "P": "multiple choice with comments",
    "K": "multiple numerical input",
    "1": "array dual scale",
    ":": "array (numbers)",
    ";": "array (texts)",
    "I": "language switch",
}
# Attributes that change what is asked or accepted, and that no rule here stands for.
_HEEDED = (
    "array_filter array_filter_exclude em_validation_sq equals_num_value min_num_value max_num_value "
    "date_min date_max other_numbers_only num_value_int_only_other"
).split()
Fixed = Sequence[tuple[str, str]]
YES_NO: Fixed = (("Y", "yes"), ("N", "no"))
GENDER: Fixed = (("F", "female"), ("M", "male"))
UNCERTAIN: Fixed = (("Y", "yes"), ("N", "no"), ("U", "uncertain"))
CHANGE: Fixed = (("I", "increase"), ("S", "same"), ("D", "decrease"))


class Mapper:
    """Turns questions into lines of a draft; `names` are the answers that later ones may refer to."""

    def __init__(self, survey: Survey, draft: Draft) -> None:
        self.survey, self.draft = survey, draft
        self.names: dict[str, Answer] = {}
        self.codes: set[str] = set()

    def lines(self, q: Asked) -> list[Line]:
        """The rows of one question; BadInput says why it cannot be asked here."""
        if q.type not in TYPES:
            kind = REFUSED.get(q.type, "unknown")
            raise BadInput(f"the type '{shown(q.type)}' ({kind}) is not imported")
        if not NAME.fullmatch(q.code) or q.code.lower() in RESERVED or q.code.startswith("ls_"):
            raise BadInput(
                f"'{shown(q.code)}' cannot be a name here; give the question another code"
            )
        if q.code in self.codes:
            raise BadInput("its code is taken by another question")
        if q.on("hidden") and q.type != "*":
            raise BadInput("it is hidden, so nobody would answer it")
        self.codes.add(q.code)
        made = TYPES[q.type](self, q)
        for name in _HEEDED:
            if q.on(name):
                self.lose_rule(q, f"the attribute {name} is not imported")
        if q.mandatory == "S":
            self.draft.notes.append(
                f"question {q.code} is softly mandatory: it is not required here"
            )
        return made

    # What most questions have.

    def label(self, texts: Mapping[str, str], instead: str) -> dict[str, str]:
        """Texts as plain ones with ${...} for answers; `instead` where no language has any."""
        found = {lang: plain(texts.get(lang, "")) for lang in self.survey.languages}
        if not any(found.values()):
            return dict.fromkeys(self.survey.languages, instead)
        return {lang: script.tailored(text, self.names) for lang, text in found.items()}

    def own(self, key: str) -> dict[str, str]:
        """A text of LimeSurvey's own; in English where we have no translation."""
        texts = words()[key]
        return {lang: texts.get(lang.split("-")[0], texts["en"]) for lang in self.survey.languages}

    def relevant(self, source: str, qid: str = "") -> str:
        """When it is asked, as XPath: by its expression, else by the table of conditions."""
        if source.strip() in ("", "1") and qid in self.survey.conditions:
            source = conditions.expression(self.survey.conditions[qid])
        return script.condition(source, self.names)

    def line(self, q: Asked, type: str, **cells: str) -> Line:
        """The row of a question itself."""
        hint = self.label(q.help, "") if any(q.help.values()) else {}
        if relevant := self.relevant(q.relevance, q.qid):
            cells["relevant"] = relevant
        if q.mandatory == "Y" and type not in ("note", "calculate", "begin_group"):
            cells["required"] = "yes"
        tips = q.attributes.get("em_validation_q_tip", {}) if "constraint" in cells else {}
        message = {lang: plain(tips[lang]) for lang in self.survey.languages if tips.get(lang)}
        label = self.label(q.label, q.code)
        return Line(type, q.code, label, hint, message, {k: v for k, v in cells.items() if v})

    def constraint(self, q: Asked, *rules: str) -> str:
        """The rules an answer must keep: those given, the question's pattern and its expression."""
        found = [rule for rule in rules if rule]
        try:
            if q.pattern.strip():
                found.append(_regex(q.pattern.strip()))
        except BadInput as problem:
            self.lose_rule(q, problem.what)
        try:
            if source := q.setting("em_validation_q"):
                itself = Answer(".")
                names = {**self.names, "self": itself, "this": itself, q.code: itself}
                found.append(script.condition(source, names))
        except BadInput as problem:
            self.lose_rule(q, problem.what)
        return " and ".join(rule for rule in found if rule)

    def limit(self, q: Asked, attribute: str, measured: str) -> str:
        """A bound by a number in an attribute."""
        text = q.setting(attribute)
        if text and not _NUMBER.fullmatch(text):
            self.lose_rule(q, f"{attribute} is '{shown(text)}', not a number")
            return ""
        return f"{measured} {text}" if text else ""

    def lose_rule(self, q: Asked, why: str) -> None:
        """Notes that a question comes without one of its rules."""
        self.draft.rules.append(f"question {q.code}: {why}")

    def options(self, q: Asked, options: Sequence[Option], other: bool = False) -> None:
        """Makes the list of a question, named as the question is."""
        codes = [option.code for option in options if option.scale in ("0", "")]
        for code in codes:
            if not _CODE.fullmatch(code):
                raise BadInput(f"'{shown(code)}' cannot be a code here; give the option another")
        if not codes or len(set(codes)) < len(codes):
            raise BadInput("its options are missing or share a code")
        if other and OTHER in codes:
            raise BadInput(f"it has both an option {OTHER!r} and LimeSurvey's own")
        choices: list[tuple[str, Labels]] = [
            (option.code, self.label(option.label, option.code))
            for option in options
            if option.scale in ("0", "")
        ]
        if other:
            told = q.attributes.get("other_replace_text", {})
            choices.append(
                (OTHER, self.own("other") | {k: plain(v) for k, v in told.items() if k and v})
            )
        self.draft.lists[q.code] = choices

    def fixed(self, name: str, choices: Fixed) -> str:
        """A list that LimeSurvey has by itself; returns its name."""
        self.draft.lists[name] = [(code, self.own(key)) for code, key in choices]
        return name

    def scale(self, points: int) -> str:
        """The list of the numbers from 1."""
        name = f"ls_{points}"
        numbers = [str(i) for i in range(1, points + 1)]
        self.draft.lists[name] = [(n, dict.fromkeys(self.survey.languages, n)) for n in numbers]
        return name

    def know(self, q: Asked, row: str, answer: Answer) -> None:
        """Lets later questions refer to an answer, by code and by SGQA."""
        self.names[f"{q.code}_{row}" if row else q.code] = answer
        self.names[f"{self.survey.sid}X{q.gid}X{q.qid}{row}"] = answer

    def extra(self, q: Asked, row: str, key: str, relevant: str, required: bool = False) -> Line:
        """A text beside a choice: what the other answer is, or a comment."""
        name = f"{q.code}_{row}"
        self.know(q, row, Answer(f"${{{name}}}"))
        cells = {"relevant": relevant, "required": "yes" if required else ""}
        return Line("text", name, self.own(key), cells={k: v for k, v in cells.items() if v})


def _regex(source: str) -> str:
    """A pattern of LimeSurvey, with its delimiters, as a rule; BadInput when it cannot run here."""
    found = re.fullmatch(r"([/#~@])(.*)\1([a-z]*)", source, re.DOTALL)
    text, flags = (found[2], found[3]) if found else (source, "")
    if flags.strip("iu"):
        raise BadInput(f"the validation '{shown(source)}' has flags that are not imported")
    text = f"(?i){text}" if "i" in flags else text
    pattern(text)
    return f"regex(., {quoted(text)})"


def _answered(q: Asked) -> str:
    return f"${{{q.code}}}"


def _one(choices: Callable[[Mapper, Asked], str]) -> Callable[[Mapper, Asked], list[Line]]:
    def made(mapper: Mapper, q: Asked) -> list[Line]:
        line = mapper.line(q, f"select_one {choices(mapper, q)}")
        mapper.know(q, "", Answer(_answered(q), coded=True))
        return [line]

    return made


def _list(mapper: Mapper, q: Asked) -> list[Line]:
    mapper.options(q, q.answers, q.other)
    shuffled = "randomize=true" if q.on("random_order") else ""
    appearance = "minimal" if q.type == "!" else ""
    lines = [mapper.line(q, f"select_one {q.code}", parameters=shuffled, appearance=appearance)]
    mapper.know(q, "", Answer(_answered(q), coded=True))
    if q.other:
        needed = q.on("other_comment_mandatory")
        relevant = f"{_answered(q)} = '{OTHER}'"
        lines.append(mapper.extra(q, OTHER, "which_other", relevant, needed))
    if q.type == "O":
        lines.append(mapper.extra(q, "comment", "comment", mapper.relevant(q.relevance, q.qid)))
    return lines


def _multiple(mapper: Mapper, q: Asked) -> list[Line]:
    mapper.options(q, q.rows, q.other)
    alone = [code for code in re.split(r"[;,\s]+", q.setting("exclude_all_others")) if code]
    known = {option.code for option in q.rows} | {OTHER}
    if set(alone) - known:
        mapper.lose_rule(
            q, f"exclude_all_others names '{shown(alone[0])}', which it does not offer"
        )
        alone = []
    rules = [f"(not(selected(., '{code}')) or count-selected(.) = 1)" for code in alone]
    line = mapper.line(
        q,
        f"select_multiple {q.code}",
        constraint=mapper.constraint(q, *_count(mapper, q), *rules),
        parameters="randomize=true" if q.on("random_order") else "",
    )
    lines = [line]
    for option in q.rows:
        if option.relevance.strip() not in ("", "1"):
            mapper.lose_rule(q, f"option {option.code} is offered on a condition")
        mapper.know(
            q, option.code, Answer(f"selected({_answered(q)}, '{option.code}')", truth=True)
        )
    if q.other:
        relevant = f"selected({_answered(q)}, '{OTHER}')"
        lines.append(mapper.extra(q, OTHER, "which_other", relevant))
    return lines


def _count(mapper: Mapper, q: Asked) -> tuple[str, str]:
    least = mapper.limit(q, "min_answers", "count-selected(.) >=")
    return least, mapper.limit(q, "max_answers", "count-selected(.) <=")


def _rank(mapper: Mapper, q: Asked) -> list[Line]:
    mapper.options(q, q.answers)
    line = mapper.line(q, f"rank {q.code}", constraint=mapper.constraint(q, *_count(mapper, q)))
    for place in range(1, len(q.answers) + 1):
        xpath = f"selected-at({_answered(q)}, {place - 1})"
        mapper.know(q, str(place), Answer(xpath, coded=True))
    return [line]


def _number(mapper: Mapper, q: Asked) -> list[Line]:
    low = mapper.limit(q, "min_num_value_n", ". >=")
    high = mapper.limit(q, "max_num_value_n", ". <=")
    kind = "integer" if q.on("num_value_int_only") else "decimal"
    return _typed(mapper, q, kind, mapper.constraint(q, low, high))


def _text(mapper: Mapper, q: Asked) -> list[Line]:
    length = mapper.limit(q, "maximum_chars", "string-length(.) <=")
    kind = "decimal" if q.on("numbers_only") else "text"
    appearance = "multiline" if q.type in "TU" and kind == "text" else ""
    return _typed(mapper, q, kind, mapper.constraint(q, length), appearance)


def _date(mapper: Mapper, q: Asked) -> list[Line]:
    if re.search("[Hh]", q.setting("date_format")):
        raise BadInput("it asks for a time")
    return _typed(mapper, q, "date", mapper.constraint(q))


def _typed(
    mapper: Mapper, q: Asked, kind: str, constraint: str, appearance: str = ""
) -> list[Line]:
    line = mapper.line(q, kind, constraint=constraint, appearance=appearance)
    mapper.know(q, "", Answer(_answered(q)))
    return [line]


def _note(mapper: Mapper, q: Asked) -> list[Line]:
    return [mapper.line(q, "note")]


def _file(mapper: Mapper, q: Asked) -> list[Line]:
    mapper.draft.notes.append(f"question {q.code} takes one file, whatever LimeSurvey allowed")
    return [mapper.line(q, "file")]


def _equation(mapper: Mapper, q: Asked) -> list[Line]:
    source = q.setting("equation") or plain(q.label.get(mapper.survey.languages[0], ""))
    found = re.fullmatch(r"\{(.*)\}", source.strip(), re.DOTALL)
    cells = {"calculation": script.value(found[1] if found else source, mapper.names)}
    if relevant := mapper.relevant(q.relevance, q.qid):
        cells["relevant"] = relevant
    mapper.know(q, "", Answer(_answered(q)))
    return [Line("calculate", q.code, cells=cells)]


def _battery(choices: Callable[[Mapper, Asked], str]) -> Callable[[Mapper, Asked], list[Line]]:
    def made(mapper: Mapper, q: Asked) -> list[Line]:
        name = choices(mapper, q)
        return _rows(mapper, q, f"select_one {name}", "likert", coded=True)

    return made


def _texts(mapper: Mapper, q: Asked) -> list[Line]:
    return _rows(mapper, q, "text", "", coded=False)


def _rows(mapper: Mapper, q: Asked, type: str, appearance: str, coded: bool) -> list[Line]:
    """A group with a question for each subquestion."""
    if not q.rows:
        raise BadInput("it has no subquestion")
    head = mapper.line(q, "begin_group", appearance="field-list")
    lines = [head]
    for row in q.rows:
        if not _CODE.fullmatch(row.code):
            raise BadInput(f"'{shown(row.code)}' cannot be a code here; give the row another")
        cells = {
            "relevant": mapper.relevant(row.relevance),
            "required": "yes" if q.mandatory == "Y" else "",
            "appearance": appearance,
        }
        name = f"{q.code}_{row.code}"
        label = mapper.label(row.label, row.code)
        lines.append(Line(type, name, label, cells={k: v for k, v in cells.items() if v}))
    for row in q.rows:
        mapper.know(q, row.code, Answer(f"${{{q.code}_{row.code}}}", coded=coded))
    return [*lines, Line("end_group", q.code)]


def _answers(mapper: Mapper, q: Asked) -> str:
    mapper.options(q, q.answers)
    return q.code


TYPES: Mapping[str, Callable[[Mapper, Asked], list[Line]]] = {
    "L": _list,
    "!": _list,
    "O": _list,
    "5": _one(lambda mapper, q: mapper.scale(5)),
    "Y": _one(lambda mapper, q: mapper.fixed("ls_yes_no", YES_NO)),
    "G": _one(lambda mapper, q: mapper.fixed("ls_gender", GENDER)),
    "M": _multiple,
    "R": _rank,
    "N": _number,
    "S": _text,
    "T": _text,
    "U": _text,
    "Q": _texts,
    "D": _date,
    "F": _battery(_answers),
    "H": _battery(_answers),
    "A": _battery(lambda mapper, q: mapper.scale(5)),
    "B": _battery(lambda mapper, q: mapper.scale(10)),
    "C": _battery(lambda mapper, q: mapper.fixed("ls_uncertain", UNCERTAIN)),
    "E": _battery(lambda mapper, q: mapper.fixed("ls_change", CHANGE)),
    "X": _note,
    "*": _equation,
    "|": _file,
}
