"""The pages of the desk, from which its navigation is drawn."""

from __future__ import annotations

from typing import NamedTuple

from barograph.accounts.roles import Permission


class Page(NamedTuple):
    """Who may see it, its address below that of the wave, the key of its name in desk.toml."""

    permission: Permission
    path: str
    word: str


PAGES = (
    Page("desk", "", "page_overview"),
    Page("desk", "evenness/", "page_evenness"),
    Page("contacts", "calling/", "page_calling"),
    Page("desk", "answering/", "page_answering"),
    Page("contacts", "contacts/", "page_contacts"),
    Page("mail", "mail/", "page_mail"),
    Page("entry", "entry/", "page_entry"),
    Page("answers", "closing/", "page_closing"),
    Page("desk", "state/", "page_state"),
)
