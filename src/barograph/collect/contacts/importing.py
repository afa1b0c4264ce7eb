"""Contacts from a file: every row checked, all faults told, then all rows written or none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from barograph.accounts.log import note
from barograph.accounts.models import Account
from barograph.barometer import Barometer
from barograph.collect import mail, opt_out, waves
from barograph.collect.contacts.table import Fault, read
from barograph.collect.models import Contact, Wave
from barograph.collect.privacy import periods
from barograph.publish import texts

WHERE = ("code", "nis", "municipality")
TEXTS = {"name": 200, "function": 100, "phone": 40}  # and how long they may be
COLUMNS = (*WHERE, "email", *TEXTS, "languages")


@dataclass(frozen=True)
class Municipalities:
    """Codes of the frame, the codes that each name may mean, and the languages of each code."""

    languages_of: Mapping[str, str]
    codes_of: Mapping[str, tuple[str, ...]]
    languages: tuple[str, ...]

    @classmethod
    def of(cls, barometer: Barometer) -> Municipalities:
        """From the frame of the newest wave."""
        frame = waves.latest(barometer).frame
        named = [column for column in frame.attributes if column.startswith("name")]
        codes: dict[str, set[str]] = {}
        languages: dict[str, str] = {}
        for code, row in frame.row_of.items():
            values = {name: str(column[row]) for name, column in frame.attributes.items()}
            languages[code] = regime(values, barometer.languages)
            for column in named:
                codes.setdefault(values[column].casefold(), set()).add(code)
        codes.pop("", None)
        found = {name: tuple(sorted(of)) for name, of in codes.items()}
        return cls(languages, found, barometer.languages)


def regime(unit: Mapping[str, str], languages: tuple[str, ...]) -> str:
    """The languages in which a municipality is written to: the official first, then those of facilities."""
    official = unit.get("official_language", "").split("|")
    facilities = unit.get("facilities_language", "").split("|")
    spoken = dict.fromkeys(lang for lang in (*official, *facilities) if lang in languages)
    return " ".join(spoken) or languages[0]


class Entry(NamedTuple):
    """One row without fault; `given` are the columns that the file has."""

    row: int
    code: str
    email: str
    languages: str
    given: Mapping[str, str]


@dataclass(frozen=True)
class Reading:
    """A file of contacts, read and checked."""

    encoding: str
    delimiter: str
    ignored: tuple[str, ...]
    entries: tuple[Entry, ...]
    faults: tuple[Fault, ...]


def check(data: bytes, known: Municipalities) -> Reading:
    """Reads a file and checks every cell of it."""
    table = read(data, COLUMNS)
    faults = list(table.faults)
    if table.header:
        faults += _header_faults(table.header)
    entries: list[Entry] = []
    if not any(fault.row == 1 for fault in faults):
        seen: dict[tuple[str, str], int] = {}
        for row, cells in table.rows:
            entry, wrong = _entry(row, cells, known)
            faults += wrong
            if entry is None:
                continue
            first = seen.setdefault((entry.code, entry.email.casefold()), row)
            if first != row:
                faults.append(Fault(row, "email", "twice", str(first)))
            entries.append(entry)
        if not table.rows and not faults:
            faults.append(Fault(1, "", "empty"))
    ignored = tuple(name for name in table.header if name and name not in COLUMNS)
    ordered = tuple(sorted(faults, key=lambda fault: fault.row))
    return Reading(table.encoding, table.delimiter, ignored, tuple(entries), ordered)


def _header_faults(header: tuple[str, ...]) -> list[Fault]:
    faults = [Fault(1, name, "column_twice") for name in COLUMNS if header.count(name) > 1]
    if "email" not in header:
        faults.append(Fault(1, "email", "column_missing"))
    if not set(WHERE) & set(header):
        faults.append(Fault(1, "code", "column_missing"))
    return faults


def _entry(
    row: int, cells: Mapping[str, str], known: Municipalities
) -> tuple[Entry | None, list[Fault]]:
    """The entry of a row, or everything that is wrong with it."""
    faults: list[Fault] = []
    code = _code(row, cells, known, faults)
    email = mail.address(cells["email"])
    if not email:
        faults.append(Fault(row, "email", "no_address", cells["email"]))
    for column, most in TEXTS.items():
        if len(cells.get(column, "")) > most:
            faults.append(Fault(row, column, "too_long", str(most)))
    asked = cells.get("languages", "")
    wanted = list(dict.fromkeys(asked.casefold().replace("|", " ").replace(",", " ").split()))
    for language in wanted:
        if language not in known.languages:
            faults.append(Fault(row, "languages", "no_language", language))
    if faults:
        return None, faults
    languages = " ".join(wanted) or known.languages_of[code]
    given = {name: cells[name] for name in TEXTS if name in cells}
    if asked:
        given["languages"] = languages
    return Entry(row, code, email, languages, given), []


def _code(row: int, cells: Mapping[str, str], known: Municipalities, faults: list[Fault]) -> str:
    for column in ("code", "nis"):
        if cells.get(column):
            if cells[column] not in known.languages_of:
                faults.append(Fault(row, column, "no_code", cells[column]))
            return cells[column]
    name = cells.get("municipality", "")
    column = "municipality" if "municipality" in cells else "code" if "code" in cells else "nis"
    codes = known.codes_of.get(name.casefold(), ())
    if not name:
        faults.append(Fault(row, column, "nowhere"))
    elif not codes:
        faults.append(Fault(row, column, "no_name", name))
    elif len(codes) > 1:
        faults.append(Fault(row, column, "several", f"{name}: {', '.join(codes)}"))
    return codes[0] if len(codes) == 1 else ""


@dataclass
class Changes:
    """What a file would change, or has changed: contacts new, changed, and as they were."""

    new: list[Contact] = field(default_factory=list)
    changed: list[Contact] = field(default_factory=list)
    same: list[Contact] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """How many of each."""
        return {
            "new": len(self.new),
            "changed": len(self.changed),
            "same": len(self.same),
            "opted_out": sum(
                c.opted_out is not None for c in (*self.new, *self.changed, *self.same)
            ),
        }


def changes(reading: Reading, until: date) -> Changes:
    """Contacts as they will be; an address that opted out anywhere stays so. Nothing is written."""
    held = list(Contact.objects.all())
    there = {(c.code, c.email.casefold()): c for c in held}
    out = opt_out.said(entry.email for entry in reading.entries)
    out |= {c.email.casefold(): c.opted_out for c in held if c.opted_out}
    found = Changes()
    for entry in reading.entries:
        contact = there.get((entry.code, entry.email.casefold()))
        if contact is None:
            found.new.append(
                Contact(
                    code=entry.code,
                    email=entry.email,
                    retain_until=until,
                    opted_out=out.get(entry.email.casefold()),
                    **{"languages": entry.languages, **entry.given},
                )
            )
            continue
        differs = any(getattr(contact, name) != value for name, value in entry.given.items())
        for name, value in entry.given.items():
            setattr(contact, name, value)
        contact.retain_until = max(until, contact.retain_until)
        (found.changed if differs else found.same).append(contact)
    return found


def save(reading: Reading, until: date, account: Account | None) -> Changes:
    """Writes the contacts of a file without fault, all in one transaction."""
    assert not reading.faults  # whoever calls has shown them
    with transaction.atomic():
        made = changes(reading, until)
        Contact.objects.bulk_create(made.new)
        Contact.objects.bulk_update(
            [*made.changed, *made.same], (*TEXTS, "languages", "retain_until")
        )
        note(account, "contacts imported", new=len(made.new), changed=len(made.changed))
    return made


def retained_until(folder: Path) -> date:
    """The day until which a contact is kept: months after the wave closes, or after today."""
    months = periods.read(folder).contacts_months
    closes = Wave.objects.filter(practice=False).exclude(closes=None).order_by("-closes").first()
    start = timezone.localdate()
    if closes is not None and closes.closes is not None:
        start = max(start, closes.closes)
    return periods.later(start, months)


@cache
def words() -> dict[str, dict[str, str]]:
    """Language -> key -> text of faults."""
    return texts.load(Path(__file__).with_name("faults.toml"))


def told(fault: Fault, language: str) -> str:
    """A fault in words, without its place; what the cell holds moves no cursor and breaks no line."""
    value = "".join(
        sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in fault.value
    )
    return words()[language][fault.key].format(value=value[:80])
