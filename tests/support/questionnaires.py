"""Questionnaires for tests, written as tables of text; and what ODK's own engine makes of them."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
import pytest

from barograph.instrument import Group, Instrument, Logic

ORACLE = Path(__file__).parent.parent / "instrument" / "oracle"


def table(text: str) -> list[list[str]]:
    """Rows of `| a | b |`; a stroke within a cell is written ¦."""
    lines = [line.strip() for line in text.strip().splitlines()]
    return [
        [cell.strip().replace("¦", "|") for cell in line.strip("|").split("|")]
        for line in lines
        if line
    ]


def as_csv(folder: Path, **sheets: str) -> Path:
    """A folder of CSV sheets."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in sheets.items():
        rows = table(text)
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([*row, *[""] * (len(rows[0]) - len(row))] for row in rows)
    return folder


def as_xlsx(path: Path, **sheets: str) -> Path:
    """A workbook."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, text in sheets.items():
        sheet = book.create_sheet(name)
        for row in table(text):
            sheet.append([cell or None for cell in row])
    book.save(path)
    return path


def instance_xml(instrument: Instrument, answers: Mapping[str, str]) -> str:
    """Answers as the XML of an interview in progress."""

    def write(items: Iterable[Any], index: tuple[int, ...]) -> str:
        out = ""
        for item in items:
            suffix = "".join(f"[{i}]" for i in index)
            if not isinstance(item, Group):
                out += f"<{item.name}>{escape(answers.get(item.name + suffix, ''))}</{item.name}>"
            elif item.kind == "repeat":
                for i in range(1, int(answers.get(item.name + suffix) or 1) + 1):
                    out += f"<{item.name}>{write(item.children, (*index, i))}</{item.name}>"
            else:
                out += f"<{item.name}>{write(item.children, index)}</{item.name}>"
        return out

    root = 'data id="data" xmlns:orx="http://openrosa.org/xforms"'
    meta = "<orx:meta><orx:instanceID>uuid:1</orx:instanceID></orx:meta>"
    return f"<{root}>{write(instrument.children, ())}{meta}</data>"


def ask_odk(
    forms: Iterable[tuple[Instrument, list[Mapping[str, str] | None], Mapping[str, str]]],
) -> list[list[dict[str, dict[str, Any]]]]:
    """Per form and answers (None: a new interview) ODK's nodes by key; skips without Node."""
    if not shutil.which("node") or not (ORACLE / "node_modules").is_dir():
        reason = f"needs Node and ODK's engine: cd {ORACLE.relative_to(Path.cwd())}; npm ci"
        if os.environ.get("REQUIRE_ALL") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    asked = [
        {
            "xform": instrument.xform,
            "tables": tables,
            "cases": ["" if a is None else instance_xml(instrument, a) for a in cases],
        }
        for instrument, cases, tables in forms
    ]
    done = subprocess.run(
        ["node", str(ORACLE / "ask.mjs")],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=300,
        env={"TZ": "UTC", "PATH": os.environ["PATH"]},
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    answers = json.loads(done.stdout)
    for answer in answers:
        assert "error" not in answer, answer
    return [[_by_key(nodes) for nodes in case] for case in answers]


def _by_key(nodes: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """`/data/rep[2]/x` becomes `x[2]`; a repeat as a whole keeps its name without number."""
    found = {}
    for node in nodes:
        steps = node["path"].split("/")[2:]
        if not steps:
            continue
        numbers = [s.partition("[")[2].rstrip("]") for s in steps]
        key = steps[-1].partition("[")[0] + "".join(f"[{n}]" for n in numbers if n)
        found.setdefault(key, node)
    return found


def differences(
    logic: Logic, answers: Mapping[str, str] | None, odk: Mapping[str, dict[str, Any]], now: Any
) -> list[str]:
    """Where our state of the answers and ODK's nodes differ: relevance, value, verdicts, choices."""
    state = logic.evaluate(answers or {}, now=now)
    out = []
    for key, node in odk.items():
        name = key.partition("[")[0]
        place = logic.graph.places.get(name)
        if place is None or (place.is_repeat and key.count("[") == len(place.chain)):
            continue
        if state.relevant.get(key) != node["relevant"]:
            out.append(f"{key}: relevant {state.relevant.get(key)}, ODK {node['relevant']}")
            continue
        if "count" in node and node["relevant"] and state.values[key] != str(node["count"]):
            out.append(f"{key}: {state.values[key]} instances, ODK {node['count']}")
        question = place.question
        if question is None or "value" not in node or question.type == "note":
            continue
        ours = state.values.get(key, "")
        theirs = node["value"]
        if question.type in ("decimal", "range") and ours and theirs:
            ours, theirs = str(float(ours)), str(float(theirs))  # ODK writes 1 as 1.0
        if node["relevant"] and ours != theirs:
            out.append(f"{key}: value {ours!r}, ODK {node['value']!r}")
        if node["relevant"] and question.type not in ("calculate", "hidden"):
            fault = state.faults.get(key)
            if (fault is None) != (node["constraint"] and node["required"]):
                out.append(f"{key} = {ours!r}: fault {fault}, ODK {node}")
            if "choices" in node:
                codes = sorted(choice.code for choice in state.choices(key))
                if codes != sorted(node["choices"]):
                    out.append(f"{key}: choices {codes}, ODK {node['choices']}")
    return out
