"""The identity provider of the settings, for respondents who would rather not type a code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from barograph.errors import BadInput

NEEDED = ("BAROGRAPH_OIDC_CLIENT", "BAROGRAPH_OIDC_SECRET", "BAROGRAPH_OIDC_NAME")


class Identity(NamedTuple):
    """`acr`: levels of assurance of which one is required; `claim` holds the mail address."""

    issuer: str
    client: str
    secret: str
    name: str
    acr: tuple[str, ...]
    claim: str


def identity(environ: Mapping[str, str], *, local: bool) -> Identity | None:
    """None without an issuer; BadInput when something is missing or not encrypted."""
    issuer = environ.get("BAROGRAPH_OIDC_ISSUER", "")
    if not issuer:
        return None
    parts = urlsplit(issuer)
    here = local and parts.hostname in ("localhost", "127.0.0.1")
    if not parts.hostname or not (parts.scheme == "https" or (here and parts.scheme == "http")):
        raise BadInput("BAROGRAPH_OIDC_ISSUER is no https address")
    for name in NEEDED:
        if not environ.get(name):
            raise BadInput(f"{name} is missing", todo="BAROGRAPH_OIDC_ISSUER needs it")
    return Identity(
        issuer,
        client=environ["BAROGRAPH_OIDC_CLIENT"],
        secret=environ["BAROGRAPH_OIDC_SECRET"],
        name=environ["BAROGRAPH_OIDC_NAME"],
        acr=tuple(environ.get("BAROGRAPH_OIDC_ACR", "").split()),
        claim=environ.get("BAROGRAPH_OIDC_CLAIM") or "email",
    )
