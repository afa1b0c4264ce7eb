"""What comes back: delivery status notifications mark message and contact (RFC 3464).

A notification is as hostile as any mail: it counts only for a Message-ID that we have sent, which
nobody else knows.
"""

from __future__ import annotations

import mailbox
import re
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, NamedTuple, cast

from django.db import transaction
from django.utils import timezone

from barograph.accounts.log import note
from barograph.collect.models import Contact, Message
from barograph.errors import BadInput
from barograph.files import read_bytes

MOST_BYTES = 10 * 2**20  # of one message
# RFC 3463 and 7505: no such mailbox or domain, its syntax, moved, takes no mail; a mailbox that is closed; of
# 5.4 what large providers say of unknown recipients (1) and mail servers of unknown domains (4). A 550
# without more (5.0.0) may as well be a refused text: what is left open is not held against an address.
ADDRESS = re.compile(r"5\.(1\.([01236]|10)|2\.1|4\.[14])\b")
# RFC 6533: the same parts for addresses beyond ASCII, under types that Python does not take apart.
GLOBAL = re.compile(rb"(?i)\bmessage/global(-delivery-status|-headers)?(?=[\s;])")
PLAIN = {b"": b"message/rfc822", b"-headers": b"text/rfc822-headers"}
ID = "Message-ID"


class Bounce(NamedTuple):
    """A message that came back, or is late."""

    message_id: str
    failed: bool  # for good; else the server still tries
    status: str  # RFC 3463, such as 5.1.1
    words: str

    @property
    def hard(self) -> bool:
        """Whether the address does not work; a full mailbox or a refused text is not its fault."""
        return self.failed and ADDRESS.match(self.status) is not None


def take_in(path: Path) -> Counter[str]:
    """Marks what the notifications in `path` say; how many were hard, soft, unknown or something else."""
    counts: Counter[str] = Counter()
    for raw in _messages(path):
        bounce = read(raw)
        counts["other" if bounce is None else _mark(bounce)] += 1
    return counts


def _messages(path: Path) -> Iterator[bytes]:
    """The messages of a Maildir, an mbox file, or the one message that the file is."""
    if path.is_dir():
        if not (path / "cur").is_dir():
            raise BadInput("is no Maildir: it has no folder cur", file=path)
        box: mailbox.Mailbox[mailbox.Message] = cast(
            "mailbox.Mailbox[mailbox.Message]", mailbox.Maildir(path, create=False)
        )
    elif not read_bytes(path).startswith(b"From "):
        yield read_bytes(path)
        return
    else:
        box = cast("mailbox.Mailbox[mailbox.Message]", mailbox.mbox(path, create=False))
    for key in sorted(box.keys()):
        yield box.get_bytes(key)


def read(raw: bytes) -> Bounce | None:
    """The bounce that a message reports; None when it reports none."""
    try:
        plain = GLOBAL.sub(_plain, raw[:MOST_BYTES])
        message = message_from_bytes(plain, policy=policy.default)
        return _read(message)
    except (ValueError, LookupError, AttributeError, TypeError):  # what broken headers raise
        return None


def _plain(found: re.Match[bytes]) -> bytes:
    return PLAIN.get((found[1] or b"").lower(), b"message/delivery-status")


def _read(message: EmailMessage) -> Bounce | None:
    if message.get_content_type() != "multipart/report":
        return None
    blocks: list[Any] = []
    original = ""
    for part in message.walk():
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            blocks += cast("list[Any]", part.get_payload())
        elif kind == "text/rfc822-headers":
            headers = str(part.get_content()).encode()
            original = original or _header(message_from_bytes(headers, policy=policy.default), ID)
        elif kind == "message/rfc822":
            original = original or _header(part.get_payload(0), ID)
    told = [block for block in blocks if _header(block, "Action").lower() in ("failed", "delayed")]
    if not told or not original:
        return None
    block = told[0]  # a message of ours has one recipient
    failed = _header(block, "Action").lower() == "failed"
    words = _header(block, "Diagnostic-Code").partition(";")[2]
    return Bounce(original, failed, _header(block, "Status"), " ".join(words.split()))


def _header(part: Any, name: str) -> str:
    return str(part.get(name, "")).strip()


def _mark(bounce: Bounce) -> str:
    with transaction.atomic():
        sent = (
            Message.objects.select_for_update(of=("self",))
            .select_related("invitation__unit__wave")
            .filter(message_id=bounce.message_id)
            .first()
        )
        if sent is None:
            return "unknown"
        sent.reply = f"{bounce.status} {bounce.words}".strip()[:400]
        if bounce.failed:
            sent.state = Message.State.BOUNCED
            unit = sent.invitation.unit
            note(None, "message bounced", unit.wave.name, unit.code, kind=sent.kind)
        if bounce.hard:
            Contact.objects.filter(invitations=sent.invitation, bounced=None).update(
                bounced=timezone.now()
            )
        sent.save(update_fields=["state", "reply"])
    return "hard" if bounce.hard else "soft"
