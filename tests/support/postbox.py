"""A mail server on this machine that does as it is told: takes, refuses, dawdles, hangs up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, NamedTuple

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from servers import free_port


class Got(NamedTuple):
    """A message that came in whole."""

    to: list[str]
    message: EmailMessage


class Postbox:
    """`rcpt` and `data` answer for an address; "cut" hangs up, "slow" keeps waiting."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.got: list[Got] = []
        self.connections = 0
        self.rcpt: Callable[[str], str] = lambda to: "250 OK"
        self.data: Callable[[str], str] = lambda to: "250 OK"
        self.delay = 0.0

    @property
    def address(self) -> str:
        """As in BAROGRAPH_SMTP."""
        return f"smtp://127.0.0.1:{self.port}?tls=none"

    @property
    def ids(self) -> list[str]:
        """Message-IDs, as they came."""
        return [got.message["Message-ID"] for got in self.got]

    async def handle_EHLO(  # noqa: N802 - names of aiosmtpd
        self, server: SMTP, session: Session, envelope: Envelope, host: str, responses: list[str]
    ) -> list[str]:
        session.host_name = host
        self.connections += 1
        return responses

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, to: str, options: list[str]
    ) -> str:
        answer = self.rcpt(to)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(to)
        return answer

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        answer = self.data(envelope.rcpt_tos[0])
        await asyncio.sleep(self.delay)
        if answer[:1] in ("2", "c", "s"):
            parsed: Any = message_from_bytes(envelope.content, policy=policy.default)
            self.got.append(Got(list(envelope.rcpt_tos), parsed))
        if answer == "cut":
            server.transport.abort()
        elif answer == "slow":
            await asyncio.sleep(30)
        return answer


@contextmanager
def postbox() -> Iterator[Postbox]:
    """Listens as long as the block."""
    box = Postbox(free_port())
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
