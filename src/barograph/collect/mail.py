"""Messages into the outbox, in the words of mail.toml; whoever empties the box sends `written`."""

from __future__ import annotations

import re
from email.utils import make_msgid
from functools import cache
from pathlib import Path

import idna
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone

from barograph.collect import codes, invitations, opt_out
from barograph.collect.models import Code, Invitation, Message
from barograph.publish import texts

MAIL = Path(__file__).with_name("mail.toml")
SLOT = re.compile(r"\{(?:link|code|opt_out)\}")


@cache
def _words() -> dict[str, dict[str, str]]:
    return texts.load(MAIL)


def address(text: str) -> str:
    """One mail address, or "" when it is none; a comma would make two recipients of one."""
    text = text.strip()
    try:
        validate_email(text)
        recipient(text)
    except (ValidationError, idna.IDNAError):
        return ""
    return "" if set(text) & set(",;<>\r\n") else text


def recipient(address: str) -> str:
    """The address in ASCII, as every mail server takes it (IDNA 2008: ß is no ss)."""
    name, _, host = address.rpartition("@")
    return f"{name}@{host if host.isascii() else idna.encode(host, uts46=True).decode()}"


def post(
    key: str, kind: str, invitation: Invitation, code: Code | None = None, **slots: str
) -> Message:
    """Puts a message to the address of an invitation in the outbox, once per key.

    The subject holds no personal data; in the body {link} and {code} stay slots until it is sent.
    """
    words = _words()[invitation.language]
    filled = {name: value.replace("{", "(").replace("}", ")") for name, value in slots.items()}
    body = words[f"{kind}_body"].format(**filled, link="{link}", code="{code}")
    subject = words[f"{kind}_subject"].format(title=filled["title"])
    message, _ = Message.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind,
            "invitation": invitation,
            "code": code,
            "to": invitation.email,
            "language": invitation.language,
            "subject": " ".join(subject.split()),
            "body": body,
            "message_id": message_id(),
            "due": timezone.now(),
        },
    )
    return message


def message_id() -> str:
    """A new Message-ID, which a message keeps."""
    return make_msgid(domain=settings.ADDRESS.partition("//")[2].partition(":")[0])


def written(message: Message) -> str:
    """The body as it is sent, with link, code and the link to opt out."""
    contact = message.invitation.contact
    slots = {
        "{link}": invitations.link(message.invitation),
        "{code}": codes.digits(message.code) if message.code else "",
        "{opt_out}": opt_out.link(contact) if contact else "",
    }
    return SLOT.sub(lambda found: slots[found[0]], message.body)
