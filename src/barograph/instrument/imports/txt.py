"""Reads a LimeSurvey tab-separated .txt as the tables of a .lss."""

from __future__ import annotations

from pathlib import Path

from barograph.errors import BadInput
from barograph.instrument.source import read_source, shown

Record = dict[str, str]
_NEEDED = ("class", "type/scale", "name", "relevance", "text", "language")
_FIXED = frozenset(
    "id related_id class type/scale name relevance text help language validation mandatory encrypted "
    "other default same_default same_script".split()
)
# Rows of quotas and conditions; what a row of quotas or assessments says beyond its name is not read.
_OTHERS = {"QTA": "quota", "AS": "assessments", "C": "conditions"}


class _Reader:
    """Numbers groups and questions, the same ones in every language."""

    def __init__(self) -> None:
        self.tables: dict[str, list[Record]] = {}
        self.language = ""
        self.groups: dict[str, int] = {}
        self.gid = self.qid = ""

    def add(self, table: str, **record: str) -> None:
        self.tables.setdefault(table, []).append(record)

    def row(self, number: int, record: Record) -> None:
        kind, name, text = record["class"], record["name"], record["text"]
        if kind == "S":
            settings = self.tables.setdefault("surveys", [{}])[0]
            settings[name] = text
        elif kind == "SL":
            self.add(
                "surveys_languagesettings", surveyls_language=record["language"], **{name: text}
            )
        elif kind == "G":
            self.group(record)
        elif kind == "Q":
            self.question(number, record)
        elif kind in ("SQ", "A"):
            self.option(kind, number, record)
        elif kind in _OTHERS:
            self.add(_OTHERS[kind], **{**record, "qid": self.qid})
        elif kind not in ("QTAM", "QTALS"):
            raise BadInput(f"'{shown(kind)}' is no class of rows", todo="Export the survey anew")

    def group(self, record: Record) -> None:
        """The n-th group of a language is the n-th of each other; its name is translated."""
        language = record["language"]
        self.groups[language] = self.groups.get(language, 0) + 1
        self.gid = str(self.groups[language])
        self.add(
            "groups",
            gid=self.gid,
            group_order=self.gid,
            group_name=record["name"],
            description=record["text"],
            language=language,
            grelevance=record["relevance"],
        )

    def question(self, number: int, record: Record) -> None:
        if not self.gid:
            raise BadInput(f"question '{shown(record['name'])}' stands before the first group")
        self.qid = f"{self.gid}/{record['name']}"
        self.add(
            "questions",
            qid=self.qid,
            gid=self.gid,
            title=record["name"],
            type=record["type/scale"],
            question=record["text"],
            help=record.get("help", ""),
            preg=record.get("validation", ""),
            question_order=str(number),
            **{k: record.get(k, "") for k in ("language", "relevance", "mandatory", "other")},
        )
        if record.get("default"):
            self.add("defaultvalues", qid=self.qid)
        for name, value in record.items():
            if name not in _FIXED and value:
                self.add("question_attributes", qid=self.qid, attribute=name, value=value)
                self.add(
                    "question_attributes",
                    qid=self.qid,
                    attribute=name,
                    value=value,
                    language=record["language"],
                )

    def option(self, kind: str, number: int, record: Record) -> None:
        if not self.qid:
            raise BadInput("an option stands before the first question")
        scale = record["type/scale"] or "0"
        shared = {"scale_id": scale, "language": record["language"]}
        if kind == "A":
            self.add(
                "answers",
                qid=self.qid,
                code=record["name"],
                answer=record["text"],
                sortorder=str(number),
                **shared,
            )
            return
        self.add(
            "subquestions",
            qid=f"{self.qid}/{scale}/{record['name']}",
            parent_qid=self.qid,
            title=record["name"],
            question=record["text"],
            relevance=record["relevance"],
            question_order=str(number),
            **shared,
        )


def read(path: Path) -> dict[str, list[Record]]:
    """Table to its records, as `lss.read` gives them; BadInput tells the row."""
    source = read_source(path, "\t")
    heads = [head.lower() for head in source.heads]
    for name in _NEEDED:
        if name not in heads:
            raise BadInput("column is missing", file=path, row=1, column=name)
    reader = _Reader()
    for number, cells in source.rows:
        record = dict(zip(heads, cells, strict=True))
        try:
            reader.row(number, record)
        except BadInput as problem:
            raise BadInput(problem.what, file=path, row=number, todo=problem.todo) from None
    if not reader.tables.get("questions"):
        raise BadInput("holds no question", file=path, todo="Export the survey as tab-separated")
    return reader.tables
