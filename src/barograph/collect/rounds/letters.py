"""The words of invitations and reminders: letters.toml, and mail.toml of the wave where it says otherwise.

Texts have slots and nothing else: no text is ever run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from string import Formatter
from typing import NamedTuple

from babel.dates import format_date
from django.conf import settings
from django.utils import timezone

from barograph.collect.models import Contact, Mailing, Unit, Wave
from barograph.collect.questionnaire import questionnaire
from barograph.collect.waves import PRACTICE
from barograph.errors import BadInput
from barograph.files import read_toml
from barograph.instrument import Group
from barograph.publish import texts

DEFAULT = Path(__file__).with_name("letters.toml")
OVERRIDE = "mail.toml"
IN_SUBJECT = frozenset(("title", "closes", "operator"))  # nothing personal
SLOTS = IN_SUBJECT | {"greeting", "municipality", "name", "minutes", "link", "opt_out"}
NEEDED = frozenset(("link", "opt_out"))
KEY = re.compile(r"(invitation|reminder_[1-9])_(subject|body)|greeting|greeting_named|below")
MINUTES = "minutes"  # in mail.toml: how long the questionnaire takes
SECONDS = 15  # a question, where nobody has timed it
LOCALES = {"en": "en_GB", "nl": "nl_BE", "fr": "fr_BE", "de": "de_BE"}
RULE = "\n- - - - - - - - - - - - - - - -\n\n"
Texts = Mapping[str, Mapping[str, str]]  # language -> key -> text


class Letter(NamedTuple):
    """A message to one contact; {link} and {opt_out} are filled in on sending."""

    subject: str
    body: str
    languages: str


@dataclass(frozen=True)
class Letters:
    """The words of a wave, checked, and what fills their slots for everybody."""

    wave: Wave
    texts: Texts
    minutes: int
    operator: str

    @classmethod
    def of(cls, wave: Wave) -> Letters:
        """BadInput names file and key of an unknown or missing slot."""
        folder = settings.BAROMETER
        assert folder is not None  # without a barometer there is no wave
        path = folder / wave.name.removeprefix(f"{PRACTICE}-") / OVERRIDE
        own = read_toml(path) if path.exists() else {}
        minutes = own.pop(MINUTES) if MINUTES in own else estimated_minutes(wave)
        if type(minutes) is not int or not 0 < minutes < 600:
            raise BadInput("is no number of minutes", file=path, column=MINUTES)
        words = {lang: dict(of) for lang, of in texts.load(DEFAULT, list(wave.title)).items()}
        for key, of_language in own.items():
            for lang, text in _own(path, key, of_language, list(wave.title)).items():
                words[lang][key] = text
        _paired(path, words[next(iter(words))])
        operator = read_toml(folder / "barometer.toml").get("operator", {}).get("name", "")
        return cls(wave, words, minutes, str(operator) or wave.title[next(iter(wave.title))])

    def letter(self, kind: str, number: int, unit: Unit, contact: Contact) -> Letter:
        """The message of a round to a contact, in all languages of the contact, one below the other."""
        languages = [lang for lang in contact.languages.split() if lang in self.texts]
        languages = languages or list(self.texts)[:1]
        key = self._key(kind, number)
        parts, subjects = [], []
        for n, lang in enumerate(languages):
            slots = self._slots(lang, unit, contact, f"?lang={lang}" if n else "")
            parts.append(self.texts[lang][f"{key}_body"].strip().format(**slots) + "\n")
            subjects.append(self.texts[lang][f"{key}_subject"].strip().format(**slots))
        below = [self.texts[lang]["below"].strip() for lang in languages[1:]]
        body = "".join(f"{line}\n\n" for line in below) + RULE.join(parts)
        return Letter(" / ".join(dict.fromkeys(subjects)), body, " ".join(languages))

    def _key(self, kind: str, number: int) -> str:
        """A reminder beyond the last that has words of its own repeats the last."""
        if kind == Mailing.Kind.INVITATION:
            return str(kind)
        known = self.texts[next(iter(self.texts))]
        return next(f"reminder_{n}" for n in range(number, 0, -1) if f"reminder_{n}_body" in known)

    def _slots(self, lang: str, unit: Unit, contact: Contact, query: str) -> dict[str, str]:
        words = self.texts[lang]
        values = {
            "title": self.wave.title[lang],
            "municipality": unit.name,
            "name": contact.name,
            "closes": format_date(closes(self.wave), "full", LOCALES[lang]),
            "minutes": str(self.minutes),
            "operator": self.operator,
        }
        # What a slot brings along cannot be a slot itself.
        values = {name: v.replace("{", "(").replace("}", ")") for name, v in values.items()}
        greeting = words["greeting_named" if contact.name else "greeting"].strip()
        values["greeting"] = greeting.format(**values)
        return values | {"link": f"{{link}}{query}", "opt_out": f"{{opt_out}}{query}"}


def closes(wave: Wave) -> date:
    """The last day; practice, which has none, names one a month ahead."""
    if wave.closes is not None:
        return wave.closes
    if wave.practice:
        return timezone.localdate() + timedelta(days=30)
    raise BadInput(
        f"wave {wave.name} has no closing day, which its letters tell",
        file=f"{wave.name}/wave.toml",
        column="closed",
        todo="Write closed = YYYY-MM-DD",
    )


def estimated_minutes(wave: Wave) -> int:
    """From the number of questions, in fives."""

    def count(group: Group) -> int:
        return sum(
            count(child)
            if isinstance(child, Group)
            else child.type not in ("calculate", "hidden", "note")
            for child in group.children
        )

    asked = sum(count(section) for section in questionnaire(wave.form_id).sections.values())
    return max(5, -(-asked * SECONDS // 300) * 5)


def _own(path: Path, key: str, table: object, languages: list[str]) -> dict[str, str]:
    """The texts of one key of mail.toml, per language, their slots checked."""
    if not KEY.fullmatch(key):
        raise BadInput(
            "is no text of a letter",
            file=path,
            column=key,
            todo="Known are invitation_subject, invitation_body, reminder_1_subject, reminder_1_body "
            "and so on, greeting, greeting_named, below, minutes",
        )
    found = {}
    for lang in languages:
        text = table.get(lang) if isinstance(table, dict) else None
        if not isinstance(text, str) or not text.strip():
            raise BadInput(f"the text in {lang!r} is missing", file=path, column=key)
        check(path, f"{key}.{lang}", text)
        found[lang] = text
    return found


def _paired(path: Path, keys: Mapping[str, str]) -> None:
    """A letter has both subject and body."""
    for key in keys:
        other = {"subject": "body", "body": "subject"}.get(key.rpartition("_")[2])
        pair = f"{key.rpartition('_')[0]}_{other}"
        if other and pair not in keys:
            raise BadInput(f"{key} needs it beside", file=path, column=pair)


def check(path: Path, where: str, text: str) -> None:
    """BadInput for a slot that is unknown, or missing in the body of a letter."""
    subject, body = "_subject" in where, "_body" in where
    allowed = SLOTS if body else IN_SUBJECT if subject else frozenset(("name",))
    try:
        parts = [
            (name, spec, how) for _, name, spec, how in Formatter().parse(text) if name is not None
        ]
    except ValueError as error:
        raise BadInput(f"has a loose brace ({error})", file=path, column=where) from None
    for name, spec, how in parts:
        if name not in allowed or spec or how:
            known = ", ".join(f"{{{slot}}}" for slot in sorted(allowed))
            raise BadInput(
                f"{{{name}}} is no slot here", file=path, column=where, todo=f"Known are {known}"
            )
    for slot in sorted(NEEDED - {name for name, _, _ in parts}) if body else ():
        raise BadInput(f"the slot {{{slot}}} is missing", file=path, column=where)
