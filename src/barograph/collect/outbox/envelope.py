"""A message as it goes over the line: headers, body, one recipient."""

from __future__ import annotations

from email import policy
from email.message import EmailMessage
from email.utils import format_datetime

from django.utils import timezone

from barograph.collect import mail, opt_out
from barograph.collect.models import Message


def envelope(message: Message, sender: str) -> tuple[str, bytes]:
    """The recipient and the bytes; the Message-ID stays when it is sent again."""
    to = mail.recipient(message.to)
    made = EmailMessage(policy=policy.SMTP)
    made["Message-ID"] = message.message_id
    made["Date"] = format_datetime(timezone.now())
    made["From"] = sender
    made["To"] = to
    made["Subject"] = message.subject
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answering machine replies
    contact = message.invitation.contact
    if contact is not None:  # RFC 8058
        made["List-Unsubscribe"] = f"<{opt_out.link(contact)}>"
        made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    made.set_content(mail.written(message), cte="quoted-printable")
    made["Content-Language"] = ", ".join(
        message.language.split()
    )  # set_content drops an earlier one
    return to, made.as_bytes()
