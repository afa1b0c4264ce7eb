"""LimeSurvey files made for tests: one survey as old .lss, new .lss and .txt."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

LANGUAGES = ("nl", "fr", "de", "en")


@dataclass
class Q:
    """A question; `rows` and `answers` are codes, or (code, scale)."""

    code: str
    type: str
    rows: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    relevance: str = "1"
    mandatory: str = "N"
    other: str = "N"
    preg: str = ""
    label: str = ""
    help: str = ""
    attributes: dict[str, str] = field(default_factory=dict)


Groups = dict[str, list[Q]]
EVERY: Groups = {
    "Wie bent u?": [
        Q("role", "L", answers=("A1", "A2"), other="Y", mandatory="Y", help="<b>One</b> answer"),
        Q("drop", "!", answers=("x", "y"), relevance='role.NAOK == "A1" or role == "-oth-"'),
        Q("why", "O", answers=("A1", "A2"), relevance="!is_empty(role.NAOK)"),
        Q("five", "5"),
        Q("yes", "Y", mandatory="S"),
        Q("sex", "G", relevance="yes ne 'N' && (five >= 2)"),
    ],
    "Wat doet u?": [
        Q(
            "many",
            "M",
            rows=("a", "b", "none"),
            other="Y",
            mandatory="Y",
            attributes={"max_answers": "2", "exclude_all_others": "none"},
        ),
        Q("order", "R", answers=("r1", "r2", "r3"), relevance='many_a.NAOK == "Y"'),
        Q("count", "N", attributes={"num_value_int_only": "1", "min_num_value_n": "0"}),
        Q("amount", "N", attributes={"max_num_value_n": "99.5"}, relevance="count.NAOK > 3"),
        Q("short", "S", preg="/^[a-z]+$/i"),
        Q("long", "T", relevance='order_1.NAOK == "r2"', label="Why {short} at {count.NAOK}?"),
        Q("huge", "U", attributes={"em_validation_q": 'self != "x"'}),
        Q("day", "D"),
    ],
    "Hoe?": [
        Q("flex", "F", rows=("s1", "s2"), answers=("1", "2"), mandatory="Y"),
        Q("cols", "H", rows=("s1", "s2"), answers=("1", "2"), relevance="flex_s1 == 2"),
        Q("agree", "A", rows=("s1",)),
        Q("ten", "B", rows=("s1",)),
        Q("unsure", "C", rows=("s1",)),
        Q("change", "E", rows=("s1", "s2")),
        Q("lines", "Q", rows=("s1", "s2")),
        Q("text", "X", label="<p>Thank <script>alert(1)</script>you</p>"),
        Q("sum", "*", attributes={"equation": "{count}"}),
        Q("upload", "|"),
    ],
}
CONDITIONS = [{"qid": "102", "scenario": "1", "cqid": "101", "cfieldname": "7X10X101",
               "method": "==", "value": "A2"}]  # fmt: skip


def _label(q: Q, lang: str) -> str:
    return f"{q.label or f'<p>{q.code}</p>'} [{lang}]"


def tables(groups: Groups, new: bool) -> dict[str, list[dict[str, str]]]:
    """The tables of a .lss in the old layout, or in the new one with texts in *_l10ns."""
    made: dict[str, list[dict[str, str]]] = {
        "surveys": [{"sid": "7", "language": "nl", "additional_languages": "fr de en"}],
        "surveys_languagesettings": [
            {"surveyls_language": lang, "surveyls_title": f"Survey [{lang}]"} for lang in LANGUAGES
        ],
    }

    def add(name: str, record: dict[str, str], l10n: str, texts: dict[str, dict[str, str]]) -> None:
        if new:
            made.setdefault(name, []).append(record)
        for lang, text in texts.items():
            key = {k: record[k] for k in ("gid", "qid", "aid") if k in record}
            localised = text | {"language": lang}
            made.setdefault(l10n if new else name, []).append((key if new else record) | localised)

    qid, aid = 100, 0
    for g, (title, questions) in enumerate(groups.items()):
        gid = str(10 + g)
        texts = {lang: {"group_name": f"{title} [{lang}]", "description": ""} for lang in LANGUAGES}
        add("groups", {"gid": gid, "group_order": str(g), "grelevance": ""}, "group_l10ns", texts)
        for order, q in enumerate(questions):
            qid += 1
            mine = str(qid)
            record = {
                "qid": mine, "parent_qid": "0", "gid": gid, "type": q.type, "title": q.code,
                "preg": q.preg, "mandatory": q.mandatory, "other": q.other,
                "question_order": str(order), "relevance": q.relevance,
            }  # fmt: skip
            texts = {lang: {"question": _label(q, lang), "help": q.help} for lang in LANGUAGES}
            add("questions", record, "question_l10ns", texts)
            for n, code in enumerate(q.rows):
                row = {"qid": f"{mine}{n:03}", "parent_qid": mine, "title": code,
                       "question_order": str(n), "scale_id": "0", "relevance": "1"}  # fmt: skip
                texts = {lang: {"question": f"{code} [{lang}]"} for lang in LANGUAGES}
                add("subquestions", row, "question_l10ns", texts)
            for n, code in enumerate(q.answers):
                aid += 1
                row = {"aid": str(aid), "qid": mine, "code": code, "sortorder": str(n),
                       "scale_id": "0"}  # fmt: skip
                texts = {lang: {"answer": f"{code} [{lang}]"} for lang in LANGUAGES}
                add("answers", row, "answer_l10ns", texts)
            for name, value in q.attributes.items():
                made.setdefault("question_attributes", []).append(
                    {"qid": mine, "attribute": name, "value": value}
                )
    return made


def lss(groups: Groups = EVERY, new: bool = True, **more: list[dict[str, str]]) -> str:
    """The survey as .lss."""
    parts = ["<?xml version='1.0' encoding='UTF-8'?>\n<document>",
             "<LimeSurveyDocType>Survey</LimeSurveyDocType>"]  # fmt: skip
    for name, rows in (tables(groups, new) | more).items():
        parts.append(f"<{name}><rows>")
        for row in rows:
            cells = "".join(f"<{k}>{escape(v)}</{k}>" for k, v in row.items())
            parts.append(f"<row>{cells}</row>")
        parts.append(f"</rows></{name}>")
    return "\n".join([*parts, "</document>"])


def txt(groups: Groups = EVERY) -> str:
    """The survey as tab-separated text, all of it once per language."""
    attributes = sorted({a for qs in groups.values() for q in qs for a in q.attributes})
    heads = (
        "class type/scale name relevance text help language validation mandatory other"
    ).split()
    rows: list[dict[str, str]] = [
        {"class": "S", "name": "sid", "text": "7"},
        {"class": "S", "name": "language", "text": "nl"},
        {"class": "S", "name": "additional_languages", "text": "fr de en"},
    ]
    for lang in LANGUAGES:
        rows.append({"class": "SL", "name": "surveyls_title", "text": f"Survey [{lang}]"})
        for title, questions in groups.items():
            rows.append({"class": "G", "name": f"{title} [{lang}]", "relevance": ""})
            for q in questions:
                rows.append(
                    {"class": "Q", "type/scale": q.type, "name": q.code, "relevance": q.relevance,
                     "text": _label(q, lang), "help": q.help, "validation": q.preg,
                     "mandatory": q.mandatory, "other": q.other} | q.attributes
                )  # fmt: skip
                for kind, codes in (("SQ", q.rows), ("A", q.answers)):
                    rows += [
                        {"class": kind, "type/scale": "0", "name": code, "text": f"{code} [{lang}]",
                         "relevance": "1" if kind == "SQ" else ""}
                        for code in codes
                    ]  # fmt: skip
        for row in rows:
            row.setdefault("language", lang)
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, [*heads, *attributes], restval="", delimiter="\t")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
