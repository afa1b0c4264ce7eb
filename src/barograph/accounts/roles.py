"""What each role may do; whatever is not listed is forbidden."""

from __future__ import annotations

from typing import Literal

from django.db import models

Permission = Literal[
    "desk",  # see response and representativity, no person and no answer
    "contacts",  # see and change names and addresses
    "mail",  # plan, preview, send and stop messages
    "entry",  # enter answers that came on paper or by telephone
    "answers",  # read single answers, flags and exports
    "decide",  # settle what the validation report asks
    "wave",  # open, close, freeze, reopen
    "publish",  # mark a frozen wave as published
    "staff",  # let colleagues in and out
]


class Role(models.TextChoices):
    """One role a person."""

    RESEARCHER = "researcher"
    FIELDWORKER = "fieldworker"
    ANALYST = "analyst"
    PUBLISHER = "publisher"
    READER = "reader"


MAY: dict[str, frozenset[Permission]] = {
    Role.RESEARCHER: frozenset(
        ("desk", "contacts", "mail", "entry", "answers", "decide", "wave", "staff")
    ),
    Role.FIELDWORKER: frozenset(("desk", "contacts", "mail", "entry")),
    Role.ANALYST: frozenset(("desk", "answers", "decide")),
    Role.PUBLISHER: frozenset(("desk", "publish")),
    Role.READER: frozenset(("desk",)),
}
