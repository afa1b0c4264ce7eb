"""The POST of a page as answers: only what the page asks, as typed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Protocol

from barograph.collect.forms import controls
from barograph.instrument import Group, Instrument, Question
from barograph.instrument.logic import INSTANCES
from barograph.instrument.model import SILENT
from barograph.publish.questionnaire.steps import steps

SHOWN = "shown"  # the keys that stood on the page: an unticked box posts nothing
KEY = re.compile(r"([^\[\]]+)((?:\[[1-9]\d{0,2}\])*)")
ACT = re.compile(r"(add|remove|clear):(.+)")
LAST_INSTANCE = re.compile(r"(.*)\[(\d+)\]")
GROUPED = {
    "en": re.compile(r"([+-]?[1-9]\d{0,2}(?:,\d{3})+)(?:\.(\d*))?"),
    "": re.compile(r"([+-]?[1-9]\d{0,2}(?:\.\d{3})+)(?:,(\d*))?"),
}


class Post(Protocol):
    """What Django's QueryDict offers."""

    def get(self, key: str, default: str = "", /) -> str: ...
    def getlist(self, key: str, /) -> list[str]: ...
    def __contains__(self, key: object, /) -> bool: ...


class Upload(Protocol):
    """What Django's UploadedFile offers."""

    name: str


def parse(
    instrument: Instrument,
    section: Group,
    post: Post,
    files: Mapping[str, Upload],
    answers: Mapping[str, str],
) -> dict[str, str]:
    """Answers by key. What cannot be read stays as typed, for the logic to tell as a fault.

    A file is answered by its name; who keeps it puts its own in place. Instances of a repeat are
    added and removed here, those after a removed one move up and what they leave behind is "".
    """
    within = questions(section)
    lang = post.get("lang", "")
    read: dict[str, str] = {}
    for key in dict.fromkeys(" ".join(post.getlist(SHOWN)).split()):
        question = within.get(key.split("[")[0])
        if question is None or not _exists(section, key, answers):
            continue
        if question.type == "file":
            read[key] = _file(key, post, files, answers)
        elif question.type not in ("note", *SILENT):
            read[key] = _answer(question, key, post, lang)
    if act := ACT.fullmatch(post.get("go", "")):
        _act(section, act[1], act[2], {**answers, **read}, read)
    return read


def questions(group: Group) -> dict[str, Question]:
    """The questions in the group by name, at any depth."""
    found: dict[str, Question] = {}
    for child in group.children:
        if isinstance(child, Question):
            found[child.name] = child
        else:
            found.update(questions(child))
    return found


def repeats(group: Group) -> dict[str, Group]:
    """The repeats in the group by name, at any depth."""
    found = {group.name: group} if group.kind == "repeat" else {}
    for child in group.children:
        if isinstance(child, Group):
            found.update(repeats(child))
    return found


def count(answers: Mapping[str, str], key: str) -> int:
    """The instances of a repeat; one before anybody has said."""
    given = answers.get(key, "")
    return min(int(given[:9]), INSTANCES) if given.isascii() and given.isdigit() else 1


def _exists(section: Group, key: str, answers: Mapping[str, str]) -> bool:
    """Whether each repeat around the question has that instance."""
    found = KEY.fullmatch(key)
    if not found:
        return False
    numbers = [int(n) for n in re.findall(r"\d+", found[2])]
    around = _around(section, found[1])
    if around is None or len(around) != len(numbers):
        return False
    suffix = ""
    for repeat, number in zip(around, numbers, strict=True):
        counted = INSTANCES if repeat.repeat_count else count(answers, repeat.name + suffix)
        if number > counted:
            return False
        suffix += f"[{number}]"
    return True


def _around(group: Group, name: str) -> Sequence[Group] | None:
    """The repeats around a question or repeat of the group, outermost first."""
    for child in group.children:
        if child.name == name:
            return []
        if isinstance(child, Group) and (inner := _around(child, name)) is not None:
            return [child, *inner] if child.kind == "repeat" else inner
    return None


def _answer(question: Question, key: str, post: Post, lang: str) -> str:
    if question.dont_know and not question.choices and f"{key}.dk" in post:
        return question.dont_know
    match question.type:
        case "select_multiple":
            return " ".join(dict.fromkeys(_clean(code) for code in post.getlist(key) if code))
        case "rank":
            places = [_clean(code).replace(" ", "") for code in post.getlist(key)]
            return " ".join(code or controls.PLACE for code in places).rstrip(f"{controls.PLACE} ")
        case "date":
            return _date(question, key, post)
        case "integer" | "decimal" | "range":
            text = _clean(post.get(key))
            chosen = question.type == "range" and text in steps(question)  # written with a point
            return text if chosen else number(text, lang)
        case "text":
            return _clean(post.get(key), several="multiline" in question.appearance)
        case _:
            return _clean(post.get(key))


def _clean(text: str | None, *, several: bool = False) -> str:
    """Without surrounding space, control characters and signs that turn the direction of writing."""
    text = unicodedata.normalize("NFC", text or "").replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(
        c
        if unicodedata.category(c) not in ("Cc", "Cf", "Cs") or c in "\n\u200c\u200d"
        else " " * (c == "\t")
        for c in text
    )
    return kept.strip() if several else " ".join(kept.split())


def number(text: str, lang: str) -> str:
    """A number with a point and no separators from what is written in the language.

    "1 200", "2,5" (nl, fr, de: "2.5" too), "1.200" and "1.200,5" (en: "1,200", "1,200.5"): three
    digits after the sign that groups are thousands, as one writes them. Else as typed.
    """
    squeezed = re.sub(r"[\s'’]", "", text).replace("−", "-")
    if found := GROUPED.get(lang, GROUPED[""]).fullmatch(squeezed):
        whole, decimals = re.sub(r"[.,]", "", found[1]), found[2]
        return f"{whole}.{decimals}" if decimals else whole
    pointed = squeezed.replace(",", ".") if squeezed.count(",") + squeezed.count(".") <= 1 else ""
    return pointed if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)", pointed) else text


def _date(question: Question, key: str, post: Post) -> str:
    """YYYY-MM-DD of what can be one, padded; "" of nothing; else the parts as typed."""
    typed = {part: _clean(post.get(f"{key}.{part}")) for part in controls.DATE_PARTS}
    if not any(typed.values()):
        return ""
    for part in set(controls.DATE_PARTS) - set(controls.asked_of_date(question)):
        typed[part] = "1"
    padded = {part: text.zfill(2) if text else "" for part, text in typed.items()}
    return "-".join((typed["year"], padded["month"], padded["day"]))


def _file(key: str, post: Post, files: Mapping[str, Upload], answers: Mapping[str, str]) -> str:
    if key in files:
        return _clean(files[key].name.replace("\\", "/").rsplit("/", 1)[-1])[:200]
    return "" if f"{key}.remove" in post else answers.get(key, "")


def _act(
    section: Group, act: str, on: str, answers: Mapping[str, str], read: dict[str, str]
) -> None:
    """What the button pressed does to the answers read."""
    if act == "clear":
        read.update({key: "" for key in on.split() if key in read})
        return
    last = LAST_INSTANCE.fullmatch(on) if act == "remove" else None
    key = last[1] if last else on
    repeat = repeats(section).get(key.split("[")[0])
    if repeat is None or repeat.repeat_count or not _exists(section, key, answers):
        return
    there = count(answers, key)
    if act == "add" and there < INSTANCES:
        read[key] = str(there + 1)
    elif last and 1 <= int(last[2]) <= there:
        read[key] = str(there - 1)
        _move_up(repeat, key.removeprefix(repeat.name), int(last[2]), answers, read)


def _move_up(
    repeat: Group, suffix: str, gone: int, answers: Mapping[str, str], read: dict[str, str]
) -> None:
    """The instances after the removed one take each the place of the one before."""
    names = {*questions(repeat), *repeats(repeat)} - {repeat.name}
    moved: dict[str, str] = {}
    vacated: dict[str, str] = {}
    for key, value in answers.items():
        name = key.split("[")[0]
        found = re.match(r"\[(\d+)\]", key.removeprefix(name + suffix))
        if name not in names or not key.startswith(name + suffix) or not found:
            continue
        n, rest = int(found[1]), key.removeprefix(name + suffix)[found.end() :]
        if n >= gone:
            vacated[key] = ""
        if n > gone:
            moved[f"{name}{suffix}[{n - 1}]{rest}"] = value
    read.update({**vacated, **moved})
