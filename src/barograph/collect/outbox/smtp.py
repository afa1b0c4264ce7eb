"""The mail server: its address, one connection, and what became of a message on it."""

from __future__ import annotations

import smtplib
import ssl
from email.utils import parseaddr
from ipaddress import ip_address
from types import TracebackType
from typing import Literal, NamedTuple, Self
from urllib.parse import parse_qs, unquote, urlsplit

from barograph.errors import BadInput

TIMEOUT = 30  # seconds for each answer of the server
PORTS = {"smtp": 587, "smtps": 465}
Fate = Literal["sent", "later", "refused", "uncertain"]


class Server(NamedTuple):
    """Where mail goes out, and the address it comes from."""

    host: str
    port: int
    tls: str  # "starttls", "implicit" or "none"
    user: str
    password: str
    sender: str  # as in the header From


class Outcome(NamedTuple):
    """What became of a message, and the words of the server."""

    fate: Fate
    reply: str


class Unreachable(Exception):
    """The server takes no mail at all now; it is no message's fault."""


def server(address: str, sender: str) -> Server | None:
    """The server of BAROGRAPH_SMTP and BAROGRAPH_MAIL_FROM; None without an address."""
    if not address:
        return None
    parts = urlsplit(address)
    asked = parse_qs(parts.query).get("tls", ["starttls"])[0]
    tls = "implicit" if parts.scheme == "smtps" else asked
    if (
        parts.scheme not in PORTS
        or not parts.hostname
        or tls not in ("starttls", "implicit", "none")
    ):
        raise BadInput(
            "BAROGRAPH_SMTP names no mail server",
            todo="Write it as smtp://USER:PASSWORD@HOST:587?tls=starttls (or tls=none, or smtps://)",
        )
    if parts.password and tls == "none" and not _here(parts.hostname):
        raise BadInput(
            "BAROGRAPH_SMTP would send its password unencrypted", todo="Write tls=starttls"
        )
    if "@" not in parseaddr(sender)[1]:
        raise BadInput(
            "BAROGRAPH_MAIL_FROM is no address",
            todo='Write it as "Barometer <barometer@institute.example>"',
        )
    port = parts.port or PORTS[parts.scheme]
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Server(parts.hostname, port, tls, user, password, sender)


def _here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Line:
    """One connection, opened anew when it broke. Unreachable when there is none to be had."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._smtp: smtplib.SMTP | None = None
        self.broken = 0  # times in a row

    def __enter__(self) -> Self:
        self._opened()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._smtp is not None:
            try:
                self._smtp.quit()
            except (smtplib.SMTPException, OSError):
                self._smtp.close()

    def _opened(self) -> smtplib.SMTP:
        if self._smtp is not None:
            return self._smtp
        host, port, tls, user, password, _ = self.server
        context = ssl.create_default_context()
        try:
            if tls == "implicit":
                smtp: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=context)
            else:
                smtp = smtplib.SMTP(host, port, timeout=TIMEOUT)
            if tls == "starttls":
                smtp.starttls(context=context)
            smtp.ehlo_or_helo_if_needed()
            if user:
                smtp.login(user, password)
        except (smtplib.SMTPException, OSError) as error:
            raise Unreachable(str(error)) from None
        self._smtp = smtp
        return smtp

    def carry(self, to: str, data: bytes) -> Outcome:
        """Hands one message over to one recipient. Once the last byte is out, silence is uncertain."""
        smtp = self._opened()
        fate: Fate = "later"
        try:
            code, text = smtp.mail(parseaddr(self.server.sender)[1])
            if code != 250:
                raise Unreachable(_words(code, text))
            code, text = smtp.rcpt(to)
            if code not in (250, 251):
                return self._no(smtp, code, text)
            code, text = smtp.docmd("DATA")
            if code != 354:
                return self._no(smtp, code, text)
            fate = "uncertain"
            smtp.send(_dotted(data))
            code, text = smtp.getreply()
        except (smtplib.SMTPException, OSError) as error:
            self._drop(smtp)
            return Outcome(fate, str(error) or type(error).__name__)
        if code != 250:
            return self._no(smtp, code, text)
        self.broken = 0
        return Outcome("sent", _words(code, text))

    def _no(self, smtp: smtplib.SMTP, code: int, text: bytes) -> Outcome:
        """The server says no: 4xx for now, 5xx for ever (RFC 5321, 4.2.1)."""
        if code == 421:  # and hangs up
            self._drop(smtp)
            return Outcome("later", _words(code, text))
        self.broken = 0
        try:
            smtp.rset()
        except (smtplib.SMTPException, OSError):
            self._drop(smtp)
        return Outcome("refused" if code >= 500 else "later", _words(code, text))

    def _drop(self, smtp: smtplib.SMTP) -> None:
        smtp.close()
        self._smtp = None
        self.broken += 1


def _words(code: int, text: bytes) -> str:
    return f"{code} {text.decode('utf-8', 'replace')}"


def _dotted(data: bytes) -> bytes:
    """The message as it goes over the line: a dot before a dot, a dot at the end (RFC 5321, 4.5.2)."""
    lines = data.splitlines()
    return b"".join(b"." * line.startswith(b".") + line + b"\r\n" for line in lines) + b".\r\n"
