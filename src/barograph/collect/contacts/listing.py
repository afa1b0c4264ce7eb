"""The contacts of the municipalities of a wave, and the municipalities that have none."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from barograph.collect.models import Contact, Wave

SHOWN = 50  # rows of a page; a search narrows them down
ONLY = ("bounced", "opted_out", "missing")


class Listed(NamedTuple):
    """A municipality with one of its contacts, or with none."""

    code: str
    municipality: str
    contact: Contact | None

    @property
    def state(self) -> str:
        """Why it is not written to; "" when it is."""
        if self.contact is None:
            return "missing"
        if self.contact.opted_out:
            return "opted_out"
        return "bounced" if self.contact.bounced else ""


class Listing(NamedTuple):
    """Rows by municipality, how many there are of each state, how many more than are shown."""

    rows: list[Listed]
    counts: Counter[str]
    more: int


def listing(wave: Wave, query: str = "", only: str = "") -> Listing:
    """Contacts whose municipality, name or address holds `query`; `only` those of one state.

    Municipalities without a contact are listed when they are searched for.
    """
    contacts: dict[str, list[Contact]] = {}
    for contact in Contact.objects.order_by("pk"):
        contacts.setdefault(contact.code, []).append(contact)
    everything = [
        Listed(code, name, contact)
        for code, name in wave.units.order_by("name", "code").values_list("code", "name")
        for contact in contacts.get(code, [None])
    ]
    counts = Counter(row.state for row in everything)
    counts["contacts"] = sum(row.contact is not None for row in everything)
    wanted = query.strip().casefold()
    found = [
        row
        for row in everything
        if (row.state == only if only else wanted or row.contact) and wanted in _words(row)
    ]
    return Listing(found[:SHOWN], counts, max(0, len(found) - SHOWN))


def _words(row: Listed) -> str:
    contact = row.contact
    texts = (row.code, row.municipality, *((contact.name, contact.email) if contact else ()))
    return "\n".join(texts).casefold()
