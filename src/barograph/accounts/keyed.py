"""What only this installation can compute."""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings


def keyed(purpose: str, text: str) -> bytes:
    """A pseudo-random function of the installation's secret: 32 bytes nobody else can compute."""
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, f"{purpose}:{text}".encode(), hashlib.sha256).digest()
