"""The telephone of a member of staff: six digits by RFC 6238, from the key that the page shows."""

from __future__ import annotations

import hmac
import re
from base64 import b32decode

STEP = 30  # seconds


def key_on(page: str) -> str:
    """The key in letters, as somebody types it over."""
    shown = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert shown is not None
    return shown[1].replace(" ", "")


def digits(key: str, at: float) -> str:
    """What the telephone shows at a time (seconds)."""
    mac = hmac.digest(b32decode(key), int(at // STEP).to_bytes(8, "big"), "sha1")
    start = mac[-1] & 15
    number = int.from_bytes(mac[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**6:06d}"
